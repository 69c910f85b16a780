"""End-to-end encryption between a consumer and the operator it chose; a relay in between sees ciphertext.

X25519, HKDF-SHA256, AES-256-GCM. A consumer makes a key pair for one request, so the pair of public keys
names the exchange: an envelope carried into another exchange, to another operator, or back in the other
direction does not open. Chunks of a stream are numbered inside what is authenticated: one that is missing,
repeated or out of order does not open.
"""

from __future__ import annotations

import base64
import binascii
import secrets
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from harness.protocol.addresses import Address, to_address

VERSION = 3
ALGORITHM = "x25519-aes256gcm"
MEMBERS = frozenset({"v", "alg", "epk", "nonce", "ct"})

_REQUEST, _RESPONSE, _CHUNK = "request", "response", "chunk"


class SealError(Exception):
    """Not an envelope for us, or not what was sealed; the message says which, never the content."""


class _Keys:
    """What both ends of one exchange derive: a key for each direction, and what each seal binds."""

    def __init__(
        self, own: X25519PrivateKey, other: bytes, consumer: bytes, operator: Address
    ) -> None:
        try:
            shared = own.exchange(X25519PublicKey.from_public_bytes(other))
        except ValueError:
            raise SealError("the other side's public key is not usable") from None
        self._shared = shared
        self._bound = f"{VERSION}:{ALGORITHM}:{consumer.hex()}:{to_address(operator).lower()}"
        self._ciphers: dict[str, AESGCM] = {}

    def associated(self, direction: str) -> bytes:
        return f"{self._bound}:{direction}".encode()

    def cipher(self, direction: str) -> AESGCM:
        if direction not in self._ciphers:
            info = f"halo/v{VERSION}/{ALGORITHM}/{direction}".encode()
            key = HKDF(SHA256(), 32, None, info).derive(self._shared)
            self._ciphers[direction] = AESGCM(key)
        return self._ciphers[direction]

    def seal(self, direction: str, plaintext: bytes, epk: str) -> dict[str, Any]:
        nonce = secrets.token_bytes(12)
        sealed = self.cipher(direction).encrypt(nonce, plaintext, self.associated(direction))
        return {
            "v": VERSION, "alg": ALGORITHM, "epk": epk, "nonce": nonce.hex(), "ct": sealed.hex(),
        }  # fmt: skip

    def open(self, direction: str, envelope: dict[str, Any]) -> bytes:
        nonce, sealed = _hex(envelope, "nonce", 12), _hex(envelope, "ct")
        try:
            return self.cipher(direction).decrypt(nonce, sealed, self.associated(direction))
        except InvalidTag:
            raise SealError("the envelope was altered or is not for this exchange") from None

    def seal_chunk(self, seq: int, plaintext: bytes) -> str:
        # The key is for this exchange and direction alone, so the number is nonce enough.
        bound = self.associated(f"{_CHUNK}:{seq}")
        sealed = self.cipher(_CHUNK).encrypt(seq.to_bytes(12, "big"), plaintext, bound)
        return base64.b64encode(sealed).decode()

    def open_chunk(self, seq: int, text: str) -> bytes:
        try:
            sealed = base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError):
            raise SealError("a chunk is not base64") from None
        bound = self.associated(f"{_CHUNK}:{seq}")
        try:
            return self.cipher(_CHUNK).decrypt(seq.to_bytes(12, "big"), sealed, bound)
        except InvalidTag:
            raise SealError(f"chunk {seq} was altered, or is not the next one") from None


class ConsumerChannel:
    """A consumer's end of one exchange."""

    def __init__(self, keys: _Keys) -> None:
        self._keys = keys

    def open_response(self, envelope: Any) -> bytes:
        """The plaintext of a whole reply; SealError for anything but an envelope of this exchange."""
        return self._keys.open(_RESPONSE, check_envelope(envelope))

    def open_chunk(self, seq: int, text: str) -> bytes:
        """The plaintext of chunk `seq` (from 0) of a streamed reply. Raises SealError."""
        return self._keys.open_chunk(seq, text)


class OperatorChannel:
    """An operator's end of one exchange."""

    def __init__(self, keys: _Keys, epk: str) -> None:
        self._keys = keys
        self.exchange = epk  # names the exchange: a replay of the request has the same

    def seal_response(self, plaintext: bytes) -> dict[str, Any]:
        """The envelope of a whole reply."""
        return self._keys.seal(_RESPONSE, plaintext, self.exchange)

    def seal_chunk(self, seq: int, plaintext: bytes) -> str:
        """Chunk `seq` of a streamed reply, as base64. A number is used once."""
        return self._keys.seal_chunk(seq, plaintext)


class OperatorKey:
    """An operator's key pair, which lives as long as its process and is never written down."""

    def __init__(self, private: X25519PrivateKey) -> None:
        self._private = private
        self.public_hex = private.public_key().public_bytes_raw().hex()

    @classmethod
    def generate(cls) -> OperatorKey:
        return cls(X25519PrivateKey.generate())

    def open(self, envelope: Any, operator: Address) -> tuple[bytes, OperatorChannel]:
        """A request's plaintext and the channel for the reply. Raises SealError."""
        checked = check_envelope(envelope)
        consumer = _hex(checked, "epk", 32)
        keys = _Keys(self._private, consumer, consumer, operator)
        return keys.open(_REQUEST, checked), OperatorChannel(keys, consumer.hex())


def seal_request(
    plaintext: bytes, public_hex: str, operator: Address
) -> tuple[dict[str, Any], ConsumerChannel]:
    """Encrypt a request to an operator's announced key, with a key pair made for it alone.

    Raises SealError when the announced key is none.
    """
    try:
        public = bytes.fromhex(public_hex.removeprefix("0x"))
    except ValueError:
        public = b""
    if len(public) != 32:
        raise SealError("the operator's announced key is not 32 bytes of hex")
    own = X25519PrivateKey.generate()
    consumer = own.public_key().public_bytes_raw()
    keys = _Keys(own, public, consumer, operator)
    return keys.seal(_REQUEST, plaintext, consumer.hex()), ConsumerChannel(keys)


def check_envelope(value: Any) -> dict[str, Any]:
    """An object with exactly the members of an envelope of our version. Raises SealError."""
    if not isinstance(value, dict) or set(value) != MEMBERS:
        raise SealError("not an envelope")
    if value["v"] != VERSION or value["alg"] != ALGORITHM:
        raise SealError(
            f"envelope version {value['v']!r}, {value['alg']!r} is not supported; update"
        )
    return value


def _hex(envelope: dict[str, Any], member: str, size: int | None = None) -> bytes:
    text = envelope[member]
    try:
        raw = bytes.fromhex(text) if isinstance(text, str) else b""
    except ValueError:
        raw = b""
    if not raw or (size is not None and len(raw) != size):
        raise SealError(f"the envelope's {member} is malformed")
    return raw
