// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {NonceBitmap} from "../libraries/LibNonces.sol";

/// @dev `identity` is the id whose token-bound account the payee is, once known.
struct Payee {
    uint64 facilitators;
    uint64 identity;
}

/// @custom:storage-location erc7201:facetworks.x402
struct X402Storage {
    NonceBitmap nonces;
    mapping(address token => bool) payTokens;
    address sigDeployer;
    mapping(address payee => Payee) payees;
    mapping(address payee => mapping(address facilitator => bool)) isFacilitator;
}
