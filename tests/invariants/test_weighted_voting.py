"""WV-I1 and P-I1 to P-I7 over random votes by shares and by heads in the same guilds."""

from __future__ import annotations

from tests.invariants.machine import run
from tests.invariants.weighted_rules import WeightedRules


def test_votes_by_shares() -> None:
    run(WeightedRules, examples=9, steps=36)
