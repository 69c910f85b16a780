// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {Lot, MeterAccount} from "../storage/CreditMeterStorage.sol";

/// @title The locked part of a user's credits: at most 16 lots, each of purchases that unlock together
/// @notice Always: `locked` of the account is the sum of its lots, and no more than its credits. Oldest first is also
/// first to unlock first, because no lot unlocks before an older one. What unlocks leaves the locked part without
/// leaving the credits; spending takes what is not locked first, then the oldest lot; a clawback takes from the lot of
/// its own receipt. No purchase changes when another one unlocks.
/// @dev Functions work on a copy of the account, which the caller reads before and writes back after. A lot outside the
/// ring's used part is dead: it has unlocked, or nothing is left of it.
library LibLots {
    uint256 internal constant MAX_LOTS = 16;
    /// @dev From this many lots on, unlock times are rounded up to a step of a `STEPS`th of the lock. No more than
    /// `MAX_LOTS - EXACT_LOTS` such steps lie inside one lock and one step.
    uint256 internal constant EXACT_LOTS = 8;
    uint256 internal constant STEPS = 7;

    /// @dev Takes out of the locked part what has unlocked by now. Writes no storage, so views may ask too.
    function unlock(mapping(uint256 => Lot) storage lots, MeterAccount memory account) internal view {
        while (account.lots != 0 && block.timestamp >= account.nextUnlock) {
            account.locked -= lots[account.head].left;
            _pop(lots, account);
        }
    }

    /// @dev Takes `amount`, which the credits cover. The account has been through `unlock`.
    function spend(mapping(uint256 => Lot) storage lots, MeterAccount memory account, uint256 amount) internal {
        uint256 free = account.credits - account.locked;
        // No more than the credits, which fit 96 bits.
        account.credits -= uint96(amount);
        if (amount <= free) return;
        uint256 rest = amount - free;
        account.locked -= uint96(rest);
        // At most once per lot: the locked part covers the rest.
        while (rest != 0) {
            Lot storage lot = lots[account.head];
            uint256 left = lot.left;
            if (rest < left) {
                lot.left = uint96(left - rest);
                return;
            }
            rest -= left;
            lot.left = 0;
            _pop(lots, account);
        }
    }

    /// @dev Adds a purchase to credits and lots. The account has been through `unlock`. Whoever buys again before the
    /// newest lot unlocks waits at least as long as for that. A purchase joins the newest lot when they unlock together
    /// and nothing of that has been spent; so one wei bought is one unit, and only the oldest lot is ever spent from.
    /// The ring can only be full when the owner has lengthened the lock; then the oldest lot, the next to unlock,
    /// unlocks now.
    function add(mapping(uint256 => Lot) storage lots, MeterAccount memory account, uint96 amount, uint256 lockSecs)
        internal
        returns (uint256 unlockAt, uint8 place, uint24 generation)
    {
        account.credits += amount;
        unlockAt = block.timestamp + lockSecs;
        if (lockSecs == 0) return (unlockAt, 0, 0);
        account.locked += amount;
        if (account.lots >= EXACT_LOTS) unlockAt = _stepAfter(unlockAt, lockSecs / STEPS + 1);
        if (account.lots != 0) {
            place = _placeOf(account, account.lots - 1);
            Lot memory newest = lots[place];
            if (unlockAt < newest.unlockAt) unlockAt = newest.unlockAt;
            if (unlockAt == newest.unlockAt && newest.left == newest.units) {
                newest.left += amount;
                newest.units += amount;
                lots[place] = newest;
                return (unlockAt, place, newest.generation);
            }
        }
        if (account.lots == MAX_LOTS) _dropOldest(lots, account);
        place = _placeOf(account, account.lots);
        generation = lots[place].generation + 1;
        lots[place] = Lot(amount, amount, uint40(unlockAt), generation);
        if (account.lots == 0) account.nextUnlock = uint40(unlockAt);
        account.lots += 1;
    }

    /// @dev What a receipt with `units` still has in its lot: its share, rounded down; zero once the lot is dead.
    function share(Lot memory lot, uint24 generation, uint256 units) internal view returns (uint256) {
        if (lot.generation != generation || block.timestamp >= lot.unlockAt || lot.left == 0) return 0;
        // No units without `left`, and whoever has a share has units.
        return lot.units == 0 ? 0 : units * lot.left / lot.units;
    }

    /// @dev Takes `amount` of the `own` that a receipt has in its lot, and returns how many units that used up: rounded
    /// up, so that nobody else's share gets smaller, and all of them with all of it.
    function take(
        mapping(uint256 => Lot) storage lots,
        MeterAccount memory account,
        uint8 place,
        uint96 units,
        uint256 own,
        uint256 amount
    ) internal returns (uint96 used) {
        Lot memory lot = lots[place];
        used = units;
        // `own` is positive, hence `left` is.
        if (amount != own) used = uint96((amount * lot.units + lot.left - 1) / lot.left);
        // The amount is part of the lot, the lot of the locked part, that of the credits.
        lot.left -= uint96(amount);
        lot.units -= used;
        lots[place] = lot;
        account.locked -= uint96(amount);
        account.credits -= uint96(amount);
    }

    /// @dev Amounts and unlock times of the lots that have something left, oldest first. The account has been through
    /// `unlock`.
    function list(mapping(uint256 => Lot) storage lots, MeterAccount memory account)
        internal
        view
        returns (uint256[] memory amounts, uint256[] memory unlockTimes)
    {
        uint256 found = 0;
        for (uint256 i = 0; i < account.lots; i++) {
            if (lots[_placeOf(account, i)].left != 0) found += 1;
        }
        amounts = new uint256[](found);
        unlockTimes = new uint256[](found);
        uint256 next = 0;
        for (uint256 i = 0; i < account.lots; i++) {
            Lot memory lot = lots[_placeOf(account, i)];
            if (lot.left == 0) continue;
            amounts[next] = lot.left;
            unlockTimes[next] = lot.unlockAt;
            next += 1;
        }
    }

    function _pop(mapping(uint256 => Lot) storage lots, MeterAccount memory account) private view {
        account.head = _placeOf(account, 1);
        account.lots -= 1;
        account.nextUnlock = account.lots == 0 ? 0 : lots[account.head].unlockAt;
    }

    function _dropOldest(mapping(uint256 => Lot) storage lots, MeterAccount memory account) private {
        Lot storage oldest = lots[account.head];
        account.locked -= oldest.left;
        oldest.left = 0;
        _pop(lots, account);
    }

    function _placeOf(MeterAccount memory account, uint256 number) private pure returns (uint8) {
        return uint8((account.head + number) % MAX_LOTS);
    }

    function _stepAfter(uint256 time, uint256 step) private pure returns (uint256) {
        return (time + step - 1) / step * step;
    }
}
