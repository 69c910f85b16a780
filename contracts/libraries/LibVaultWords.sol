// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @dev The session key is also the `signer` of `Signing`: it changes about never, and a copy in either word saves the
/// hot paths from reading the other. `free` is what is not reserved.
struct Purse {
    address key;
    uint56 free;
    uint32 reserveNonce;
    uint8 flags;
}

/// @dev `locked` is the sum over all operators.
struct Signing {
    address signer;
    uint64 locked;
    uint32 epoch;
}

/// @dev The reservations of one operator by one consumer. A cycle runs from the reservation that found nothing locked
/// until nothing is locked again; it expires at `created + life`. `feeRemainder` is in 1/10,000 of a base unit.
struct Cycle {
    uint64 locked;
    uint64 redeemed;
    uint40 created;
    uint32 life;
    uint24 number;
    uint16 feeBps;
    uint16 feeRemainder;
}

/// @dev What every money path reads. `token` is zero until the vault is initialised.
struct VaultConfig {
    address token;
    uint40 pausedUntil;
    uint32 maxReserveTtl;
    uint16 feeBps;
}

/// @title The vault's packed words: one storage read brings a record in, one write takes it back
/// @notice Fields lie in the order of their struct, the first in the low bits. A compiler reads and writes a packed
/// struct field by field, which costs a warm access each; these records are read whole and written whole.
library LibVaultWords {
    function toPurse(uint256 word) internal pure returns (Purse memory) {
        return Purse(address(uint160(word)), uint56(word >> 160), uint32(word >> 216), uint8(word >> 248));
    }

    function pack(Purse memory p) internal pure returns (uint256) {
        return uint160(p.key) | uint256(p.free) << 160 | uint256(p.reserveNonce) << 216 | uint256(p.flags) << 248;
    }

    function toSigning(uint256 word) internal pure returns (Signing memory) {
        return Signing(address(uint160(word)), uint64(word >> 160), uint32(word >> 224));
    }

    function pack(Signing memory g) internal pure returns (uint256) {
        return uint160(g.signer) | uint256(g.locked) << 160 | uint256(g.epoch) << 224;
    }

    function toCycle(uint256 word) internal pure returns (Cycle memory) {
        return Cycle(
            uint64(word),
            uint64(word >> 64),
            uint40(word >> 128),
            uint32(word >> 168),
            uint24(word >> 200),
            uint16(word >> 224),
            uint16(word >> 240)
        );
    }

    function pack(Cycle memory c) internal pure returns (uint256) {
        uint256 money = c.locked | uint256(c.redeemed) << 64;
        uint256 time = uint256(c.created) << 128 | uint256(c.life) << 168;
        return money | time | uint256(c.number) << 200 | uint256(c.feeBps) << 224 | uint256(c.feeRemainder) << 240;
    }

    function toConfig(uint256 word) internal pure returns (VaultConfig memory) {
        return VaultConfig(address(uint160(word)), uint40(word >> 160), uint32(word >> 200), uint16(word >> 232));
    }

    function pack(VaultConfig memory c) internal pure returns (uint256) {
        return uint160(c.token) | uint256(c.pausedUntil) << 160 | uint256(c.maxReserveTtl) << 200
            | uint256(c.feeBps) << 232;
    }
}
