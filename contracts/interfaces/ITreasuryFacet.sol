// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IErrors} from "./IErrors.sol";
import {ILedgerEvents} from "./ILedgerEvents.sol";

/// @title The ledger's public face: treasury, surplus and undelivered payouts
/// @notice Amounts in base units of the token; $LH unless a token is named.
interface ITreasuryFacet is IErrors, ILedgerEvents {
    event TreasuryWithdrawn(address indexed to, uint256 amount);
    event TreasuryTokenWithdrawn(address indexed token, address indexed to, uint256 amount);
    event Skimmed(address indexed token, uint256 amount);
    event OwedClaimed(address indexed token, address indexed account, address indexed to, uint256 amount);

    /// @notice $LH held for the treasury; escrow is never part of it.
    function treasuryBalance() external view returns (uint256);
    /// @notice What the diamond holds of `token` for `bucket` (1 treasury … 16 bond, LibBuckets).
    function bucketOf(address token, uint8 bucket) external view returns (uint256);
    /// @notice What `account` may claim of `token`.
    function owedOf(address token, address account) external view returns (uint256);

    /// @notice Owner only. `NotOwner`, `NotConfigured`, `ZeroAmount`, `ZeroAddress`, `BucketUnderflow(1)`.
    function withdrawTreasury(address to, uint256 amount) external;
    /// @notice As `withdrawTreasury` for any token, so that a skimmed token is not stranded.
    function withdrawTreasuryOf(address token, address to, uint256 amount) external;
    /// @notice Anyone: moves what the diamond holds of `token` beyond its buckets into the treasury.
    /// @return amount Zero, and no event, when there is no surplus.
    function skim(address token) external returns (uint256 amount);
    /// @notice Pays the caller what a refused payout left it. `ZeroAmount`.
    function claimOwed(address token) external returns (uint256 amount);
    /// @notice As `claimOwed`, to another address: the way out for an account the token blocks. `ZeroAmount`.
    function claimOwedTo(address token, address to) external;
}
