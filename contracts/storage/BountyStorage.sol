// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IdPages} from "../libraries/LibIdPages.sol";
import {States} from "../libraries/LibStates.sol";

/// @dev Two words: who pays what, and who does it until when. Times in seconds, reward in wei of $LH. The status is in
/// `BountyStorage.states`, whose mark says that the bounty
/// has windows.
struct Bounty {
    address poster;
    uint96 reward;
    // second word
    address claimer;
    uint32 claimantTokenId;
    uint40 expiry;
    /// @dev Seconds between the claim and the expiry: a life is at most 90 days.
    uint24 claimLead;
}

/// @dev One word, for bounties with a claim or a review window, and for rejected ones.
struct Terms {
    uint24 claimTtl;
    uint24 reviewTtl;
    uint40 submittedAt;
    bool rejected;
}

/// @dev One word per poster.
struct Poster {
    uint64 total;
    uint64 live;
    uint64 rejections;
}

/// @custom:storage-location erc7201:facetworks.bounty
struct BountyStorage {
    uint256 count;
    mapping(uint256 id => Bounty) bounties;
    mapping(uint256 id => Terms) terms;
    States states;
    mapping(uint256 id => bytes) tasks;
    mapping(uint256 id => bytes) results;
    mapping(address poster => Poster) posters;
    mapping(address poster => IdPages) lists;
}
