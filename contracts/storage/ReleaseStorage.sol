// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @custom:storage-location erc7201:facetworks.release
/// @dev `cursor` is the last id a running reset has dealt with.
struct ReleaseStorage {
    uint32 cursor;
    bool isSealed;
}
