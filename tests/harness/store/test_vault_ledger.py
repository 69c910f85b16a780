"""What a facilitator keeps of a cycle's receipts, in whatever order they come."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.protocol.vault import Receipt, SignedReceipt
from harness.store.audit import AUDIT
from harness.store.database import Database
from harness.store.vault_ledger import VaultLedger
from harness.store.vault_tables import VAULT

WHO = "0x00000000000000000000000000000000000000A1"
OPERATOR = "0x00000000000000000000000000000000000000B1"
HERE = "0x00000000000000000000000000000000000000C1"


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[VaultLedger]:
    database = Database.open(tmp_path / "state" / "f.db", VAULT, AUDIT)
    yield VaultLedger(database, HERE)
    database.close()


def signed(cumulative: int) -> SignedReceipt:
    receipt = Receipt(WHO, OPERATOR, cumulative, 0, 1)
    return SignedReceipt(receipt, cumulative.to_bytes(65, "big"))


def test_a_lower_receipt_does_not_push_out_the_one_that_waits(ledger: VaultLedger) -> None:
    """Whoever has signed both may hand in the lower one last."""
    ledger.keep(signed(90))
    assert ledger.keep(signed(40)).signed == signed(90)
    (kept,) = ledger.waiting(OPERATOR)
    assert (kept.signed, kept.paid) == (signed(90), 0)
    assert ledger.keep(signed(91)).signed == signed(91)


def test_what_was_paid_is_not_paid_less_by_an_older_reading(ledger: VaultLedger) -> None:
    ledger.keep(signed(90))
    ledger.settle(signed(90).receipt, 60)
    ledger.settle(signed(90).receipt, 30)
    (kept,) = ledger.waiting(OPERATOR)
    assert kept.paid == 60
    ledger.settle(signed(90).receipt, 90)
    assert ledger.waiting(OPERATOR) == []
    assert not ledger.keep(signed(90)).waiting, "it is paid"


def test_one_that_was_given_up_waits_again_when_it_comes_again(ledger: VaultLedger) -> None:
    ledger.keep(signed(90))
    ledger.give_up(signed(90).receipt, "nothing is locked")
    assert ledger.waiting(OPERATOR) == []
    assert ledger.keep(signed(90)).waiting
    assert [kept.signed for kept in ledger.waiting(OPERATOR)] == [signed(90)]
