"""Signing keys: made from bytes, or read from a file that only its owner can read.

A key is never taken from the command line and never printed; `repr` shows the address.
"""

from __future__ import annotations

import json
import os
import secrets
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from eth_utils.crypto import keccak

from harness.chain.transaction import Transaction
from harness.errors import ConfigError
from harness.protocol.addresses import Address, account_of
from harness.protocol.secp256k1 import secret_key

ALLOW_OPEN_KEYS = "FACETWORKS_ALLOW_OPEN_KEYS"


class Signer(Protocol):
    """Whoever can sign: a key in memory, or a remote key store behind the same three members."""

    @property
    def address(self) -> Address:
        """The account."""

    def sign_transaction(self, transaction: Transaction) -> bytes:
        """Raw signed bytes."""

    def sign_digest(self, digest: bytes) -> bytes:
        """65 bytes r, s, v with v in {27, 28} and s in the lower half."""


class LocalSigner:
    """A secp256k1 key in this process. ValueError when the bytes are none."""

    def __init__(self, private_key: bytes) -> None:
        self._secret = private_key
        self._key = secret_key(private_key)
        self._address = account_of(self._key.public_key)

    @classmethod
    def from_phrase(cls, phrase: str) -> LocalSigner:
        """A key derived from a public phrase: for local networks only, never for value."""
        return cls(keccak(text=phrase))

    @classmethod
    def generate(cls) -> LocalSigner:
        return cls(secrets.token_bytes(32))

    @property
    def address(self) -> Address:
        return self._address

    def sign_transaction(self, transaction: Transaction) -> bytes:
        return transaction.sign(self._key)

    def sign_digest(self, digest: bytes) -> bytes:
        signature = self._key.sign(digest)
        return signature[:64] + bytes([27 + signature[64]])

    def __repr__(self) -> str:
        return f"LocalSigner({self._address})"


def read_secret(path: Path) -> str:
    """A secret file's text, stripped; ConfigError when it is missing or others can read it."""
    try:
        mode = path.stat().st_mode
        text = path.read_text("utf-8").strip()
    except OSError as reason:
        raise ConfigError(f"cannot read {path}: {reason.strerror}") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{path} is not text; it holds no key, or in another form") from None
    if stat.S_IMODE(mode) & 0o077 and not _trusted(path):
        raise ConfigError(f"{path} is readable by others; run: chmod 600 {path}")
    return text


def _trusted(path: Path) -> bool:
    """Files whose mode does not tell who can read them: systemd credentials carry an access list."""
    credentials = os.environ.get("CREDENTIALS_DIRECTORY")
    if credentials and path.resolve().is_relative_to(Path(credentials).resolve()):
        return True
    return os.environ.get(ALLOW_OPEN_KEYS) == "1"


def load_signer(
    path: Path, password: Callable[[], str] | None = None, *, name: str = "key file"
) -> LocalSigner:
    """A key from a file: 64 hex digits, or a version 3 keystore that `password` unlocks."""
    text = read_secret(path)
    if text.startswith("{"):
        return LocalSigner(_unlock(path, text, password))
    return signer_from_hex(text, f"{name} {path}")


def signer_from_hex(text: str, source: str) -> LocalSigner:
    """A key from hex digits; the message names the source and never the digits."""
    try:
        return LocalSigner(bytes.fromhex(text.strip().removeprefix("0x")))
    except ValueError:
        raise ConfigError(f"{source} does not hold a private key of 64 hex digits") from None


def _unlock(path: Path, text: str, password: Callable[[], str] | None) -> bytes:
    if password is None:
        raise ConfigError(f"{path} is a keystore; name a password file for it")
    # Imported here: key derivation is a large import that only keystores need.
    from eth_keyfile.keyfile import decode_keyfile_json

    try:
        secret = password().encode()  # the function is annotated for text and works on bytes only
        return bytes(decode_keyfile_json(json.loads(text), secret))  # type: ignore[arg-type]
    except (ValueError, KeyError, TypeError, NotImplementedError):
        raise ConfigError(f"cannot unlock {path}: wrong password or damaged keystore") from None
