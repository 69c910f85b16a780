"""A provider's API key at rest: AES-256-GCM under a key that scrypt makes from the wallet's passphrase.

{"v": 1, "alg": "aes-256-gcm", "kdf": "scrypt", "salt", "iv", "tag", "data"}   all hex, N=2^15 r=8 p=1
"""

from __future__ import annotations

import secrets
from typing import Literal

from pydantic import BaseModel, ConfigDict

from harness.errors import ConfigError

_N, _R, _P = 1 << 15, 8, 1
_TAG = 16


class EncryptedSecret(BaseModel):
    """What is stored. Unknown members are kept."""

    model_config = ConfigDict(extra="allow", frozen=True)

    v: Literal[1] = 1
    alg: Literal["aes-256-gcm"] = "aes-256-gcm"
    kdf: Literal["scrypt"] = "scrypt"
    salt: str
    iv: str
    tag: str
    data: str


def seal(text: str, passphrase: str) -> EncryptedSecret:
    """Encrypt with a fresh salt and nonce; ValueError for an empty passphrase, which would hide nothing."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    if not passphrase:
        raise ValueError("an empty passphrase encrypts nothing")
    salt, nonce = secrets.token_bytes(16), secrets.token_bytes(12)
    sealed = AESGCM(_key(passphrase, salt)).encrypt(nonce, text.encode(), None)
    return EncryptedSecret(
        salt=salt.hex(), iv=nonce.hex(), tag=sealed[-_TAG:].hex(), data=sealed[:-_TAG].hex()
    )


def unseal(secret: EncryptedSecret, passphrase: str) -> str:
    """Decrypt; ConfigError when the passphrase is another one or the text was changed."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    try:
        salt, nonce = bytes.fromhex(secret.salt), bytes.fromhex(secret.iv)
        sealed = bytes.fromhex(secret.data + secret.tag)
        return AESGCM(_key(passphrase, salt)).decrypt(nonce, sealed, None).decode()
    except (ValueError, InvalidTag):
        raise ConfigError(
            "the stored API key does not open with this passphrase; "
            "store it again: halo setup --provider SLUG --api-key env:NAME"
        ) from None


def _key(passphrase: str, salt: bytes) -> bytes:
    from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

    return Scrypt(salt=salt, length=32, n=_N, r=_R, p=_P).derive(passphrase.encode())
