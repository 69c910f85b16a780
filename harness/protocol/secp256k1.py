"""Recoverable signatures of a digest on secp256k1: by libsecp256k1 where coincurve is installed, else in Python.

Both make the same bytes (RFC 6979, s in the lower half) and refuse the same ones. eth-keys could choose between
them; the objects that it makes around each signature cost twice what libsecp256k1 takes.
"""

from __future__ import annotations

from typing import Protocol

from eth_keys.backends.native.main import NativeECCBackend
from eth_keys.datatypes import PrivateKey, Signature
from eth_keys.exceptions import BadSignature
from eth_utils.exceptions import ValidationError

try:
    import coincurve
except ImportError:  # it has no wheel for every machine
    coincurve = None  # type: ignore[assignment]


class SecretKey(Protocol):
    """A private key."""

    @property
    def public_key(self) -> bytes:
        """x and y: 64 bytes."""

    def sign(self, digest: bytes) -> bytes:
        """r, s and 0 or 1 for the other point with that r: 65 bytes."""


class Libsecp256k1:
    """libsecp256k1, by coincurve."""

    def __init__(self, secret: bytes) -> None:
        """ValueError when it is zero or not below the order."""
        self._key = coincurve.PrivateKey(secret)
        self.public_key = self._key.public_key.format(compressed=False)[1:]

    def sign(self, digest: bytes) -> bytes:
        return self._key.sign_recoverable(digest, hasher=None)

    @staticmethod
    def recover(digest: bytes, signature: bytes) -> bytes:
        try:
            found = coincurve.PublicKey.from_signature_and_message(signature, digest, hasher=None)
        except Exception as bad:  # ValueError, or Exception itself
            raise ValueError(str(bad)) from None
        return found.format(compressed=False)[1:]


class InPython:
    """eth-keys' own arithmetic."""

    def __init__(self, secret: bytes) -> None:
        """ValueError when it is zero or not below the order."""
        try:
            self._key = PrivateKey(secret, backend=NativeECCBackend())
            self.public_key = self._key.public_key.to_bytes()
        except ValidationError:  # whose text shows the key
            raise ValueError("a private key is above zero and below the curve's order") from None

    def sign(self, digest: bytes) -> bytes:
        return self._key.sign_msg_hash(digest).to_bytes()

    @staticmethod
    def recover(digest: bytes, signature: bytes) -> bytes:
        try:
            made = Signature(signature, backend=NativeECCBackend())
            return made.recover_public_key_from_msg_hash(digest).to_bytes()
        except (BadSignature, ValidationError) as bad:
            raise ValueError(str(bad)) from None


_Curve = InPython if coincurve is None else Libsecp256k1


def secret_key(secret: bytes) -> SecretKey:
    """The key of 32 bytes. ValueError when they are none."""
    if len(secret) != 32:
        raise ValueError(f"a private key has 32 bytes, got {len(secret)}")
    return _Curve(secret)


def recover(digest: bytes, signature: bytes) -> bytes:
    """The public key, 64 bytes, behind 65 bytes that end with 0 or 1. ValueError when there is none."""
    return _Curve.recover(digest, signature)
