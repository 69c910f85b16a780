// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @dev Four words: the purse (what a deposit and a withdrawal change), the signing word (what a redemption changes
/// beside its cycle), the withdrawal request and the spend policy. The first two are packed by LibVaultWords.
struct Consumer {
    uint256 purse;
    uint256 signing;
    WithdrawRequest request;
    SpendPolicy policy;
}

/// @dev Of the free funds, `late` came after the request and is not authorised; everything else is.
struct WithdrawRequest {
    uint64 late;
    uint40 maturesAt;
}

/// @dev Zero is no limit. Days are counted from the epoch.
struct SpendPolicy {
    uint64 maxLocked;
    uint64 dailyReserve;
    uint64 reservedToday;
    uint40 day;
}

struct VaultTerms {
    address sequencerFeed;
    uint32 redeemGrace;
    uint32 withdrawTimelock;
    uint32 maxPauseDuration;
}

/// @dev `pauseEnd` is when the last pause ended or will end; it outlives `pausedUntil`, which a lifted pause clears.
struct Guardian {
    address account;
    uint40 pauseEnd;
}

/// @dev A change is pending while its `effectiveAt` is not zero.
struct FeeTerms {
    address admin;
    uint32 timelock;
    uint16 pendingBps;
    uint40 effectiveAt;
}

struct FeeRecipient {
    address account;
    uint40 effectiveAt;
    address pending;
}

/// @custom:storage-location erc7201:facetworks.vault
/// @dev Amounts in base units of the vault's six-decimal token, times in seconds. The sum of all balances and the fees
/// accrued are not kept here: they are the ledger's buckets VAULT and VAULT_FEES. `config` and the cycles are words
/// packed by LibVaultWords.
struct VaultStorage {
    uint256 config;
    VaultTerms terms;
    Guardian guardian;
    FeeTerms fee;
    FeeRecipient recipient;
    address pendingFeeAdmin;
    mapping(address consumer => Consumer) consumers;
    mapping(address consumer => mapping(address operator => uint256 cycle)) cycles;
}
