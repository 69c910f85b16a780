// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {Entry} from "../libraries/LibJournal.sol";

/// @dev One word per identity. Fee in wei of $LH per message.
struct Inbox {
    uint48 count;
    uint48 lastRead;
    uint128 fee;
}

/// @custom:storage-location erc7201:facetworks.message
struct MessageStorage {
    mapping(uint256 id => Inbox) inboxes;
    mapping(uint256 id => mapping(uint256 index => Entry)) entries;
    mapping(uint256 id => mapping(address sender => bool)) blocked;
}
