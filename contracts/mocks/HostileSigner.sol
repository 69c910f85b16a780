// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @title A contract whose ERC-1271 answers can be chosen
contract HostileSigner {
    uint8 private constant ACCEPT = 0;
    uint8 private constant REFUSE = 1;
    uint8 private constant REVERT = 2;
    /// @dev The magic value, cut to 31 bytes.
    uint8 private constant SHORT = 3;
    uint8 private constant BURN_GAS = 4;
    /// @dev One megabyte that does not start with the magic value.
    uint8 private constant BOMB = 5;
    /// @dev The magic value followed by something other than zeros.
    uint8 private constant DIRTY = 6;
    /// @dev Returns nothing.
    uint8 private constant EMPTY = 7;
    /// @dev The magic value, and zeros behind it up to a hundred kilobytes.
    uint8 private constant LONG = 8;

    uint8 private _mode;

    function setMode(uint8 mode) external {
        _mode = mode;
    }

    /// @dev Lets the contract approve spenders and be a payer.
    function act(address target, bytes calldata data) external returns (bytes memory answer) {
        bool ok;
        (ok, answer) = target.call(data);
        require(ok, "act failed");
    }

    function isValidSignature(bytes32, bytes calldata) external view returns (bytes4) {
        uint8 mode = _mode;
        require(mode != REVERT, "no");
        if (mode == BURN_GAS) {
            assembly ("memory-safe") {
                invalid()
            }
        }
        uint256 size = 32;
        bytes32 word = bytes32(bytes4(0x1626ba7e));
        if (mode == REFUSE) word = bytes32(bytes4(0xffffffff));
        if (mode == SHORT) size = 31;
        if (mode == EMPTY) size = 0;
        if (mode == DIRTY) word = word | bytes32(uint256(1));
        if (mode == LONG) size = 100_000;
        if (mode == BOMB) {
            size = 1_000_000;
            word = bytes32(0);
        }
        assembly ("memory-safe") {
            let answer := mload(0x40)
            mstore(answer, word)
            return(answer, size)
        }
    }
}
