"""Signed texts (ERC-191, version 0x45): how wallets sign announcements, events and pairing codes."""

from __future__ import annotations

from eth_utils.crypto import keccak

from harness.protocol.addresses import Address
from harness.protocol.authorization import DigestSigner
from harness.protocol.recovery import recover_signer

_HALF_ORDER = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0


def personal_digest(text: str) -> bytes:
    """The 32 bytes that a wallet signs for a text."""
    message = text.encode()
    return keccak(b"\x19Ethereum Signed Message:\n" + str(len(message)).encode() + message)


def personal_sign(signer: DigestSigner, text: str) -> str:
    """The signature as 0x and 130 hex digits."""
    return "0x" + signer.sign_digest(personal_digest(text)).hex()


def recover_personal(text: str, signature: str) -> Address:
    """Who signed a text; ValueError when the signature is malformed or has a second form (high s)."""
    try:
        raw = bytes.fromhex(signature.removeprefix("0x"))
    except ValueError:
        raise ValueError("a signature is 0x and 130 hex digits") from None
    if len(raw) == 65 and int.from_bytes(raw[32:64], "big") > _HALF_ORDER:
        raise ValueError("the signature's s is in the upper half of the order")
    return recover_signer(personal_digest(text), raw)
