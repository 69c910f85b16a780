// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IWeightedVotingFacet} from "../../interfaces/IWeightedVotingFacet.sol";
import {LibGuild} from "../../libraries/LibGuild.sol";
import {LibIdPages} from "../../libraries/LibIdPages.sol";
import {LibLock} from "../../libraries/LibLock.sol";
import {LibNs} from "../../libraries/LibNs.sol";
import {LibPage} from "../../libraries/LibPage.sol";
import {Draft, LibProposals} from "../../libraries/LibProposals.sol";
import {LibShares} from "../../libraries/LibShares.sol";
import {LibVoting} from "../../libraries/LibVoting.sol";
import {Proposal} from "../../storage/VotingStorage.sol";
import {GuildShares, ShareTally, WeightedVotingStorage} from "../../storage/WeightedVotingStorage.sol";

/// @title WeightedVotingFacet: documented at IWeightedVotingFacet
contract WeightedVotingFacet is IWeightedVotingFacet {
    modifier nonReentrant() {
        LibLock.enter();
        _;
        LibLock.exit();
    }

    function setShares(uint256 guildId, address member, uint256 shares) external {
        // Check
        if (LibGuild.member(guildId, msg.sender).role != LibGuild.ADMIN) {
            LibGuild.requireExists(guildId);
            revert NotAdmin();
        }
        if (LibGuild.member(guildId, member).role == LibGuild.NONE) revert NotMember();
        if (shares == LibShares.amountOf(guildId, member)) return;
        // Effect
        LibShares.set(guildId, member, shares);
        emit SharesSet(guildId, member, shares, LibNs.weightedVoting().guilds[guildId].total, msg.sender);
    }

    function proposeWeighted(uint256 guildId, address to, uint256 amount, uint256 period, string calldata memo)
        external
        returns (uint256 id)
    {
        // Check, Effect
        id = LibProposals.create(Draft(guildId, to, amount, period), bytes(memo), LibVoting.WEIGHTED);
        _snapshot(id, guildId);
        uint64 deadline = LibNs.voting().proposals[id].deadline;
        emit WeightedProposalCreated(id, guildId, msg.sender, to, amount, deadline);
    }

    function voteWeighted(uint256 id, bool support) external {
        // Check
        Proposal storage p = _active(id);
        LibProposals.cast(p);
        uint256 weight = _powerOf(id, p, msg.sender);
        if (weight == 0) revert NoVotingPower();
        // Effect: all ballots together weigh no more than the total, which fits.
        ShareTally storage tally = LibNs.weightedVoting().tallies[id];
        if (support) tally.inFavour += uint128(weight);
        else tally.against += uint128(weight);
        emit VoteCast(id, msg.sender, support, weight);
    }

    function executeWeighted(uint256 id) external nonReentrant {
        LibProposals.execute(id, _active(id));
    }

    function sharesOf(uint256 guildId, address member) external view returns (uint256) {
        return LibShares.amountOf(guildId, member);
    }

    function totalSharesOf(uint256 guildId) external view returns (uint256) {
        return LibNs.weightedVoting().guilds[guildId].total;
    }

    function weightedProposal(uint256 id) external view returns (WeightedProposal memory proposal) {
        Proposal storage p = LibVoting.getOf(id, LibVoting.WEIGHTED);
        ShareTally storage tally = LibNs.weightedVoting().tallies[id];
        proposal.guildId = p.guildId;
        proposal.proposer = LibVoting.proposerOf(p);
        proposal.to = p.to;
        proposal.amount = p.amount;
        proposal.deadline = p.deadline;
        proposal.status = LibVoting.statusOf(id, p);
        proposal.forShares = tally.inFavour;
        proposal.againstShares = tally.against;
        proposal.totalShares = tally.total;
        proposal.quorum = LibShares.quorum(tally);
        proposal.passing = LibVoting.passes(id, p);
    }

    function weightedProposalMemoOf(uint256 id) external view returns (string memory memo) {
        LibVoting.getOf(id, LibVoting.WEIGHTED);
        return string(LibNs.voting().memos[id]);
    }

    function hasVotedWeighted(uint256 id, address account) external view returns (bool) {
        Proposal storage p = LibNs.voting().proposals[id];
        return p.rules & LibVoting.WEIGHTED != 0 && LibVoting.hasVoted(p, account);
    }

    function votingPowerOf(uint256 id, address account) external view returns (uint256) {
        return _powerOf(id, LibVoting.getOf(id, LibVoting.WEIGHTED), account);
    }

    function weightedProposalsOf(uint256 guildId, uint256 startAfter, uint256 limit)
        external
        view
        returns (uint256[] memory ids, uint256 nextCursor)
    {
        WeightedVotingStorage storage s = LibNs.weightedVoting();
        return LibIdPages.slice(s.lists[guildId], s.guilds[guildId].proposals, startAfter, LibPage.clamp(limit));
    }

    function _snapshot(uint256 id, uint256 guildId) private {
        WeightedVotingStorage storage s = LibNs.weightedVoting();
        GuildShares storage guild = s.guilds[guildId];
        ShareTally storage tally = s.tallies[id];
        tally.total = guild.total;
        tally.sequence = guild.sequence;
        uint32 total = guild.proposals;
        guild.proposals = total + 1;
        LibIdPages.set(s.lists[guildId], total, id);
    }

    function _powerOf(uint256 id, Proposal storage p, address account) private view returns (uint256) {
        return LibShares.at(p.guildId, account, LibNs.weightedVoting().tallies[id].sequence);
    }

    function _active(uint256 id) private view returns (Proposal storage p) {
        p = LibVoting.getOf(id, LibVoting.WEIGHTED);
        if (p.status != LibVoting.ACTIVE) revert ProposalNotActive();
    }
}
