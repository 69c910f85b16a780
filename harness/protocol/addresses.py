"""Addresses as EIP-55 strings at every boundary; 20 bytes only inside the EVM.

One spelling everywhere makes `==` safe. `to_address` accepts any spelling and rejects a mixed-case
one whose checksum is wrong, because that is how a mistyped digit shows.
"""

from __future__ import annotations

from functools import lru_cache

import rlp
from eth_utils.crypto import keccak

Address = str  # EIP-55

ZERO_ADDRESS: Address = "0x0000000000000000000000000000000000000000"


@lru_cache(maxsize=4096)  # the same few accounts are spelled for every request
def checksum(raw: bytes) -> Address:
    """20 bytes -> EIP-55 text."""
    if len(raw) != 20:
        raise ValueError(f"an address has 20 bytes, got {len(raw)}")
    digits = raw.hex()
    digest = keccak(digits.encode()).hex()
    return "0x" + "".join(
        digit.upper() if int(nibble, 16) >= 8 else digit
        for digit, nibble in zip(digits, digest, strict=False)
    )


def to_address(value: str | bytes) -> Address:
    """Any spelling of an address -> EIP-55 text; ValueError when it is none."""
    if isinstance(value, bytes):
        return checksum(value)
    digits = value[2:] if value[:2] in ("0x", "0X") else value
    try:
        raw = bytes.fromhex(digits)
    except ValueError:
        raise ValueError(f"not an address: {value!r}") from None
    if len(raw) != 20 or len(digits) != 40:
        raise ValueError(f"not an address: {value!r}")
    address = checksum(raw)
    if digits not in (digits.lower(), digits.upper()) and "0x" + digits != address:
        raise ValueError(f"address {value} has a wrong EIP-55 checksum; expected {address}")
    return address


def address_bytes(value: str | bytes) -> bytes:
    """Any spelling of an address -> 20 bytes."""
    return bytes.fromhex(to_address(value)[2:])


def account_of(public_key: bytes) -> Address:
    """The account of a public key, x and y in 64 bytes: keccak256(x, y)[12:]."""
    return checksum(keccak(public_key)[12:])


def create_address(sender: str | bytes, nonce: int) -> Address:
    """Where CREATE puts a contract: keccak256(rlp([sender, nonce]))[12:]."""
    return checksum(keccak(rlp.encode([address_bytes(sender), nonce]))[12:])


def create2_address(deployer: str | bytes, salt: bytes, init_code: bytes) -> Address:
    """Where CREATE2 puts a contract (EIP-1014)."""
    return checksum(keccak(b"\xff" + address_bytes(deployer) + salt + keccak(init_code))[12:])
