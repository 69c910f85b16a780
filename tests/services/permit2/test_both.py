"""What holds for `exact` and `upto` alike."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from harness.chain.anvil import AnvilChain
from harness.diamond.tokens import FwUsd
from harness.protocol import reasons
from tests.services.conftest import PRICE, Running, Wire

from .permits import STRANGER, body, permit, upto

WRONG = [
    ({"spender": STRANGER}, "invalid_permit2_spender"),
    ({"payee": STRANGER}, "invalid_permit2_recipient_mismatch"),
    ({"value": PRICE + 1}, "permit2_amount_mismatch"),
    ({"token": STRANGER}, "permit2_token_mismatch"),
    ({"valid_before": 1_000}, "permit2_deadline_expired"),
    ({"valid_after": 2**40}, "permit2_not_yet_valid"),
    ({"payer": STRANGER}, "invalid_permit2_signature"),
]


def payment(scheme: str, wire: Wire, running: Running, **changes: Any) -> dict[str, Any]:
    """Of the whole price."""
    if scheme == "exact":
        return body(wire, permit(wire, **changes))
    named = {"facilitator": running.signer.address, **changes}
    return upto(wire, permit(wire, **named))


@pytest.mark.parametrize(
    ("scheme", "changes", "reason"),
    [(scheme, *wrong) for scheme in ("exact", "upto") for wrong in WRONG]
    + [("upto", {"facilitator": STRANGER}, "upto_facilitator_mismatch")],
)
def test_what_is_wrong_has_the_standards_reason(
    approved: Wire,
    facilitator: Running,
    chain: AnvilChain,
    scheme: str,
    changes: dict[str, Any],
    reason: str,
) -> None:
    wrong = payment(scheme, approved, facilitator, **changes)
    assert facilitator.post("/verify", wrong).json()["invalidReason"] == reason
    assert facilitator.post("/settle", wrong).json()["errorReason"] == reason
    assert chain.nonce(facilitator.signer.address) == 0


@pytest.mark.parametrize("scheme", ["exact", "upto"])
def test_a_payment_whose_block_comes_late_is_the_same_payment(
    permit2: None,
    start_facilitator: Callable[..., Running],
    approved: Wire,
    dollar: FwUsd,
    chain: AnvilChain,
    scheme: str,
) -> None:
    slow = start_facilitator(receipt_s=0.3)
    paid = payment(scheme, approved, slow)
    chain.set_automine(False)
    try:
        first = slow.post("/settle", paid).json()
        assert (first["success"], first["errorReason"]) == (False, reasons.SETTLEMENT_PENDING)
        assert dollar.balance_of(approved.payee) == 0
    finally:
        chain.set_automine(True)
    chain.mine()
    again = slow.post("/settle", paid).json()
    assert again["success"] and again["transaction"] == first["transaction"]
    assert dollar.balance_of(approved.payee) == PRICE
    assert chain.nonce(slow.signer.address) == 1
