// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IdPages} from "../libraries/LibIdPages.sol";

/// @dev One word. `sequence` counts joins and departures; a guild exists once it is not zero. `seats` is how many
/// places were ever taken and `freeSeat` the last one given back, plus one. Place 0 is kept here instead of in `seats`
/// of the storage below, which saves a founder a word. `accountTail` is the last byte of the guild's own account: only
/// an address ending in it can be that account.
struct Guild {
    address firstMember;
    uint8 firstNext;
    uint8 members;
    uint8 admins;
    uint8 seats;
    uint8 freeSeat;
    uint24 sequence;
    uint8 accountTail;
}

/// @dev A place in the list of members: who has it, or, while free, which one was given back before, plus one.
struct Seat {
    address member;
    uint8 next;
}

/// @dev One word per guild and address, kept after a departure. `position` is the guild's place in the account's list
/// of guilds. `isGuild`: the member is another guild's account. `barred`: this account belongs to a guild that has the
/// present one as a member. `inviterSeat` and `inviterSeq` say who invited as long as they stay.
struct Member {
    uint8 role;
    uint8 seat;
    uint24 joinedSeq;
    uint24 leftSeq;
    uint40 joinedAt;
    uint32 position;
    bool isGuild;
    bool barred;
    uint8 accountTail;
    uint8 inviteRole;
    uint40 inviteUntil;
    uint8 inviterSeat;
    uint24 inviterSeq;
}

/// @dev One word: everything a payment and a vote about one touch. Balance in wei of $LH. `custom`: a policy was set.
/// `first` and `second` are active proposals, as are the first entries of `activeMore`; `proposals` counts all ever.
struct GuildTreasury {
    uint128 balance;
    uint32 proposals;
    uint8 active;
    bool custom;
    uint40 first;
    uint40 second;
}

/// @dev One word. Times in seconds, limit in wei of $LH per officer and UTC day, 0 for none. The gate is open from
/// `gateOffAt` on when that is not zero; `limitLoosens`: another limit is waiting.
struct Policy {
    uint128 dailyLimit;
    uint32 minTenure;
    uint24 executionDelay;
    uint8 inviteCap;
    bool set;
    bool adminGate;
    bool limitLoosens;
    uint40 gateOffAt;
}

struct PendingLimit {
    uint128 dailyLimit;
    uint40 from;
}

/// @dev What an officer used of the policy's allowances. `invites` holds eight daily counts, `inviteDay` lowest.
struct Officer {
    uint128 spent;
    uint16 spendDay;
    uint64 invites;
    uint16 inviteDay;
}

/// @custom:storage-location erc7201:facetworks.guild
struct GuildStorage {
    uint256 count;
    mapping(uint256 id => Guild) guilds;
    mapping(uint256 id => mapping(address account => Member)) members;
    mapping(uint256 id => mapping(uint256 seat => Seat)) seats;
    mapping(uint256 id => GuildTreasury) treasuries;
    mapping(uint256 id => mapping(uint256 page => uint256 entries)) activeMore;
    mapping(uint256 id => Policy) policies;
    mapping(uint256 id => PendingLimit) pendingLimits;
    mapping(uint256 id => mapping(address account => Officer)) officers;
    mapping(address account => IdPages) lists;
}
