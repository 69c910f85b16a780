// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IProposals} from "../interfaces/IProposals.sol";
import {GuildTreasury, Member} from "../storage/GuildStorage.sol";
import {Proposal} from "../storage/VotingStorage.sol";
import {LibActiveProposals} from "./LibActiveProposals.sol";
import {LibGuild} from "./LibGuild.sol";
import {LibGuildPolicy} from "./LibGuildPolicy.sol";
import {LibNs} from "./LibNs.sol";
import {LibShares} from "./LibShares.sol";

/// @title The rules of a vote: who may cast a ballot, what passes, what comes first
library LibVoting {
    uint8 internal constant ACTIVE = 0;
    uint8 internal constant PASSED = 1;
    uint8 internal constant FAILED = 2;
    uint8 internal constant EXECUTED = 3;
    uint8 internal constant EXPIRED = 4;

    /// @dev Bits of a proposal's rules.
    uint8 internal constant TENURED = 1;
    uint8 internal constant GATED = 2;
    uint8 internal constant WEIGHTED = 4;

    uint64 internal constant MIN_PERIOD = 1 hours;
    uint64 internal constant MAX_PERIOD = 30 days;
    uint256 internal constant EXECUTION_WINDOW = 30 days;
    uint256 internal constant RANK_WINDOW = 2 days;
    uint256 internal constant MAX_PER_MEMBER = 4;

    /// @dev A proposal of one kind: `kind` is WEIGHTED or 0. `UnknownProposal`.
    function getOf(uint256 id, uint8 kind) internal view returns (Proposal storage p) {
        p = LibNs.voting().proposals[id];
        if (p.deadline == 0 || p.rules & WEIGHTED != kind) revert IProposals.UnknownProposal();
    }

    function proposerOf(Proposal storage p) internal view returns (address) {
        return address(uint160((uint256(p.proposerHigh) << 64) | p.proposerLow));
    }

    function setProposer(Proposal storage p, address proposer) internal {
        p.proposerLow = uint64(uint160(proposer));
        p.proposerHigh = uint96(uint160(proposer) >> 64);
    }

    /// @dev `TooManyProposals` when neither the guild nor the member has room for one more.
    function requireRoom(uint256 guildId, GuildTreasury storage t, uint8 seat, address proposer) internal view {
        uint256 active = t.active;
        if (active >= LibActiveProposals.MAX) revert IProposals.TooManyProposals();
        uint256 own = 0;
        for (uint256 i = 0; i < active; i++) {
            if (LibActiveProposals.seatAt(guildId, t, i) != seat) continue;
            // The seat may have been somebody else's when that proposal was made.
            uint256 id = LibActiveProposals.idAt(guildId, t, i);
            if (proposerOf(LibNs.voting().proposals[id]) == proposer) own += 1;
        }
        if (own >= MAX_PER_MEMBER) revert IProposals.TooManyProposals();
    }

    /// @dev Whether the voter joined late enough to be kept from voting.
    function isTooNew(Proposal storage p, Member storage m) internal view returns (bool) {
        if (m.joinedSeq > p.snapshotSeq) return true;
        return p.rules & TENURED != 0 && m.joinedAt > joinedBy(p);
    }

    function joinedBy(Proposal storage p) internal view returns (uint256) {
        return p.deadline - p.tenureSpan;
    }

    function ballotOf(uint8 seat) internal pure returns (uint128) {
        return uint128(1) << seat;
    }

    function hasVoted(Proposal storage p, address account) internal view returns (bool) {
        Member storage m = LibGuild.member(p.guildId, account);
        return LibGuild.wasMemberAt(m, p.snapshotSeq) && p.voted & ballotOf(m.seat) != 0;
    }

    function votesCast(Proposal storage p) internal view returns (uint256 count) {
        return countBits(p.voted);
    }

    function quorum(Proposal storage p) internal view returns (uint256) {
        // There is no guild without members, so this is never zero.
        return (uint256(p.snapshotMembers) + 1) / 2;
    }

    /// @dev Whether the ballots so far carry the proposal.
    function passes(uint256 id, Proposal storage p) internal view returns (bool) {
        if (p.rules & WEIGHTED != 0) return LibShares.carry(id);
        uint256 cast = votesCast(p);
        uint256 inFavour = p.forVotes;
        if (cast < quorum(p) || inFavour <= cast - inFavour) return false;
        return p.forAdminVotes != 0 || !isGated(p);
    }

    function isGated(Proposal storage p) internal view returns (bool) {
        if (p.rules & GATED != 0) return true;
        return LibGuildPolicy.gateOn(p.guildId);
    }

    function executableAfter(Proposal storage p) internal view returns (uint256) {
        return uint256(p.deadline) + p.executionDelay;
    }

    /// @dev The status to show: what an end not recorded yet would be.
    function statusOf(uint256 id, Proposal storage p) internal view returns (uint8) {
        uint8 status = p.status;
        if (status != ACTIVE || block.timestamp <= p.deadline || !passes(id, p)) return status;
        return block.timestamp > p.deadline + EXECUTION_WINDOW ? EXPIRED : PASSED;
    }

    /// @dev What active proposals that come before this one still have a claim to.
    function claimedBefore(uint256 id, Proposal storage p, GuildTreasury storage t)
        internal
        view
        returns (uint256 total)
    {
        uint256 guildId = p.guildId;
        uint256 active = t.active;
        for (uint256 i = 0; i < active; i++) {
            uint256 other = LibActiveProposals.idAt(guildId, t, i);
            if (other == id) continue;
            Proposal storage q = LibNs.voting().proposals[other];
            if (q.deadline > p.deadline || (q.deadline == p.deadline && other > id)) continue;
            if (!passes(other, q) || block.timestamp > executableAfter(q) + RANK_WINDOW) continue;
            total += q.amount;
        }
    }

    /// @dev Number of bits set: sums of neighbours, in ever wider fields.
    function countBits(uint128 word) internal pure returns (uint256) {
        uint256 x = word;
        x = (x & 0x55555555555555555555555555555555) + ((x >> 1) & 0x55555555555555555555555555555555);
        x = (x & 0x33333333333333333333333333333333) + ((x >> 2) & 0x33333333333333333333333333333333);
        x = (x & 0x0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f) + ((x >> 4) & 0x0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f);
        x = (x & 0x00ff00ff00ff00ff00ff00ff00ff00ff) + ((x >> 8) & 0x00ff00ff00ff00ff00ff00ff00ff00ff);
        x = (x & 0x0000ffff0000ffff0000ffff0000ffff) + ((x >> 16) & 0x0000ffff0000ffff0000ffff0000ffff);
        x = (x & 0x00000000ffffffff00000000ffffffff) + ((x >> 32) & 0x00000000ffffffff00000000ffffffff);
        return (x & 0xffffffffffffffff) + (x >> 64);
    }
}
