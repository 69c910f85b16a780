"""SS-I1, INV-SOLV and INV-ISOL over random openings, extensions and changes of terms."""

from __future__ import annotations

from tests.invariants.machine import run
from tests.invariants.session_rules import SessionRules


def test_sessions() -> None:
    run(SessionRules, examples=20, steps=50)
