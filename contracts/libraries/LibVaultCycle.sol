// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IErrors} from "../interfaces/IErrors.sol";
import {IVaultFacet} from "../interfaces/IVaultFacet.sol";
import {Consumer, VaultStorage} from "../storage/VaultStorage.sol";
import {LibBuckets} from "./LibBuckets.sol";
import {LibNs} from "./LibNs.sol";
import {LibSig} from "./LibSig.sol";
import {LibToken} from "./LibToken.sol";
import {LibVault} from "./LibVault.sol";
import {LibVaultSig} from "./LibVaultSig.sol";
import {Cycle, LibVaultWords, Signing, VaultConfig} from "./LibVaultWords.sol";

/// @dev What one operator is paid in one transaction.
struct Payout {
    address token;
    address operator;
    uint256 liveBps;
    bytes32 domain;
    uint256 gross;
    uint256 fees;
}

/// @dev A receipt with the signature under it.
struct Receipt {
    address consumer;
    uint256 cumulative;
    uint8 v;
    bytes32 r;
    bytes32 s;
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
    function add(Cycle memory cycle, VaultConfig memory config, uint256 amount, uint256 expiry) internal view {
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
    }

    /// @dev Checks one receipt and books it. The digest takes epoch and cycle from the present state, so every older
    /// receipt is just not signed. Anything but PAID writes nothing.
    function take(Payout memory payout, Receipt memory receipt) internal returns (uint8 verdict) {
        Consumer storage account = LibNs.vault().consumers[receipt.consumer];
        mapping(address => uint256) storage cycles = LibNs.vault().cycles[receipt.consumer];
        Signing memory signing = LibVaultWords.toSigning(account.signing);
        if (signing.signer == address(0)) return NO_KEY;
        Cycle memory cycle = LibVaultWords.toCycle(cycles[payout.operator]);
        if (_signerOf(payout, receipt, signing.epoch, cycle.number) != signing.signer) return BAD_SIGNATURE;
        uint256 paid;
        uint256 fee;
        (verdict, paid, fee) = capture(cycle, receipt.cumulative, payout.liveBps);
        if (verdict != PAID) return verdict;
        cycles[payout.operator] = LibVaultWords.pack(cycle);
        signing.locked -= uint64(paid);
        account.signing = LibVaultWords.pack(signing);
        payout.gross += paid;
        payout.fees += fee;
        emit IVaultFacet.Redeemed(receipt.consumer, payout.operator, paid, fee, cycle.redeemed);
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

    function _signerOf(Payout memory payout, Receipt memory receipt, uint256 epoch, uint256 cycle)
        private
        pure
        returns (address)
    {
        bytes32 digest = LibVaultSig.receiptDigest(
            payout.domain, receipt.consumer, payout.operator, receipt.cumulative, epoch, cycle
        );
        return LibSig.recoverVrs(digest, receipt.v, receipt.r, receipt.s);
    }

    function expiryOf(Cycle memory cycle) internal pure returns (uint64) {
        return uint64(cycle.created) + cycle.life;
    }

    /// @dev From here on anyone may release what is locked, as far as the sequencer gate allows.
    function isReleasable(Cycle memory cycle, uint256 grace) internal view returns (bool) {
        return block.timestamp > expiryOf(cycle) + grace;
    }

    /// @dev Gives `amount` of what is locked back to the consumer.
    function release(Cycle memory cycle, address consumer, address operator, uint256 amount) internal {
        VaultStorage storage s = LibNs.vault();
        cycle.locked -= uint64(amount);
        s.cycles[consumer][operator] = LibVaultWords.pack(cycle);
        Consumer storage c = s.consumers[consumer];
        Signing memory signing = LibVaultWords.toSigning(c.signing);
        signing.locked -= uint64(amount);
        c.signing = LibVaultWords.pack(signing);
        LibVault.free(c, amount);
    }
}
