// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @dev Where a text is and when it was written, in one word.
struct Entry {
    address text;
    uint40 time;
}

/// @dev What readers get. Time in seconds.
struct Note {
    address author;
    uint64 time;
    bytes body;
}

/// @title Texts kept as the code of small contracts: an author, then the text
/// @notice A byte of code costs 200 gas for good, a byte of storage 690. The code starts with STOP, so a text can be
/// read and never run.
library LibJournal {
    /// @dev STOP and the author's address.
    uint256 private constant HEAD = 21;
    /// @dev The texts of all facets are shorter than this, and code may be 24,576 bytes.
    uint256 private constant MAX = 16_384;

    /// @dev `body` of at most 16,384 bytes. Creation can only fail for want of gas, which has no name.
    function write(address author, bytes calldata body) internal returns (Entry memory entry) {
        assert(body.length <= MAX);
        // Returns everything behind its own ten bytes: PUSH2 size, DUP1, PUSH1 10, 0, CODECOPY, 0, RETURN.
        bytes memory creation = abi.encodePacked(
            bytes1(0x61), uint16(HEAD + body.length), bytes7(0x80600a3d393df3), bytes1(0x00), author, body
        );
        address text;
        assembly ("memory-safe") {
            text := create(0, add(creation, 0x20), mload(creation))
            if iszero(text) { revert(0, 0) }
        }
        entry.text = text;
        entry.time = uint40(block.timestamp);
    }

    /// @dev `text` must come from `write`.
    function read(address text) internal view returns (address author, bytes memory body) {
        body = new bytes(text.code.length - HEAD);
        assembly ("memory-safe") {
            mstore(0x00, 0)
            extcodecopy(text, 0x0c, 0x01, 0x14)
            author := mload(0x00)
            extcodecopy(text, add(body, 0x20), 0x15, mload(body))
        }
    }

    /// @dev `size` consecutive entries from `from`, which must exist.
    function notes(mapping(uint256 => Entry) storage entries, uint256 from, uint256 size)
        internal
        view
        returns (Note[] memory page)
    {
        page = new Note[](size);
        for (uint256 i = 0; i < size; i++) {
            Entry storage entry = entries[from + i];
            (page[i].author, page[i].body) = read(entry.text);
            page[i].time = entry.time;
        }
    }

    /// @dev As `notes`, in columns, for texts that are strings.
    function columns(mapping(uint256 => Entry) storage entries, uint256 from, uint256 size)
        internal
        view
        returns (address[] memory authors, uint64[] memory times, string[] memory texts)
    {
        authors = new address[](size);
        times = new uint64[](size);
        texts = new string[](size);
        for (uint256 i = 0; i < size; i++) {
            Entry storage entry = entries[from + i];
            (address author, bytes memory body) = read(entry.text);
            authors[i] = author;
            times[i] = entry.time;
            texts[i] = string(body);
        }
    }
}
