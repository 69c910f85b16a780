"""Who made a signature."""

from __future__ import annotations

from eth_keys.datatypes import Signature
from eth_keys.exceptions import BadSignature
from eth_utils.exceptions import ValidationError

from harness.protocol.addresses import Address, checksum


def recover_signer(digest: bytes, signature: bytes) -> Address:
    """The account behind a 65-byte signature; ValueError when it is malformed."""
    if len(signature) != 65:
        raise ValueError(f"a signature has 65 bytes, got {len(signature)}")
    v = signature[64] - 27 if signature[64] >= 27 else signature[64]
    if v not in (0, 1):
        raise ValueError(f"signature ends with v={signature[64]}")
    try:
        found = Signature(signature[:64] + bytes([v])).recover_public_key_from_msg_hash(digest)
    except (BadSignature, ValidationError) as bad:
        raise ValueError(f"signature does not recover: {bad}") from bad
    return checksum(found.to_canonical_address())
