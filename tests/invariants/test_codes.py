"""IV-I1 to IV-I3, RD-I1, RD-I2, INV-SOLV and INV-ISOL over random lives of codes."""

from __future__ import annotations

from tests.invariants.code_rules import CodeRules
from tests.invariants.machine import run


def test_codes() -> None:
    run(CodeRules, examples=16, steps=50)
