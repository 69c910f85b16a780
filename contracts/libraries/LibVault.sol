// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IErrors} from "../interfaces/IErrors.sol";
import {IVaultFacet} from "../interfaces/IVaultFacet.sol";
import {Consumer, Purse, SpendPolicy, VaultConfig, VaultStorage} from "../storage/VaultStorage.sol";
import {LibBuckets} from "./LibBuckets.sol";
import {LibToken} from "./LibToken.sol";

/// @title A consumer's funds: keys, credits, the withdrawal request and the spend policy
library LibVault {
    /// @dev Flags of a purse: a withdrawal is requested, reserves are frozen, a spend policy is set.
    uint8 internal constant PENDING = 1;
    uint8 internal constant FROZEN = 2;
    uint8 internal constant LIMITED = 4;

    /// @dev The whole vault, in base units: 72 billion dollars. Every balance, and everything locked, fits its field.
    uint256 internal constant MAX_TOTAL = type(uint56).max;

    /// @dev `NotConfigured`, `Paused`.
    function requireOpen(VaultStorage storage s) internal view returns (VaultConfig memory config) {
        config = s.config;
        if (config.token == address(0)) revert IErrors.NotConfigured();
        if (isPaused(config.pausedUntil)) revert IVaultFacet.Paused();
    }

    function isPaused(uint256 until) internal view returns (bool) {
        return block.timestamp <= until;
    }

    /// @dev The key of a consumer, who gets `key` if there is none yet. `NoSessionKey`.
    function registerKey(Consumer storage c, address consumer, address key) internal returns (address) {
        address present = c.purse.key;
        if (present != address(0)) return present;
        if (key == address(0)) revert IVaultFacet.NoSessionKey();
        setKey(c, consumer, key, c.signing.epoch);
        return key;
    }

    function setKey(Consumer storage c, address consumer, address key, uint32 epoch) internal {
        c.purse.key = key;
        c.signing.signer = key;
        c.signing.epoch = epoch;
        emit IVaultFacet.SessionKeySet(consumer, key, epoch);
    }

    /// @dev Credits what has just arrived in the bucket. The consumer's own deposit ends a pending request, so that an
    /// old one cannot release new money at once; a gift must not, so it only counts as late. `CastOverflow`.
    function credit(Consumer storage c, address token, address consumer, uint256 received, bool own) internal {
        if (LibToken.held(token, LibBuckets.VAULT) > MAX_TOTAL) revert IErrors.CastOverflow();
        if (!own) {
            free(c, received);
            return;
        }
        Purse memory purse = c.purse;
        purse.free += uint56(received);
        if (purse.flags & PENDING != 0) {
            purse.flags -= PENDING;
            emit IVaultFacet.WithdrawRequestCancelled(consumer);
        }
        c.purse = purse;
    }

    /// @dev Makes `amount` spendable. A request made before does not cover it.
    function free(Consumer storage c, uint256 amount) internal {
        Purse memory purse = c.purse;
        purse.free += uint56(amount);
        c.purse = purse;
        if (purse.flags & PENDING != 0) c.request.late += uint64(amount);
    }

    /// @dev Takes `amount` out of the free funds in `purse`, late ones first, and ends a request that nothing is left
    /// of.
    function unfree(Consumer storage c, address consumer, Purse memory purse, uint256 amount) internal {
        purse.free -= uint56(amount);
        if (purse.flags & PENDING == 0) return;
        uint256 late = c.request.late;
        if (late != 0) c.request.late = late > amount ? uint64(late - amount) : 0;
        if (purse.free == 0) {
            purse.flags -= PENDING;
            emit IVaultFacet.WithdrawRequestCancelled(consumer);
        }
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
