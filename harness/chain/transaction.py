"""Dynamic-fee transactions (EIP-1559, type 2): fields -> signed bytes."""

from __future__ import annotations

from dataclasses import dataclass

import rlp
from eth_utils.crypto import keccak

from harness.protocol.addresses import Address, address_bytes
from harness.protocol.secp256k1 import SecretKey

_TYPE = b"\x02"


@dataclass(frozen=True)
class Transaction:
    """Everything that is signed. Fees are wei per gas; creation when `to` is None."""

    chain_id: int
    nonce: int
    to: Address | None
    value: int
    data: bytes
    gas: int
    max_fee: int
    priority_fee: int

    def sign(self, key: SecretKey) -> bytes:
        """Raw bytes for `eth_sendRawTransaction`. Deterministic (RFC 6979)."""
        fields = [
            self.chain_id,
            self.nonce,
            self.priority_fee,
            self.max_fee,
            self.gas,
            address_bytes(self.to) if self.to is not None else b"",
            self.value,
            self.data,
            [],
        ]
        digest = keccak(_TYPE + rlp.encode(fields))
        signature = key.sign(digest)
        r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:64], "big")
        return _TYPE + bytes(rlp.encode([*fields, signature[64], r, s]))
