// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @custom:storage-location erc7201:facetworks.mainidentity
/// @dev Cost in wei of $LH.
struct MainIdentityStorage {
    mapping(address account => uint256 id) mainOf;
    uint256 mainCost;
}
