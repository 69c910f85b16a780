"""A payment in doubt: what each thing that a facilitator may say of it, or not say, makes of it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from harness.clients.errors import NoSuchRoute, Unreachable
from harness.diamond.vault import Pair
from harness.services.operator.credit import Tabs
from harness.services.operator.office import Office
from harness.services.operator.receipts import tab_row
from harness.services.operator.recovery import (
    DOUBT_SECONDS,
    KEPT_SECONDS,
    PAID_SECONDS,
    Recovery,
)
from harness.store.database import Database
from harness.store.operator import (
    ANSWERED,
    DELIVERED,
    OPERATOR,
    RELEASED,
    VOIDED,
    OperatorJournal,
    PaymentRow,
    RequestRow,
)

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


# -- what an earlier life, or nobody, took up ------------------------------------------------------


class Life:
    """A recovery over a journal, with a clock to set and nobody to ask."""

    def __init__(self, tmp_path: Path) -> None:
        self.now = 1_000_000.0
        self.database = Database.open(tmp_path / "state" / "o.db", OPERATOR)
        self.journal = OperatorJournal(self.database, clock=lambda: self.now)
        self.tabs = Tabs()
        self.working: set[str] = set()
        self.woken = 0

    def wake(self) -> None:
        self.woken += 1

    async def recovered(self, *steps: str) -> None:
        office, unused = Office(), None
        recovery = Recovery(
            self.journal, office, self.tabs, self, unused, Ledger(None), unused, "eip155:1", self.working
        )  # fmt: skip
        for step in steps:
            await getattr(recovery, step)()
        office.close()

    def run(self, *steps: str) -> None:
        asyncio.run(self.recovered(*steps))

    def state(self, name: str) -> str:
        row = self.journal.request(name)
        assert row is not None
        return row.state

    def admit(self, name: str, payment: str | None = None, rail: str = "vault") -> None:
        row = RequestRow(name, None, "0x", rail, PAYER, "m", 80, cycle=1, payment=payment)
        paid = (
            None if payment is None else PaymentRow(payment, "0x0" + payment, name, PAYER, 80, END)
        )
        self.journal.admit(row, paid)


@pytest.fixture
def life(tmp_path: Path) -> Any:
    found = Life(tmp_path)
    yield found
    found.database.close()


def test_what_was_cut_off_is_released_unless_something_was_handed_out_or_is_in_doubt(
    life: Life,
) -> None:
    tab = life.tabs.at(PAYER, Pair(1_000, 0, 3_600, 0, 1))
    for name in ("nothing", "streamed", "working"):
        life.admit(name)
    life.admit("locked", "a")
    life.admit("doubtful", "b", rail="exact")
    life.journal.settling("b", "doubtful", amount=80, tokens=8, answer=b"a", event=b"{}")
    life.journal.accrued("streamed", 30, 3, tab_row(PAYER, tab))
    life.working.add("working")
    life.now = END - 1.0
    life.run("start")
    assert life.state("nothing") == life.state("locked") == RELEASED
    assert life.state("streamed") == DELIVERED
    assert life.state("working") == life.state("doubtful") == "admitted"
    assert [row.id for row in life.journal.unsettled()] == ["b"]


def test_a_doubt_that_somebody_works_on_is_left_to_him(life: Life) -> None:
    life.admit("doubtful", "b", rail="exact")
    life.journal.settling("b", "doubtful", amount=80, tokens=8, answer=b"a", event=b"{}")
    life.working.add("doubtful")
    life.run("settle_doubts")
    assert len(life.journal.unsettled()) == 1
    life.working.clear()
    life.run("settle_doubts")
    assert life.journal.unsettled() == []


@pytest.mark.parametrize(
    ("held", "state", "owed"),
    [(100, DELIVERED, 100), (99, VOIDED, 99), (0, VOIDED, 20), (70, VOIDED, 70)],
)
def test_what_nobody_came_for_is_off_the_tab_as_far_as_no_receipt_covers_it(
    life: Life, held: int, state: str, owed: int
) -> None:
    tab = life.tabs.at(PAYER, Pair(1_000, 0, 3_600, 0, 1))
    for name, amount in (("before", 20), ("lost", 80)):
        life.admit(name)
        tab.admit(amount, 1_000).finish(amount)
        life.journal.answered(name, amount=amount, tokens=8, answer=b"a", checkpoint=tab.owed)
    life.journal.delivered("before")
    tab.receive(held)
    life.now += KEPT_SECONDS - 1
    life.run("void_undelivered")
    assert life.state("lost") == ANSWERED, "it may be asked for yet"
    life.now += 2
    life.working.add("lost")
    life.run("void_undelivered")
    assert life.state("lost") == ANSWERED, "it is being asked for"
    life.working.clear()
    life.run("void_undelivered")
    assert (life.state("lost"), tab.owed) == (state, owed)
    assert life.woken == (state == DELIVERED)


def test_an_answer_that_was_paid_exactly_is_kept_for_a_day(life: Life) -> None:
    life.admit("paid", rail="exact")
    life.journal.answered("paid", amount=80, tokens=8, answer=b"a")
    life.now += PAID_SECONDS - 1
    life.run("void_undelivered")
    assert life.state("paid") == ANSWERED
    life.now += 2
    life.run("void_undelivered")
    assert life.state("paid") == DELIVERED


def test_cycles_that_ended_unpaid_are_remembered(life: Life) -> None:
    for cycle, held in ((1, 0), (2, 80), (3, 0)):
        tab = life.tabs.at(PAYER, Pair(1_000, 0, 3_600, 0, cycle))
        tab.admit(80, 1_000).finish(80)
        tab.receive(held)
        life.journal.keep_tab(tab_row(PAYER, tab))
    life.tabs = Tabs()
    life.run("start")
    found = life.tabs.newest(PAYER)
    assert found is not None and (found.cycle, found.owed) == (3, 80)
    assert life.tabs.defaults(PAYER) == 1, "the newest may be paid yet"
