// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IErrors} from "./IErrors.sol";

/// @title Deposited credits, debited per request by the meter key
/// @notice Amounts in wei of $LH. A user deposits for itself and withdraws what is neither spent nor locked; a debit
/// moves deposited credits to the treasury. What the meter key can take is what users have deposited, and per day no
/// more than each user allows. Credits bought at MintGateFacet can be debited at once and withdrawn when they unlock:
/// a debit takes what is not locked first, then the oldest purchase.
interface ICreditMeterFacet is IErrors {
    event CreditsDeposited(address indexed user, uint256 amount, uint256 newBalance);
    event CreditsWithdrawn(address indexed user, uint256 amount, uint256 newBalance);
    event Metered(address indexed user, uint256 amount, uint256 newBalance);
    /// @notice A debit that was given a reference, which no other debit will ever carry.
    event MeteredRef(address indexed user, bytes32 indexed ref, uint256 amount, uint256 newBalance);
    event MeterCapSet(address indexed user, uint128 dailyCap);
    event MeterUpdated(address indexed meter);

    /// @notice The caller is not the meter key.
    error NotMeter();
    /// @notice The user has fewer credits than asked for or, withdrawing, fewer that are not locked.
    error InsufficientCredits();
    /// @notice The user's cap does not admit this today.
    error MeterCapExceeded();
    /// @notice A debit with this reference was made before.
    error RefUsed();

    /// @notice Adds to the caller's credits. `ZeroAmount`, `NotConfigured`, `CastOverflow` from 2^96, then the pull.
    function depositCredits(uint256 amount) external;
    /// @notice Pays the caller. `ZeroAmount`, `InsufficientCredits`.
    function withdrawCredits(uint256 amount) external;

    /// @notice Meter key only: debits all of `amount` or nothing. `NotMeter`, `ZeroAmount`, `InsufficientCredits`,
    /// `MeterCapExceeded`.
    function meter(address user, uint256 amount) external;
    /// @notice Meter key only: debits as much of `amount` as credits and cap admit, which may be nothing. `NotMeter`.
    function meterUpTo(address user, uint256 amount) external returns (uint256 debited);
    /// @notice Meter key only: as `meter`, at most once for each `ref`, whoever it was for; a request sent again cannot
    /// charge again. `NotMeter`, `ZeroAmount`, `RefUsed`, `InsufficientCredits`, `MeterCapExceeded`.
    function meterRef(address user, uint256 amount, bytes32 ref) external;
    /// @notice Meter key only, at most 128: each entry as `meterRef`, but passed over where that would revert; its
    /// reference stays unused. `NotMeter`, `BatchTooLarge`, `LengthMismatch`.
    /// @return debited The amount of each entry, zero for those passed over.
    function meterBatch(address[] calldata users, uint256[] calldata amounts, bytes32[] calldata refs)
        external
        returns (uint256[] memory debited);

    /// @notice Most that may be debited from the caller in a day (counted from the epoch), at once; zero, the default,
    /// is no cap. What was debited on the same day under an earlier cap counts. `CastOverflow` from 2^96.
    function setMeterCap(uint128 dailyCap) external;
    /// @notice Diamond owner only; the zero address, the default, debits nothing.
    function setMeter(address meter_) external;

    function creditOf(address user) external view returns (uint256);
    /// @return What `withdrawCredits` would pay: the credits without what is still locked.
    function withdrawableOf(address user) external view returns (uint256);
    /// @return dailyCap Zero for no cap.
    /// @return debited What was debited today under a cap.
    function meterPolicyOf(address user) external view returns (uint128 dailyCap, uint128 debited);
    function meterAddress() external view returns (address);
    function meterRefUsed(bytes32 ref) external view returns (bool);
}
