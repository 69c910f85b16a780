// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IVotingFacet} from "../../interfaces/IVotingFacet.sol";
import {LibActiveProposals} from "../../libraries/LibActiveProposals.sol";
import {LibGuild} from "../../libraries/LibGuild.sol";
import {LibGuildPolicy} from "../../libraries/LibGuildPolicy.sol";
import {LibIdPages} from "../../libraries/LibIdPages.sol";
import {LibLock} from "../../libraries/LibLock.sol";
import {LibNs} from "../../libraries/LibNs.sol";
import {LibPage} from "../../libraries/LibPage.sol";
import {LibVoting} from "../../libraries/LibVoting.sol";
import {Guild, GuildTreasury, Member, Policy} from "../../storage/GuildStorage.sol";
import {Proposal, VotingStorage} from "../../storage/VotingStorage.sol";

/// @title VotingFacet: documented at IVotingFacet
contract VotingFacet is IVotingFacet {
    modifier nonReentrant() {
        LibLock.enter();
        _;
        LibLock.exit();
    }

    function propose(uint256 guildId, address to, uint256 amount, bytes calldata memo, uint64 votingPeriod)
        external
        returns (uint256 id)
    {
        // Check
        Member storage m = LibGuild.member(guildId, msg.sender);
        if (m.role == LibGuild.NONE) {
            LibGuild.requireExists(guildId);
            revert NotGuildMember();
        }
        if (amount == 0) revert ZeroProposalAmount();
        if (to == address(0)) revert ZeroProposalRecipient();
        if (votingPeriod < LibVoting.MIN_PERIOD || votingPeriod > LibVoting.MAX_PERIOD) revert BadVotingPeriod();
        if (memo.length > LibGuild.MAX_MEMO) revert MemoTooLarge();
        GuildTreasury storage t = LibNs.guild().treasuries[guildId];
        if (amount > t.balance) revert AmountExceedsTreasury();
        LibVoting.requireRoom(guildId, t, m.seat, msg.sender);
        // Effect
        id = _list(guildId, t, m.seat);
        if (memo.length != 0) LibNs.voting().memos[id] = memo;
        Proposal storage p = LibNs.voting().proposals[id];
        p.to = to;
        // No more than the treasury, which fits.
        p.amount = uint128(amount);
        LibVoting.setProposer(p, msg.sender);
        _open(p, guildId, votingPeriod, t.custom);
        emit ProposalCreated(id, guildId, msg.sender, to, amount, p.deadline);
    }

    function vote(uint256 id, bool support) external {
        // Check
        Proposal storage p = _active(id);
        if (block.timestamp > p.deadline) revert VotingClosed();
        Member storage m = LibGuild.member(p.guildId, msg.sender);
        uint8 role = m.role;
        if (role == LibGuild.NONE) revert NotGuildMember();
        if (LibVoting.isTooNew(p, m)) revert JoinedAfterSnapshot();
        uint128 ballot = LibVoting.ballotOf(m.seat);
        if (p.voted & ballot != 0) revert AlreadyVoted();
        // Effect
        p.voted |= ballot;
        if (support) {
            p.forVotes += 1;
            if (role == LibGuild.ADMIN) p.forAdminVotes += 1;
        }
        emit VoteCast(id, msg.sender, support, 1);
    }

    function execute(uint256 id) external nonReentrant {
        // Check
        Proposal storage p = _active(id);
        if (block.timestamp <= LibVoting.executableAfter(p)) revert VotingNotEnded();
        uint256 guildId = p.guildId;
        GuildTreasury storage t = LibNs.guild().treasuries[guildId];
        if (!LibVoting.passes(p)) {
            _close(id, p, t, LibVoting.FAILED);
            emit ProposalFailed(id);
            return;
        }
        if (block.timestamp > p.deadline + LibVoting.EXECUTION_WINDOW) {
            _close(id, p, t, LibVoting.EXPIRED);
            emit ProposalExpired(id);
            return;
        }
        uint256 amount = p.amount;
        uint256 balance = t.balance;
        if (amount > balance) revert AmountExceedsTreasury();
        if (LibVoting.claimedBefore(id, p, t) > balance - amount) revert HigherRankPending();
        // Effect
        address to = p.to;
        _close(id, p, t, LibVoting.EXECUTED);
        // Interaction
        LibGuild.pay(guildId, t, to, amount, abi.encode(id));
        emit ProposalExecuted(id, to, amount);
    }

    function cancelProposal(uint256 id) external {
        // Check
        Proposal storage p = LibVoting.get(id);
        if (msg.sender != LibVoting.proposerOf(p)) revert NotProposer();
        if (p.status != LibVoting.ACTIVE) revert ProposalNotActive();
        if (p.voted != 0) revert VotesCast();
        // Effect
        _close(id, p, LibNs.guild().treasuries[p.guildId], LibVoting.FAILED);
        emit ProposalCancelled(id);
    }

    function getProposal(uint256 id)
        external
        view
        returns (
            uint256 guildId,
            address proposer,
            address to,
            uint256 amount,
            uint64 deadline,
            uint8 status,
            uint256 forVotes,
            uint256 againstVotes
        )
    {
        Proposal storage p = LibVoting.get(id);
        guildId = p.guildId;
        proposer = LibVoting.proposerOf(p);
        to = p.to;
        amount = p.amount;
        deadline = p.deadline;
        status = LibVoting.statusOf(p);
        forVotes = p.forVotes;
        againstVotes = LibVoting.votesCast(p) - forVotes;
    }

    function getProposalEx(uint256 id) external view returns (ProposalDetails memory details) {
        Proposal storage p = LibVoting.get(id);
        details.snapshotMemberCount = p.snapshotMembers;
        details.snapshotSeq = p.snapshotSeq;
        details.forAdminVotes = p.forAdminVotes;
        details.adminGate = LibVoting.isGated(p);
        if (p.rules & LibVoting.TENURED != 0) details.joinedBy = uint64(LibVoting.joinedBy(p));
        details.executableAfter = uint64(LibVoting.executableAfter(p));
        details.rankedUntil = uint64(LibVoting.executableAfter(p) + LibVoting.RANK_WINDOW);
        details.expiresAfter = uint64(p.deadline + LibVoting.EXECUTION_WINDOW);
    }

    function proposalMemoOf(uint256 id) external view returns (bytes memory memo) {
        LibVoting.get(id);
        return LibNs.voting().memos[id];
    }

    function tallyOf(uint256 id)
        external
        view
        returns (uint256 forVotes, uint256 againstVotes, uint256 quorum, uint256 votesCast, bool passing)
    {
        Proposal storage p = LibVoting.get(id);
        votesCast = LibVoting.votesCast(p);
        forVotes = p.forVotes;
        againstVotes = votesCast - forVotes;
        quorum = LibVoting.quorum(p);
        passing = LibVoting.passes(p);
    }

    function hasVoted(uint256 id, address account) external view returns (bool) {
        Proposal storage p = LibNs.voting().proposals[id];
        Member storage m = LibGuild.member(p.guildId, account);
        return LibGuild.wasMemberAt(m, p.snapshotSeq) && p.voted & LibVoting.ballotOf(m.seat) != 0;
    }

    function proposalsOf(uint256 guildId, uint256 startAfter, uint256 limit)
        external
        view
        returns (uint256[] memory ids, uint256 nextCursor)
    {
        uint256 total = LibNs.guild().treasuries[guildId].proposals;
        return LibIdPages.slice(LibNs.voting().lists[guildId], total, startAfter, LibPage.clamp(limit));
    }

    function activeProposalsOf(uint256 guildId) external view returns (uint256[] memory ids) {
        GuildTreasury storage t = LibNs.guild().treasuries[guildId];
        ids = new uint256[](t.active);
        for (uint256 i = 0; i < ids.length; i++) {
            ids[i] = LibActiveProposals.idAt(guildId, t, i);
        }
    }

    function proposalCount() external view returns (uint256) {
        return LibNs.voting().count;
    }

    /// @dev A new id, in the guild's list of all proposals and in that of active ones.
    function _list(uint256 guildId, GuildTreasury storage t, uint8 seat) private returns (uint256 id) {
        VotingStorage storage s = LibNs.voting();
        id = s.count + 1;
        s.count = id;
        uint32 total = t.proposals;
        t.proposals = total + 1;
        LibIdPages.set(s.lists[guildId], total, id);
        LibActiveProposals.add(guildId, t, id, seat);
    }

    /// @dev Fixes who may vote and by which rules. Periods, tenure and delay are bounded, so times fit their fields.
    function _open(Proposal storage p, uint256 guildId, uint64 period, bool custom) private {
        Guild storage guild = LibNs.guild().guilds[guildId];
        p.guildId = uint32(guildId);
        p.snapshotSeq = guild.sequence;
        p.snapshotMembers = guild.members;
        p.deadline = uint40(block.timestamp + period);
        uint8 rules = LibVoting.GATED;
        uint32 span = uint32(period);
        if (custom) {
            Policy storage policy = LibNs.guild().policies[guildId];
            if (!LibGuildPolicy.gateOn(guildId)) rules = 0;
            if (policy.minTenure != 0) rules |= LibVoting.TENURED;
            span += policy.minTenure;
            p.executionDelay = policy.executionDelay;
        }
        p.rules = rules;
        p.tenureSpan = span;
    }

    function _close(uint256 id, Proposal storage p, GuildTreasury storage t, uint8 status) private {
        p.status = status;
        LibActiveProposals.remove(p.guildId, t, id);
    }

    function _active(uint256 id) private view returns (Proposal storage p) {
        p = LibVoting.get(id);
        if (p.status != LibVoting.ACTIVE) revert ProposalNotActive();
    }
}
