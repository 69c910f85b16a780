// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @custom:storage-location erc7201:facetworks.ledger
/// @dev What the diamond holds of each token, in base units, by the bucket it is held for.
struct LedgerStorage {
    mapping(address token => mapping(uint256 bucket => uint256 amount)) held;
}
