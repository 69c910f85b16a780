// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @custom:storage-location erc7201:facetworks.credits
/// @dev Allowance in wei of $LH per day; days are counted from the epoch.
struct CreditsStorage {
    address token;
    uint256 dailyAllowance;
    mapping(address account => uint256 day) lastClaimDay;
}
