// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IdPages} from "../libraries/LibIdPages.sol";

/// @dev One word. `lastUpdate` is when the request was made, then when it was last answered.
struct AgentValidation {
    address validator;
    uint32 agentId;
    uint40 lastUpdate;
    uint8 response;
    bool answered;
}

/// @dev What few answers carry; words that stay empty are not written.
struct ValidationNote {
    bytes32 responseHash;
    string tag;
}

/// @custom:storage-location erc7201:facetworks.agentvalidation
/// @dev Requests are numbered from 1, so that both lists hold eight of them to a word.
struct AgentValidationStorage {
    uint64 count;
    mapping(bytes32 requestHash => AgentValidation) requests;
    mapping(bytes32 requestHash => ValidationNote) notes;
    mapping(uint256 number => bytes32 requestHash) hashes;
    mapping(uint256 agentId => IdPages) ofAgent;
    mapping(address validator => IdPages) ofValidator;
}
