// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {AccountSet} from "../libraries/LibAccountSet.sol";
import {Entry} from "../libraries/LibJournal.sol";

/// @dev One word. `ops` counts the present epoch.
struct Room {
    address creator;
    uint32 epoch;
    uint40 ops;
}

/// @custom:storage-location erc7201:facetworks.room
/// @dev `members` does not list the creator, who always is one. An operation's key is `epoch << 40 | index`; `lengths`
/// has the counts of epochs that ended.
struct RoomStorage {
    uint256 count;
    mapping(uint256 id => Room) rooms;
    mapping(uint256 id => AccountSet) members;
    mapping(uint256 id => mapping(uint256 key => Entry)) entries;
    mapping(uint256 id => mapping(uint256 epoch => uint256)) lengths;
}
