"""VA-I1 to VA-I3, liveness, INV-SOLV and INV-ISOL over random disputes, with the bounties they are about."""

from __future__ import annotations

from tests.invariants.machine import run
from tests.invariants.validation_rules import ValidationRules


def test_staked_verdicts() -> None:
    run(ValidationRules, examples=20, steps=60)
