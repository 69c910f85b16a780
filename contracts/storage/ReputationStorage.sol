// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @dev One word. Work references of the two verifiable forms (a small number, or bit 255 and a small number) are kept
/// in `ref`; any other reference sits in `longRefs` and `form` says so. `rating` 0 is a revoked attestation.
struct Attestation {
    address attester;
    uint8 rating;
    uint8 form;
    bool verified;
    uint72 ref;
}

/// @dev One word per subject. `length` counts the trail, revoked entries included.
struct Reputation {
    uint48 length;
    uint48 count;
    uint48 sum;
    uint48 verifiedCount;
    uint48 verifiedSum;
}

/// @custom:storage-location erc7201:facetworks.reputation
/// @dev `places` maps keccak256(abi.encode(attester, subject, workRef)) to the entry's index plus one.
struct ReputationStorage {
    mapping(uint256 subject => Reputation) subjects;
    mapping(uint256 subject => mapping(uint256 index => Attestation)) trails;
    mapping(uint256 subject => mapping(uint256 index => bytes32)) longRefs;
    mapping(bytes32 key => uint256 place) places;
}
