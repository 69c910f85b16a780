// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IErrors} from "./IErrors.sol";

/// @title One-time codes that mint credits
/// @notice Amounts in wei of $LH. The diamond owner adds codes by their hash, keccak256 of the code's bytes; each mints
/// its amount once, with the memo "LH-REDEEM". A plain code is public the moment it is sent and anyone who sees it
/// pending may take it; a guarded one names a key derived from the code, which signs for the recipient.
/// @dev EIP-712 domain ("facetworks-invite", "1"), type
/// RedeemClaim(bytes32 codeHash,address recipient,uint256 deadline).
interface IRedeemFacet is IErrors {
    event RedeemCodeAdded(bytes32 indexed codeHash, uint256 amountWei, address indexed claimKey);
    event RedeemCodeDisabled(bytes32 indexed codeHash);
    event RedeemRequiresIdentitySet(bool required);
    event Redeemed(address indexed user, uint256 amount, bytes32 indexed codeHash);

    /// @notice No such code, a disabled one, or an amount of zero.
    error InvalidCode();
    error CodeAlreadyUsed();
    /// @notice The code is there already, used or not.
    error CodeExists();
    /// @notice The code is redeemed by signature, with `redeemFor`.
    error ClaimKeyRequired();
    /// @notice The code has no claim key; `redeem` takes it.
    error NotGuarded();
    /// @notice Only holders of an identity may redeem for the time being.
    error NoIdentity();

    /// @notice Diamond owner only, at most 500. `NotOwner`, `BatchTooLarge`, `InvalidCode`, `CastOverflow` from 2^88,
    /// `CodeExists`.
    function addRedeemCodes(bytes32[] calldata codeHashes, uint256 amountWei) external;
    /// @notice As `addRedeemCodes`, each with the address of the key that may claim it. `NotOwner`, `LengthMismatch`,
    /// `BatchTooLarge`, `InvalidCode`, `CastOverflow`, `ZeroAddress`, `CodeExists`.
    function addGuardedRedeemCodes(bytes32[] calldata codeHashes, address[] calldata claimKeys, uint256 amountWei)
        external;
    /// @notice Diamond owner only, at most 500; used and unknown ones are passed over. `NotOwner`, `BatchTooLarge`.
    function disableRedeemCodes(bytes32[] calldata codeHashes) external;
    /// @notice Diamond owner only, off by default.
    function setRedeemRequiresIdentity(bool required) external;
    /// @notice Mints to the caller. `InvalidCode`, `CodeAlreadyUsed`, `ClaimKeyRequired`, `NoIdentity`,
    /// `NotConfigured`, `TokenCallFailed` when the token refuses; the code is good for another try then.
    function redeem(string calldata code) external returns (uint256 amount);
    /// @notice Anyone: mints to `recipient`, for whom the claim key signed, until `deadline`. `InvalidCode`,
    /// `CodeAlreadyUsed`, `NotGuarded`, `AuthExpired`, `BadSignature`, then as `redeem`.
    function redeemFor(bytes32 codeHash, address recipient, uint256 deadline, bytes calldata sig)
        external
        returns (uint256 amount);

    /// @return Zero for no such code; a used one keeps its amount.
    function redeemAmountOf(bytes32 codeHash) external view returns (uint256);
    function isRedeemed(bytes32 codeHash) external view returns (bool);
    /// @return Zero for a plain code.
    function redeemClaimKeyOf(bytes32 codeHash) external view returns (address);
    function redeemRequiresIdentity() external view returns (bool);
}
