// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @dev One word, the only one of the user's that an ordinary debit touches. Amounts in wei of $LH, times in seconds.
/// `locked` is the sum of `left` over the user's `lots` lots, which stand in a ring of 16 from `head` on, oldest first;
/// `nextUnlock` is the unlock time of the oldest, zero without lots.
struct MeterAccount {
    uint96 credits;
    uint96 locked;
    uint40 nextUnlock;
    uint8 head;
    uint8 lots;
    bool capped;
}

/// @dev One word, read for users with a cap only. Days are counted from the epoch.
struct MeterPolicy {
    uint128 dailyCap;
    uint96 debited;
    uint32 day;
}

/// @dev One word: what is left of the purchases that unlock together. `units` are claims on it, one per wei bought and
/// not clawed back, so that `left == units` until the lot is spent from. Places are used again; `generation` tells the
/// lots of one place apart.
struct Lot {
    uint96 left;
    uint96 units;
    uint40 unlockAt;
    uint24 generation;
}

/// @custom:storage-location erc7201:facetworks.creditmeter
struct CreditMeterStorage {
    address meter;
    mapping(address user => MeterAccount) accounts;
    mapping(address user => MeterPolicy) policies;
    mapping(address user => mapping(uint256 place => Lot)) lots;
    mapping(bytes32 ref => bool) usedRefs;
}
