// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IVaultAdminFacet} from "../../interfaces/IVaultAdminFacet.sol";
import {LibBuckets} from "../../libraries/LibBuckets.sol";
import {LibCast} from "../../libraries/LibCast.sol";
import {LibDiamond} from "../../libraries/LibDiamond.sol";
import {LibLock} from "../../libraries/LibLock.sol";
import {LibNs} from "../../libraries/LibNs.sol";
import {LibToken} from "../../libraries/LibToken.sol";
import {LibVault} from "../../libraries/LibVault.sol";
import {LibVaultWords, VaultConfig} from "../../libraries/LibVaultWords.sol";
import {FeeRecipient, FeeTerms, VaultStorage} from "../../storage/VaultStorage.sol";

/// @title VaultAdminFacet: documented at IVaultAdminFacet
contract VaultAdminFacet is IVaultAdminFacet {
    uint256 private constant DECIMALS = 6;
    uint256 private constant MAX_FEE_BPS = 5_000;
    uint256 private constant MAX_DURATION = 365 days;
    uint256 private constant MAX_PAUSE = 30 days;
    uint256 private constant MIN_FEE_TIMELOCK = 1 days;
    uint256 private constant MAX_FEE_TIMELOCK = 30 days;

    modifier nonReentrant() {
        LibLock.enter();
        _;
        LibLock.exit();
    }

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
    ) external {
        // Check
        LibDiamond.requireOwner();
        if (LibVault.config().token != address(0)) revert AlreadyInitialised();
        _checkAddresses(token, guardian, feeAdmin_, feeRecipient_);
        _checkTerms(redeemGrace_, withdrawTimelock_, maxReserveTtl_, maxPauseDuration_);
        if (feeBps_ > MAX_FEE_BPS) revert FeeTooHigh();
        if (feeTimelock_ < MIN_FEE_TIMELOCK || feeTimelock_ > MAX_FEE_TIMELOCK) revert BadConfig();
        // Effect; the bounds keep every duration inside 32 bits.
        VaultStorage storage s = LibNs.vault();
        s.config = LibVaultWords.pack(VaultConfig(token, 0, uint32(maxReserveTtl_), feeBps_));
        s.terms.sequencerFeed = sequencerUptimeFeed;
        s.terms.redeemGrace = uint32(redeemGrace_);
        s.terms.withdrawTimelock = uint32(withdrawTimelock_);
        s.terms.maxPauseDuration = uint32(maxPauseDuration_);
        s.guardian.account = guardian;
        s.fee.admin = feeAdmin_;
        s.fee.timelock = uint32(feeTimelock_);
        s.recipient.account = feeRecipient_;
        emit VaultInitialised(token, guardian, feeAdmin_);
    }

    function setPaused(bool paused_) external {
        // Check
        VaultStorage storage s = LibNs.vault();
        if (msg.sender != s.guardian.account) revert NotGuardian();
        if (!paused_) {
            // Effect
            if (!LibVault.isPaused(LibVault.config().pausedUntil)) return;
            _setPausedUntil(0);
            s.guardian.pauseEnd = LibCast.toUint40(block.timestamp);
            emit PausedSet(0);
            return;
        }
        uint256 duration = s.terms.maxPauseDuration;
        uint256 last = s.guardian.pauseEnd;
        if (last != 0 && block.timestamp <= last + duration) revert PauseCooldown();
        // Effect
        uint40 until = LibCast.toUint40(block.timestamp + duration);
        _setPausedUntil(until);
        s.guardian.pauseEnd = until;
        emit PausedSet(until);
    }

    function proposeFee(uint16 feeBps_) external {
        // Check
        FeeTerms storage fee = _asFeeAdmin();
        if (feeBps_ > MAX_FEE_BPS) revert FeeTooHigh();
        if (fee.effectiveAt != 0) revert ChangePending();
        // Effect
        uint40 effectiveAt = LibCast.toUint40(block.timestamp + fee.timelock);
        fee.pendingBps = feeBps_;
        fee.effectiveAt = effectiveAt;
        emit FeeProposed(feeBps_, effectiveAt);
    }

    function cancelPendingFee() external {
        // Check
        FeeTerms storage fee = _asFeeAdmin();
        if (fee.effectiveAt == 0) revert NothingPending();
        // Effect
        _clear(fee);
        emit FeeChangeCancelled();
    }

    function applyFee() external {
        // Check
        FeeTerms storage fee = LibNs.vault().fee;
        _requireMature(fee.effectiveAt);
        // Effect
        uint16 bps = fee.pendingBps;
        VaultConfig memory config = LibVault.config();
        config.feeBps = bps;
        LibNs.vault().config = LibVaultWords.pack(config);
        _clear(fee);
        emit FeeSet(bps);
    }

    function proposeFeeRecipient(address recipient) external {
        // Check
        FeeTerms storage fee = _asFeeAdmin();
        VaultStorage storage s = LibNs.vault();
        if (_isBadRecipient(LibVault.config().token, recipient)) revert BadAddress();
        if (s.recipient.effectiveAt != 0) revert ChangePending();
        // Effect
        uint40 effectiveAt = LibCast.toUint40(block.timestamp + fee.timelock);
        s.recipient.pending = recipient;
        s.recipient.effectiveAt = effectiveAt;
        emit FeeRecipientProposed(recipient, effectiveAt);
    }

    function cancelPendingFeeRecipient() external {
        // Check
        _asFeeAdmin();
        FeeRecipient storage recipient = LibNs.vault().recipient;
        if (recipient.effectiveAt == 0) revert NothingPending();
        // Effect
        recipient.pending = address(0);
        recipient.effectiveAt = 0;
        emit FeeRecipientChangeCancelled();
    }

    function applyFeeRecipient() external {
        // Check
        FeeRecipient storage recipient = LibNs.vault().recipient;
        _requireMature(recipient.effectiveAt);
        // Effect
        address account = recipient.pending;
        recipient.account = account;
        recipient.pending = address(0);
        recipient.effectiveAt = 0;
        emit FeeRecipientSet(account);
    }

    function transferFeeAdmin(address newFeeAdmin) external {
        // Check
        _asFeeAdmin();
        if (newFeeAdmin == address(0)) revert BadAddress();
        // Effect
        LibNs.vault().pendingFeeAdmin = newFeeAdmin;
        emit FeeAdminTransferStarted(newFeeAdmin);
    }

    function acceptFeeAdmin() external {
        // Check
        VaultStorage storage s = LibNs.vault();
        if (msg.sender != s.pendingFeeAdmin) revert NotFeeAdmin();
        // Effect
        s.pendingFeeAdmin = address(0);
        s.fee.admin = msg.sender;
        emit FeeAdminTransferred(msg.sender);
    }

    function collectFees() external nonReentrant {
        // Check
        address token = LibVault.config().token;
        uint256 amount = LibToken.held(token, LibBuckets.VAULT_FEES);
        if (amount == 0) revert NoFees();
        // Interaction; its ledger word is all the state there is.
        address recipient = LibNs.vault().recipient.account;
        LibToken.push(token, recipient, amount, LibBuckets.VAULT_FEES);
        emit FeesCollected(recipient, amount);
    }

    function vaultToken() external view returns (address) {
        return LibVault.config().token;
    }

    function vaultGuardian() external view returns (address) {
        return LibNs.vault().guardian.account;
    }

    function sequencerFeed() external view returns (address) {
        return LibNs.vault().terms.sequencerFeed;
    }

    function redeemGrace() external view returns (uint64) {
        return LibNs.vault().terms.redeemGrace;
    }

    function withdrawTimelock() external view returns (uint64) {
        return LibNs.vault().terms.withdrawTimelock;
    }

    function maxReserveTtl() external view returns (uint64) {
        return LibVault.config().maxReserveTtl;
    }

    function maxPauseDuration() external view returns (uint64) {
        return LibNs.vault().terms.maxPauseDuration;
    }

    function paused() external view returns (bool) {
        return LibVault.isPaused(LibVault.config().pausedUntil);
    }

    function pausedUntil() external view returns (uint64) {
        return LibVault.config().pausedUntil;
    }

    function feeBps() external view returns (uint16) {
        return LibVault.config().feeBps;
    }

    function feesAccrued() external view returns (uint256) {
        return LibToken.held(LibVault.config().token, LibBuckets.VAULT_FEES);
    }

    function feeRecipient() external view returns (address) {
        return LibNs.vault().recipient.account;
    }

    function feeAdmin() external view returns (address) {
        return LibNs.vault().fee.admin;
    }

    function feeTimelock() external view returns (uint64) {
        return LibNs.vault().fee.timelock;
    }

    function pendingFeeBps() external view returns (uint16) {
        return LibNs.vault().fee.pendingBps;
    }

    function feeEffectiveAt() external view returns (uint64) {
        return LibNs.vault().fee.effectiveAt;
    }

    function pendingFeeRecipient() external view returns (address) {
        return LibNs.vault().recipient.pending;
    }

    function feeRecipientEffectiveAt() external view returns (uint64) {
        return LibNs.vault().recipient.effectiveAt;
    }

    function pendingFeeAdmin() external view returns (address) {
        return LibNs.vault().pendingFeeAdmin;
    }

    function _checkAddresses(address token, address guardian, address admin, address recipient) private view {
        if (token.code.length == 0 || guardian == address(0) || admin == address(0)) revert BadAddress();
        if (_isBadRecipient(token, recipient)) revert BadAddress();
        if (LibToken.decimals(token) != DECIMALS) revert BadDecimals();
    }

    /// @dev No withdrawal matures before the window of operators closes, and none is put off for ever.
    function _checkTerms(uint64 grace, uint64 timelock, uint64 ttl, uint64 pause) private pure {
        if (timelock < grace || timelock > MAX_DURATION) revert BadConfig();
        if (ttl == 0 || ttl > MAX_DURATION) revert BadConfig();
        if (pause == 0 || pause > MAX_PAUSE) revert BadConfig();
    }

    /// @dev Whom the ledger would refuse to pay.
    function _isBadRecipient(address token, address recipient) private view returns (bool) {
        return recipient == address(0) || recipient == address(this) || recipient == token;
    }

    function _asFeeAdmin() private view returns (FeeTerms storage fee) {
        fee = LibNs.vault().fee;
        if (msg.sender != fee.admin) revert NotFeeAdmin();
    }

    function _requireMature(uint256 effectiveAt) private view {
        if (effectiveAt == 0) revert NothingPending();
        if (block.timestamp < effectiveAt) revert TimelockActive();
    }

    function _setPausedUntil(uint40 until) private {
        VaultConfig memory config = LibVault.config();
        config.pausedUntil = until;
        LibNs.vault().config = LibVaultWords.pack(config);
    }

    function _clear(FeeTerms storage fee) private {
        fee.pendingBps = 0;
        fee.effectiveAt = 0;
    }
}
