"""Signed events on their way to the indexer: kept until it has them, or has refused them for good.

Room for an event is taken before the work it will tell of, so a full outbox refuses work and never loses
an event. An event that is not answered is posted again, later and later; the indexer knows it by its id.
"""

from __future__ import annotations

import asyncio
import json
import logging
import random
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Any, Protocol

from harness import faults
from harness.clients.errors import Refused, Unreachable
from harness.protocol.league import Event, EventError, event_from_wire
from harness.services.operator.answers import Refusal, refuse
from harness.services.operator.office import Office
from harness.services.operator.settings import OutboxLimits
from harness.store.database import DatabaseFailure, brief
from harness.store.operator import (
    ACKNOWLEDGED,
    DEAD_LETTER,
    HELD,
    PENDING,
    EventOutcome,
    EventRow,
    OperatorJournal,
)

EVENT_BYTES = 2_048  # more than any event takes; what is reserved for one
TOGETHER = 32  # events of a request
TOGETHER_BYTES = 60_000
_IDLE_SECONDS = 1.0
_LINGER_SECONDS = 0.2
_TRIED_AGAIN = (408, 425, 429)

_log = logging.getLogger(__name__)


class EventSink(Protocol):
    """The indexer, as far as events go."""

    async def post_events(self, events: Sequence[Event]) -> list[Exception | None]:
        """What came of each; None: it has it. Raises Unreachable."""


def event_row(event: Event, *, held: bool) -> EventRow:
    """A signed event for the journal; a held one waits until its answer was delivered."""
    body = json.dumps(event.to_wire(), ensure_ascii=False).encode()
    return EventRow(event.id, body, HELD if held else PENDING)


class EventOutbox:
    """Posts what the journal has. On one event loop."""

    def __init__(
        self,
        journal: OperatorJournal,
        sink: EventSink,
        office: Office,
        limits: OutboxLimits,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        chance: Callable[[], float] = random.random,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._journal = journal
        self._sink = sink
        self._office = office
        self._limits = limits
        self._sleep, self._chance, self._clock = sleep, chance, clock
        self._reserved: set[str] = set()
        self._waiting, self._bytes = 0, 0
        self._wake = asyncio.Event()
        self._posting: set[str] = set()

    async def open(self) -> None:
        """Learn what an earlier life left."""
        self._waiting, self._bytes = await self._office.in_thread(self._journal.event_load)

    # -- room ----------------------------------------------------------------------------------

    def reserve(self, identity: str) -> None:
        """Room for the event of this request. Raises Refusal (503) when there is none."""
        entries = self._waiting + len(self._reserved)
        held = self._bytes + len(self._reserved) * EVENT_BYTES
        limits = self._limits
        if entries >= limits.max_entries or held + EVENT_BYTES > limits.max_bytes:
            raise full()
        self._reserved.add(identity)

    def unreserve(self, identity: str) -> None:
        """No event comes of it, or it was written down already."""
        self._reserved.discard(identity)

    def added(self, row: EventRow) -> None:
        """An event was written down; it takes the room that was reserved for it."""
        self._reserved.discard(row.id)
        self._waiting += 1
        self._bytes += len(row.body)
        self.wake()

    def removed(self, size: int) -> None:
        """An event of so many bytes waits no more."""
        self._waiting -= 1
        self._bytes -= size

    def wake(self) -> None:
        """There may be something to post."""
        self._wake.set()

    # -- posting -------------------------------------------------------------------------------

    async def run(self) -> None:
        """Post until cancelled."""
        while True:
            self._wake.clear()
            try:
                tried = await self.round()
            except DatabaseFailure as failure:  # posted or not, it is posted again
                _log.error("events cannot be written down", extra={"reason": brief(failure)})
                tried = 0
            if tried < TOGETHER:
                await self._pause()

    async def _pause(self) -> None:
        """Until there may be something to post, and a moment longer: what is told then is told together."""
        waiting = asyncio.ensure_future(self._wake.wait())
        idle = asyncio.ensure_future(self._sleep(_IDLE_SECONDS))
        try:
            await asyncio.wait((waiting, idle), return_when=asyncio.FIRST_COMPLETED)
        finally:
            waiting.cancel()
            idle.cancel()
        if self._wake.is_set():
            await self._sleep(_LINGER_SECONDS)

    async def round(self) -> int:
        """Post what is due, some at a time; how many were tried."""
        most = self._limits.concurrency * TOGETHER
        due = await self._office.in_thread(self._journal.due_events, most)
        mine = [row for row in due if row.id not in self._posting]
        await asyncio.gather(*(self._post(rows) for rows in _batches(mine)))
        return len(mine)

    async def drain(self) -> None:
        """Post what can be posted within the shutdown's time; the rest waits on disk."""
        try:
            async with asyncio.timeout(self._limits.shutdown_drain_ms / 1000):
                while await self.round() or self._posting:
                    await asyncio.sleep(0.01)
        except TimeoutError:
            _log.info("events left for the next start", extra={"events": self._waiting})

    async def _post(self, rows: list[EventRow]) -> None:
        identities = {row.id for row in rows}
        self._posting |= identities
        try:
            outcomes = await self._outcomes(rows)
            faults.reach("operator.event_posted")
            await self._office.in_thread(self._journal.record_events, outcomes)
            faults.reach("operator.event_recorded")
            for row, outcome in zip(rows, outcomes, strict=True):
                if outcome.state != PENDING:
                    self.removed(len(row.body))
                if outcome.state == DEAD_LETTER:
                    _log.error(
                        "the indexer refuses an event for good; see halo status",
                        extra={"event_id": row.id, "reason": outcome.reason},
                    )
        finally:
            self._posting -= identities

    async def _outcomes(self, rows: list[EventRow]) -> list[EventOutcome]:
        """What became of each, in their order."""
        events: dict[str, Event] = {}
        failures: dict[str, Exception | None] = {}
        for row in rows:
            try:
                events[row.id] = event_from_wire(json.loads(row.body))
            except (EventError, ValueError) as bad:
                failures[row.id] = bad
        faults.reach("operator.event_posting")
        try:
            async with asyncio.timeout(self._limits.request_timeout_ms / 1000):
                answers = await self._sink.post_events(list(events.values()))
            failures |= dict(zip(events, answers, strict=True))
        except (Unreachable, TimeoutError) as failure:
            failures |= dict.fromkeys(events, failure)
        return [self._outcome(row, failures[row.id]) for row in rows]

    def _outcome(self, row: EventRow, failure: Exception | None) -> EventOutcome:
        if failure is None:
            return EventOutcome(row.id, ACKNOWLEDGED)
        if isinstance(failure, Refused):
            final = failure.status not in _TRIED_AGAIN and 400 <= failure.status < 500
            if final:
                return EventOutcome(row.id, DEAD_LETTER, reason=failure.code)
            return EventOutcome(row.id, PENDING, self._later(row.attempts), failure.code)
        if isinstance(failure, (Unreachable, TimeoutError)):
            reason = type(failure).__name__
            return EventOutcome(row.id, PENDING, self._later(row.attempts), reason)
        return EventOutcome(row.id, DEAD_LETTER, reason=str(failure))

    def _later(self, attempts: int) -> float:
        """Exponential with full jitter between base and cap."""
        base, cap = self._limits.retry_base_ms / 1000, self._limits.retry_cap_ms / 1000
        longest = min(cap, base * float(1 << min(attempts, 30)))
        return self._clock() + base + self._chance() * (longest - base)

    def report(self) -> dict[str, Any]:
        """For health."""
        return {"waiting": self._waiting, "bytes": self._bytes}


def _batches(rows: list[EventRow]) -> Iterator[list[EventRow]]:
    """As many together as one request takes."""
    batch: list[EventRow] = []
    size = 0
    for row in rows:
        if batch and (len(batch) == TOGETHER or size + len(row.body) > TOGETHER_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(row)
        size += len(row.body)
    if batch:
        yield batch


def full() -> Refusal:
    return refuse(
        503,
        "event_outbox_full",
        "this operator cannot tell the indexer about more work at the moment; use another operator",
        "server_error",
    )
