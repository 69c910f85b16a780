// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {Entry} from "../libraries/LibJournal.sol";

/// @custom:storage-location erc7201:facetworks.feedback
/// @dev A clearing starts a new generation and touches nothing of the old one.
struct FeedbackStorage {
    uint64 generation;
    uint64 count;
    mapping(uint256 generation => mapping(uint256 index => Entry)) entries;
}
