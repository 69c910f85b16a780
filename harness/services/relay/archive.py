"""The audit beside the event loop: rows are gathered and written in a thread, a second at a time.

Routing never waits for the database. Rows that find no room are counted, not kept.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from concurrent.futures import ThreadPoolExecutor

from harness import faults
from harness.services.relay.metrics import Metrics
from harness.services.relay.versions import LOWEST, Version, parse_version
from harness.store.database import DatabaseFailure
from harness.store.relay import Passage, RelayRecords

MOST_ROWS = 10_000
FLUSH_SECONDS, FLOOR_SECONDS, PRUNE_SECONDS = 1.0, 30.0, 3_600.0

_log = logging.getLogger(__name__)


class Archive:
    """Audit rows on their way to disk, and the version floor as it was last read."""

    def __init__(
        self, records: RelayRecords, metrics: Metrics, floor: Version | None, days: int
    ) -> None:
        self.records = records
        self.floor = floor or LOWEST
        self._configured = floor
        self._days = days
        self._metrics = metrics
        self._rows: list[Passage] = []
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="relay-archive")
        self._task: asyncio.Task[None] | None = None

    def note(self, passage: Passage) -> None:
        if len(self._rows) < MOST_ROWS:
            self._rows.append(passage)
        else:
            self._metrics.audit_dropped.inc()

    async def start(self) -> None:
        """Share the floor that was configured, or take the one that others set."""
        if self._configured is not None:
            faults.reach("relay.floor_setting")
            await self._in_thread(self.records.set_floor, str(self._configured))
            faults.reach("relay.floor_set")
        await self._read_floor()
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        await self.flush()
        self._pool.shutdown(wait=True)

    async def flush(self) -> None:
        """Write what was gathered; a database that is away loses at most what found no room."""
        rows, self._rows = self._rows, []
        if not rows:
            return
        faults.reach("relay.audit_writing")
        if not await self._in_thread(self.records.append, rows):
            self._rows = rows[-(MOST_ROWS - len(self._rows)) :] + self._rows
        faults.reach("relay.audit_written")

    async def _run(self) -> None:
        read = time.monotonic()
        pruned = -PRUNE_SECONDS  # at once: a relay that never lives an hour must prune as well
        while True:
            await asyncio.sleep(FLUSH_SECONDS)
            await self.flush()
            now = time.monotonic()
            if now - read >= FLOOR_SECONDS:
                read = now
                await self._read_floor()
            if now - pruned >= PRUNE_SECONDS:
                pruned = now
                faults.reach("relay.audit_pruning")
                await self._in_thread(self.records.prune, time.time() - self._days * 86_400)
                faults.reach("relay.audit_pruned")

    async def _read_floor(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            text = await loop.run_in_executor(self._pool, self.records.floor)
            self.floor = LOWEST if text is None else parse_version(text)
        except (DatabaseFailure, ValueError) as reason:
            _log.warning("version floor not read", extra={"reason": type(reason).__name__})

    async def _in_thread(self, work: object, *arguments: object) -> bool:
        """Whether the database took it."""
        loop = asyncio.get_running_loop()
        try:
            await loop.run_in_executor(self._pool, work, *arguments)  # type: ignore[arg-type]
        except DatabaseFailure as reason:
            _log.warning("the database does not answer", extra={"reason": type(reason).__name__})
            return False
        return True
