// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {AccountSet} from "../libraries/LibAccountSet.sol";
import {Entry} from "../libraries/LibJournal.sol";

/// @dev One word per account. A clearing starts a new generation and touches nothing of the old one.
struct SignalBox {
    uint64 generation;
    uint64 length;
}

/// @custom:storage-location erc7201:facetworks.signaling
/// @dev A signal's key is `generation << 64 | index`. The text of a peer's entry is the public key, its author the
/// owner, its time the one signed; after leaving only the time remains. `hands` is where the search for an expired
/// peer of a full roster goes on.
struct SignalingStorage {
    mapping(address account => SignalBox) boxes;
    mapping(address account => mapping(uint256 key => Entry)) signals;
    mapping(bytes32 topic => AccountSet) rosters;
    mapping(bytes32 topic => mapping(address ephemeral => Entry)) peers;
    mapping(bytes32 topic => uint256) hands;
}
