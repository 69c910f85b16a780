// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {Guild, Seat} from "../storage/GuildStorage.sol";
import {LibNs} from "./LibNs.sol";

/// @title Places in a guild's list of members
/// @notice A member has one place from joining to leaving, so a ballot can be a bit. Places given back are taken again,
/// last one first.
library LibSeats {
    /// @dev The guild must have room.
    function take(uint256 id, Guild storage guild, address member) internal returns (uint8 seat) {
        uint8 free = guild.freeSeat;
        if (free == 0) {
            seat = guild.seats;
            guild.seats = seat + 1;
        } else {
            seat = free - 1;
            guild.freeSeat = seat == 0 ? guild.firstNext : LibNs.guild().seats[id][seat].next;
        }
        _put(id, guild, seat, member, 0);
    }

    function give(uint256 id, Guild storage guild, uint8 seat) internal {
        _put(id, guild, seat, address(0), guild.freeSeat);
        guild.freeSeat = seat + 1;
    }

    /// @dev Zero for a place nobody has.
    function at(uint256 id, Guild storage guild, uint256 seat) internal view returns (address) {
        return seat == 0 ? guild.firstMember : LibNs.guild().seats[id][seat].member;
    }

    /// @dev Members by place from `start`, at most `limit`; the cursor is the place to go on from.
    function slice(uint256 id, Guild storage guild, uint256 start, uint256 limit)
        internal
        view
        returns (address[] memory members, uint256 nextCursor)
    {
        uint256 seats = guild.seats;
        if (start >= seats || limit == 0) return (new address[](0), seats);
        uint256 room = guild.members;
        if (room > limit) room = limit;
        address[] memory found = new address[](room);
        uint256 count = 0;
        nextCursor = start;
        while (nextCursor < seats && count < room) {
            address member = at(id, guild, nextCursor);
            nextCursor += 1;
            if (member == address(0)) continue;
            found[count] = member;
            count += 1;
        }
        return (_first(found, count), nextCursor);
    }

    function _put(uint256 id, Guild storage guild, uint8 seat, address member, uint8 next) private {
        if (seat == 0) {
            guild.firstMember = member;
            guild.firstNext = next;
        } else {
            LibNs.guild().seats[id][seat] = Seat(member, next);
        }
    }

    function _first(address[] memory members, uint256 count) private pure returns (address[] memory page) {
        if (count == members.length) return members;
        page = new address[](count);
        for (uint256 i = 0; i < count; i++) {
            page[i] = members[i];
        }
    }
}
