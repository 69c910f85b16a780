"""R-I1 to R-I4 over random attestations about work paid and unpaid."""

from __future__ import annotations

from tests.invariants.machine import run
from tests.invariants.reputation_rules import ReputationRules


def test_reputation() -> None:
    run(ReputationRules, examples=14, steps=40)
