"""What a session key signs to ask for work on credit: without it anybody could spend a consumer's credit.

The contract never sees it; it is signed in the vault's EIP-712 domain, under a type of its own, so that it
can stand for no receipt and no reservation. `content` ties it to one request: to the ephemeral key of its
envelope, which opens nothing else, or, for a request in the open, to its idempotency key.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from eth_utils.crypto import keccak

from harness.protocol.addresses import Address
from harness.protocol.authorization import DigestSigner
from harness.protocol.recovery import recover_signer
from harness.protocol.typed_data import StructType

REQUEST = StructType("Request(address consumer,address operator,bytes32 content,uint64 deadline)")
LIFETIME = 120  # seconds a consumer gives a proof
MAX_LIFETIME = 600  # seconds an operator accepts ahead of its own clock

CHARGE = "charge"  # the value of X-Halo-Probe that asks what an idempotency key came to
UNKNOWN = "request_unknown"  # the code of a 404: nothing is known of the key

_HEADER = re.compile(r"([1-9][0-9]{0,14})\.0x([0-9a-f]{130})")


@dataclass(frozen=True)
class VaultRequest:
    """One request of a consumer to an operator; `deadline` in seconds of Unix time."""

    consumer: Address
    operator: Address
    content: bytes
    deadline: int

    def digest(self, separator: bytes) -> bytes:
        values = self.consumer, self.operator, self.content, self.deadline
        return REQUEST.digest(separator, values)

    def prove(self, session_key: DigestSigner, separator: bytes) -> str:
        """X-Halo-Vault-Proof: the deadline, a dot, and the 65-byte signature in hexadecimal."""
        signature = session_key.sign_digest(self.digest(separator))
        return f"{self.deadline}.0x{signature.hex()}"


def content_of(exchange: str) -> bytes:
    """For an envelope's `epk` as it is written there, or an idempotency key."""
    return keccak(text=exchange)


def read_proof(
    header: str, consumer: Address, operator: Address, exchange: str, separator: bytes
) -> tuple[int, Address]:
    """The deadline, and who signed. ValueError when the header is malformed."""
    found = _HEADER.fullmatch(header)
    if found is None:
        raise ValueError("not a deadline, a dot and a signature of 65 bytes")
    request = VaultRequest(consumer, operator, content_of(exchange), int(found[1]))
    return request.deadline, recover_signer(request.digest(separator), bytes.fromhex(found[2]))
