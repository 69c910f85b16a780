// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IErrors} from "./IErrors.sol";
import {IGuildTreasury} from "./IGuildTreasury.sol";

/// @title What every kind of vote over a guild's treasury has in common
/// @notice Proposals of all kinds have one line of ids. Amounts in wei of $LH, times in seconds.
interface IProposals is IErrors, IGuildTreasury {
    /// @notice `weight`: 1, or the voter's shares where the vote is by shares.
    event VoteCast(uint256 indexed id, address indexed voter, bool support, uint256 weight);
    event ProposalExecuted(uint256 indexed id, address indexed to, uint256 amount);
    event ProposalFailed(uint256 indexed id);
    event ProposalExpired(uint256 indexed id);

    error NotGuildMember();
    error ZeroProposalAmount();
    error ZeroProposalRecipient();
    /// @notice A vote takes 1 hour to 30 days.
    error BadVotingPeriod();
    /// @notice The treasury holds less than the proposal asks for.
    error AmountExceedsTreasury();
    /// @notice The guild has 32 active proposals, or the member 4.
    error TooManyProposals();
    /// @notice There is no such proposal, or it is of the other kind.
    error UnknownProposal();
    error ProposalNotActive();
    /// @notice `now > deadline`.
    error VotingClosed();
    /// @notice The voter joined after the proposal was made, or too shortly before.
    error JoinedAfterSnapshot();
    error AlreadyVoted();
    /// @notice `now <= deadline + executionDelay`.
    error VotingNotEnded();
    /// @notice What proposals of higher rank ask for would no longer be there.
    error HigherRankPending();
}
