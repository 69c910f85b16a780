// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @dev One word. `wallet` counts while `isSet` and the identity's `transfers` is still the same, so that a transfer
/// ends it without touching it. `announced`: indexers have been told that this named identity is an agent.
struct AgentWallet {
    address wallet;
    uint48 transfers;
    bool isSet;
    bool announced;
}

/// @custom:storage-location erc7201:facetworks.agent
/// @dev `metadata` is keyed by the hash of the key, apart from the registry's: other people may write here.
struct AgentStorage {
    mapping(uint256 id => AgentWallet) wallets;
    mapping(uint256 id => string uri) uris;
    mapping(uint256 id => mapping(bytes32 keyHash => bytes value)) metadata;
}
