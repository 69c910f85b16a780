"""The outbox: room before work, retries that grow, refusals that end, nothing lost or told twice."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from harness.chain.keys import LocalSigner
from harness.clients.errors import Refused, Unreachable
from harness.inference.mock import MockProvider
from harness.protocol.league import Event, VaultEvent
from harness.services.operator.answers import Refusal
from harness.services.operator.app import Operator
from harness.services.operator.events import (
    EVENT_BYTES,
    TOGETHER,
    TOGETHER_BYTES,
    EventOutbox,
    _batches,
    event_row,
)
from harness.services.operator.office import Office
from harness.services.operator.settings import OutboxLimits
from harness.store.database import Database
from harness.store.operator import OPERATOR, OperatorJournal, RequestRow

from .scripted_relay import ScriptedRelay
from .test_vault import code, play
from .world import Customer, World, question

ME = LocalSigner.from_phrase("event tests")
OTHER = LocalSigner.from_phrase("event tests: consumer").address


class Sink:
    """Answers as told."""

    def __init__(self, *answers: Exception | None) -> None:
        self.answers = list(answers)
        self.posted: list[Event] = []
        self.requests = 0

    async def post_events(self, events: Sequence[Event]) -> list[Exception | None]:
        self.posted.extend(events)
        self.requests += 1
        return [self.answers.pop(0) if self.answers else None for _ in events]


def event(number: int) -> VaultEvent:
    return VaultEvent(
        f"req_{number}", ME.address, OTHER, "m", 8, 80, 5, "2027-01-15T08:00:00.000Z", 1, 80
    ).signed(ME)


def outbox(
    tmp_path: Path, sink: Sink, **limits: int
) -> tuple[EventOutbox, OperatorJournal, list[float]]:
    now = [1_000.0]
    journal = OperatorJournal(
        Database.open(tmp_path / "state" / "o.db", OPERATOR), clock=lambda: now[0]
    )
    box = EventOutbox(
        journal, sink, Office(), OutboxLimits(**limits),
        chance=lambda: 1.0, clock=lambda: now[0],
    )  # fmt: skip
    return box, journal, now


def served(journal: OperatorJournal, box: EventOutbox, number: int) -> None:
    """A request that was served and delivered, with its event."""
    row = RequestRow(f"req_{number}", None, "0x", "vault", OTHER, "m", 80)
    journal.admit(row)
    told = event_row(event(number), held=True)
    journal.answered(row.id, amount=80, tokens=8, answer=None, event=told)
    box.added(told)
    journal.delivered(row.id, row.id)


def rounds(box: EventOutbox, count: int, between: Callable[[], None] = lambda: None) -> None:
    async def main() -> None:
        for _ in range(count):
            await box.round()
            between()

    asyncio.run(main())


def test_what_is_posted_is_posted_once(tmp_path: Path) -> None:
    sink = Sink()
    box, journal, _ = outbox(tmp_path, sink)
    served(journal, box, 1)
    rounds(box, 3)
    assert [e.id for e in sink.posted] == ["req_1"] and sink.posted[0] == event(1)
    assert box.report() == {"waiting": 0, "bytes": 0}


def test_what_was_not_delivered_is_not_told(tmp_path: Path) -> None:
    sink = Sink()
    box, journal, _ = outbox(tmp_path, sink)
    journal.admit(RequestRow("req_1", None, "0x", "vault", OTHER, "m", 80))
    journal.answered(
        "req_1", amount=80, tokens=8, answer=None, event=event_row(event(1), held=True)
    )
    rounds(box, 2)
    assert sink.posted == []


@pytest.mark.parametrize(
    "failure",
    [
        Unreachable("indexer", "away"),
        Refused("indexer", 429, "rate_limited", "slow down"),
        Refused("indexer", 408, "timeout", "late"),
        TimeoutError(),
    ],
)
def test_what_may_pass_is_tried_again_later_and_later(tmp_path: Path, failure: Exception) -> None:
    sink = Sink(*[failure] * 12)
    box, journal, now = outbox(tmp_path, sink, retry_base_ms=1_000, retry_cap_ms=60_000)
    served(journal, box, 1)
    waits = []
    for _ in range(12):
        rounds(box, 1)
        (row,) = _pending(journal)
        waits.append(row.next_at - now[0])
        rounds(box, 1)  # not due yet
        now[0] = row.next_at
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60, 60, 60, 60, 60]
    assert len(sink.posted) == 12
    rounds(box, 1)
    assert len(sink.posted) == 13 and not _pending(journal)


@pytest.mark.parametrize("status", [400, 401, 409, 422])
def test_what_is_refused_for_good_is_kept_for_a_person(tmp_path: Path, status: int) -> None:
    sink = Sink(Refused("indexer", status, "invalid_signature", "no"))
    box, journal, now = outbox(tmp_path, sink)
    served(journal, box, 1)
    served(journal, box, 2)
    rounds(box, 2)
    now[0] += 10**6
    rounds(box, 2)
    assert len(sink.posted) == 2
    (dead,) = journal.dead_letters()
    assert dead.reason == "invalid_signature"
    assert box.report()["waiting"] == 0


def test_many_travel_together_and_each_has_its_own_end(tmp_path: Path) -> None:
    refused = Refused("indexer", 400, "invalid_signature", "no")
    sink = Sink(None, refused, Refused("indexer", 429, "rate_limited", "slow down"))
    box, journal, _ = outbox(tmp_path, sink)
    count = 2 * TOGETHER + 1
    for number in range(count):
        served(journal, box, number)
    rounds(box, 1)
    assert (len(sink.posted), sink.requests) == (count, 3)
    assert [row.id for row in journal.dead_letters()] == ["req_1"]
    assert [row.id for row in _pending(journal)] == ["req_2"]
    assert box.report()["waiting"] == 1


def test_a_request_is_bounded_in_bytes(tmp_path: Path) -> None:
    sink = Sink()
    box, journal, _ = outbox(tmp_path, sink)
    for number in range(3):
        told = replace(event(number), model="m" * 256)
        journal.admit(RequestRow(told.id, None, "0x", "vault", OTHER, "m", 80))
        row = event_row(told.signed(ME), held=True)
        journal.answered(told.id, amount=80, tokens=8, answer=None, event=row)
        journal.delivered(told.id, told.id)
        box.added(row)
    size = len(row.body)
    assert size * TOGETHER < TOGETHER_BYTES < 64 * 1024, (
        "events of usual size are bounded by number"
    )
    assert [len(b) for b in _batches([replace(row, body=bytes(25_000))] * 5)] == [2, 2, 1]
    assert [len(b) for b in _batches([replace(row, body=bytes(70_000))] * 2)] == [1, 1]
    rounds(box, 1)
    assert sink.requests == 1


def test_no_answer_at_all_is_tried_again(tmp_path: Path) -> None:
    class Away(Sink):
        async def post_events(self, events: Sequence[Event]) -> list[Exception | None]:
            raise Unreachable("indexer", "away")

    box, journal, _ = outbox(tmp_path, Away())
    for number in range(2):
        served(journal, box, number)
    rounds(box, 1)
    assert [(row.id, row.attempts) for row in _pending(journal)] == [("req_0", 1), ("req_1", 1)]


def test_room_is_taken_before_the_work(tmp_path: Path) -> None:
    box, journal, _ = outbox(tmp_path, Sink(), max_entries=2)
    asyncio.run(box.open())
    box.reserve("req_1")
    served(journal, box, 1)  # in the room that was reserved for it
    box.reserve("req_2")
    with pytest.raises(Refusal) as caught:
        box.reserve("req_3")
    assert caught.value.answer.status == 503 and caught.value.code == "event_outbox_full"
    box.unreserve("req_2")
    box.reserve("req_3")


def test_bytes_are_bounded_too_and_counted_again_at_the_start(tmp_path: Path) -> None:
    box, journal, _ = outbox(tmp_path, Sink(), max_bytes=64 * 1024)
    served(journal, box, 1)
    again = EventOutbox(journal, Sink(), Office(), OutboxLimits(max_bytes=64 * 1024))
    asyncio.run(again.open())
    assert again.report() == box.report() and box.report()["waiting"] == 1
    taken = 0
    with pytest.raises(Refusal):
        while True:
            again.reserve(f"req_{taken}")
            taken += 1
    assert taken == (64 * 1024 - again.report()["bytes"]) // EVENT_BYTES


def test_a_full_outbox_refuses_work_and_loses_nothing(world: World, tmp_path: Path) -> None:
    provider = MockProvider()

    async def scene(relay: ScriptedRelay, operator: Operator, customer: Customer) -> None:
        world.hand.event_answers = [(500, {})] * 50
        for _ in range(2):
            answer = await relay.ask(question(), customer.vault_headers())
            assert answer.status == 200
        for headers in (
            customer.vault_headers(),
            customer.payment(await relay.ask(question())),
        ):
            full = await relay.ask(question(), headers)
            assert (full.status, code(full)) == (503, "event_outbox_full")
        assert provider.calls == 2
        world.hand.event_answers.clear()
        async with asyncio.timeout(10):
            while len(world.hand.events) < 2:
                await asyncio.sleep(0.05)
        while operator.outbox.report()["waiting"]:
            await asyncio.sleep(0.01)
        assert (await relay.ask(question(), customer.vault_headers())).status == 200

    play(world, tmp_path, scene, provider, outbox_max_entries=2, outbox_retry_base_ms=100)


def _pending(journal: OperatorJournal) -> list[Any]:
    from sqlalchemy import select

    from harness.store.operator import PENDING, _event, events

    with journal._database.read() as connection:
        rows = connection.execute(select(events).where(events.c.state == PENDING))
        return [_event(row) for row in rows]
