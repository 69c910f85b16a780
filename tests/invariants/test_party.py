"""PT-I1 to PT-I4, liveness, INV-SOLV and INV-ISOL over random lives of parties."""

from __future__ import annotations

from tests.invariants.machine import run
from tests.invariants.party_rules import PartyRules


def test_parties() -> None:
    run(PartyRules, examples=20, steps=50)
