// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IErrors} from "./IErrors.sol";

/// @title The credits token the diamond works with, and the daily allowance
/// @notice Amounts in wei of $LH. A day is `block.timestamp / 86400`.
interface ICreditsFacet is IErrors {
    event CreditsTokenSet(address indexed token);
    event DailyAllowanceSet(uint256 amount);
    event DailyClaimed(address indexed account, uint256 indexed day, uint256 amount);

    /// @notice Something is escrowed in the present token; replacing it would strand that.
    error BucketsNotEmpty();
    error AlreadyClaimedToday(uint256 day);

    /// @notice Owner only. `NotOwner`, `ZeroAddress`, `TokenCallFailed` (no code, or the diamond itself),
    /// `BucketsNotEmpty`.
    function setCreditsToken(address token) external;
    function creditsToken() external view returns (address);
    /// @notice Owner only. Zero, the default, switches the daily claim off.
    function setDailyAllowance(uint256 amount) external;
    function dailyAllowance() external view returns (uint256);
    /// @notice Mints the allowance to the caller, once a day. `NotConfigured` without a token or an allowance,
    /// `AlreadyClaimedToday`, `TokenCallFailed` when the token refuses to mint.
    function claimDaily() external returns (uint256 amount);
    function lastClaimDay(address account) external view returns (uint256 day);
    function canClaim(address account) external view returns (bool);
}
