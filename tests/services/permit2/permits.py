"""Permits signed by our own hand, and the bodies that carry them."""

from __future__ import annotations

import secrets
import time
from dataclasses import replace
from typing import Any

from harness.protocol.authorization import Authorization
from harness.protocol.permit2 import EXACT_SPENDER, UPTO_SPENDER, SignedPermit
from tests.services.conftest import PRICE, Wire

EXTRA = {"name": "USD Coin", "version": "2", "assetTransferMethod": "permit2"}
STRANGER = "0x00000000000000000000000000000000000000a1"


def permit(wire: Wire, facilitator: str | None = None, **changes: Any) -> SignedPermit:
    """For `exact`; with a facilitator's address, for `upto`."""
    values = {
        "payer": wire.payer.address, "payee": wire.payee, "value": PRICE, "valid_after": 0,
        "valid_before": int(time.time()) + 60, "nonce": secrets.token_bytes(32),
    }  # fmt: skip
    terms = Authorization(**{k: changes.get(k, v) for k, v in values.items()})
    spender = changes.get("spender", UPTO_SPENDER if facilitator else EXACT_SPENDER)
    token = changes.get("token", wire.dollar.address)
    unsigned = SignedPermit(terms, b"\0" * 65, token, spender, facilitator)
    digest = unsigned.permit_digest(wire.dollar.chain.chain_id)
    return replace(unsigned, signature=wire.payer.sign_digest(digest))


def body(wire: Wire, payload: dict[str, Any] | SignedPermit | None = None) -> dict[str, Any]:
    """What a resource server sends for `exact`."""
    if payload is None or isinstance(payload, SignedPermit):
        payload = (payload or permit(wire)).to_wire()
    return wire.body(payload=payload, extra=EXTRA)


def upto(
    wire: Wire, signed: SignedPermit | dict[str, Any], measured: int | None = None
) -> dict[str, Any]:
    """What a resource server sends for `upto`: to settle, the amount that it measured."""
    payload = signed.to_wire() if isinstance(signed, SignedPermit) else signed
    maximum = wire.requirements(scheme="upto", extra=EXTRA)
    if measured is None:
        return wire.body(payload=payload, scheme="upto", extra=EXTRA)
    return wire.body(
        payload=payload, accepted=maximum, scheme="upto", extra=EXTRA, amount=str(measured)
    )
