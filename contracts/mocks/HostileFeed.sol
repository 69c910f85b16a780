// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @title A sequencer uptime feed that can misbehave in every way the vault has to survive
contract HostileFeed {
    uint8 private constant NORMAL = 0;
    uint8 private constant REVERTING = 1;
    uint8 private constant BURN_GAS = 2;
    /// @dev Answers 159 bytes.
    uint8 private constant SHORT = 3;
    uint8 private constant NOTHING = 4;
    /// @dev Answers as much as its gas allows.
    uint8 private constant BOMB = 5;
    /// @dev Reverts with as much as its gas allows.
    uint8 private constant REVERT_BOMB = 6;

    uint8 private _mode;
    uint256 private _answer;
    uint256 private _startedAt;

    function set(uint8 mode, uint256 answer, uint256 startedAt) external {
        _mode = mode;
        _answer = answer;
        _startedAt = startedAt;
    }

    function latestRoundData() external view {
        uint256 mode = _mode;
        uint256 answer = _answer;
        uint256 startedAt = _startedAt;
        if (mode == REVERTING) revert();
        if (mode == BURN_GAS) {
            assembly ("memory-safe") {
                invalid()
            }
        }
        uint256 size = 160;
        if (mode == SHORT) size = 159;
        if (mode == NOTHING) size = 0;
        // 200,000 gas buy some 280 kilobytes.
        if (mode == BOMB || mode == REVERT_BOMB) size = 250_000;
        assembly ("memory-safe") {
            let round := mload(0x40)
            mstore(round, 1)
            mstore(add(round, 0x20), answer)
            mstore(add(round, 0x40), startedAt)
            if eq(mode, 6) { revert(round, size) }
            return(round, size)
        }
    }
}
