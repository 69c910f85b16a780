// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {Bitset} from "../libraries/LibBitset.sol";
import {IdPages} from "../libraries/LibIdPages.sol";

/// @dev Two words for every job: the clock, and the money with the links of the due index. A third is written for
/// jobs with a parent, a cap or a lease. Times in seconds, amounts in wei of $LH. A root job has `rootId` 0. `previous`
/// and `next` are neighbours inside the job's due bucket.
struct Job {
    address owner;
    uint32 interval;
    uint40 nextRun;
    uint8 status;
    uint8 depth;
    /// @dev The third word limits who may fire the job, or for how much.
    bool limited;
    // second word
    uint96 budget;
    uint24 runsLeft;
    uint32 targetId;
    uint40 lastRunAt;
    uint32 previous;
    uint32 next;
    // third word
    uint128 runCap;
    uint32 parentId;
    uint32 rootId;
    bool leased;
    bool completed;
}

struct Lease {
    address holder;
    uint40 until;
}

/// @dev One word per owner.
struct JobOwner {
    uint64 total;
    uint64 live;
}

/// @dev The due index: `heads` holds the first job of each minute, eight minutes to a word; `buckets` marks the words
/// that are not zero.
struct DueIndex {
    Bitset buckets;
    IdPages heads;
}

/// @custom:storage-location erc7201:facetworks.schedule
struct ScheduleStorage {
    uint256 count;
    mapping(uint256 id => Job) jobs;
    mapping(uint256 id => bytes) tasks;
    mapping(uint256 id => Lease) leases;
    mapping(address owner => JobOwner) owners;
    mapping(address owner => IdPages) lists;
    DueIndex due;
    address scheduler;
    mapping(address account => bool) schedulers;
}
