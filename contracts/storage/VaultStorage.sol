// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @dev What a deposit and a withdrawal change, in one word. The session key is also the `signer` of `Signing`: it
/// changes about never, and a copy in either word saves the hot paths from reading the other. `free` is what is not
/// reserved.
struct Purse {
    address key;
    uint56 free;
    uint32 reserveNonce;
    uint8 flags;
}

/// @dev What a redemption changes beside its cycle, in one word. `locked` is the sum over all operators.
struct Signing {
    address signer;
    uint64 locked;
    uint32 epoch;
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

struct Consumer {
    Purse purse;
    Signing signing;
    WithdrawRequest request;
    SpendPolicy policy;
}

/// @dev The reservations of one operator by one consumer, one word. A cycle runs from the reservation that found
/// nothing locked until nothing is locked again; it expires at `created + life`. `feeRemainder` is in units of
/// 1/10,000 of a base unit.
struct Cycle {
    uint64 locked;
    uint64 redeemed;
    uint40 created;
    uint32 life;
    uint24 number;
    uint16 feeBps;
    uint16 feeRemainder;
}

/// @dev What every money path reads, in one word. `token` is zero until the vault is initialised.
struct VaultConfig {
    address token;
    uint40 pausedUntil;
    uint32 maxReserveTtl;
    uint16 feeBps;
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
/// accrued are not kept here: they are the ledger's buckets VAULT and VAULT_FEES.
struct VaultStorage {
    VaultConfig config;
    VaultTerms terms;
    Guardian guardian;
    FeeTerms fee;
    FeeRecipient recipient;
    address pendingFeeAdmin;
    mapping(address consumer => Consumer) consumers;
    mapping(address consumer => mapping(address operator => Cycle)) cycles;
}
