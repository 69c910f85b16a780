"""Who made a signature."""

from __future__ import annotations

from harness.protocol.addresses import Address, account_of
from harness.protocol.secp256k1 import recover


def recover_signer(digest: bytes, signature: bytes) -> Address:
    """The account behind a 65-byte signature; ValueError when it is malformed."""
    if len(signature) != 65:
        raise ValueError(f"a signature has 65 bytes, got {len(signature)}")
    v = signature[64] - 27 if signature[64] >= 27 else signature[64]
    if v not in (0, 1):
        raise ValueError(f"signature ends with v={signature[64]}")
    try:
        return account_of(recover(digest, signature[:64] + bytes([v])))
    except ValueError as bad:
        raise ValueError(f"signature does not recover: {bad}") from None
