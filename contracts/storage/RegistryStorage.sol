// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @dev One word. `position` is the id's place in its owner's list; `transfers` counts changes of hands.
struct Identity {
    address owner;
    uint48 position;
    uint48 transfers;
}

/// @dev Valid only while the identity's `transfers` is still the same, so a transfer ends it without touching it.
struct Approval {
    address spender;
    uint48 transfers;
}

/// @dev One word, read and written by every registration. Cost in wei of $LH.
struct RegistryConfig {
    uint32 lastId;
    bool commitRequired;
    bool collectionSet;
    uint128 registrationCost;
}

/// @custom:storage-location erc7201:facetworks.registry
struct RegistryStorage {
    RegistryConfig config;
    mapping(uint256 id => Identity) identities;
    mapping(bytes32 nameHash => uint256 id) idOfName;
    mapping(uint256 id => string name) nameOf;
    mapping(uint256 id => mapping(bytes32 key => bytes value)) metadata;
    mapping(uint256 id => Approval) approvals;
    mapping(address owner => mapping(address operator => bool)) operators;
    mapping(bytes32 commitment => uint256 committedAt) commitments;
    string collectionName;
    string uriSuffix;
}
