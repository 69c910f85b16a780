// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @dev One word, read by every opening. What has never been set has its default. Price in wei of $LH, duration in
/// seconds.
struct SessionTerms {
    uint128 price;
    uint32 duration;
    bool priceSet;
    bool durationSet;
}

/// @custom:storage-location erc7201:facetworks.session
struct SessionStorage {
    SessionTerms terms;
    mapping(address user => uint256 expiry) expiries;
}
