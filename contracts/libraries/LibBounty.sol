// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IBountyFacet} from "../interfaces/IBountyFacet.sol";
import {Bounty, BountyStorage} from "../storage/BountyStorage.sol";
import {LibBitset} from "./LibBitset.sol";
import {LibBuckets} from "./LibBuckets.sol";
import {LibCredits} from "./LibCredits.sol";
import {LibIdPages} from "./LibIdPages.sol";
import {LibNs} from "./LibNs.sol";
import {LibRegistry} from "./LibRegistry.sol";
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

    /// @dev `UnknownBounty`.
    function get(uint256 id) internal view returns (Bounty storage bounty) {
        bounty = LibNs.bounty().bounties[id];
        if (bounty.poster == address(0)) revert IBountyFacet.UnknownBounty();
    }

    /// @dev The TTL bounds keep all three windows inside 24 bits and the expiry inside 40.
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
        LibBitset.set(s.open, id);
        expiry = uint64(block.timestamp) + ttl;
        Bounty storage bounty = s.bounties[id];
        bounty.poster = poster;
        bounty.expiry = uint40(expiry);
        bounty.claimTtl = uint24(claimTtl);
        bounty.reviewTtl = uint24(reviewTtl);
        bounty.reward = reward;
    }

    /// @dev Ends a live bounty: the poster's slot is free, the escrow is for the caller to move.
    function close(uint256 id, Bounty storage bounty, uint8 status) internal {
        BountyStorage storage s = LibNs.bounty();
        if (bounty.status == OPEN) LibBitset.clear(s.open, id);
        bounty.status = status;
        s.posters[bounty.poster].live -= 1;
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
        close(id, bounty, PAID);
        if (owe) LibToken.pushOrOwe(LibCredits.token(), payee, reward, LibBuckets.BOUNTY);
        else LibToken.push(LibCredits.token(), payee, reward, LibBuckets.BOUNTY);
        emit IBountyFacet.ResultAccepted(id, claimantTokenId, payee, reward);
    }

    /// @dev Whether silence would still pay the worker: submitted, not rejected, a review window, a living identity.
    function awaitsAutoAccept(Bounty storage bounty) internal view returns (bool) {
        return bounty.status == SUBMITTED && bounty.reviewTtl != 0 && !bounty.rejected
            && LibRegistry.ownerOf(bounty.claimantTokenId) != address(0);
    }

    function reviewEndsAt(Bounty storage bounty) internal view returns (uint256) {
        return uint256(bounty.submittedAt) + bounty.reviewTtl;
    }
}
