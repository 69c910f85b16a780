// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IErrors} from "./IErrors.sol";

/// @title The vault's terms, its pause and its fee
/// @notice None of these roles reaches a consumer's balance or stops a redemption, a release or a withdrawal. Times in
/// seconds, fees in 1/10,000 of what is redeemed. Everything but fee, recipient and fee admin is final once set.
/// @dev A timelock is over at `now >= effectiveAt`. A pause covers `now <= pausedUntil`.
interface IVaultAdminFacet is IErrors {
    event VaultInitialised(address indexed token, address indexed guardian, address indexed feeAdmin);
    event PausedSet(uint64 pausedUntil);
    event FeeProposed(uint16 feeBps, uint64 effectiveAt);
    event FeeChangeCancelled();
    event FeeSet(uint16 feeBps);
    event FeeRecipientProposed(address recipient, uint64 effectiveAt);
    event FeeRecipientChangeCancelled();
    event FeeRecipientSet(address recipient);
    event FeeAdminTransferStarted(address indexed pendingFeeAdmin);
    event FeeAdminTransferred(address indexed newFeeAdmin);
    event FeesCollected(address indexed recipient, uint256 amount);

    /// @notice The token has no code, a role is nobody, or fees would go to the diamond or the token.
    error BadAddress();
    /// @notice The token does not have six decimals.
    error BadDecimals();
    error BadConfig();
    /// @notice More than 5,000.
    error FeeTooHigh();
    error NotGuardian();
    /// @notice A pause is running, or ended no longer than `maxPauseDuration` ago.
    error PauseCooldown();
    error NotFeeAdmin();
    /// @notice Another change waits; cancel it first.
    error ChangePending();
    error NothingPending();
    error TimelockActive();
    error NoFees();

    /// @notice Diamond owner, once. `redeemGrace <= withdrawTimelock <= 365 days`, so that no withdrawal matures before
    /// the operators' window closes; `maxReserveTtl` 1 second to 365 days, `maxPauseDuration` 1 second to 30 days,
    /// `feeTimelock` 1 to 30 days. A zero feed switches the sequencer gate off. `NotOwner`, `AlreadyInitialised`,
    /// `BadAddress`, `BadDecimals`, `BadConfig`, `FeeTooHigh`, `BadConfig` for the fee timelock.
    function initVault(
        address token,
        address guardian,
        uint64 redeemGrace_,
        uint64 withdrawTimelock_,
        uint64 maxReserveTtl_,
        uint64 maxPauseDuration_,
        address feeAdmin_,
        address feeRecipient_,
        uint16 feeBps_,
        uint64 feeTimelock_,
        address sequencerUptimeFeed
    ) external;
    /// @notice Guardian: halts deposits and reserves for `maxPauseDuration`, or lifts the halt. No event when there is
    /// none to lift. `NotGuardian`, `PauseCooldown`.
    function setPaused(bool paused_) external;
    /// @notice Fee admin. Applies after `feeTimelock`, and to cycles opened after that. `NotFeeAdmin`, `FeeTooHigh`,
    /// `ChangePending`.
    function proposeFee(uint16 feeBps_) external;
    /// @notice Fee admin. `NotFeeAdmin`, `NothingPending`.
    function cancelPendingFee() external;
    /// @notice Anyone. `NothingPending`, `TimelockActive`.
    function applyFee() external;
    /// @notice Fee admin. `NotFeeAdmin`, `BadAddress`, `ChangePending`.
    function proposeFeeRecipient(address recipient) external;
    /// @notice Fee admin. `NotFeeAdmin`, `NothingPending`.
    function cancelPendingFeeRecipient() external;
    /// @notice Anyone. `NothingPending`, `TimelockActive`.
    function applyFeeRecipient() external;
    /// @notice Fee admin: names a successor, who has to accept. `NotFeeAdmin`, `BadAddress`.
    function transferFeeAdmin(address newFeeAdmin) external;
    /// @notice The named successor. `NotFeeAdmin`.
    function acceptFeeAdmin() external;
    /// @notice Anyone: all fees, to the recipient. `NoFees`.
    function collectFees() external;

    /// @notice Zero until the vault is initialised.
    function vaultToken() external view returns (address);
    function vaultGuardian() external view returns (address);
    function sequencerFeed() external view returns (address);
    function redeemGrace() external view returns (uint64);
    function withdrawTimelock() external view returns (uint64);
    function maxReserveTtl() external view returns (uint64);
    function maxPauseDuration() external view returns (uint64);
    function paused() external view returns (bool);
    /// @notice Zero when no pause was set or the last one was lifted.
    function pausedUntil() external view returns (uint64);
    function feeBps() external view returns (uint16);
    function feesAccrued() external view returns (uint256);
    function feeRecipient() external view returns (address);
    function feeAdmin() external view returns (address);
    function feeTimelock() external view returns (uint64);
    function pendingFeeBps() external view returns (uint16);
    /// @notice Zero while no change is pending, as for the recipient.
    function feeEffectiveAt() external view returns (uint64);
    function pendingFeeRecipient() external view returns (address);
    function feeRecipientEffectiveAt() external view returns (uint64);
    function pendingFeeAdmin() external view returns (address);
}
