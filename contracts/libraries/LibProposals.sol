// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IProposals} from "../interfaces/IProposals.sol";
import {IGuildTreasury} from "../interfaces/IGuildTreasury.sol";
import {Guild, GuildTreasury, Member, Policy} from "../storage/GuildStorage.sol";
import {Proposal} from "../storage/VotingStorage.sol";
import {LibActiveProposals} from "./LibActiveProposals.sol";
import {LibGuild} from "./LibGuild.sol";
import {LibGuildPolicy} from "./LibGuildPolicy.sol";
import {LibNs} from "./LibNs.sol";
import {LibVoting} from "./LibVoting.sol";

/// @dev What a member asks for.
struct Draft {
    uint256 guildId;
    address to;
    uint256 amount;
    uint256 period;
}

/// @title The life of a proposal, whichever way it is voted on: making it, casting a ballot, ending it
library LibProposals {
    /// @dev By `msg.sender`. `rules` is WEIGHTED for a vote by shares, else 0.
    function create(Draft memory draft, bytes calldata memo, uint8 rules) internal returns (uint256 id) {
        // Check
        uint256 guildId = draft.guildId;
        Member storage m = LibGuild.member(guildId, msg.sender);
        uint8 seat = m.seat;
        if (m.role == LibGuild.NONE) {
            LibGuild.requireExists(guildId);
            revert IProposals.NotGuildMember();
        }
        GuildTreasury storage t = LibNs.guild().treasuries[guildId];
        _requireDraft(draft, memo, t.balance);
        LibVoting.requireRoom(guildId, t, seat, msg.sender);
        // Effect
        id = LibNs.voting().count + 1;
        LibNs.voting().count = id;
        LibActiveProposals.add(guildId, t, id, seat);
        if (memo.length != 0) LibNs.voting().memos[id] = memo;
        Proposal storage p = LibNs.voting().proposals[id];
        p.to = draft.to;
        // No more than the treasury, which fits.
        p.amount = uint128(draft.amount);
        LibVoting.setProposer(p, msg.sender);
        _open(p, guildId, draft.period, t.custom, rules);
    }

    /// @dev A ballot of `msg.sender` in an active proposal; the caller counts what it weighs.
    function cast(Proposal storage p) internal returns (uint8 role) {
        // Check
        if (block.timestamp > p.deadline) revert IProposals.VotingClosed();
        Member storage m = LibGuild.member(p.guildId, msg.sender);
        role = m.role;
        if (role == LibGuild.NONE) revert IProposals.NotGuildMember();
        if (LibVoting.isTooNew(p, m)) revert IProposals.JoinedAfterSnapshot();
        uint128 ballot = LibVoting.ballotOf(m.seat);
        if (p.voted & ballot != 0) revert IProposals.AlreadyVoted();
        // Effect
        p.voted |= ballot;
    }

    /// @dev Ends an active proposal: pays it, or records that it failed or expired. Under the lock.
    function execute(uint256 id, Proposal storage p) internal {
        // Check
        if (block.timestamp <= LibVoting.executableAfter(p)) revert IProposals.VotingNotEnded();
        uint256 guildId = p.guildId;
        GuildTreasury storage t = LibNs.guild().treasuries[guildId];
        if (!LibVoting.passes(id, p)) {
            close(id, p, t, LibVoting.FAILED);
            emit IProposals.ProposalFailed(id);
            return;
        }
        if (block.timestamp > p.deadline + LibVoting.EXECUTION_WINDOW) {
            close(id, p, t, LibVoting.EXPIRED);
            emit IProposals.ProposalExpired(id);
            return;
        }
        uint256 amount = p.amount;
        uint256 balance = t.balance;
        if (amount > balance) revert IProposals.AmountExceedsTreasury();
        if (LibVoting.claimedBefore(id, p, t) > balance - amount) revert IProposals.HigherRankPending();
        // Effect
        address to = p.to;
        close(id, p, t, LibVoting.EXECUTED);
        // Interaction
        LibGuild.pay(guildId, t, to, amount, abi.encode(id));
        emit IProposals.ProposalExecuted(id, to, amount);
    }

    function close(uint256 id, Proposal storage p, GuildTreasury storage t, uint8 status) internal {
        p.status = status;
        LibActiveProposals.remove(p.guildId, t, id);
    }

    function _requireDraft(Draft memory draft, bytes calldata memo, uint256 balance) private pure {
        if (draft.amount == 0) revert IProposals.ZeroProposalAmount();
        if (draft.to == address(0)) revert IProposals.ZeroProposalRecipient();
        if (draft.period < LibVoting.MIN_PERIOD || draft.period > LibVoting.MAX_PERIOD) {
            revert IProposals.BadVotingPeriod();
        }
        if (memo.length > LibGuild.MAX_MEMO) revert IGuildTreasury.MemoTooLarge();
        if (draft.amount > balance) revert IProposals.AmountExceedsTreasury();
    }

    /// @dev Fixes who may vote and by which rules. Periods, tenure and delay are bounded, so times fit their fields.
    function _open(Proposal storage p, uint256 guildId, uint256 period, bool custom, uint8 rules) private {
        Guild storage guild = LibNs.guild().guilds[guildId];
        p.guildId = uint32(guildId);
        p.snapshotSeq = guild.sequence;
        p.snapshotMembers = guild.members;
        p.deadline = uint40(block.timestamp + period);
        uint32 span = uint32(period);
        bool gated = true;
        if (custom) {
            Policy storage policy = LibNs.guild().policies[guildId];
            gated = LibGuildPolicy.gateOn(guildId);
            if (policy.minTenure != 0) rules |= LibVoting.TENURED;
            span += policy.minTenure;
            p.executionDelay = policy.executionDelay;
        }
        p.rules = gated ? rules | LibVoting.GATED : rules;
        p.tenureSpan = span;
    }
}
