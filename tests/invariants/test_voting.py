"""P-I1 to P-I7 over random votes in guilds whose members come and go."""

from __future__ import annotations

from tests.invariants.machine import run
from tests.invariants.voting_rules import VotingRules


def test_votes() -> None:
    run(VotingRules, examples=14, steps=60)
