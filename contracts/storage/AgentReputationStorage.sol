// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @dev One word. Responses of everybody are counted here, so that the count needs no list of responders.
struct AgentFeedback {
    int128 value;
    uint8 decimals;
    bool revoked;
    uint64 responses;
}

/// @dev A tag that is not given takes no word.
struct FeedbackTags {
    string tag1;
    string tag2;
}

/// @dev One word per agent and client. `lastIndex` is how often the client has given feedback.
struct FeedbackClient {
    uint64 lastIndex;
    uint64 responses;
}

/// @dev One word per agent.
struct FeedbackSubject {
    uint64 clients;
    uint64 responses;
}

/// @custom:storage-location erc7201:facetworks.agentreputation
/// @dev `responsesBy` is keyed by keccak256(abi.encode(agentId, client, index)).
struct AgentReputationStorage {
    mapping(uint256 agentId => FeedbackSubject) subjects;
    mapping(uint256 agentId => mapping(uint256 position => address)) clients;
    mapping(uint256 agentId => mapping(address client => FeedbackClient)) records;
    mapping(uint256 agentId => mapping(address client => mapping(uint256 index => AgentFeedback))) feedback;
    mapping(uint256 agentId => mapping(address client => mapping(uint256 index => FeedbackTags))) tags;
    mapping(bytes32 key => mapping(address responder => uint64)) responsesBy;
}
