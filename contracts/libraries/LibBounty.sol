// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IBountyFacet} from "../interfaces/IBountyFacet.sol";
import {Bounty, BountyStorage, Terms} from "../storage/BountyStorage.sol";
import {LibBuckets} from "./LibBuckets.sol";
import {LibCast} from "./LibCast.sol";
import {LibCredits} from "./LibCredits.sol";
import {LibIdPages} from "./LibIdPages.sol";
import {LibNs} from "./LibNs.sol";
import {LibRegistry} from "./LibRegistry.sol";
import {LibStates} from "./LibStates.sol";
import {LibTba} from "./LibTba.sol";
import {LibToken} from "./LibToken.sol";

/// @title The life of a bounty's record and escrow
library LibBounty {
    uint8 internal constant OPEN = 0;
    uint8 internal constant CLAIMED = 1;
    uint8 internal constant SUBMITTED = 2;
    uint8 internal constant PAID = 3;
    uint8 internal constant CANCELLED = 4;
    uint8 internal constant RECLAIMED = 5;

    uint64 internal constant MIN_TTL = 1 hours;
    uint64 internal constant MAX_TTL = 90 days;
    uint64 internal constant MIN_WINDOW = 10 minutes;
    uint64 internal constant MAX_ACTIVE = 64;
    uint256 internal constant MAX_TASK = 4_096;
    uint256 internal constant MAX_RESULT = 4_096;

    /// @dev `UnknownBounty`. Every bounty has an expiry.
    function get(uint256 id) internal view returns (Bounty storage bounty) {
        bounty = LibNs.bounty().bounties[id];
        if (bounty.expiry == 0) revert IBountyFacet.UnknownBounty();
    }

    function statusOf(uint256 id) internal view returns (uint8 status) {
        (status,) = LibStates.get(LibNs.bounty().states, id);
    }

    /// @dev Zero for a bounty that does not exist.
    function posterOf(uint256 id) internal view returns (address) {
        return LibNs.bounty().bounties[id].poster;
    }

    function wasPaid(uint256 id, uint256 tokenId) internal view returns (bool) {
        return statusOf(id) == PAID && LibNs.bounty().bounties[id].claimantTokenId == tokenId;
    }

    function setStatus(uint256 id, uint8 status) internal {
        LibStates.set(LibNs.bounty().states, id, status);
    }

    /// @dev The TTL bounds keep the windows and the time from claim to expiry inside 24 bits, the expiry inside 40.
    /// `TooManyActiveBounties`, `CastOverflow` for a reward beyond 96 bits.
    function create(address poster, uint128 reward, uint64 ttl, uint64 claimTtl, uint64 reviewTtl)
        internal
        returns (uint256 id, uint64 expiry)
    {
        BountyStorage storage s = LibNs.bounty();
        uint64 live = s.posters[poster].live;
        if (live >= MAX_ACTIVE) revert IBountyFacet.TooManyActiveBounties();
        uint64 total = s.posters[poster].total;
        s.posters[poster].live = live + 1;
        s.posters[poster].total = total + 1;
        id = s.count + 1;
        s.count = id;
        LibIdPages.set(s.lists[poster], total, id);
        expiry = uint64(block.timestamp) + ttl;
        Bounty storage bounty = s.bounties[id];
        bounty.poster = poster;
        bounty.reward = LibCast.toUint96(reward);
        bounty.expiry = uint40(expiry);
        bool windows = claimTtl != 0 || reviewTtl != 0;
        LibStates.admit(s.states, id, windows);
        if (!windows) return (id, expiry);
        s.terms[id].claimTtl = uint24(claimTtl);
        s.terms[id].reviewTtl = uint24(reviewTtl);
    }

    /// @dev Notes who works on it from now on. Requires `now <= expiry`.
    function take(Bounty storage bounty, address claimer, uint256 claimantTokenId) internal {
        bounty.claimer = claimer;
        // Registered ids fit 32 bits.
        bounty.claimantTokenId = uint32(claimantTokenId);
        restart(bounty);
    }

    /// @dev The claim window begins now. Requires `now <= expiry`.
    function restart(Bounty storage bounty) internal {
        bounty.claimLead = uint24(bounty.expiry - block.timestamp);
    }

    function claimedAt(Bounty storage bounty) internal view returns (uint256) {
        return bounty.claimer == address(0) ? 0 : bounty.expiry - bounty.claimLead;
    }

    /// @dev Ends a live bounty: the poster's slot is free, the escrow is for the caller to move.
    function close(uint256 id, address poster, uint8 status) internal {
        setStatus(id, status);
        LibNs.bounty().posters[poster].live -= 1;
    }

    /// @dev The account to be paid. `TbaUnresolved` when the identity is gone or accounts are not configured.
    function payeeOf(uint256 claimantTokenId) internal view returns (address payee) {
        if (LibRegistry.ownerOf(claimantTokenId) == address(0)) revert IBountyFacet.TbaUnresolved();
        payee = LibTba.accountOrZero(claimantTokenId);
        if (payee == address(0)) revert IBountyFacet.TbaUnresolved();
    }

    /// @dev Pays the worker. `owe` keeps a refused payment claimable instead of reverting.
    function pay(uint256 id, Bounty storage bounty, bool owe) internal {
        uint256 claimantTokenId = bounty.claimantTokenId;
        uint256 reward = bounty.reward;
        address payee = payeeOf(claimantTokenId);
        close(id, bounty.poster, PAID);
        if (owe) LibToken.pushOrOwe(LibCredits.token(), payee, reward, LibBuckets.BOUNTY);
        else LibToken.push(LibCredits.token(), payee, reward, LibBuckets.BOUNTY);
        emit IBountyFacet.ResultAccepted(id, claimantTokenId, payee, reward);
    }

    /// @dev Whether silence would still pay the worker: submitted, not rejected, a review window, a living identity.
    function awaitsAutoAccept(uint256 id, Bounty storage bounty) internal view returns (bool) {
        (uint8 status, bool windows) = LibStates.get(LibNs.bounty().states, id);
        if (status != SUBMITTED || !windows) return false;
        Terms storage terms = LibNs.bounty().terms[id];
        return terms.reviewTtl != 0 && !terms.rejected
            && LibRegistry.ownerOf(bounty.claimantTokenId) != address(0);
    }

    /// @dev True only when there is a review window and it has passed.
    function reviewOver(uint256 id) internal view returns (bool) {
        uint256 window = _reviewTtl(id);
        return window != 0 && block.timestamp > LibNs.bounty().terms[id].submittedAt + window;
    }

    /// @dev Until when work may be sent back. Where silence would pay for it, the claimant must have the time to hand
    /// it in again: sent back right before the expiry, the reward would be the poster's by a refusal that does not
    /// count.
    function revisableUntil(uint256 id, Bounty storage bounty) internal view returns (uint256) {
        return _reviewTtl(id) == 0 ? bounty.expiry : bounty.expiry - MIN_WINDOW;
    }

    function _reviewTtl(uint256 id) private view returns (uint256) {
        (, bool windows) = LibStates.get(LibNs.bounty().states, id);
        return windows ? LibNs.bounty().terms[id].reviewTtl : 0;
    }
}
