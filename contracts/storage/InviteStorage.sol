// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @dev Two words. Amount in wei of $LH, expiry in seconds; `party` is the recipient of mode 1 and the claim key of
/// mode 2.
struct Invite {
    address funder;
    uint40 expiry;
    uint8 status;
    uint8 mode;
    // second word
    address party;
    uint96 amount;
}

struct InviteCommitment {
    uint64 time;
    uint64 blockNumber;
}

/// @custom:storage-location erc7201:facetworks.invite
struct InviteStorage {
    mapping(bytes32 codeHash => Invite) invites;
    mapping(address funder => uint256 amount) escrowed;
    mapping(bytes32 commitment => InviteCommitment) commitments;
}
