// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @custom:storage-location erc7201:facetworks.diamond
/// @dev A route is `facet | position << 160`: the facet that answers a selector and the selector's place in
/// `selectors`, so that routing reads one word and removing a selector needs no search.
struct DiamondStorage {
    mapping(bytes4 selector => uint256 route) routes;
    bytes4[] selectors;
    address owner;
    address pendingOwner;
    mapping(bytes4 interfaceId => bool) interfaces;
}
