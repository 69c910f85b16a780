// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IErrors} from "./IErrors.sol";
import {ILedgerEvents} from "./ILedgerEvents.sol";

/// @title Escrowed bounties: post, claim, submit, accept
/// @notice Rewards in wei of $LH, times in seconds. The reward is escrowed when the bounty is posted and leaves
/// once: to the account of the identity that did the work, or back to the poster. Status: 0 open, 1 claimed, 2
/// submitted, 3 paid, 4 cancelled, 5 reclaimed (ERC-8183 calls the live three open, funded and submitted).
/// @dev Deadlines: an action "until t" works while now <= t, its opposite while now > t. A bounty without a review
/// window leaves the poster as the only judge; with one, silence pays the worker and a refusal is public.
interface IBountyFacet is IErrors, ILedgerEvents {
    event BountyPosted(uint256 indexed id, address indexed poster, uint256 rewardWei, uint64 expiry);
    event BountyClaimed(uint256 indexed id, uint256 indexed claimantTokenId, address indexed claimer);
    event ResultSubmitted(uint256 indexed id, uint256 indexed claimantTokenId);
    event ResultAccepted(
        uint256 indexed id, uint256 indexed claimantTokenId, address indexed payee, uint256 rewardWei
    );
    event RevisionRequested(uint256 indexed id, uint256 indexed claimantTokenId);
    event ClaimReleased(uint256 indexed id, uint256 indexed claimantTokenId, address indexed claimer);
    event ResultRejected(uint256 indexed id, bytes32 reasonHash);
    event BountyCancelled(uint256 indexed id, address indexed poster, uint256 rewardWei);
    event BountyReclaimed(uint256 indexed id, address indexed poster, uint256 rewardWei);

    error ZeroReward();
    /// @notice The life of a bounty is 1 hour to 90 days; claim and review windows are 0 or 10 minutes to that life.
    error BadTtl();
    /// @notice A task is longer than 4,096 bytes.
    error TaskTooLarge();
    /// @notice The poster has 64 live bounties.
    error TooManyActiveBounties();
    error UnknownBounty();
    error NotOpen();
    /// @notice `now > expiry`.
    error Expired();
    /// @notice The claiming identity does not exist.
    error UnknownClaimant();
    /// @notice The identity has no account that could be paid, or no longer exists.
    error TbaUnresolved();
    /// @notice A result is longer than 4,096 bytes.
    error ResultTooLarge();
    error NotClaimed();
    /// @notice The caller is neither the claimer, nor the identity's holder, nor its account.
    error NotClaimant();
    error NotPoster();
    error NotSubmitted();
    /// @notice The claim may not be released by this caller yet.
    error ClaimStillHeld();
    /// @notice The review window has passed.
    error ReviewOver();
    /// @notice The result has been rejected.
    error WasRejected();
    /// @notice The review window has not passed, or its end is `autoAccept` and not a reclaim.
    error ReviewOpen();
    /// @notice The bounty is paid, cancelled or reclaimed.
    error NotReclaimable();
    error NotYetExpired();

    /// @dev `submittedAt` is kept for bounties with a claim or a review window only.
    struct BountyDetails {
        address claimer;
        uint64 claimedAt;
        uint64 submittedAt;
        uint64 claimTtl;
        uint64 reviewTtl;
        address payee;
        bool rejected;
    }

    /// @notice Escrows `rewardWei` behind `task`. `ZeroReward`, `BadTtl`, `TaskTooLarge`, `TooManyActiveBounties`,
    /// `CastOverflow` for a reward of 2^96 wei and more, `NotConfigured`, then the pull.
    function postBounty(bytes calldata task, uint128 rewardWei, uint64 ttlSeconds) external returns (uint256 id);
    /// @notice As `postBounty`. After `claimTtl` anyone may release an idle claim; `reviewTtl` after a submission that
    /// was not rejected anyone may have it paid. 0 switches either off.
    function postBountyEx(bytes calldata task, uint128 rewardWei, uint64 ttlSeconds, uint64 claimTtl, uint64 reviewTtl)
        external
        returns (uint256 id);
    /// @notice Claims for an identity, whose account will be paid: claiming for somebody else pays them.
    /// `UnknownBounty`, `NotOpen`, `Expired`, `UnknownClaimant`, `TbaUnresolved`.
    function claimBounty(uint256 id, uint256 claimantTokenId) external;
    /// @notice By the claimer, the identity's holder or its account; also after expiry while nobody reclaimed.
    /// `ResultTooLarge`, `UnknownBounty`, `NotClaimed`, `NotClaimant`.
    function submitResult(uint256 id, bytes calldata result) external;
    /// @notice Poster: pays the worker. `UnknownBounty`, `NotPoster`, `NotSubmitted`, `TbaUnresolved`.
    function acceptResult(uint256 id) external;
    /// @notice Poster, until expiry, or with a review window inside it and until 10 minutes before expiry: back to the
    /// same claimant for more work. `UnknownBounty`, `NotPoster`, `NotSubmitted`, `Expired`, `ReviewOver`. Clears a
    /// rejection and restarts the claim window.
    function requestRevision(uint256 id) external;
    /// @notice The claimer at any time, anyone once the claim window has passed: open again. `UnknownBounty`,
    /// `NotClaimed`, `ClaimStillHeld`.
    function releaseClaim(uint256 id) external;
    /// @notice Poster, inside the review window: a public refusal, counted against the poster. The result may still be
    /// accepted, and the reward comes back after expiry. `UnknownBounty`, `NotPoster`, `NotSubmitted`, `WasRejected`,
    /// `ReviewOver`.
    function rejectResult(uint256 id, bytes32 reasonHash) external;
    /// @notice Anyone, once the review window has passed in silence: pays the worker. `UnknownBounty`, `NotSubmitted`,
    /// `WasRejected`, `ReviewOpen`, `TbaUnresolved`.
    function autoAccept(uint256 id) external;
    /// @notice Poster, while nobody claimed: refund. `UnknownBounty`, `NotPoster`, `NotOpen`.
    function cancelBounty(uint256 id) external;
    /// @notice Anyone, after expiry: refunds the poster. `UnknownBounty`, `NotReclaimable`, `NotYetExpired`,
    /// `ReviewOpen` while a silent review can still end in payment.
    function reclaimExpired(uint256 id) external;

    /// @notice `UnknownBounty`.
    function getBounty(uint256 id)
        external
        view
        returns (address poster, uint128 rewardWei, uint64 expiry, uint8 status, uint256 claimantTokenId);
    /// @notice `UnknownBounty`. `payee` is zero while nobody claims.
    function getBountyEx(uint256 id) external view returns (BountyDetails memory details);
    /// @notice `UnknownBounty`.
    function bountyTaskOf(uint256 id) external view returns (bytes memory task);
    /// @notice `UnknownBounty`.
    function resultOf(uint256 id) external view returns (bytes memory result);
    /// @notice Open and unexpired ids above `startAfter`, ascending, at most `limit` (200).
    /// @return ids The page.
    /// @return nextCursor Last id of the page, or `bountyCount()` when there is nothing more.
    function openBounties(uint256 startAfter, uint256 limit)
        external
        view
        returns (uint256[] memory ids, uint256 nextCursor);
    /// @notice Every bounty `poster` ever posted; may exceed the gas limit of a node for huge accounts.
    function bountiesOf(address poster) external view returns (uint256[] memory ids);
    /// @param startAfter Index into the list; `nextCursor` is the index to go on from.
    function bountiesOfPage(address poster, uint256 startAfter, uint256 limit)
        external
        view
        returns (uint256[] memory ids, uint256 nextCursor);
    function bountyCount() external view returns (uint256);
    function activeBountyCountOf(address poster) external view returns (uint256);
    /// @notice How many results `poster` has rejected.
    function rejections(address poster) external view returns (uint256);
    /// @return Whether bounty `id` was paid to identity `tokenId`.
    function wasPaid(uint256 id, uint256 tokenId) external view returns (bool);
}
