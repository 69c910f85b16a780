"""A payment in doubt: what each thing that a facilitator may say of it, or not say, makes of it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from harness.clients.errors import NoSuchRoute, Unreachable
from harness.services.operator.office import Office
from harness.services.operator.recovery import DOUBT_SECONDS, Recovery
from harness.store.database import Database
from harness.store.operator import OPERATOR, OperatorJournal, PaymentRow, RequestRow

PAYER = "0x00000000000000000000000000000000000000A1"
END = 2_000  # of the authorisation, seconds since the epoch


class Ledger:
    def __init__(self, says: dict[str, Any] | Exception | None) -> None:
        self.says = says

    async def settlement(self, _digest: bytes | str) -> dict[str, Any] | None:
        if isinstance(self.says, Exception):
            raise self.says
        return self.says


def in_doubt(tmp_path: Path, says: dict[str, Any] | Exception | None, now: float) -> bool:
    """Whether it still is, after one look at this time."""
    database = Database.open(tmp_path / "state" / "o.db", OPERATOR)
    journal = OperatorJournal(database, clock=lambda: now)
    payment = PaymentRow("p", "0x01", "req_1", PAYER, 80, END)
    journal.admit(RequestRow("req_1", None, "0x", "exact", PAYER, "m", 80), payment)
    journal.settling("p", "req_1", amount=80, tokens=8, answer=b"", event=b"{}")
    office = Office()
    unused: Any = None
    recovery = Recovery(
        journal, office, unused, unused, unused, Ledger(says), unused, "eip155:31337", frozenset()
    )
    asyncio.run(recovery.settle_doubts())
    office.close()
    return [row.id for row in journal.unsettled()] == ["p"]


@pytest.mark.parametrize("says", [None, NoSuchRoute("facilitator", "404")], ids=repr)
def test_who_keeps_no_record_of_it_leaves_it_to_the_signatures_end(
    tmp_path: Path, says: Exception | None
) -> None:
    assert in_doubt(tmp_path / "valid", says, END - 1)
    assert in_doubt(tmp_path / "on its way", says, END + DOUBT_SECONDS)
    assert not in_doubt(tmp_path / "over", says, END + DOUBT_SECONDS + 1)


def test_no_answer_decides_nothing(tmp_path: Path) -> None:
    assert in_doubt(tmp_path, Unreachable("facilitator", "away"), END + 10 * DOUBT_SECONDS)


def test_its_word_that_it_failed_is_enough(tmp_path: Path) -> None:
    assert not in_doubt(tmp_path, {"state": "failed"}, END - 1)
