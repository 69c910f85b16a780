// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {LibPage} from "./LibPage.sol";

/// @dev One word per place. The first place also carries the length, so a set of one account costs no word for it.
struct Seat {
    address account;
    uint64 length;
}

/// @dev `place` counts from one; zero is no member. `mark` is for the set's owner to use and survives a removal.
struct Membership {
    uint64 place;
    uint64 mark;
}

struct AccountSet {
    mapping(uint256 index => Seat) seats;
    mapping(address account => Membership) members;
}

/// @title Sets of accounts that can be listed: joining, leaving and asking cost the same whatever the size
library LibAccountSet {
    function length(AccountSet storage set) internal view returns (uint256) {
        return set.seats[0].length;
    }

    function has(AccountSet storage set, address account) internal view returns (bool) {
        return set.members[account].place != 0;
    }

    function at(AccountSet storage set, uint256 index) internal view returns (address) {
        return set.seats[index].account;
    }

    /// @return added False, and nothing is written, when the account is in already.
    function add(AccountSet storage set, address account) internal returns (bool added) {
        if (set.members[account].place != 0) return false;
        uint64 count = set.seats[0].length;
        set.members[account].place = count + 1;
        set.seats[count].account = account;
        set.seats[0].length = count + 1;
        return true;
    }

    /// @dev The last of the list takes the free place.
    /// @return removed False, and nothing is written, when the account is not in.
    function remove(AccountSet storage set, address account) internal returns (bool removed) {
        uint64 place = set.members[account].place;
        if (place == 0) return false;
        uint64 last = set.seats[0].length - 1;
        set.members[account].place = 0;
        if (place - 1 != last) {
            address moved = set.seats[last].account;
            set.seats[place - 1].account = moved;
            set.members[moved].place = place;
        }
        set.seats[last].account = address(0);
        set.seats[0].length = last;
        return true;
    }

    /// @dev Gives the place of a member to an account that is none.
    function replace(AccountSet storage set, address member, address account) internal {
        uint64 place = set.members[member].place;
        set.members[member].place = 0;
        set.members[account].place = place;
        set.seats[place - 1].account = account;
    }

    function all(AccountSet storage set) internal view returns (address[] memory accounts) {
        accounts = new address[](length(set));
        for (uint256 i = 0; i < accounts.length; i++) {
            accounts[i] = set.seats[i].account;
        }
    }

    /// @dev A page, last place first: a removal fills the gap from the end of the list, where an iteration has been
    /// already, so whoever stays in is seen. Starts at 0, ends at `LibPage.END`.
    function page(AccountSet storage set, uint256 startAfter, uint256 limit)
        internal
        view
        returns (address[] memory accounts, uint256 nextCursor)
    {
        uint256 count = length(set);
        uint256 left = startAfter == 0 || startAfter > count ? count : startAfter;
        if (startAfter == LibPage.END) left = 0;
        uint256 size = LibPage.clamp(limit);
        if (size > left) size = left;
        accounts = new address[](size);
        for (uint256 i = 0; i < size; i++) {
            accounts[i] = set.seats[left - 1 - i].account;
        }
        nextCursor = size == 0 || size == left ? LibPage.END : left - size;
    }
}
