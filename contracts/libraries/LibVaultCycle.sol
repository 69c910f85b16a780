// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IErrors} from "../interfaces/IErrors.sol";
import {IVaultFacet} from "../interfaces/IVaultFacet.sol";
import {Consumer, Cycle, Signing, VaultConfig, VaultStorage} from "../storage/VaultStorage.sol";
import {LibBuckets} from "./LibBuckets.sol";
import {LibNs} from "./LibNs.sol";
import {LibToken} from "./LibToken.sol";
import {LibVault} from "./LibVault.sol";
import {LibVaultSig} from "./LibVaultSig.sol";

/// @dev What one operator is paid in one transaction.
struct Payout {
    address token;
    address operator;
    uint256 liveBps;
    bytes32 domain;
    uint256 gross;
    uint256 fees;
}

/// @dev One receipt with the two words it changes.
struct Claim {
    address consumer;
    uint256 cumulative;
    Cycle cycle;
    Signing signing;
}

/// @title Reservations of one consumer for one operator, and what receipts take from them
library LibVaultCycle {
    uint8 internal constant PAID = 0;
    uint8 internal constant NO_KEY = 1;
    uint8 internal constant BAD_SIGNATURE = 2;
    uint8 internal constant STALE = 3;
    uint8 internal constant NOTHING_LOCKED = 4;

    uint256 private constant BPS = 10_000;

    /// @dev Opens a cycle when nothing is locked, adds to the present one otherwise. More can be added until the cycle
    /// expires for good: it never outlives `created + maxReserveTtl`. `CastOverflow` after 2^24 cycles, or when one
    /// cycle would take more than 2^64 base units in all.
    function add(Cycle storage at, VaultConfig memory config, uint256 amount, uint256 expiry)
        internal
        returns (uint64 effective, uint64 number)
    {
        Cycle memory cycle = at;
        if (cycle.locked == 0) {
            if (cycle.number == type(uint24).max) revert IErrors.CastOverflow();
            cycle.number += 1;
            cycle.redeemed = 0;
            cycle.created = uint40(block.timestamp);
            // No longer than maxReserveTtl, which fits.
            cycle.life = uint32(expiry - block.timestamp);
            cycle.feeBps = config.feeBps;
            cycle.feeRemainder = 0;
        } else {
            uint256 life = expiry - cycle.created;
            if (life > config.maxReserveTtl) life = config.maxReserveTtl;
            if (life > cycle.life) cycle.life = uint32(life);
        }
        uint256 locked = cycle.locked + amount;
        // So that redeeming can never overflow.
        if (cycle.redeemed + locked > type(uint64).max) revert IErrors.CastOverflow();
        cycle.locked = uint64(locked);
        at.locked = cycle.locked;
        at.redeemed = cycle.redeemed;
        at.created = cycle.created;
        at.life = cycle.life;
        at.number = cycle.number;
        at.feeBps = cycle.feeBps;
        at.feeRemainder = cycle.feeRemainder;
        return (uint64(cycle.created) + cycle.life, cycle.number);
    }

    /// @dev The receipt and the digest its session key must have signed: epoch and cycle are the present ones, so every
    /// older receipt is just not signed.
    function claim(Payout memory payout, address consumer, uint256 cumulative)
        internal
        view
        returns (Claim memory c, bytes32 digest)
    {
        VaultStorage storage s = LibNs.vault();
        c.consumer = consumer;
        c.cumulative = cumulative;
        c.cycle = s.cycles[consumer][payout.operator];
        c.signing = s.consumers[consumer].signing;
        digest = LibVaultSig.receiptDigest(
            payout.domain, consumer, payout.operator, cumulative, c.signing.epoch, c.cycle.number
        );
    }

    /// @dev Books one claim. Anything but PAID writes nothing.
    function settle(Payout memory payout, Claim memory c, address recovered) internal returns (uint8 verdict) {
        address signer = c.signing.signer;
        if (signer == address(0)) return NO_KEY;
        if (recovered != signer) return BAD_SIGNATURE;
        uint256 pay;
        uint256 fee;
        (verdict, pay, fee) = capture(c.cycle, c.cumulative, payout.liveBps);
        if (verdict != PAID) return verdict;
        VaultStorage storage s = LibNs.vault();
        Cycle storage at = s.cycles[c.consumer][payout.operator];
        at.locked = c.cycle.locked;
        at.redeemed = c.cycle.redeemed;
        at.feeRemainder = c.cycle.feeRemainder;
        s.consumers[c.consumer].signing.locked = c.signing.locked - uint64(pay);
        payout.gross += pay;
        payout.fees += fee;
        emit IVaultFacet.Redeemed(c.consumer, payout.operator, pay, fee, c.cycle.redeemed);
    }

    /// @dev Takes what a receipt is worth out of `cycle`, in memory. The lower of the fee now and the fee when the
    /// cycle opened applies; what is less than a base unit is carried over, so neither dust nor splitting changes the
    /// sum.
    function capture(Cycle memory cycle, uint256 cumulative, uint256 liveBps)
        internal
        pure
        returns (uint8 verdict, uint256 pay, uint256 fee)
    {
        if (cumulative <= cycle.redeemed) return (STALE, 0, 0);
        if (cycle.locked == 0) return (NOTHING_LOCKED, 0, 0);
        pay = cumulative - cycle.redeemed;
        if (pay > cycle.locked) pay = cycle.locked;
        uint256 accrued = cycle.feeRemainder + pay * (liveBps < cycle.feeBps ? liveBps : cycle.feeBps);
        fee = accrued / BPS;
        cycle.feeRemainder = uint16(accrued % BPS);
        cycle.redeemed += uint64(pay);
        cycle.locked -= uint64(pay);
    }

    /// @dev One transfer for everything settled. Nothing reaches the operator when the fee takes a lone last unit.
    function pay(Payout memory payout) internal returns (uint256 net) {
        net = payout.gross - payout.fees;
        if (payout.fees != 0) LibToken.move(payout.token, LibBuckets.VAULT, LibBuckets.VAULT_FEES, payout.fees);
        if (net != 0) LibToken.push(payout.token, payout.operator, net, LibBuckets.VAULT);
    }

    /// @dev The named error of a verdict; returns for PAID.
    function requirePaid(uint8 verdict) internal pure {
        if (verdict == PAID) return;
        if (verdict == NO_KEY) revert IVaultFacet.NoSessionKey();
        if (verdict == BAD_SIGNATURE) revert IErrors.BadSignature();
        if (verdict == STALE) revert IVaultFacet.StaleReceipt();
        revert IVaultFacet.ExceedsReservation();
    }

    /// @dev From here on anyone may release what is locked, as far as the sequencer gate allows.
    function isReleasable(Cycle memory cycle, uint256 grace) internal view returns (bool) {
        return block.timestamp > uint256(cycle.created) + cycle.life + grace;
    }

    /// @dev Gives `amount` of what is locked back to the consumer.
    function release(Cycle storage at, Consumer storage c, uint256 amount) internal {
        at.locked -= uint64(amount);
        c.signing.locked -= uint64(amount);
        LibVault.free(c, amount);
    }
}
