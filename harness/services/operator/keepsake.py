"""Answers kept for a retry are sealed at rest, under a key that only the wallet can derive.

A database file, or a copy of it, tells nobody what was asked or answered. The key comes from the wallet's
signature of a fixed text, so a restarted operator has it again without a file of its own.
"""

from __future__ import annotations

import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from harness.protocol.authorization import DigestSigner
from harness.protocol.personal import personal_sign
from harness.services.operator.answers import Answer

_TEXT = "halo-operator-answers: seals answers kept on this machine; sign it nowhere else"
_NONCE = 12


class Keepsakes:
    """Seals and opens answers; each is bound to its request."""

    def __init__(self, signer: DigestSigner) -> None:
        secret = bytes.fromhex(personal_sign(signer, _TEXT)[2:])
        self._cipher = AESGCM(HKDF(SHA256(), 32, None, b"halo/operator/answers").derive(secret))

    def seal(self, identity: str, answer: Answer) -> bytes:
        nonce = secrets.token_bytes(_NONCE)
        return nonce + self._cipher.encrypt(nonce, answer.to_bytes(), identity.encode())

    def open(self, identity: str, kept: bytes) -> Answer | None:
        """None when it was kept by another wallet."""
        try:
            raw = self._cipher.decrypt(kept[:_NONCE], kept[_NONCE:], identity.encode())
        except InvalidTag:
            return None
        return Answer.from_bytes(raw)
