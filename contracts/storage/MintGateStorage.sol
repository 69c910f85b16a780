// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {MintWindow} from "../libraries/LibMintWindow.sol";

/// @dev Two words. Amounts in wei of $LH, times in seconds; a lock that has never been set has its default.
struct GateTerms {
    address signer;
    uint96 perReceiptMax;
    // second word
    address clawbacker;
    uint32 lockSecs;
    bool lockSet;
}

/// @dev Two words. An amount of zero means there is no such receipt. `units` are its claims on the lot of generation
/// `generation` at `place` in the ring of `to`.
struct Receipt {
    address to;
    uint96 amount;
    // second word
    uint96 units;
    uint96 clawed;
    uint24 generation;
    uint8 place;
    bool closed;
}

/// @custom:storage-location erc7201:facetworks.mintgate
struct MintGateStorage {
    GateTerms terms;
    MintWindow window;
    mapping(bytes32 receiptId => Receipt) receipts;
}
