// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IdPages} from "../libraries/LibIdPages.sol";

/// @dev One word. `deadline` ends the time to challenge, in seconds.
struct Validation {
    address validator;
    uint32 subject;
    uint40 deadline;
    uint8 status;
    bool valid;
}

/// @dev One word, for validator, subject and work: that they have been together, and with what. Wei of $LH, at most
/// 1,000,000 $LH. `resolver` is the poster of the bounty that the work reference named at that time; zero is the
/// diamond's owner.
struct Backing {
    address resolver;
    uint80 stake;
}

/// @dev One word, written by a challenge. `deadline` ends the time to resolve, in seconds.
struct Challenge {
    address challenger;
    uint40 deadline;
}

/// @dev One word per account, as validator and as challenger. `staked` in wei of $LH; `total` and `live` count what it
/// staked first.
struct Staker {
    uint96 staked;
    uint64 total;
    uint64 live;
}

/// @custom:storage-location erc7201:facetworks.validation
/// @dev `backings` maps keccak256(abi.encode(validator, subject, workRef)).
struct ValidationStorage {
    uint256 count;
    mapping(uint256 id => Validation) validations;
    mapping(uint256 id => bytes32) workRefs;
    mapping(bytes32 key => Backing) backings;
    mapping(uint256 id => Challenge) challenges;
    mapping(bytes32 workRef => IdPages) works;
    mapping(address account => Staker) stakers;
    mapping(address validator => IdPages) lists;
}
