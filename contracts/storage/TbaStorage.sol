// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @custom:storage-location erc7201:facetworks.tba
struct TbaStorage {
    address registry;
    address implementation;
}
