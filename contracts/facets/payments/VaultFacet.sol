// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IVaultFacet} from "../../interfaces/IVaultFacet.sol";
import {Authorization} from "../../libraries/LibAuthorization.sol";
import {LibBuckets} from "../../libraries/LibBuckets.sol";
import {LibCast} from "../../libraries/LibCast.sol";
import {LibLock} from "../../libraries/LibLock.sol";
import {LibNs} from "../../libraries/LibNs.sol";
import {LibSequencer} from "../../libraries/LibSequencer.sol";
import {LibSig} from "../../libraries/LibSig.sol";
import {LibToken} from "../../libraries/LibToken.sol";
import {LibVault} from "../../libraries/LibVault.sol";
import {LibVaultCycle, Payout, Receipt} from "../../libraries/LibVaultCycle.sol";
import {LibVaultSig, Reservation} from "../../libraries/LibVaultSig.sol";
import {Cycle, LibVaultWords, Purse, Signing, VaultConfig} from "../../libraries/LibVaultWords.sol";
import {Consumer, SpendPolicy, VaultStorage, VaultTerms, WithdrawRequest} from "../../storage/VaultStorage.sol";

/// @title VaultFacet: documented at IVaultFacet
contract VaultFacet is IVaultFacet {
    uint256 private constant MAX_BATCH = 64;

    modifier nonReentrant() {
        LibLock.enter();
        _;
        LibLock.exit();
    }

    // Consumer

    function deposit(uint256 amount, address sessionKey_) external nonReentrant {
        // Check, Effect
        address token = _openDeposit(msg.sender, amount, sessionKey_);
        // Interaction; crediting comes after it, because what arrives is what counts.
        uint256 received = LibToken.pullDelta(token, msg.sender, amount, LibBuckets.VAULT);
        _credit(token, msg.sender, received, true);
    }

    function depositFor(address consumer, uint256 amount) external nonReentrant {
        // Check
        address token = _openDeposit(consumer, amount, address(0));
        // Interaction, Effect
        uint256 received = LibToken.pullDelta(token, msg.sender, amount, LibBuckets.VAULT);
        _credit(token, consumer, received, false);
    }

    function depositWithAuthorization(
        address consumer,
        address sessionKey_,
        uint256 amount,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 salt,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external nonReentrant {
        bytes32 nonce = LibVaultSig.depositNonce(consumer, sessionKey_, salt);
        Authorization memory auth =
            Authorization(consumer, address(this), amount, validAfter, validBefore, nonce);
        _depositAuthorized(auth, sessionKey_, v, r, s);
    }

    function setSessionKey(address key) external {
        // Check
        Consumer storage c = LibNs.vault().consumers[msg.sender];
        if (key == address(0)) revert NoSessionKey();
        Signing memory signing = LibVaultWords.toSigning(c.signing);
        if (key == signing.signer) revert SameSessionKey();
        if (signing.locked != 0) revert SessionKeyInUse();
        // Effect
        LibVault.setKey(c, msg.sender, key, LibCast.toUint32(uint256(signing.epoch) + 1));
    }

    function setReservesFrozen(bool frozen) external {
        Consumer storage c = LibNs.vault().consumers[msg.sender];
        Purse memory purse = LibVaultWords.toPurse(c.purse);
        if (frozen == (purse.flags & LibVault.FROZEN != 0)) return;
        purse.flags ^= LibVault.FROZEN;
        c.purse = LibVaultWords.pack(purse);
        emit ReservesFrozenSet(msg.sender, frozen);
    }

    function setSpendPolicy(uint128 maxLocked, uint128 dailyReserve) external {
        Consumer storage c = LibNs.vault().consumers[msg.sender];
        SpendPolicy storage policy = c.policy;
        policy.maxLocked = LibCast.toUint64(maxLocked);
        policy.dailyReserve = LibCast.toUint64(dailyReserve);
        Purse memory purse = LibVaultWords.toPurse(c.purse);
        purse.flags |= LibVault.LIMITED;
        if (maxLocked == 0 && dailyReserve == 0) purse.flags ^= LibVault.LIMITED;
        c.purse = LibVaultWords.pack(purse);
        emit SpendPolicySet(msg.sender, maxLocked, dailyReserve);
    }

    function requestWithdraw() external {
        // Check
        VaultStorage storage s = LibNs.vault();
        Consumer storage c = s.consumers[msg.sender];
        Purse memory purse = LibVaultWords.toPurse(c.purse);
        if (purse.free == 0) revert InsufficientWithdrawable();
        // Effect
        purse.flags |= LibVault.PENDING;
        c.purse = LibVaultWords.pack(purse);
        c.request.late = 0;
        c.request.maturesAt = LibCast.toUint40(block.timestamp + s.terms.withdrawTimelock);
        emit WithdrawRequested(msg.sender, uint64(block.timestamp), purse.free);
    }

    function cancelWithdraw() external {
        Consumer storage c = LibNs.vault().consumers[msg.sender];
        Purse memory purse = LibVaultWords.toPurse(c.purse);
        if (purse.flags & LibVault.PENDING == 0) revert WithdrawNotRequested();
        LibVault.cancelRequest(msg.sender, purse);
        c.purse = LibVaultWords.pack(purse);
    }

    function withdraw(uint256 amount) external nonReentrant {
        _withdraw(amount, msg.sender);
    }

    function withdraw(uint256 amount, address to) external nonReentrant {
        if (to == address(0)) revert BadAddress();
        _withdraw(amount, to);
    }

    // Reservations

    function reserve(
        address consumer,
        address operator,
        uint256 amount,
        uint64 expiry,
        uint256 nonce,
        bytes calldata sig
    ) external nonReentrant {
        _reserve(Reservation(consumer, operator, amount, expiry, nonce), sig);
    }

    function redeem(address consumer, address operator, uint256 cumulative, bytes calldata sig)
        external
        nonReentrant
    {
        // Check, Effect
        Payout memory payout = _payout(operator);
        (uint8 v, bytes32 r, bytes32 s) = LibSig.split(sig);
        LibVaultCycle.requirePaid(LibVaultCycle.take(payout, Receipt(consumer, cumulative, v, r, s)));
        // Interaction
        LibVaultCycle.pay(payout);
    }

    function redeemBatch(
        address operator,
        address[] calldata consumers,
        uint256[] calldata cumulatives,
        bytes32[] calldata rs,
        bytes32[] calldata vss
    ) external nonReentrant returns (uint256 paid, uint8[] memory results) {
        // Check, Effect
        uint256 count = consumers.length;
        if (cumulatives.length != count || rs.length != count || vss.length != count) revert LengthMismatch();
        if (count > MAX_BATCH) revert BatchTooLarge(MAX_BATCH);
        Payout memory payout = _payout(operator);
        results = new uint8[](count);
        for (uint256 i = 0; i < count; i++) {
            (uint8 v, bytes32 s) = LibSig.splitCompact(vss[i]);
            results[i] = LibVaultCycle.take(payout, Receipt(consumers[i], cumulatives[i], v, rs[i], s));
        }
        if (payout.gross == 0) revert NothingRedeemed();
        // Interaction
        paid = LibVaultCycle.pay(payout);
    }

    function releaseExpired(address consumer, address operator) external nonReentrant {
        // Check
        Cycle memory cycle = _cycle(consumer, operator);
        if (cycle.locked == 0) return;
        VaultTerms memory terms = LibNs.vault().terms;
        if (!LibVaultCycle.isReleasable(cycle, terms.redeemGrace)) revert NotExpired();
        LibSequencer.requireUp(terms.sequencerFeed, terms.redeemGrace);
        // Effect
        _releaseExpired(cycle, consumer, operator);
    }

    function releaseExpiredBatch(address[] calldata consumers, address[] calldata operators) external nonReentrant {
        // Check
        uint256 count = consumers.length;
        if (operators.length != count) revert LengthMismatch();
        if (count > MAX_BATCH) revert BatchTooLarge(MAX_BATCH);
        VaultTerms memory terms = LibNs.vault().terms;
        LibSequencer.requireUp(terms.sequencerFeed, terms.redeemGrace);
        // Effect
        for (uint256 i = 0; i < count; i++) {
            Cycle memory cycle = _cycle(consumers[i], operators[i]);
            if (cycle.locked == 0 || !LibVaultCycle.isReleasable(cycle, terms.redeemGrace)) continue;
            _releaseExpired(cycle, consumers[i], operators[i]);
        }
    }

    function releaseByOperator(address consumer, uint256 amount) external {
        // Check
        Cycle memory cycle = _cycle(consumer, msg.sender);
        if (amount == 0 || amount > cycle.locked) revert BadAmount();
        // Effect
        LibVaultCycle.release(cycle, consumer, msg.sender, amount);
        emit ReleasedByOperator(consumer, msg.sender, amount);
    }

    // Views

    function vaultDomainSeparator() external view returns (bytes32) {
        return LibVaultSig.separator();
    }

    function depositNonce(address consumer, address sessionKey_, bytes32 salt) external view returns (bytes32) {
        return LibVaultSig.depositNonce(consumer, sessionKey_, salt);
    }

    function withdrawable(address consumer) external view returns (uint256) {
        return _purse(consumer).free;
    }

    function balance(address consumer) external view returns (uint256) {
        return uint256(_purse(consumer).free) + _signing(consumer).locked;
    }

    function lockedTotal(address consumer) external view returns (uint256) {
        return _signing(consumer).locked;
    }

    function totalBalance() external view returns (uint256) {
        return LibToken.held(LibVault.config().token, LibBuckets.VAULT);
    }

    function sessionKey(address consumer) external view returns (address) {
        return _signing(consumer).signer;
    }

    function keyEpoch(address consumer) external view returns (uint256) {
        return _signing(consumer).epoch;
    }

    function reserveNonce(address consumer) external view returns (uint256) {
        return _purse(consumer).reserveNonce;
    }

    function ops(address consumer, address operator)
        external
        view
        returns (uint256 locked, uint256 redeemed, uint64 expiry, uint64 created, uint64 cycle)
    {
        Cycle memory c = _cycle(consumer, operator);
        return (c.locked, c.redeemed, LibVaultCycle.expiryOf(c), c.created, c.number);
    }

    function cycleFeeBps(address consumer, address operator) external view returns (uint16) {
        return _cycle(consumer, operator).feeBps;
    }

    function withdrawRequestedAt(address consumer) external view returns (uint64) {
        if (_purse(consumer).flags & LibVault.PENDING == 0) return 0;
        VaultStorage storage s = LibNs.vault();
        return uint64(s.consumers[consumer].request.maturesAt) - s.terms.withdrawTimelock;
    }

    function withdrawAuthorized(address consumer) external view returns (uint256) {
        Purse memory purse = _purse(consumer);
        if (purse.flags & LibVault.PENDING == 0) return 0;
        return uint256(purse.free) - LibNs.vault().consumers[consumer].request.late;
    }

    function reservesFrozen(address consumer) external view returns (bool) {
        return _purse(consumer).flags & LibVault.FROZEN != 0;
    }

    function spendPolicy(address consumer)
        external
        view
        returns (uint256 maxLocked, uint256 dailyReserve, uint256 reservedToday)
    {
        SpendPolicy memory policy = LibNs.vault().consumers[consumer].policy;
        uint256 today = block.timestamp / 1 days;
        return (policy.maxLocked, policy.dailyReserve, policy.day == today ? policy.reservedToday : 0);
    }

    function redeemable(address consumer, address operator, uint256 cumulative)
        external
        view
        returns (uint256 pay, uint256 fee)
    {
        Cycle memory cycle = _cycle(consumer, operator);
        (, pay, fee) = LibVaultCycle.capture(cycle, cumulative, LibVault.config().feeBps);
    }

    function _purse(address consumer) private view returns (Purse memory) {
        return LibVaultWords.toPurse(LibNs.vault().consumers[consumer].purse);
    }

    function _signing(address consumer) private view returns (Signing memory) {
        return LibVaultWords.toSigning(LibNs.vault().consumers[consumer].signing);
    }

    function _cycle(address consumer, address operator) private view returns (Cycle memory) {
        return LibVaultWords.toCycle(LibNs.vault().cycles[consumer][operator]);
    }

    /// @dev The token to be pulled. Registers the key of a first deposit; the funds are still to come.
    function _openDeposit(address consumer, uint256 amount, address newKey) private returns (address token) {
        token = LibVault.requireOpen().token;
        if (amount == 0) revert BadAmount();
        if (_purse(consumer).key != address(0)) return token;
        if (newKey == address(0)) revert NoSessionKey();
        LibVault.setKey(LibNs.vault().consumers[consumer], consumer, newKey, 0);
    }

    function _depositAuthorized(Authorization memory auth, address newKey, uint8 v, bytes32 r, bytes32 s) private {
        // Check, Effect
        address token = _openDeposit(auth.from, auth.value, newKey);
        // Interaction, then the credit
        uint256 received = LibToken.pullAuthorized(token, auth, v, r, s, LibBuckets.VAULT);
        _credit(token, auth.from, received, true);
    }

    function _credit(address token, address consumer, uint256 received, bool own) private {
        address key = LibVault.credit(token, consumer, received, own);
        emit Deposited(consumer, received, key);
    }

    function _withdraw(uint256 amount, address to) private {
        // Check
        Consumer storage c = LibNs.vault().consumers[msg.sender];
        Purse memory purse = LibVaultWords.toPurse(c.purse);
        if (purse.flags & LibVault.PENDING == 0) revert WithdrawNotRequested();
        WithdrawRequest memory request = c.request;
        if (block.timestamp < request.maturesAt) revert TimelockActive();
        if (amount == 0) revert BadAmount();
        uint256 authorized = uint256(purse.free) - request.late;
        if (amount > authorized) revert InsufficientWithdrawable();
        // Effect
        purse.free -= uint56(amount);
        if (amount == authorized) purse.flags ^= LibVault.PENDING;
        c.purse = LibVaultWords.pack(purse);
        // Interaction
        LibToken.push(LibVault.config().token, to, amount, LibBuckets.VAULT);
        emit Withdrawn(msg.sender, to, amount);
    }

    function _reserve(Reservation memory r, bytes calldata sig) private {
        // Check
        VaultConfig memory config = LibVault.requireOpen();
        Consumer storage c = LibNs.vault().consumers[r.consumer];
        Purse memory purse = LibVaultWords.toPurse(c.purse);
        if (purse.flags & LibVault.FROZEN != 0) revert ReservesAreFrozen();
        if (r.amount == 0) revert BadAmount();
        if (r.operator == address(0) || r.operator == address(this) || r.operator == config.token) {
            revert BadOperator();
        }
        if (r.nonce != purse.reserveNonce) revert BadNonce();
        if (r.expiry <= block.timestamp || r.expiry - block.timestamp > config.maxReserveTtl) revert BadExpiry();
        Signing memory signing = LibVaultWords.toSigning(c.signing);
        LibVaultSig.requireKey(signing.signer, LibSig.recover(LibVaultSig.reserveDigest(r, signing.epoch), sig));
        if (r.amount > purse.free) revert InsufficientFree();
        // Effect
        if (purse.flags & LibVault.LIMITED != 0) LibVault.spend(c.policy, signing.locked, r.amount);
        purse.reserveNonce = LibCast.toUint32(r.nonce + 1);
        LibVault.unfree(c, r.consumer, purse, r.amount);
        c.purse = LibVaultWords.pack(purse);
        signing.locked += uint64(r.amount);
        c.signing = LibVaultWords.pack(signing);
        _lock(r, config);
    }

    function _lock(Reservation memory r, VaultConfig memory config) private {
        Cycle memory cycle = _cycle(r.consumer, r.operator);
        LibVaultCycle.add(cycle, config, r.amount, r.expiry);
        LibNs.vault().cycles[r.consumer][r.operator] = LibVaultWords.pack(cycle);
        emit Reserved(r.consumer, r.operator, r.amount, LibVaultCycle.expiryOf(cycle), cycle.number);
    }

    function _payout(address operator) private view returns (Payout memory) {
        VaultConfig memory config = LibVault.config();
        return Payout(config.token, operator, config.feeBps, LibVaultSig.separator(), 0, 0);
    }

    function _releaseExpired(Cycle memory cycle, address consumer, address operator) private {
        uint256 amount = cycle.locked;
        LibVaultCycle.release(cycle, consumer, operator, amount);
        emit ReleasedExpired(consumer, operator, amount);
    }
}
