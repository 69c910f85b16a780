// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IErrors} from "./IErrors.sol";

/// @title The fiat on-ramp: credits minted against receipts of payments, locked while these can be disputed
/// @notice Amounts in wei of $LH, times in seconds. A dedicated issuer signs each receipt; the credits land in the
/// buyer's account at CreditMeterFacet, where they can be debited at once and withdrawn when they unlock. A clawback
/// burns what is left of the receipt's own purchase while that is locked, and nothing else; what was spent is final.
/// @dev EIP-712 domain ("localharness-mintgate", "1"), type
/// FiatMint(address to,uint256 amount,bytes32 receiptId,uint256 validBefore). The issuer is an account or an ERC-1271
/// contract. Purchases that unlock together share a lot, at most 16 lots a buyer: with eight or more of them, unlock
/// times are rounded up to a step of a seventh of the lock. No purchase moves the unlock of an earlier one; a purchase
/// unlocks no earlier than the ones before it.
interface IMintGateFacet is IErrors {
    event FiatMinted(address indexed to, uint256 amount, bytes32 indexed receiptId, uint256 unlockAt);
    event FiatClawedBack(address indexed to, uint256 recovered, bytes32 indexed receiptId);
    event FiatIssuerSignerSet(address indexed signer);
    event ClawbackerSet(address indexed clawbacker);
    event PerReceiptMaxWeiSet(uint256 maxWei);
    event FiatLockSecsSet(uint64 lockSecs);
    event FiatMintWindowSet(uint256 cap, uint64 windowSecs);

    /// @notice Nobody and the diamond itself have no account.
    error InvalidRecipient();
    error InvalidAmount();
    /// @notice The receipt was minted before; it never will be again.
    error ReceiptUsed();
    error PerReceiptCapExceeded();
    /// @notice The amount does not fit under the cap of the rolling window.
    error FiatWindowCapExceeded();
    /// @notice A window is 24 seconds to 365 days, divisible by 24, with a cap; a lock is at most 365 days.
    error InvalidWindow();
    /// @notice The caller is neither the clawbacker nor the diamond's owner.
    error NotClawbacker();
    error UnknownReceipt();
    /// @notice The receipt was clawed back as far as it ever will be.
    error AlreadyClawed();

    /// @notice Anyone, with the issuer's signature, before `validBefore`, once for each `receiptId`: credits `to`.
    /// `InvalidRecipient`, `InvalidAmount`, `AuthExpired`, `NotConfigured` (no token, issuer, receipt cap or window),
    /// `ReceiptUsed`, `PerReceiptCapExceeded`, `BadSignature`, `FiatWindowCapExceeded`, `CastOverflow`,
    /// `TokenCallFailed` when the token refuses to mint.
    function mintFromFiat(address to, uint256 amount, bytes32 receiptId, uint256 validBefore, bytes calldata sig)
        external;
    /// @notice Clawbacker or diamond owner: burns all that is left of the receipt's purchase and locked, which may be
    /// nothing, and closes the receipt. `NotClawbacker`, `UnknownReceipt`, `AlreadyClawed`.
    function clawbackFiatMint(bytes32 receiptId) external returns (uint256 recovered);
    /// @notice As `clawbackFiatMint`, but burns at most `maxWei` and leaves the receipt open unless all it minted has
    /// been clawed back: for partial refunds, as often as needed. Nothing to recover is no event and no error.
    function clawbackFiatMintUpTo(bytes32 receiptId, uint256 maxWei) external returns (uint256 recovered);

    /// @notice Diamond owner only, as all that follow; signatures of an earlier issuer are void at once. The zero
    /// address, the default, shuts the gate.
    function setFiatIssuerSigner(address signer) external;
    /// @notice The zero address, the default, leaves clawbacks to the owner.
    function setClawbacker(address clawbacker_) external;
    /// @notice Most that one receipt may mint; zero, the default, shuts the gate. `CastOverflow` from 2^96.
    function setPerReceiptMaxWei(uint256 maxWei) external;
    /// @notice For purchases from now on; 90 days until set, zero for no lock. `InvalidWindow` beyond 365 days.
    function setFiatLockSecs(uint64 lockSecs) external;
    /// @notice At most `cap` in any `windowSecs` seconds; what was minted under the window before it stays counted.
    /// `InvalidWindow`.
    function setFiatMintWindow(uint256 cap, uint64 windowSecs) external;

    /// @return amount What of the user's credits is locked.
    /// @return unlockAt When the last of it unlocks; zero when nothing is locked.
    function fiatLockedOf(address user) external view returns (uint256 amount, uint256 unlockAt);
    /// @notice What is left of each lot, oldest first; at most 16.
    function lotsOf(address user)
        external
        view
        returns (uint256[] memory amounts, uint256[] memory unlockTimes);
    /// @return What `clawbackFiatMint` would burn now; zero for unknown and closed receipts.
    function recoverableOf(bytes32 receiptId) external view returns (uint256);
    function receiptUsed(bytes32 receiptId) external view returns (bool);
    /// @notice `clawed` is true once nothing more will be clawed back, `clawedWei` what was burned so far.
    function receiptInfo(bytes32 receiptId)
        external
        view
        returns (address to, uint256 amount, bool used, bool clawed, uint256 clawedWei);
    /// @notice `minted`, since `start`, counts against the cap.
    function fiatMintWindow() external view returns (uint256 cap, uint64 windowSecs, uint256 start, uint256 minted);
    /// @return Supply of $LH without what the diamond holds. `NotConfigured`.
    function circulatingSupply() external view returns (uint256);
    function fiatMintDomainSeparator() external view returns (bytes32);
    function fiatIssuerSigner() external view returns (address);
    function clawbacker() external view returns (address);
    function perReceiptMaxWei() external view returns (uint256);
    function fiatLockSecs() external view returns (uint64);
}
