// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IdPages} from "../libraries/LibIdPages.sol";

/// @dev One word per guild. `sequence` counts changes of shares; `proposals` those of this kind.
struct GuildShares {
    uint128 total;
    uint32 sequence;
    uint32 proposals;
}

/// @dev One word per member: what they have, since which sequence, and how many older entries there are.
struct Shares {
    uint128 amount;
    uint32 since;
    uint32 older;
}

struct ShareTally {
    uint128 inFavour;
    uint128 against;
    // second word: what was when the proposal was made
    uint128 total;
    uint32 sequence;
}

/// @custom:storage-location erc7201:facetworks.weightedvoting
struct WeightedVotingStorage {
    mapping(uint256 guildId => GuildShares) guilds;
    mapping(uint256 guildId => mapping(address member => Shares)) shares;
    mapping(uint256 guildId => mapping(address member => mapping(uint256 index => Shares))) history;
    mapping(uint256 id => ShareTally) tallies;
    mapping(uint256 guildId => IdPages) lists;
}
