// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IdPages} from "../libraries/LibIdPages.sol";
import {PartySeats} from "../libraries/LibPartySeats.sol";
import {States} from "../libraries/LibStates.sol";

/// @dev One word. Expiry in seconds. `active` is set when every seat has consented and stays set; whether the party has
/// ended is in `PartyStorage.states`, where forming and active are both state 0.
struct Party {
    address creator;
    uint40 expiry;
    uint8 members;
    uint8 funders;
    bool active;
}

/// @dev One word, written when somebody pays in. Wei of $LH. Funders are a chain from the newest to the oldest.
struct Pot {
    address newest;
    uint96 escrow;
}

/// @dev One word per party and funder: what it has put in, and who came before it.
struct Contribution {
    address previous;
    uint96 amount;
}

/// @dev One word per creator.
struct PartyCreator {
    uint64 total;
    uint64 live;
}

/// @custom:storage-location erc7201:facetworks.party
struct PartyStorage {
    uint256 count;
    mapping(uint256 id => Party) parties;
    States states;
    PartySeats seats;
    mapping(uint256 id => Pot) pots;
    mapping(uint256 id => mapping(address funder => Contribution)) contributions;
    mapping(address creator => PartyCreator) creators;
    mapping(address creator => IdPages) lists;
}
