// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IVotingFacet} from "../../interfaces/IVotingFacet.sol";
import {LibActiveProposals} from "../../libraries/LibActiveProposals.sol";
import {LibGuild} from "../../libraries/LibGuild.sol";
import {LibIdPages} from "../../libraries/LibIdPages.sol";
import {LibLock} from "../../libraries/LibLock.sol";
import {LibNs} from "../../libraries/LibNs.sol";
import {LibPage} from "../../libraries/LibPage.sol";
import {Draft, LibProposals} from "../../libraries/LibProposals.sol";
import {LibVoting} from "../../libraries/LibVoting.sol";
import {GuildTreasury} from "../../storage/GuildStorage.sol";
import {Proposal} from "../../storage/VotingStorage.sol";

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
        // Check, Effect
        id = LibProposals.create(Draft(guildId, to, amount, votingPeriod), memo, 0);
        GuildTreasury storage t = LibNs.guild().treasuries[guildId];
        uint32 total = t.proposals;
        t.proposals = total + 1;
        LibIdPages.set(LibNs.voting().lists[guildId], total, id);
        emit ProposalCreated(id, guildId, msg.sender, to, amount, LibNs.voting().proposals[id].deadline);
    }

    function vote(uint256 id, bool support) external {
        // Check, Effect
        Proposal storage p = _active(id);
        uint8 role = LibProposals.cast(p);
        if (support) {
            p.forVotes += 1;
            if (role == LibGuild.ADMIN) p.forAdminVotes += 1;
        }
        emit VoteCast(id, msg.sender, support, 1);
    }

    function execute(uint256 id) external nonReentrant {
        LibProposals.execute(id, _active(id));
    }

    function cancelProposal(uint256 id) external {
        // Check
        Proposal storage p = LibVoting.getOf(id, 0);
        if (msg.sender != LibVoting.proposerOf(p)) revert NotProposer();
        if (p.status != LibVoting.ACTIVE) revert ProposalNotActive();
        if (p.voted != 0) revert VotesCast();
        // Effect
        LibProposals.close(id, p, LibNs.guild().treasuries[p.guildId], LibVoting.FAILED);
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
        Proposal storage p = LibVoting.getOf(id, 0);
        guildId = p.guildId;
        proposer = LibVoting.proposerOf(p);
        to = p.to;
        amount = p.amount;
        deadline = p.deadline;
        status = LibVoting.statusOf(id, p);
        forVotes = p.forVotes;
        againstVotes = LibVoting.votesCast(p) - forVotes;
    }

    function getProposalEx(uint256 id) external view returns (ProposalDetails memory details) {
        Proposal storage p = LibVoting.getOf(id, 0);
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
        LibVoting.getOf(id, 0);
        return LibNs.voting().memos[id];
    }

    function tallyOf(uint256 id)
        external
        view
        returns (uint256 forVotes, uint256 againstVotes, uint256 quorum, uint256 votesCast, bool passing)
    {
        Proposal storage p = LibVoting.getOf(id, 0);
        votesCast = LibVoting.votesCast(p);
        forVotes = p.forVotes;
        againstVotes = votesCast - forVotes;
        quorum = LibVoting.quorum(p);
        passing = LibVoting.passes(id, p);
    }

    function hasVoted(uint256 id, address account) external view returns (bool) {
        Proposal storage p = LibNs.voting().proposals[id];
        return p.rules & LibVoting.WEIGHTED == 0 && LibVoting.hasVoted(p, account);
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

    function _active(uint256 id) private view returns (Proposal storage p) {
        p = LibVoting.getOf(id, 0);
        if (p.status != LibVoting.ACTIVE) revert ProposalNotActive();
    }
}
