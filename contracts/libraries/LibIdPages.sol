// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {LibCast} from "./LibCast.sol";

/// @dev A list of ids, eight to a word; whoever owns the list keeps its length.
struct IdPages {
    mapping(uint256 page => uint256 ids) words;
}

/// @title Lists of 32-bit ids packed eight to a word
library LibIdPages {
    uint256 private constant ID = type(uint32).max;

    function get(IdPages storage pages, uint256 index) internal view returns (uint256 id) {
        return (pages.words[index >> 3] >> ((index & 7) << 5)) & ID;
    }

    function set(IdPages storage pages, uint256 index, uint256 id) internal {
        uint256 shift = (index & 7) << 5;
        uint256 page = index >> 3;
        pages.words[page] = (pages.words[page] & ~(ID << shift)) | (uint256(LibCast.toUint32(id)) << shift);
    }

    /// @dev All `length` ids, in order.
    function all(IdPages storage pages, uint256 length) internal view returns (uint256[] memory ids) {
        ids = new uint256[](length);
        for (uint256 i = 0; i < length; i++) {
            ids[i] = get(pages, i);
        }
    }

    /// @dev A page of an append-only list: from index `start`, at most `limit` ids. At or past the end, or for a
    /// limit of zero, the page is empty and the cursor is `length`.
    function slice(IdPages storage pages, uint256 length, uint256 start, uint256 limit)
        internal
        view
        returns (uint256[] memory ids, uint256 nextCursor)
    {
        if (start >= length || limit == 0) return (new uint256[](0), length);
        uint256 size = length - start;
        if (size > limit) size = limit;
        ids = new uint256[](size);
        for (uint256 i = 0; i < size; i++) {
            ids[i] = get(pages, start + i);
        }
        nextCursor = start + size;
    }
}
