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
from collections.abc import Awaitable, Callable
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
    EventRow,
    OperatorJournal,
)

EVENT_BYTES = 2_048  # more than any event takes; what is reserved for one
_IDLE_SECONDS = 1.0
_TRIED_AGAIN = (408, 425, 429)

_log = logging.getLogger(__name__)


class EventSink(Protocol):
    """The indexer, as far as events go."""

    async def post_event(self, event: Event) -> str: ...


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
        self._reserved = 0
        self._waiting, self._bytes = 0, 0
        self._wake = asyncio.Event()
        self._posting: set[str] = set()

    async def open(self) -> None:
        """Learn what an earlier life left."""
        self._waiting, self._bytes = await self._office.in_thread(self._journal.event_load)

    # -- room ----------------------------------------------------------------------------------

    def reserve(self) -> None:
        """Room for one event. Raises Refusal (503) when there is none."""
        entries = self._waiting + self._reserved
        held = self._bytes + self._reserved * EVENT_BYTES
        limits = self._limits
        if entries >= limits.max_entries or held + EVENT_BYTES > limits.max_bytes:
            raise full()
        self._reserved += 1

    def unreserve(self) -> None:
        """The reserved room is not needed, or is taken by an event that was written down."""
        self._reserved = max(0, self._reserved - 1)

    def added(self, row: EventRow) -> None:
        """An event was written down."""
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
                posted = await self.round()
            except DatabaseFailure as failure:  # posted or not, it is posted again
                _log.error("events cannot be written down", extra={"reason": brief(failure)})
                posted = 0
            if not posted:
                waiting = asyncio.ensure_future(self._wake.wait())
                pause = asyncio.ensure_future(self._sleep(_IDLE_SECONDS))
                try:
                    await asyncio.wait((waiting, pause), return_when=asyncio.FIRST_COMPLETED)
                finally:
                    waiting.cancel()
                    pause.cancel()

    async def round(self) -> int:
        """Post what is due, some at a time; how many were tried."""
        due = await self._office.in_thread(self._journal.due_events, self._limits.concurrency)
        mine = [row for row in due if row.id not in self._posting]
        await asyncio.gather(*(self._post(row) for row in mine))
        return len(mine)

    async def drain(self) -> None:
        """Post what can be posted within the shutdown's time; the rest waits on disk."""
        try:
            async with asyncio.timeout(self._limits.shutdown_drain_ms / 1000):
                while await self.round() or self._posting:
                    await asyncio.sleep(0.01)
        except TimeoutError:
            _log.info("events left for the next start", extra={"events": self._waiting})

    async def _post(self, row: EventRow) -> None:
        self._posting.add(row.id)
        try:
            state, reason, next_at = await self._outcome(row)
            faults.reach("operator.event_posted")
            await self._office.in_thread(
                lambda: self._journal.record_event(row.id, state, next_at=next_at, reason=reason)
            )
            faults.reach("operator.event_recorded")
            if state != PENDING:
                self.removed(len(row.body))
            if state == DEAD_LETTER:
                _log.error(
                    "the indexer refuses an event for good; see halo status",
                    extra={"event_id": row.id, "reason": reason},
                )
        finally:
            self._posting.discard(row.id)

    async def _outcome(self, row: EventRow) -> tuple[str, str | None, float]:
        """(state, reason, when to try again)."""
        try:
            event = event_from_wire(json.loads(row.body))
            faults.reach("operator.event_posting")
            async with asyncio.timeout(self._limits.request_timeout_ms / 1000):
                await self._sink.post_event(event)
        except (EventError, ValueError) as bad:
            return DEAD_LETTER, str(bad), 0.0
        except Refused as refusal:
            if refusal.status not in _TRIED_AGAIN and 400 <= refusal.status < 500:
                return DEAD_LETTER, refusal.code, 0.0
            return PENDING, refusal.code, self._later(row.attempts)
        except (Unreachable, TimeoutError) as failure:
            return PENDING, type(failure).__name__, self._later(row.attempts)
        return ACKNOWLEDGED, None, 0.0

    def _later(self, attempts: int) -> float:
        """Exponential with full jitter between base and cap."""
        base, cap = self._limits.retry_base_ms / 1000, self._limits.retry_cap_ms / 1000
        longest = min(cap, base * float(1 << min(attempts, 30)))
        return self._clock() + base + self._chance() * (longest - base)

    def report(self) -> dict[str, Any]:
        """For health."""
        return {"waiting": self._waiting, "bytes": self._bytes}


def full() -> Refusal:
    return refuse(
        503,
        "event_outbox_full",
        "this operator cannot tell the indexer about more work at the moment; use another operator",
        "server_error",
    )
