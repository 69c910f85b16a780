// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IErrors} from "../interfaces/IErrors.sol";
import {IGuildFacet} from "../interfaces/IGuildFacet.sol";
import {Guild, GuildStorage, Member} from "../storage/GuildStorage.sol";
import {LibGuild} from "./LibGuild.sol";
import {LibIdList} from "./LibIdList.sol";
import {LibNs} from "./LibNs.sol";
import {LibSeats} from "./LibSeats.sol";
import {LibShares} from "./LibShares.sol";
import {LibTba} from "./LibTba.sol";

/// @title How one gets into a guild and out of it
library LibMembership {
    uint256 internal constant MAX_MEMBERS = 128;
    uint256 internal constant INVITE_TTL = 30 days;

    /// @dev A new guild with its first admin. `NotConfigured` while there are no accounts.
    function found(uint256 id, address founder) internal {
        GuildStorage storage s = LibNs.guild();
        s.count += 1;
        Guild storage guild = s.guilds[id];
        guild.accountTail = _tail(LibTba.accountOf(id));
        _seat(id, guild, s.members[id][founder], founder, LibGuild.ADMIN);
    }

    /// @dev `by` is the record of who invites. `SelfMembership`, `MembershipCycle`.
    function invite(uint256 id, Member storage by, address account, uint8 role) internal {
        Member storage m = requireInvitable(id, by, account);
        uint8 seat = by.seat;
        uint24 sequence = by.joinedSeq;
        m.inviteRole = role;
        m.inviteUntil = uint40(block.timestamp + INVITE_TTL);
        m.inviterSeat = seat;
        m.inviterSeq = sequence;
        emit IGuildFacet.GuildInvited(id, account, msg.sender, role);
    }

    function requireInvitable(uint256 id, Member storage by, address account)
        internal
        view
        returns (Member storage m)
    {
        m = LibGuild.member(id, account);
        if (by.accountTail == _tail(account) && account == LibTba.accountOf(id)) revert IGuildFacet.SelfMembership();
        if (m.barred) revert IGuildFacet.MembershipCycle();
    }

    /// @dev Until its last second, an invite can be accepted, declined and revoked.
    function isInvited(Member storage m) internal view returns (bool) {
        return m.inviteUntil != 0 && block.timestamp <= m.inviteUntil;
    }

    function clearInvite(Member storage m) internal {
        m.inviteRole = LibGuild.NONE;
        m.inviteUntil = 0;
        m.inviterSeat = 0;
        m.inviterSeq = 0;
    }

    /// @dev The account's record `m` holds a valid invite. `GuildFull`, `SelfMembership`, `MembershipCycle`.
    function join(uint256 id, Member storage m, address account) internal {
        Guild storage guild = LibNs.guild().guilds[id];
        if (guild.members >= MAX_MEMBERS) revert IGuildFacet.GuildFull();
        uint256 child = LibTba.identityOf(account);
        if (child != 0 && LibGuild.exists(child)) _nest(id, child, m);
        uint8 role = m.inviteRole;
        clearInvite(m);
        _seat(id, guild, m, account, role);
        emit IGuildFacet.GuildJoined(id, account);
    }

    /// @dev Ends a membership. `LastAdmin`.
    function leave(uint256 id, Member storage m, address account) internal {
        GuildStorage storage s = LibNs.guild();
        Guild storage guild = s.guilds[id];
        changeAdmins(guild, m.role, LibGuild.NONE);
        guild.members -= 1;
        uint24 sequence = guild.sequence + 1;
        guild.sequence = sequence;
        m.role = LibGuild.NONE;
        m.leftSeq = sequence;
        LibSeats.give(id, guild, m.seat);
        LibShares.set(id, account, 0);
        uint256 moved = LibIdList.remove(s.lists[account], m.position);
        if (moved != 0) s.members[moved][account].position = m.position;
        if (m.isGuild) {
            m.isGuild = false;
            s.members[LibTba.identityOf(account)][LibTba.accountOf(id)].barred = false;
        }
    }

    /// @dev Counts admins across a change of role. `LastAdmin`.
    function changeAdmins(Guild storage guild, uint8 from, uint8 to) internal {
        if (from == to) return;
        if (from == LibGuild.ADMIN) {
            uint8 admins = guild.admins;
            if (admins == 1) revert IGuildFacet.LastAdmin();
            guild.admins = admins - 1;
        }
        if (to == LibGuild.ADMIN) guild.admins += 1;
    }

    /// @dev The invited account turned out to be that of guild `child`: neither this guild nor one it is a member of.
    /// From here on `child` may not invite this guild.
    function _nest(uint256 id, uint256 child, Member storage m) private {
        if (child == id) revert IGuildFacet.SelfMembership();
        Member storage here = LibGuild.member(child, LibTba.accountOf(id));
        if (here.role != LibGuild.NONE) revert IGuildFacet.MembershipCycle();
        here.barred = true;
        m.isGuild = true;
    }

    function _seat(uint256 id, Guild storage guild, Member storage m, address account, uint8 role) private {
        uint8 seat = LibSeats.take(id, guild, account);
        uint256 position = LibIdList.append(LibNs.guild().lists[account], id);
        uint24 sequence = guild.sequence + 1;
        uint8 tail = guild.accountTail;
        guild.sequence = sequence;
        guild.members += 1;
        guild.admins += role == LibGuild.ADMIN ? 1 : 0;
        m.role = role;
        m.seat = seat;
        m.joinedSeq = sequence;
        m.joinedAt = uint40(block.timestamp);
        m.accountTail = tail;
        // Entries are 32-bit ids, no two the same, so there are no more than 2^32.
        m.position = uint32(position);
    }

    function _tail(address account) private pure returns (uint8) {
        return uint8(uint160(account));
    }
}
