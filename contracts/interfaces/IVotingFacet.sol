// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IProposals} from "./IProposals.sol";

/// @title Votes over a guild's treasury: one member, one ballot
/// @notice Amounts in wei of $LH, times in seconds. A proposal passes when at least half of the members there were when
/// it was made have voted, more for it than against it, and, where the guild's gate is on, an admin among those for it.
/// Status: 0 active, 1 passed, 2 failed, 3 executed, 4 expired; 1, and 4 where nobody recorded it, are only answered by
/// views once voting has ended.
/// @dev Who may vote is fixed when a proposal is made: members then, without a break since. Quorum, tenure, execution
/// delay and a gate are fixed then too; a gate switched on later counts as well, one switched off later does not. An
/// admin's ballot is one when the voter is an admin at that moment and stays one. Several passed proposals may ask for
/// more than there is: for 2 days the earlier deadline (then the lower id) goes first.
interface IVotingFacet is IProposals {
    event ProposalCreated(
        uint256 indexed id,
        uint256 indexed guildId,
        address indexed proposer,
        address to,
        uint256 amount,
        uint64 deadline
    );
    event ProposalCancelled(uint256 indexed id);

    error NotProposer();
    error VotesCast();

    struct ProposalDetails {
        uint256 snapshotMemberCount;
        uint256 snapshotSeq;
        uint256 forAdminVotes;
        bool adminGate;
        uint64 joinedBy;
        uint64 executableAfter;
        uint64 rankedUntil;
        uint64 expiresAfter;
    }

    /// @notice Member: asks for `amount` to `to`. `UnknownGuild`, `NotGuildMember`, `ZeroProposalAmount`,
    /// `ZeroProposalRecipient`, `BadVotingPeriod`, `MemoTooLarge`, `AmountExceedsTreasury`, `TooManyProposals`.
    function propose(uint256 guildId, address to, uint256 amount, bytes calldata memo, uint64 votingPeriod)
        external
        returns (uint256 id);
    /// @notice A member at the snapshot and since. `UnknownProposal`, `ProposalNotActive`, `VotingClosed`,
    /// `NotGuildMember`, `JoinedAfterSnapshot`, `AlreadyVoted`.
    function vote(uint256 id, bool support) external;
    /// @notice Anyone, after deadline and delay: pays when it passed, records the end otherwise. A payment that cannot
    /// be made now may be tried again for 30 days after the deadline; then the proposal expires. `UnknownProposal`,
    /// `ProposalNotActive`, `VotingNotEnded`, `AmountExceedsTreasury`, `HigherRankPending`, then the push.
    function execute(uint256 id) external;
    /// @notice Proposer, before any ballot. `UnknownProposal`, `NotProposer`, `ProposalNotActive`, `VotesCast`.
    function cancelProposal(uint256 id) external;

    /// @notice `UnknownProposal`.
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
        );
    /// @notice `UnknownProposal`. `joinedBy`: last second of joining that leaves a vote, 0 where tenure does not
    /// matter. `executableAfter` ends voting and delay, `rankedUntil` the time of priority, `expiresAfter` the time to
    /// execute.
    function getProposalEx(uint256 id) external view returns (ProposalDetails memory details);
    /// @notice `UnknownProposal`.
    function proposalMemoOf(uint256 id) external view returns (bytes memory memo);
    /// @notice `UnknownProposal`. `passing`: whether it would pass with the ballots cast so far.
    function tallyOf(uint256 id)
        external
        view
        returns (uint256 forVotes, uint256 againstVotes, uint256 quorum, uint256 votesCast, bool passing);
    /// @return Whether the ballot of `account` was counted; false once the account has left the guild and joined anew.
    function hasVoted(uint256 id, address account) external view returns (bool);
    /// @notice Every proposal ever made in a guild.
    /// @param startAfter Index into the list; `nextCursor` is the index to go on from.
    function proposalsOf(uint256 guildId, uint256 startAfter, uint256 limit)
        external
        view
        returns (uint256[] memory ids, uint256 nextCursor);
    /// @notice Proposals of every kind that have not been executed, failed, expired or cancelled; at most 32, in no
    /// order.
    function activeProposalsOf(uint256 guildId) external view returns (uint256[] memory ids);
    function proposalCount() external view returns (uint256);
}
