"""Texts encrypted to a secp256k1 key, as providers of attested models do it.

    hex( ephemeral public key 65 ║ nonce 12 ║ AES-256-GCM ciphertext and tag )
    key = HKDF-SHA256(x of ECDH, no salt, info "ecdsa_encryption", 32 bytes)

The format authenticates nobody: whoever knows a public key can write to it. Replies are believed for
their signature, not for decrypting.
"""

from __future__ import annotations

import re
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from eth_utils.crypto import keccak

from harness.protocol.addresses import Address, checksum

_CURVE = ec.SECP256K1()
_POINT, _NONCE, _TAG = 65, 12, 16
_INFO = b"ecdsa_encryption"
_SEALED = re.compile(r"04(?:[0-9a-f]{2})+")

PrivateKey = ec.EllipticCurvePrivateKey


class UnreadableText(ValueError):
    """Not a text encrypted to this key."""


def generate_key() -> PrivateKey:
    return ec.generate_private_key(_CURVE)


def private_key(secret: bytes) -> PrivateKey:
    """32 bytes -> key; ValueError when they are none."""
    return ec.derive_private_key(int.from_bytes(secret, "big"), _CURVE)


def public_bytes(key: PrivateKey) -> bytes:
    """The 65 bytes of the uncompressed point."""
    return key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def parse_public(text: str) -> bytes:
    """Hex of 64 or 65 bytes -> 65 bytes of a point on the curve; ValueError otherwise."""
    raw = bytes.fromhex(text.removeprefix("0x"))
    if len(raw) == _POINT - 1:
        raw = b"\x04" + raw
    if len(raw) != _POINT or raw[0] != 4:
        raise ValueError(f"a public key has 64 or 65 bytes, got {len(raw)}")
    ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, raw)  # on the curve, or ValueError
    return raw


def address_of(public: bytes) -> Address:
    """The account of a 65-byte public key."""
    return checksum(keccak(public[1:])[12:])


def encrypt(text: str, public: bytes) -> str:
    """A text only the holder of the key behind `public` (65 bytes) can read."""
    ephemeral = generate_key()
    nonce = secrets.token_bytes(_NONCE)
    sealed = AESGCM(_shared(ephemeral, public)).encrypt(nonce, text.encode(), None)
    return (public_bytes(ephemeral) + nonce + sealed).hex()


def decrypt(sealed: str, key: PrivateKey) -> str:
    """The text; UnreadableText when it was not encrypted to this key, or was changed."""
    try:
        raw = bytes.fromhex(sealed)
        if len(raw) < _POINT + _NONCE + _TAG:
            raise ValueError("too short")
        shared = _shared(key, raw[:_POINT])
        nonce, ciphertext = raw[_POINT : _POINT + _NONCE], raw[_POINT + _NONCE :]
        return AESGCM(shared).decrypt(nonce, ciphertext, None).decode()
    except (ValueError, InvalidTag):  # which of the two is nobody's business
        raise UnreadableText("not a text encrypted to this key") from None


def plain_size(sealed: str) -> int | None:
    """UTF-8 bytes of the text behind a ciphertext, which its length tells; None for what is none."""
    size = len(sealed) // 2 - _POINT - _NONCE - _TAG
    return size if size >= 0 and _SEALED.fullmatch(sealed) else None


def _shared(own: PrivateKey, other: bytes) -> bytes:
    point = ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, other)
    secret = own.exchange(ec.ECDH(), point)
    return HKDF(hashes.SHA256(), 32, salt=None, info=_INFO).derive(secret)
