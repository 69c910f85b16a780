"""What an operator's journal keeps when writings of one thing meet, and what it lets go."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from harness.store.database import Database
from harness.store.operator import (
    ACKNOWLEDGED,
    ANSWERED,
    DELIVERED,
    HELD,
    OPERATOR,
    PENDING,
    EventOutcome,
    EventRow,
    IdempotencyTaken,
    OperatorJournal,
    PaymentRow,
    PaymentTaken,
    ProvisionalReceipt,
    RequestRow,
    TabRow,
)

WHO = "0x00000000000000000000000000000000000000A1"
VAULT = "0x00000000000000000000000000000000000000B1"
DAY = 86_400.0
TAB = TabRow(WHO, 1, 100, 10, 50, 20, 1_000, 5, 3_605, b"fifty")


class Clock:
    def __init__(self) -> None:
        self.now = 10 * DAY

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = Database.open(tmp_path / "state" / "o.db", OPERATOR)
    yield opened
    opened.close()


@pytest.fixture
def journal(database: Database, clock: Clock) -> OperatorJournal:
    return OperatorJournal(database, VAULT, clock)


def merged(journal: OperatorJournal, *rows: TabRow) -> TabRow:
    for row in rows:
        journal.keep_tab(row)
    found = journal.tab(WHO, 1)
    assert found is not None
    return found


def request(name: str, **more: object) -> RequestRow:
    return replace(RequestRow(name, None, "0x", "vault", WHO, "m", 80, cycle=1), **more)  # type: ignore[arg-type]


def payment(name: str, request: str, end: int = 0) -> PaymentRow:
    return PaymentRow(name, "0x" + name, request, WHO, 80, end)


def event(name: str, state: str = HELD) -> EventRow:
    return EventRow(name, b"{}", state)


# -- tabs ------------------------------------------------------------------------------------------


def test_counters_only_grow_whoever_writes_last(journal: OperatorJournal) -> None:
    late = replace(TAB, served=90, voided=0, held=0, signature=None)
    assert merged(journal, TAB, late) == TAB
    more = merged(journal, replace(late, served=110, voided=11))
    assert (more.served, more.voided) == (110, 11)


def test_the_highest_receipt_stays_with_its_signature(journal: OperatorJournal) -> None:
    lower = replace(TAB, held=49, signature=b"forty-nine")
    unsigned = replace(TAB, held=60, signature=None)
    for row in (merged(journal, TAB, lower), merged(journal, unsigned)):
        assert (row.held, row.signature) == (50, b"fifty")
    higher = merged(journal, replace(TAB, held=60, signature=b"sixty"))
    assert (higher.held, higher.signature) == (60, b"sixty")


def test_what_was_refused_stays_refused_until_a_higher_receipt_comes(
    journal: OperatorJournal,
) -> None:
    journal.keep_tab(TAB)
    journal.bury(WHO, 1, "invalid-request")
    for row in (replace(TAB, held=0, signature=None), replace(TAB, held=40, signature=b"forty")):
        assert merged(journal, row).dead == "invalid-request"
    assert merged(journal, replace(TAB, held=51, signature=b"more")).dead is None


def test_the_chains_figures_are_those_of_the_newest_redemption(journal: OperatorJournal) -> None:
    older = replace(TAB, redeemed=0, collectable=900, expiry=3_000)
    row = merged(journal, TAB, older)
    assert (row.redeemed, row.collectable, row.expiry) == (20, 1_000, 3_605)
    grown = merged(journal, replace(TAB, collectable=1_500, expiry=4_000))
    assert (grown.collectable, grown.expiry) == (1_500, 4_000)


def test_tabs_of_another_vault_are_not_ours(journal: OperatorJournal, database: Database) -> None:
    journal.keep_tab(TAB)
    other = OperatorJournal(database, WHO)
    assert other.tabs() == [] and other.tab(WHO, 1) is None
    assert journal.tabs() == [TAB]


def test_of_provisional_receipts_the_highest_is_kept(journal: OperatorJournal) -> None:
    high = ProvisionalReceipt(WHO, 1, 30, b"thirty")
    for receipt in (high, ProvisionalReceipt(WHO, 1, 20, b"twenty")):
        journal.keep_provisional(receipt)
    assert journal.provisional_receipts() == [high]
    journal.drop_provisional(ProvisionalReceipt(WHO, 1, 20, b"twenty"))  # it was replaced
    assert journal.provisional_receipts() == [high]


# -- requests, payments, events --------------------------------------------------------------------


def test_what_was_not_charged_may_come_again_and_nothing_else(journal: OperatorJournal) -> None:
    for state in ("released", "voided"):
        name, key = f"req_{state}", f"key:{state}"
        journal.admit(request(name, idempotency=key))
        journal.answered(name, amount=80, tokens=8, answer=b"a")
        with pytest.raises(IdempotencyTaken):
            journal.admit(request(name))
        with pytest.raises(IdempotencyTaken):
            journal.admit(request("req_other", idempotency=key))
        if state == "released":
            journal.release(name)
        else:
            journal.void(name, None, name)
        journal.admit(request(f"{name}_2", idempotency=key))


def test_a_payment_that_moved_money_is_not_freed_by_a_release(journal: OperatorJournal) -> None:
    journal.admit(request("req_1", payment="p"), payment("p", "req_1"))
    journal.settling("p", "req_1", amount=80, tokens=8, answer=b"a", event=b"{}")
    journal.settled("p", "req_1", "0xabc", event("req_1", PENDING))
    journal.release("req_1")
    with pytest.raises(PaymentTaken):
        journal.admit(request("req_2", payment="p"), payment("p", "req_2"))
    journal.admit(request("req_3", payment="q"), payment("q", "req_3"))
    journal.release("req_3")
    journal.admit(request("req_4", payment="q"), payment("q", "req_4"))


def test_the_event_of_an_answer_is_told_once_it_is_delivered_and_never_when_voided(
    journal: OperatorJournal,
) -> None:
    for name in ("req_1", "req_2", "req_3"):
        journal.admit(request(name))
        journal.answered(name, amount=80, tokens=8, answer=b"a", event=event(name))
        journal.answered(name, amount=80, tokens=8, answer=b"a", event=event(name))
    assert journal.due_events(9) == []
    journal.delivered("req_1", "req_1")
    journal.void("req_2", None, "req_2")
    journal.void("req_1", None, "req_1")  # it is on its way already
    assert [each.id for each in journal.due_events(9)] == ["req_1"]
    journal.delivered("req_2", "req_2")
    assert [each.id for each in journal.due_events(9)] == ["req_1"]


def test_what_is_open_is_not_forgotten_and_a_payment_not_before_its_end(
    journal: OperatorJournal, clock: Clock
) -> None:
    old = clock.now - 2 * DAY
    clock.now -= 3 * DAY
    for name in ("admitted", "answered", "delivered", "settled", "failed", "locked"):
        end = int(clock.now + 10 * DAY) if name == "settled" else 1
        paid = payment(name, name, end) if name in ("settled", "failed", "locked") else None
        journal.admit(request(name, payment=name if paid else None), paid)
    for name in ("answered", "delivered"):
        journal.answered(name, amount=80, tokens=8, answer=b"a")
    journal.delivered("delivered")
    for name in ("settled", "failed"):
        journal.settling(name, name, amount=80, tokens=8, answer=b"a", event=b"{}")
    journal.settled("settled", "settled", "0xabc", event("settled", PENDING))
    journal.not_settled("failed", "failed")
    journal.record_events([EventOutcome("settled", ACKNOWLEDGED)])
    clock.now += 3 * DAY
    journal.forget(old, old)
    kept = {name: journal.request(name) for name in ("admitted", "answered", "settled", "locked")}
    assert all(kept.values())
    answered = kept["answered"]
    assert answered is not None and (answered.state, answered.answer) == (ANSWERED, b"a")
    assert journal.request("delivered") is None and journal.request("failed") is None
    found = {name: journal.payment(name) for name in ("settled", "failed", "locked")}
    assert [name for name, row in found.items() if row] == ["settled", "locked"]


def test_an_answer_is_dropped_before_its_row(journal: OperatorJournal, clock: Clock) -> None:
    journal.admit(request("req_1"))
    journal.answered("req_1", amount=80, tokens=8, answer=b"a")
    journal.delivered("req_1")
    clock.now += 600
    journal.forget(clock.now - 1, clock.now - DAY)
    row = journal.request("req_1")
    assert row is not None and (row.state, row.answer) == (DELIVERED, None)
