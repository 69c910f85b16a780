"""The vault as an x402 scheme: what travels in the payload of a client that knows no headers of ours.

{consumer, operator, cycle, keyEpoch, proof, receipt: {cumulative, signature} | null,
 reserve: {amount, expiry, nonce, signature} | null}

`proof` is what X-Halo-Vault-Proof holds elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from x402.schemas import PaymentPayload

from harness.protocol.addresses import Address, to_address
from harness.protocol.vault import Reservation
from harness.services.operator.payment import BadPayment
from harness.services.operator.receipts import BadReceipt, OfferedReceipt

_DECIMAL = re.compile(r"0|[1-9][0-9]{0,77}")
_SIGNATURE = re.compile(r"0x[0-9a-fA-F]{130}")


@dataclass(frozen=True)
class VaultPayment:
    """A consumer's place on a tab, with what it brought along."""

    consumer: Address
    proof: str | None
    receipt: OfferedReceipt | None
    reservation: Reservation | None
    signature: bytes


def read_vault_payment(payload: PaymentPayload, operator: Address) -> VaultPayment:
    """The scheme's payload. Raises BadPayment."""
    wire = payload.payload
    consumer, named = _address(wire, "consumer"), _address(wire, "operator")
    if named != operator:
        raise BadPayment("vault_identity_unverified", f"the payment names operator {named}")
    epoch = _number(wire, "keyEpoch")
    receipt, reserve = wire.get("receipt"), wire.get("reserve")
    proof = wire.get("proof")
    proof = proof if isinstance(proof, str) else None
    offered = None
    if isinstance(receipt, Mapping):
        try:
            offered = OfferedReceipt.read(
                consumer, receipt.get("cumulative"), receipt.get("signature"), wire.get("cycle")
            )
        except BadReceipt as bad:
            raise BadPayment("invalid_payload", f"receipt: {bad.reason}") from None
    if not isinstance(reserve, Mapping):
        return VaultPayment(consumer, proof, offered, None, b"")
    signature = reserve.get("signature")
    if not isinstance(signature, str) or _SIGNATURE.fullmatch(signature) is None:
        raise BadPayment("invalid_payload", "reserve.signature is missing or malformed")
    reservation = Reservation(
        consumer,
        operator,
        _number(reserve, "amount"),
        _number(reserve, "expiry"),
        _number(reserve, "nonce"),
        epoch,
    )
    return VaultPayment(consumer, proof, offered, reservation, bytes.fromhex(signature[2:]))


def _address(wire: Mapping[str, Any], name: str) -> Address:
    try:
        return to_address(str(wire.get(name, "")).lower())
    except ValueError:
        raise BadPayment("invalid_payload", f"{name} is not an address") from None


def _number(wire: Mapping[str, Any], name: str) -> int:
    value = wire.get(name)
    text = str(value) if type(value) in (int, str) else ""
    if _DECIMAL.fullmatch(text) is None:
        raise BadPayment("invalid_payload", f"{name} is not a whole number")
    return int(text)
