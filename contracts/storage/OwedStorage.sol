// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @custom:storage-location erc7201:facetworks.owed
/// @dev Payouts a token refused to deliver, in base units, waiting to be claimed.
struct OwedStorage {
    mapping(address token => mapping(address account => uint256 amount)) owed;
}
