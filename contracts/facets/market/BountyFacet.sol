// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IBountyFacet} from "../../interfaces/IBountyFacet.sol";
import {LibBitset} from "../../libraries/LibBitset.sol";
import {LibBounty} from "../../libraries/LibBounty.sol";
import {LibBuckets} from "../../libraries/LibBuckets.sol";
import {LibCredits} from "../../libraries/LibCredits.sol";
import {LibIdPages} from "../../libraries/LibIdPages.sol";
import {LibLock} from "../../libraries/LibLock.sol";
import {LibNs} from "../../libraries/LibNs.sol";
import {LibPage} from "../../libraries/LibPage.sol";
import {LibRegistry} from "../../libraries/LibRegistry.sol";
import {LibTba} from "../../libraries/LibTba.sol";
import {LibToken} from "../../libraries/LibToken.sol";
import {Bounty, BountyStorage} from "../../storage/BountyStorage.sol";

/// @title BountyFacet: documented at IBountyFacet
contract BountyFacet is IBountyFacet {
    modifier nonReentrant() {
        LibLock.enter();
        _;
        LibLock.exit();
    }

    function postBounty(bytes calldata task, uint128 rewardWei, uint64 ttlSeconds)
        external
        nonReentrant
        returns (uint256 id)
    {
        id = _post(task, rewardWei, ttlSeconds, 0, 0);
    }

    function postBountyEx(bytes calldata task, uint128 rewardWei, uint64 ttlSeconds, uint64 claimTtl, uint64 reviewTtl)
        external
        nonReentrant
        returns (uint256 id)
    {
        id = _post(task, rewardWei, ttlSeconds, claimTtl, reviewTtl);
    }

    function claimBounty(uint256 id, uint256 claimantTokenId) external {
        // Check
        Bounty storage bounty = LibBounty.get(id);
        if (bounty.status != LibBounty.OPEN) revert NotOpen();
        if (block.timestamp > bounty.expiry) revert Expired();
        if (LibRegistry.ownerOf(claimantTokenId) == address(0)) revert UnknownClaimant();
        if (LibTba.accountOrZero(claimantTokenId) == address(0)) revert TbaUnresolved();
        // Effect
        bounty.status = LibBounty.CLAIMED;
        // Registered ids fit 32 bits.
        bounty.claimantTokenId = uint32(claimantTokenId);
        bounty.claimer = msg.sender;
        bounty.claimedAt = uint40(block.timestamp);
        LibBitset.clear(LibNs.bounty().open, id);
        emit BountyClaimed(id, claimantTokenId, msg.sender);
    }

    function submitResult(uint256 id, bytes calldata result) external {
        // Check
        if (result.length > LibBounty.MAX_RESULT) revert ResultTooLarge();
        Bounty storage bounty = LibBounty.get(id);
        if (bounty.status != LibBounty.CLAIMED) revert NotClaimed();
        uint256 claimantTokenId = bounty.claimantTokenId;
        if (msg.sender != bounty.claimer && !_actsFor(claimantTokenId)) revert NotClaimant();
        // Effect
        bounty.status = LibBounty.SUBMITTED;
        bounty.submittedAt = uint40(block.timestamp);
        LibNs.bounty().results[id] = result;
        emit ResultSubmitted(id, claimantTokenId);
    }

    function acceptResult(uint256 id) external nonReentrant {
        // Check
        Bounty storage bounty = _submittedToCaller(id);
        // Effect, Interaction
        LibBounty.pay(id, bounty, false);
    }

    function requestRevision(uint256 id) external {
        // Check
        Bounty storage bounty = _submittedToCaller(id);
        if (block.timestamp > bounty.expiry) revert Expired();
        if (_reviewOver(bounty)) revert ReviewOver();
        // Effect
        bounty.status = LibBounty.CLAIMED;
        bounty.rejected = false;
        // The claimant starts over, and so does the time after which an idle claim may be released.
        bounty.claimedAt = uint40(block.timestamp);
        emit RevisionRequested(id, bounty.claimantTokenId);
    }

    function releaseClaim(uint256 id) external {
        // Check
        Bounty storage bounty = LibBounty.get(id);
        if (bounty.status != LibBounty.CLAIMED) revert NotClaimed();
        address claimer = bounty.claimer;
        uint256 window = bounty.claimTtl;
        bool idle = window != 0 && block.timestamp > bounty.claimedAt + window;
        if (msg.sender != claimer && !idle) revert ClaimStillHeld();
        // Effect
        uint256 claimantTokenId = bounty.claimantTokenId;
        bounty.status = LibBounty.OPEN;
        bounty.claimantTokenId = 0;
        bounty.claimer = address(0);
        bounty.claimedAt = 0;
        if (bounty.submittedAt != 0) {
            // What an earlier claimant handed in says nothing about the next one.
            bounty.submittedAt = 0;
            delete LibNs.bounty().results[id];
        }
        LibBitset.set(LibNs.bounty().open, id);
        emit ClaimReleased(id, claimantTokenId, claimer);
    }

    function rejectResult(uint256 id, bytes32 reasonHash) external {
        // Check
        Bounty storage bounty = _submittedToCaller(id);
        if (bounty.rejected) revert WasRejected();
        if (_reviewOver(bounty)) revert ReviewOver();
        // Effect
        bounty.rejected = true;
        LibNs.bounty().posters[msg.sender].rejections += 1;
        emit ResultRejected(id, reasonHash);
    }

    function autoAccept(uint256 id) external nonReentrant {
        // Check
        Bounty storage bounty = LibBounty.get(id);
        if (bounty.status != LibBounty.SUBMITTED) revert NotSubmitted();
        if (bounty.rejected) revert WasRejected();
        if (!_reviewOver(bounty)) revert ReviewOpen();
        // Effect, Interaction
        LibBounty.pay(id, bounty, true);
    }

    function cancelBounty(uint256 id) external nonReentrant {
        // Check
        Bounty storage bounty = LibBounty.get(id);
        if (msg.sender != bounty.poster) revert NotPoster();
        if (bounty.status != LibBounty.OPEN) revert NotOpen();
        // Effect
        uint256 reward = bounty.reward;
        LibBounty.close(id, bounty, LibBounty.CANCELLED);
        // Interaction
        LibToken.push(LibCredits.token(), msg.sender, reward, LibBuckets.BOUNTY);
        emit BountyCancelled(id, msg.sender, reward);
    }

    function reclaimExpired(uint256 id) external nonReentrant {
        // Check
        Bounty storage bounty = LibBounty.get(id);
        if (bounty.status >= LibBounty.PAID) revert NotReclaimable();
        if (block.timestamp <= bounty.expiry) revert NotYetExpired();
        if (LibBounty.awaitsAutoAccept(bounty)) revert ReviewOpen();
        // Effect
        address poster = bounty.poster;
        uint256 reward = bounty.reward;
        LibBounty.close(id, bounty, LibBounty.RECLAIMED);
        // Interaction
        LibToken.pushOrOwe(LibCredits.token(), poster, reward, LibBuckets.BOUNTY);
        emit BountyReclaimed(id, poster, reward);
    }

    function getBounty(uint256 id)
        external
        view
        returns (address poster, uint128 rewardWei, uint64 expiry, uint8 status, uint256 claimantTokenId)
    {
        Bounty storage bounty = LibBounty.get(id);
        return (bounty.poster, bounty.reward, bounty.expiry, bounty.status, bounty.claimantTokenId);
    }

    function getBountyEx(uint256 id) external view returns (BountyDetails memory details) {
        Bounty storage bounty = LibBounty.get(id);
        details.claimer = bounty.claimer;
        details.claimedAt = bounty.claimedAt;
        details.submittedAt = bounty.submittedAt;
        details.claimTtl = bounty.claimTtl;
        details.reviewTtl = bounty.reviewTtl;
        details.rejected = bounty.rejected;
        if (bounty.claimantTokenId != 0) details.payee = LibTba.accountOrZero(bounty.claimantTokenId);
    }

    function bountyTaskOf(uint256 id) external view returns (bytes memory task) {
        LibBounty.get(id);
        return LibNs.bounty().tasks[id];
    }

    function resultOf(uint256 id) external view returns (bytes memory result) {
        LibBounty.get(id);
        return LibNs.bounty().results[id];
    }

    function openBounties(uint256 startAfter, uint256 limit)
        external
        view
        returns (uint256[] memory ids, uint256 nextCursor)
    {
        BountyStorage storage s = LibNs.bounty();
        uint256 count = s.count;
        uint256 size = LibPage.clamp(limit);
        uint256[] memory page = new uint256[](size);
        uint256 found = 0;
        nextCursor = count;
        uint256 from = startAfter < count ? startAfter + 1 : LibBitset.LIMIT;
        while (found < size) {
            (bool more, uint256 id) = LibBitset.next(s.open, from);
            if (!more) return (LibPage.shorten(page, found), count);
            from = id + 1;
            if (block.timestamp > s.bounties[id].expiry) continue;
            page[found] = id;
            found += 1;
            nextCursor = id;
        }
        ids = page;
    }

    function bountiesOf(address poster) external view returns (uint256[] memory ids) {
        BountyStorage storage s = LibNs.bounty();
        return LibIdPages.all(s.lists[poster], s.posters[poster].total);
    }

    function bountiesOfPage(address poster, uint256 startAfter, uint256 limit)
        external
        view
        returns (uint256[] memory ids, uint256 nextCursor)
    {
        BountyStorage storage s = LibNs.bounty();
        return LibIdPages.slice(s.lists[poster], s.posters[poster].total, startAfter, LibPage.clamp(limit));
    }

    function bountyCount() external view returns (uint256) {
        return LibNs.bounty().count;
    }

    function activeBountyCountOf(address poster) external view returns (uint256) {
        return LibNs.bounty().posters[poster].live;
    }

    function rejections(address poster) external view returns (uint256) {
        return LibNs.bounty().posters[poster].rejections;
    }

    function wasPaid(uint256 id, uint256 tokenId) external view returns (bool) {
        Bounty storage bounty = LibNs.bounty().bounties[id];
        return bounty.status == LibBounty.PAID && bounty.claimantTokenId == tokenId;
    }

    function _post(bytes calldata task, uint128 reward, uint64 ttl, uint64 claimTtl, uint64 reviewTtl)
        private
        returns (uint256 id)
    {
        // Check
        if (reward == 0) revert ZeroReward();
        if (ttl < LibBounty.MIN_TTL || ttl > LibBounty.MAX_TTL) revert BadTtl();
        if (_badWindow(claimTtl, ttl) || _badWindow(reviewTtl, ttl)) revert BadTtl();
        if (task.length > LibBounty.MAX_TASK) revert TaskTooLarge();
        // Effect
        uint64 expiry;
        (id, expiry) = LibBounty.create(msg.sender, reward, ttl, claimTtl, reviewTtl);
        LibNs.bounty().tasks[id] = task;
        // Interaction
        LibToken.pullExact(LibCredits.token(), msg.sender, reward, LibBuckets.BOUNTY);
        emit BountyPosted(id, msg.sender, reward, expiry);
    }

    function _submittedToCaller(uint256 id) private view returns (Bounty storage bounty) {
        bounty = LibBounty.get(id);
        if (msg.sender != bounty.poster) revert NotPoster();
        if (bounty.status != LibBounty.SUBMITTED) revert NotSubmitted();
    }

    function _actsFor(uint256 tokenId) private view returns (bool) {
        address owner = LibRegistry.ownerOf(tokenId);
        return owner != address(0) && (msg.sender == owner || msg.sender == LibTba.accountOrZero(tokenId));
    }

    /// @dev True only when there is a review window and it has passed.
    function _reviewOver(Bounty storage bounty) private view returns (bool) {
        return bounty.reviewTtl != 0 && block.timestamp > LibBounty.reviewEndsAt(bounty);
    }

    function _badWindow(uint64 window, uint64 ttl) private pure returns (bool) {
        return window != 0 && (window < LibBounty.MIN_WINDOW || window > ttl);
    }
}
