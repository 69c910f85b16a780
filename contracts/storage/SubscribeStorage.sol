// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {AccountSet} from "../libraries/LibAccountSet.sol";

/// @custom:storage-location erc7201:facetworks.subscribe
struct SubscribeStorage {
    mapping(uint256 id => AccountSet) subscribers;
}
