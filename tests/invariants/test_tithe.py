"""TI-I1, TI-I2, INV-SOLV and INV-ISOL over random tithes and transfers."""

from __future__ import annotations

from tests.invariants.machine import run
from tests.invariants.tithe_rules import TitheRules


def test_tithes() -> None:
    run(TitheRules, examples=14, steps=50)
