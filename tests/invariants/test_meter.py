"""CM-I1 to CM-I3, MG-I1 to MG-I5, INV-SOLV and INV-ISOL over random lives of credits and receipts."""

from __future__ import annotations

from tests.invariants.machine import run
from tests.invariants.meter_rules import MeterRules


def test_credits_and_receipts() -> None:
    run(MeterRules, examples=16, steps=50)
