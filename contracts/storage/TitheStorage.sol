// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @dev One word and the cap. `checkpoint` is the balance when last looked at, in wei of $LH.
struct Tithe {
    uint128 checkpoint;
    uint32 guildId;
    uint16 bps;
    uint40 lastAt;
    // second word
    uint128 perPeriodMax;
}

/// @custom:storage-location erc7201:facetworks.tithe
struct TitheStorage {
    mapping(address account => Tithe) tithes;
}
