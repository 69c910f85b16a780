"""V-I1 to V-I10, INV-SOLV and INV-ISOL over random lives of the vault.

V-I9, a pause stops no way out, is in the model: nothing but deposits and reservations looks at the pause.
"""

from __future__ import annotations

from tests.invariants.machine import run
from tests.invariants.vault_rules import VaultRules


def test_vault() -> None:
    run(VaultRules, examples=20, steps=80)
