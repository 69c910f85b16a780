// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IErrors} from "../interfaces/IErrors.sol";
import {IVaultFacet} from "../interfaces/IVaultFacet.sol";
import {Consumer, SpendPolicy} from "../storage/VaultStorage.sol";
import {LibBuckets} from "./LibBuckets.sol";
import {LibNs} from "./LibNs.sol";
import {LibToken} from "./LibToken.sol";
import {LibVaultWords, Purse, Signing, VaultConfig} from "./LibVaultWords.sol";

/// @title A consumer's funds: keys, credits, the withdrawal request and the spend policy
library LibVault {
    /// @dev Flags of a purse: a withdrawal is requested, reserves are frozen, a spend policy is set.
    uint8 internal constant PENDING = 1;
    uint8 internal constant FROZEN = 2;
    uint8 internal constant LIMITED = 4;

    /// @dev The whole vault, in base units: 72 billion dollars. Every balance, and everything locked, fits its field.
    uint256 internal constant MAX_TOTAL = type(uint56).max;

    function config() internal view returns (VaultConfig memory) {
        return LibVaultWords.toConfig(LibNs.vault().config);
    }

    /// @dev `NotConfigured`, `Paused`.
    function requireOpen() internal view returns (VaultConfig memory c) {
        c = config();
        if (c.token == address(0)) revert IErrors.NotConfigured();
        if (isPaused(c.pausedUntil)) revert IVaultFacet.Paused();
    }

    function isPaused(uint256 until) internal view returns (bool) {
        return block.timestamp <= until;
    }

    /// @dev Both copies of the key.
    function setKey(Consumer storage c, address consumer, address key, uint32 epoch) internal {
        Purse memory purse = LibVaultWords.toPurse(c.purse);
        purse.key = key;
        c.purse = LibVaultWords.pack(purse);
        Signing memory signing = LibVaultWords.toSigning(c.signing);
        signing.signer = key;
        signing.epoch = epoch;
        c.signing = LibVaultWords.pack(signing);
        emit IVaultFacet.SessionKeySet(consumer, key, epoch);
    }

    /// @dev Credits what has just arrived in the bucket. The consumer's own deposit ends a pending request, so that an
    /// old one cannot release new money at once; a gift must not, so it only counts as late. `CastOverflow`.
    function credit(address token, address consumer, uint256 received, bool own) internal returns (address key) {
        if (LibToken.held(token, LibBuckets.VAULT) > MAX_TOTAL) revert IErrors.CastOverflow();
        Consumer storage c = LibNs.vault().consumers[consumer];
        Purse memory purse = LibVaultWords.toPurse(c.purse);
        key = purse.key;
        purse.free += uint56(received);
        if (purse.flags & PENDING != 0) {
            if (own) cancelRequest(consumer, purse);
            else c.request.late += uint64(received);
        }
        c.purse = LibVaultWords.pack(purse);
    }

    /// @dev Makes `amount` spendable that was locked. A request made before does not cover it.
    function free(Consumer storage c, uint256 amount) internal {
        Purse memory purse = LibVaultWords.toPurse(c.purse);
        purse.free += uint56(amount);
        c.purse = LibVaultWords.pack(purse);
        if (purse.flags & PENDING != 0) c.request.late += uint64(amount);
    }

    /// @dev Takes `amount` out of the free funds in `purse`, late ones first, and ends a request that nothing is left
    /// of.
    function unfree(Consumer storage c, address consumer, Purse memory purse, uint256 amount) internal {
        purse.free -= uint56(amount);
        if (purse.flags & PENDING == 0) return;
        uint256 late = c.request.late;
        if (late != 0) c.request.late = late > amount ? uint64(late - amount) : 0;
        if (purse.free == 0) cancelRequest(consumer, purse);
    }

    /// @dev Of a pending request, in memory.
    function cancelRequest(address consumer, Purse memory purse) internal {
        purse.flags ^= PENDING;
        emit IVaultFacet.WithdrawRequestCancelled(consumer);
    }

    /// @dev `PolicyExceeded` when locking `amount` beside `locked` would pass a limit.
    function spend(SpendPolicy storage at, uint256 locked, uint256 amount) internal {
        SpendPolicy memory policy = at;
        if (policy.maxLocked != 0 && locked + amount > policy.maxLocked) revert IVaultFacet.PolicyExceeded();
        if (policy.dailyReserve == 0) return;
        uint256 today = block.timestamp / 1 days;
        uint256 reserved = policy.day == today ? policy.reservedToday + amount : amount;
        if (reserved > policy.dailyReserve) revert IVaultFacet.PolicyExceeded();
        policy.day = uint40(today);
        policy.reservedToday = uint64(reserved);
        at.day = policy.day;
        at.reservedToday = policy.reservedToday;
    }
}
