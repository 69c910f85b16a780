// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IdPages} from "../libraries/LibIdPages.sol";

/// @dev Three words. The first is all a ballot reads and writes: `voted` has a bit per seat, and the ballots against
/// are those cast less `forVotes`. Amount in wei of $LH, times in seconds; members who joined later than
/// `tenureSpan` before the deadline are too new when the rules say so. The proposer's address is in two parts so that
/// the record is no longer than it must be.
struct Proposal {
    uint128 voted;
    uint32 guildId;
    uint24 snapshotSeq;
    uint8 rules;
    uint40 deadline;
    uint8 status;
    uint8 forVotes;
    uint8 forAdminVotes;
    // second word
    uint128 amount;
    uint64 proposerLow;
    uint32 tenureSpan;
    uint24 executionDelay;
    uint8 snapshotMembers;
    // third word
    address to;
    uint96 proposerHigh;
}

/// @custom:storage-location erc7201:facetworks.voting
struct VotingStorage {
    uint256 count;
    mapping(uint256 id => Proposal) proposals;
    mapping(uint256 id => bytes) memos;
    mapping(uint256 guildId => IdPages) lists;
}
