// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @dev One word where the registry is the canonical one, as on every public chain; `registry` is zero then.
/// @custom:storage-location erc7201:facetworks.tba
struct TbaStorage {
    address implementation;
    bool canonical;
    address registry;
}
