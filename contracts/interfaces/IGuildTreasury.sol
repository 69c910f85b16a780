// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IGuildErrors} from "./IGuildErrors.sol";

/// @title What every way to a guild's treasury has in common
interface IGuildTreasury is IGuildErrors {
    /// @notice `amount` wei of $LH left the treasury. Of a payment that was voted on, `memo` is the proposal's id as
    /// one word.
    event TreasurySpent(uint256 indexed guildId, address indexed to, uint256 amount, bytes memo);

    /// @notice A memo is longer than 4,096 bytes.
    error MemoTooLarge();
}
