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
import {Claim, LibVaultCycle, Payout} from "../../libraries/LibVaultCycle.sol";
import {LibVaultSig, Reservation} from "../../libraries/LibVaultSig.sol";
import {
    Consumer,
    Cycle,
    Purse,
    Signing,
    SpendPolicy,
    VaultConfig,
    VaultStorage,
    VaultTerms,
    WithdrawRequest
} from "../../storage/VaultStorage.sol";

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
        (Consumer storage c, address token, address key) = _openDeposit(msg.sender, amount, sessionKey_);
        // Interaction; crediting comes after it, because what arrives is what counts.
        uint256 received = LibToken.pullDelta(token, msg.sender, amount, LibBuckets.VAULT);
        LibVault.credit(c, token, msg.sender, received, true);
        emit Deposited(msg.sender, received, key);
    }

    function depositFor(address consumer, uint256 amount) external nonReentrant {
        // Check
        (Consumer storage c, address token, address key) = _openDeposit(consumer, amount, address(0));
        // Interaction, Effect
        uint256 received = LibToken.pullDelta(token, msg.sender, amount, LibBuckets.VAULT);
        LibVault.credit(c, token, consumer, received, false);
        emit Deposited(consumer, received, key);
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
        Signing memory signing = c.signing;
        if (key == signing.signer) revert SameSessionKey();
        if (signing.locked != 0) revert SessionKeyInUse();
        // Effect
        LibVault.setKey(c, msg.sender, key, LibCast.toUint32(uint256(signing.epoch) + 1));
    }

    function setReservesFrozen(bool frozen) external {
        Purse storage purse = LibNs.vault().consumers[msg.sender].purse;
        uint8 flags = purse.flags;
        if (frozen == (flags & LibVault.FROZEN != 0)) return;
        purse.flags = flags ^ LibVault.FROZEN;
        emit ReservesFrozenSet(msg.sender, frozen);
    }

    function setSpendPolicy(uint128 maxLocked, uint128 dailyReserve) external {
        Consumer storage c = LibNs.vault().consumers[msg.sender];
        SpendPolicy storage policy = c.policy;
        policy.maxLocked = LibCast.toUint64(maxLocked);
        policy.dailyReserve = LibCast.toUint64(dailyReserve);
        uint8 others = c.purse.flags & ~LibVault.LIMITED;
        c.purse.flags = maxLocked | dailyReserve == 0 ? others : others | LibVault.LIMITED;
        emit SpendPolicySet(msg.sender, maxLocked, dailyReserve);
    }

    function requestWithdraw() external {
        // Check
        VaultStorage storage s = LibNs.vault();
        Consumer storage c = s.consumers[msg.sender];
        Purse memory purse = c.purse;
        if (purse.free == 0) revert InsufficientWithdrawable();
        // Effect
        c.purse.flags = purse.flags | LibVault.PENDING;
        c.request.late = 0;
        c.request.maturesAt = LibCast.toUint40(block.timestamp + s.terms.withdrawTimelock);
        emit WithdrawRequested(msg.sender, uint64(block.timestamp), purse.free);
    }

    function cancelWithdraw() external {
        Purse storage purse = LibNs.vault().consumers[msg.sender].purse;
        uint8 flags = purse.flags;
        if (flags & LibVault.PENDING == 0) revert WithdrawNotRequested();
        purse.flags = flags ^ LibVault.PENDING;
        emit WithdrawRequestCancelled(msg.sender);
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
        (Claim memory c, bytes32 digest) = LibVaultCycle.claim(payout, consumer, cumulative);
        LibVaultCycle.requirePaid(LibVaultCycle.settle(payout, c, LibSig.recover(digest, sig)));
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
            (Claim memory c, bytes32 digest) = LibVaultCycle.claim(payout, consumers[i], cumulatives[i]);
            results[i] = LibVaultCycle.settle(payout, c, LibSig.recoverCompact(digest, rs[i], vss[i]));
        }
        if (payout.gross == 0) revert NothingRedeemed();
        // Interaction
        paid = LibVaultCycle.pay(payout);
    }

    function releaseExpired(address consumer, address operator) external nonReentrant {
        // Check
        VaultStorage storage s = LibNs.vault();
        Cycle memory cycle = s.cycles[consumer][operator];
        if (cycle.locked == 0) return;
        VaultTerms memory terms = s.terms;
        if (!LibVaultCycle.isReleasable(cycle, terms.redeemGrace)) revert NotExpired();
        LibSequencer.requireUp(terms.sequencerFeed, terms.redeemGrace);
        // Effect
        _releaseExpired(s, consumer, operator, cycle.locked);
    }

    function releaseExpiredBatch(address[] calldata consumers, address[] calldata operators) external nonReentrant {
        // Check
        uint256 count = consumers.length;
        if (operators.length != count) revert LengthMismatch();
        if (count > MAX_BATCH) revert BatchTooLarge(MAX_BATCH);
        VaultStorage storage s = LibNs.vault();
        uint256 grace = s.terms.redeemGrace;
        LibSequencer.requireUp(s.terms.sequencerFeed, grace);
        // Effect
        for (uint256 i = 0; i < count; i++) {
            Cycle memory cycle = s.cycles[consumers[i]][operators[i]];
            if (cycle.locked == 0 || !LibVaultCycle.isReleasable(cycle, grace)) continue;
            _releaseExpired(s, consumers[i], operators[i], cycle.locked);
        }
    }

    function releaseByOperator(address consumer, uint256 amount) external {
        // Check
        VaultStorage storage s = LibNs.vault();
        Cycle storage cycle = s.cycles[consumer][msg.sender];
        if (amount == 0 || amount > cycle.locked) revert BadAmount();
        // Effect
        LibVaultCycle.release(cycle, s.consumers[consumer], amount);
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
        return LibNs.vault().consumers[consumer].purse.free;
    }

    function balance(address consumer) external view returns (uint256) {
        Consumer storage c = LibNs.vault().consumers[consumer];
        return uint256(c.purse.free) + c.signing.locked;
    }

    function lockedTotal(address consumer) external view returns (uint256) {
        return LibNs.vault().consumers[consumer].signing.locked;
    }

    function totalBalance() external view returns (uint256) {
        return LibToken.held(LibNs.vault().config.token, LibBuckets.VAULT);
    }

    function sessionKey(address consumer) external view returns (address) {
        return LibNs.vault().consumers[consumer].signing.signer;
    }

    function keyEpoch(address consumer) external view returns (uint256) {
        return LibNs.vault().consumers[consumer].signing.epoch;
    }

    function reserveNonce(address consumer) external view returns (uint256) {
        return LibNs.vault().consumers[consumer].purse.reserveNonce;
    }

    function ops(address consumer, address operator)
        external
        view
        returns (uint256 locked, uint256 redeemed, uint64 expiry, uint64 created, uint64 cycle)
    {
        Cycle memory c = LibNs.vault().cycles[consumer][operator];
        return (c.locked, c.redeemed, uint64(c.created) + c.life, c.created, c.number);
    }

    function cycleFeeBps(address consumer, address operator) external view returns (uint16) {
        return LibNs.vault().cycles[consumer][operator].feeBps;
    }

    function withdrawRequestedAt(address consumer) external view returns (uint64) {
        VaultStorage storage s = LibNs.vault();
        Consumer storage c = s.consumers[consumer];
        if (c.purse.flags & LibVault.PENDING == 0) return 0;
        return uint64(c.request.maturesAt) - s.terms.withdrawTimelock;
    }

    function withdrawAuthorized(address consumer) external view returns (uint256) {
        Consumer storage c = LibNs.vault().consumers[consumer];
        if (c.purse.flags & LibVault.PENDING == 0) return 0;
        return uint256(c.purse.free) - c.request.late;
    }

    function reservesFrozen(address consumer) external view returns (bool) {
        return LibNs.vault().consumers[consumer].purse.flags & LibVault.FROZEN != 0;
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
        VaultStorage storage s = LibNs.vault();
        Cycle memory cycle = s.cycles[consumer][operator];
        (, pay, fee) = LibVaultCycle.capture(cycle, cumulative, s.config.feeBps);
    }

    /// @dev Registers the key of a first deposit; the funds are still to come.
    function _openDeposit(address consumer, uint256 amount, address newKey)
        private
        returns (Consumer storage c, address token, address key)
    {
        VaultStorage storage s = LibNs.vault();
        token = LibVault.requireOpen(s).token;
        if (amount == 0) revert BadAmount();
        c = s.consumers[consumer];
        key = LibVault.registerKey(c, consumer, newKey);
    }

    function _depositAuthorized(Authorization memory auth, address newKey, uint8 v, bytes32 r, bytes32 s) private {
        // Check, Effect
        (Consumer storage c, address token, address key) = _openDeposit(auth.from, auth.value, newKey);
        // Interaction, then the credit
        uint256 received = LibToken.pullAuthorized(token, auth, v, r, s, LibBuckets.VAULT);
        LibVault.credit(c, token, auth.from, received, true);
        emit Deposited(auth.from, received, key);
    }

    function _withdraw(uint256 amount, address to) private {
        // Check
        VaultStorage storage s = LibNs.vault();
        Consumer storage c = s.consumers[msg.sender];
        Purse memory purse = c.purse;
        if (purse.flags & LibVault.PENDING == 0) revert WithdrawNotRequested();
        WithdrawRequest memory request = c.request;
        if (block.timestamp < request.maturesAt) revert TimelockActive();
        if (amount == 0) revert BadAmount();
        uint256 authorized = uint256(purse.free) - request.late;
        if (amount > authorized) revert InsufficientWithdrawable();
        // Effect
        purse.free -= uint56(amount);
        if (amount == authorized) purse.flags ^= LibVault.PENDING;
        c.purse = purse;
        // Interaction
        LibToken.push(s.config.token, to, amount, LibBuckets.VAULT);
        emit Withdrawn(msg.sender, to, amount);
    }

    function _reserve(Reservation memory r, bytes calldata sig) private {
        // Check
        VaultStorage storage s = LibNs.vault();
        VaultConfig memory config = LibVault.requireOpen(s);
        Consumer storage c = s.consumers[r.consumer];
        Purse memory purse = c.purse;
        if (purse.flags & LibVault.FROZEN != 0) revert ReservesAreFrozen();
        if (r.amount == 0) revert BadAmount();
        if (r.operator == address(0) || r.operator == address(this) || r.operator == config.token) {
            revert BadOperator();
        }
        if (r.nonce != purse.reserveNonce) revert BadNonce();
        if (r.expiry <= block.timestamp || r.expiry - block.timestamp > config.maxReserveTtl) revert BadExpiry();
        Signing memory signing = c.signing;
        bytes32 digest = LibVaultSig.reserveDigest(r, signing.epoch);
        LibVaultSig.requireKey(signing.signer, LibSig.recover(digest, sig));
        if (r.amount > purse.free) revert InsufficientFree();
        // Effect
        if (purse.flags & LibVault.LIMITED != 0) LibVault.spend(c.policy, signing.locked, r.amount);
        purse.reserveNonce = LibCast.toUint32(r.nonce + 1);
        LibVault.unfree(c, r.consumer, purse, r.amount);
        c.purse = purse;
        c.signing.locked = signing.locked + uint64(r.amount);
        (uint64 expiry, uint64 number) =
            LibVaultCycle.add(s.cycles[r.consumer][r.operator], config, r.amount, r.expiry);
        emit Reserved(r.consumer, r.operator, r.amount, expiry, number);
    }

    function _payout(address operator) private view returns (Payout memory payout) {
        VaultConfig memory config = LibNs.vault().config;
        payout.token = config.token;
        payout.operator = operator;
        payout.liveBps = config.feeBps;
        payout.domain = LibVaultSig.separator();
    }

    function _releaseExpired(VaultStorage storage s, address consumer, address operator, uint256 amount) private {
        LibVaultCycle.release(s.cycles[consumer][operator], s.consumers[consumer], amount);
        emit ReleasedExpired(consumer, operator, amount);
    }
}
