// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @dev One word. Amount in wei of $LH; zero means there is no such code. Without a claim key the code itself redeems.
struct RedeemCode {
    address claimKey;
    uint88 amount;
    bool used;
}

/// @custom:storage-location erc7201:facetworks.redeem
struct RedeemStorage {
    mapping(bytes32 codeHash => RedeemCode) codes;
    bool identityRequired;
}
