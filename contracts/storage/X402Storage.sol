// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {NonceBitmap} from "../libraries/LibNonces.sol";

/// @dev One word. `identity` is the id whose token-bound account the payee is, once known. `latest` is a facilitator of
/// the payee, or zero: most payees have one, who need not be looked up.
struct Payee {
    uint32 facilitators;
    uint64 identity;
    address latest;
}

/// @custom:storage-location erc7201:facetworks.x402
struct X402Storage {
    NonceBitmap nonces;
    mapping(address token => bool) payTokens;
    address sigDeployer;
    mapping(address payee => Payee) payees;
    mapping(address payee => mapping(address facilitator => bool)) isFacilitator;
}
