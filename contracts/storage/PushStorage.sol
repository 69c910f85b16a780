// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @custom:storage-location erc7201:facetworks.push
/// @dev Texts of LibJournal.
struct PushStorage {
    mapping(address account => address text) subscriptions;
}
