// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {LibLots} from "../../../contracts/libraries/LibLots.sol";
import {LibNs} from "../../../contracts/libraries/LibNs.sol";
import {LibShares} from "../../../contracts/libraries/LibShares.sol";
import {Lot, MeterAccount} from "../../../contracts/storage/CreditMeterStorage.sol";

/// @title Shares of votes, of lots and of pots
contract ShareProperties {
    address private constant ALICE = address(1);
    address private constant BOB = address(2);
    mapping(uint256 => Lot) private _lots;

    function set(address member, uint256 amount) external {
        LibShares.set(1, member, amount);
    }

    /// @dev The total is the sum of what members have, whatever they had before; the past stays.
    function check_sharesAddUp(uint128 a, uint128 b, uint128 later) external {
        if (uint256(a) + b > type(uint128).max) return;
        LibShares.set(1, ALICE, a);
        LibShares.set(1, BOB, b);
        uint256 then = LibNs.weightedVoting().guilds[1].sequence;
        (bool ok,) = address(this).call(abi.encodeCall(this.set, (ALICE, later)));
        assert(ok == (uint256(b) + later <= type(uint128).max));
        assert(LibShares.amountOf(1, ALICE) == (ok ? later : a));
        uint256 total = LibNs.weightedVoting().guilds[1].total;
        assert(total == LibShares.amountOf(1, ALICE) + LibShares.amountOf(1, BOB));
        assert(LibShares.at(1, ALICE, then) == a && LibShares.at(1, BOB, then) == b);
    }

    /// @dev Two purchases and a debit: credits lose what is spent; locked is what the lots hold, and never above credits.
    function check_lotsAddUp(uint64 free, uint64 first, uint64 second, uint64 debit) external {
        MeterAccount memory account;
        account.credits = free;
        LibLots.add(_lots, account, first, 1 days);
        LibLots.add(_lots, account, second, 2 days);
        uint256 all = uint256(free) + first + second;
        assert(account.credits == all && account.locked == uint256(first) + second);
        if (debit > all) return;
        LibLots.spend(_lots, account, debit);
        assert(account.credits == all - debit);
        assert(account.locked <= account.credits);
        assert(account.locked == uint256(_lots[0].left) + _lots[1].left);
        assert(debit > free || account.locked == uint256(first) + second);
    }

    /// @dev A clawback out of one receipt's share leaves another's where it was, or above.
    function small_clawbackLeavesOthersAlone(uint8 left, uint8 mine, uint8 theirs, uint8 amount) external {
        if (left > 15 || mine > 15 || theirs > 15 || left == 0 || mine == 0 || theirs == 0) return;
        if (left > uint256(mine) + theirs) return;
        _lots[3] = Lot(left, uint96(mine) + theirs, type(uint40).max, 1);
        MeterAccount memory account;
        account.credits = account.locked = left;
        uint256 own = LibLots.share(_lots[3], 1, mine);
        uint256 others = LibLots.share(_lots[3], 1, theirs);
        assert(own + others <= left);
        if (amount == 0 || amount > own) return;
        uint256 used = LibLots.take(_lots, account, 3, mine, own, amount);
        assert(used <= mine);
        assert(account.locked == uint256(left) - amount && account.credits == account.locked);
        assert(LibLots.share(_lots[3], 1, theirs) >= others);
    }

    /// @dev The rule of PartyFacet._split, for three seats: nothing is short, and the last one gets the rest.
    function small_partySplit(uint64 pot, uint16 a, uint16 b, uint16 c) external pure {
        if (a == 0 || b == 0 || c == 0 || uint256(a) + b + c != 10_000) return;
        uint256 x = uint256(pot) * a / 10_000;
        uint256 y = uint256(pot) * b / 10_000;
        uint256 rest = uint256(pot) - x - y;
        assert(x + y + rest == pot);
        assert(rest >= uint256(pot) * c / 10_000);
        assert(rest <= uint256(pot) * c / 10_000 + 2);
    }

    /// @dev The rule of TitheFacet._shareOf: never more than the share of the income, and less than a wei below it.
    function small_tithe(uint64 income, uint16 bps) external pure {
        if (bps > 10_000) return;
        uint256 share = uint256(income) * bps / 10_000;
        assert(share <= income);
        assert(share * 10_000 <= uint256(income) * bps);
        assert((share + 1) * 10_000 > uint256(income) * bps);
    }
}
