// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {Bitset} from "../libraries/LibBitset.sol";
import {IdPages} from "../libraries/LibIdPages.sol";

/// @dev Three words: what the poster set, the money and the claim, the claimer. Times in seconds, reward in wei of $LH.
struct Bounty {
    address poster;
    uint40 expiry;
    uint8 status;
    uint24 claimTtl;
    uint24 reviewTtl;
    // second word
    uint128 reward;
    uint32 claimantTokenId;
    // third word
    address claimer;
    uint40 claimedAt;
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
    mapping(uint256 id => bytes) tasks;
    mapping(uint256 id => bytes) results;
    mapping(address poster => Poster) posters;
    mapping(address poster => IdPages) lists;
    Bitset open;
}
