// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IProposals} from "./IProposals.sol";

/// @title Votes over a guild's treasury by shares
/// @notice As IVotingFacet, but a ballot weighs what the voter's shares were when the proposal was made. A proposal
/// passes when ballots of at least half of all shares then were cast, more shares for it than against it; no gate
/// applies. Shares belong to members and end with the membership. Both kinds of proposal share the line of ids, the
/// places for active proposals and the ranking of payments.
interface IWeightedVotingFacet is IProposals {
    event SharesSet(
        uint256 indexed guildId, address indexed member, uint256 shares, uint256 totalShares, address indexed by
    );
    event WeightedProposalCreated(
        uint256 indexed id,
        uint256 indexed guildId,
        address indexed proposer,
        address to,
        uint256 amount,
        uint64 deadline
    );

    error NotAdmin();
    error NotMember();
    /// @notice The voter had no shares when the proposal was made.
    error NoVotingPower();

    struct WeightedProposal {
        uint256 guildId;
        address proposer;
        address to;
        uint256 amount;
        uint64 deadline;
        uint8 status;
        uint256 forShares;
        uint256 againstShares;
        uint256 totalShares;
        uint256 quorum;
        bool passing;
    }

    /// @notice Admin: `member` has `shares` from now on; proposals already made go on counting what they had. Nothing
    /// happens when they are the same. `UnknownGuild`, `NotAdmin`, `NotMember`, `CastOverflow` past 2^128 in all.
    function setShares(uint256 guildId, address member, uint256 shares) external;
    /// @notice Member: as `propose`, with its errors in its order.
    function proposeWeighted(uint256 guildId, address to, uint256 amount, uint256 period, string calldata memo)
        external
        returns (uint256 id);
    /// @notice As `vote`, with its errors in its order, then `NoVotingPower`.
    function voteWeighted(uint256 id, bool support) external;
    /// @notice As `execute`, with its errors in its order.
    function executeWeighted(uint256 id) external;

    function sharesOf(uint256 guildId, address member) external view returns (uint256);
    function totalSharesOf(uint256 guildId) external view returns (uint256);
    /// @notice `UnknownProposal`. `passing`: whether it would pass with the ballots cast so far.
    function weightedProposal(uint256 id) external view returns (WeightedProposal memory proposal);
    /// @notice `UnknownProposal`.
    function weightedProposalMemoOf(uint256 id) external view returns (string memory memo);
    /// @return Whether the ballot of `account` was counted; false once the account has left the guild and joined anew.
    function hasVotedWeighted(uint256 id, address account) external view returns (bool);
    /// @return What a ballot of `account` weighs in proposal `id`, membership aside.
    function votingPowerOf(uint256 id, address account) external view returns (uint256);
    /// @param startAfter Index into the list; `nextCursor` is the index to go on from.
    function weightedProposalsOf(uint256 guildId, uint256 startAfter, uint256 limit)
        external
        view
        returns (uint256[] memory ids, uint256 nextCursor);
}
