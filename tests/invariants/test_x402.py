"""X-I1 to X-I5 over random payments, replays, forgeries and batches."""

from __future__ import annotations

from tests.invariants.machine import run
from tests.invariants.x402_rules import X402Rules


def test_payment_rail() -> None:
    run(X402Rules, examples=16, steps=40)
