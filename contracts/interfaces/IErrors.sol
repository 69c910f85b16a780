// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @title Errors that mean the same thing wherever they are raised
/// @notice Every facet interface inherits these, so their selectors are stable across the whole diamond and any facet's
/// ABI is enough to decode what its calls revert with.
interface IErrors {
    /// @notice The caller is not the owner this function asks for (diamond owner or identity holder).
    error NotOwner();
    /// @notice A token, role or contract this function depends on has not been configured.
    error NotConfigured();
    /// @notice An amount that must be positive is zero.
    error ZeroAmount();
    /// @notice An address that must be set is zero.
    error ZeroAddress();
    /// @notice A guarded function was entered while another guarded function was running.
    error Reentrancy();
    /// @notice The signature does not authorise this message (EIP-712, ERC-1271, ERC-6492).
    error BadSignature();
    /// @notice `block.timestamp >= validBefore`.
    error AuthExpired();
    /// @notice `block.timestamp <= validAfter`.
    error AuthNotYetValid();
    /// @notice The (signer, nonce) pair was used or cancelled before.
    error AuthAlreadyUsed();
    /// @notice The token has no code, reverted, or answered something other than nothing or `true`.
    error TokenCallFailed(address token);
    /// @notice A token moved a different amount than it was asked to, in base units.
    error TokenDelta(uint256 expected, uint256 received);
    /// @notice A ledger bucket holds less than the amount to be taken from it.
    error BucketUnderflow(uint8 bucket);
    /// @notice A value does not fit the narrower type it is stored in.
    error CastOverflow();
    /// @notice Parallel arrays differ in length.
    error LengthMismatch();
    /// @notice A batch is longer than `max` items.
    error BatchTooLarge(uint256 max);
    /// @notice A set-once value is already set.
    error AlreadyInitialised();
}
