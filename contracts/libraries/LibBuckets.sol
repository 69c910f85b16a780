// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @title What the diamond holds money for; every token's balance is partitioned over these
library LibBuckets {
    uint8 internal constant TREASURY = 1;
    uint8 internal constant METER = 2;
    uint8 internal constant SCHEDULE = 3;
    uint8 internal constant BOUNTY = 4;
    uint8 internal constant GUILD = 5;
    uint8 internal constant PARTY = 6;
    uint8 internal constant INVITE = 7;
    uint8 internal constant VALIDATION = 8;
    uint8 internal constant VAULT = 9;
    uint8 internal constant VAULT_FEES = 10;
    uint8 internal constant JOB = 11;
    uint8 internal constant STAKE = 12;
    uint8 internal constant APPEAL = 13;
    uint8 internal constant OWED = 14;
    uint8 internal constant MARKET_FEES = 15;
    uint8 internal constant BOND = 16;
    uint8 internal constant LAST = 16;
}
