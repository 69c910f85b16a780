"""B-I1 to B-I6, INV-SOLV and INV-ISOL over random lives of bounties."""

from __future__ import annotations

from tests.invariants.bounty_rules import BountyRules
from tests.invariants.machine import run


def test_bounty_board() -> None:
    run(BountyRules, examples=20, steps=50)
