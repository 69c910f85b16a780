// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IBountyFacet} from "../../interfaces/IBountyFacet.sol";
import {LibBounty} from "../../libraries/LibBounty.sol";
import {LibBuckets} from "../../libraries/LibBuckets.sol";
import {LibCredits} from "../../libraries/LibCredits.sol";
import {LibIdPages} from "../../libraries/LibIdPages.sol";
import {LibLock} from "../../libraries/LibLock.sol";
import {LibNs} from "../../libraries/LibNs.sol";
import {LibPage} from "../../libraries/LibPage.sol";
import {LibRegistry} from "../../libraries/LibRegistry.sol";
import {LibStates} from "../../libraries/LibStates.sol";
import {LibTba} from "../../libraries/LibTba.sol";
import {LibToken} from "../../libraries/LibToken.sol";
import {Bounty, BountyStorage, Terms} from "../../storage/BountyStorage.sol";

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
        if (LibBounty.statusOf(id) != LibBounty.OPEN) revert NotOpen();
        if (block.timestamp > bounty.expiry) revert Expired();
        if (LibRegistry.ownerOf(claimantTokenId) == address(0)) revert UnknownClaimant();
        if (!LibTba.isConfigured()) revert TbaUnresolved();
        // Effect
        LibBounty.setStatus(id, LibBounty.CLAIMED);
        LibBounty.take(bounty, msg.sender, claimantTokenId);
        emit BountyClaimed(id, claimantTokenId, msg.sender);
    }

    function submitResult(uint256 id, bytes calldata result) external {
        // Check
        if (result.length > LibBounty.MAX_RESULT) revert ResultTooLarge();
        Bounty storage bounty = LibBounty.get(id);
        (uint8 status, bool windows) = LibStates.get(LibNs.bounty().states, id);
        if (status != LibBounty.CLAIMED) revert NotClaimed();
        uint256 claimantTokenId = bounty.claimantTokenId;
        if (msg.sender != bounty.claimer && !_actsFor(claimantTokenId)) revert NotClaimant();
        // Effect
        LibBounty.setStatus(id, LibBounty.SUBMITTED);
        if (windows) LibNs.bounty().terms[id].submittedAt = uint40(block.timestamp);
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
        if (block.timestamp > LibBounty.revisableUntil(id, bounty)) revert Expired();
        if (LibBounty.reviewOver(id)) revert ReviewOver();
        // Effect
        LibBounty.setStatus(id, LibBounty.CLAIMED);
        Terms storage terms = LibNs.bounty().terms[id];
        if (terms.rejected) terms.rejected = false;
        // The claimant starts over, and so does the time after which an idle claim may be released.
        LibBounty.restart(bounty);
        emit RevisionRequested(id, bounty.claimantTokenId);
    }

    function releaseClaim(uint256 id) external {
        // Check
        Bounty storage bounty = LibBounty.get(id);
        if (LibBounty.statusOf(id) != LibBounty.CLAIMED) revert NotClaimed();
        address claimer = bounty.claimer;
        if (msg.sender != claimer && !_idle(id, bounty)) revert ClaimStillHeld();
        // Effect
        uint256 claimantTokenId = bounty.claimantTokenId;
        LibBounty.setStatus(id, LibBounty.OPEN);
        bounty.claimer = address(0);
        bounty.claimantTokenId = 0;
        bounty.claimLead = 0;
        // What an earlier claimant handed in says nothing about the next one.
        BountyStorage storage s = LibNs.bounty();
        if (s.results[id].length != 0) delete s.results[id];
        if (s.terms[id].submittedAt != 0) s.terms[id].submittedAt = 0;
        emit ClaimReleased(id, claimantTokenId, claimer);
    }

    function rejectResult(uint256 id, bytes32 reasonHash) external {
        // Check
        _submittedToCaller(id);
        Terms storage terms = LibNs.bounty().terms[id];
        if (terms.rejected) revert WasRejected();
        if (LibBounty.reviewOver(id)) revert ReviewOver();
        // Effect
        terms.rejected = true;
        LibNs.bounty().posters[msg.sender].rejections += 1;
        emit ResultRejected(id, reasonHash);
    }

    function autoAccept(uint256 id) external nonReentrant {
        // Check
        Bounty storage bounty = LibBounty.get(id);
        if (LibBounty.statusOf(id) != LibBounty.SUBMITTED) revert NotSubmitted();
        if (LibNs.bounty().terms[id].rejected) revert WasRejected();
        if (!LibBounty.reviewOver(id)) revert ReviewOpen();
        // Effect, Interaction
        LibBounty.pay(id, bounty, true);
    }

    function cancelBounty(uint256 id) external nonReentrant {
        // Check
        Bounty storage bounty = LibBounty.get(id);
        if (msg.sender != bounty.poster) revert NotPoster();
        if (LibBounty.statusOf(id) != LibBounty.OPEN) revert NotOpen();
        // Effect
        uint256 reward = bounty.reward;
        LibBounty.close(id, msg.sender, LibBounty.CANCELLED);
        // Interaction
        LibToken.push(LibCredits.token(), msg.sender, reward, LibBuckets.BOUNTY);
        emit BountyCancelled(id, msg.sender, reward);
    }

    function reclaimExpired(uint256 id) external nonReentrant {
        // Check
        Bounty storage bounty = LibBounty.get(id);
        if (LibBounty.statusOf(id) >= LibBounty.PAID) revert NotReclaimable();
        if (block.timestamp <= bounty.expiry) revert NotYetExpired();
        if (LibBounty.awaitsAutoAccept(id, bounty)) revert ReviewOpen();
        // Effect
        address poster = bounty.poster;
        uint256 reward = bounty.reward;
        LibBounty.close(id, poster, LibBounty.RECLAIMED);
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
        return (bounty.poster, bounty.reward, bounty.expiry, LibBounty.statusOf(id), bounty.claimantTokenId);
    }

    function getBountyEx(uint256 id) external view returns (BountyDetails memory details) {
        Bounty storage bounty = LibBounty.get(id);
        Terms storage terms = LibNs.bounty().terms[id];
        details.claimer = bounty.claimer;
        details.claimedAt = uint64(LibBounty.claimedAt(bounty));
        details.submittedAt = terms.submittedAt;
        details.claimTtl = terms.claimTtl;
        details.reviewTtl = terms.reviewTtl;
        details.rejected = terms.rejected;
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
        uint256 from = startAfter < count ? startAfter + 1 : count + 1;
        while (found < size) {
            (bool more, uint256 id) = LibStates.next(s.states, from);
            if (!more || id > count) return (LibPage.shorten(page, found), count);
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
        return LibBounty.wasPaid(id, tokenId);
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
        if (LibBounty.statusOf(id) != LibBounty.SUBMITTED) revert NotSubmitted();
    }

    /// @dev A claim window was set and has passed.
    function _idle(uint256 id, Bounty storage bounty) private view returns (bool) {
        uint256 window = LibNs.bounty().terms[id].claimTtl;
        return window != 0 && block.timestamp > LibBounty.claimedAt(bounty) + window;
    }

    function _actsFor(uint256 tokenId) private view returns (bool) {
        address owner = LibRegistry.ownerOf(tokenId);
        return owner != address(0) && (msg.sender == owner || msg.sender == LibTba.accountOrZero(tokenId));
    }

    function _badWindow(uint64 window, uint64 ttl) private pure returns (bool) {
        return window != 0 && (window < LibBounty.MIN_WINDOW || window > ttl);
    }
}
