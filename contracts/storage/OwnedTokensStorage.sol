// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IdPages} from "../libraries/LibIdPages.sol";

/// @dev `lastId` is the identity the account registered or received last; it may have moved on since.
struct Holder {
    uint64 count;
    uint64 lastId;
}

/// @custom:storage-location erc7201:facetworks.ownedtokens
struct OwnedTokensStorage {
    mapping(address owner => Holder) holders;
    mapping(address owner => IdPages) lists;
}
