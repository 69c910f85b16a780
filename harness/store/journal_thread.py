"""One thread for a journal: work is done in the order it is given, and what waited meanwhile is committed together.

A commit waits for the disk, a few milliseconds wherever the disk keeps its word. While one waits more work
arrives; all of it shares the next commit. Nobody is answered before the commit that holds his rows.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

from harness.store.database import Database

T = TypeVar("T")

MOST_TOGETHER = 64


class JournalThread:
    """The thread. Until `together` has named a database, each piece of work commits by itself."""

    def __init__(self, name: str) -> None:
        self._pool = ThreadPoolExecutor(1, thread_name_prefix=name)
        self._waiting: deque[tuple[Callable[[], Any], Future[Any]]] = deque()
        self._database: Database | None = None

    def together(self, database: Database) -> None:
        """From now on, writes to this database that wait share a commit."""
        self._database = database

    async def run(self, work: Callable[[], T]) -> T:
        """What `work` returns or raises, once it is on disk. Done even when the caller is cancelled."""
        future: Future[T] = Future()
        self._waiting.append((work, future))
        self._pool.submit(self._next)
        return await asyncio.shield(asyncio.wrap_future(future))

    def close(self) -> None:
        """What was begun is finished."""
        self._pool.shutdown(wait=True)

    # -- in the thread -------------------------------------------------------------------------

    def _next(self) -> None:
        """Everything that waits; nothing, when an earlier call has done it."""
        batch: list[tuple[Callable[[], Any], Future[Any]]] = []
        while self._waiting and len(batch) < MOST_TOGETHER:
            work, future = self._waiting.popleft()
            if future.set_running_or_notify_cancel():
                batch.append((work, future))
        if len(batch) > 1 and self._database is not None:
            outcomes = _shared(self._database, [work for work, _ in batch])
            for (_, future), (result, failure) in zip(batch, outcomes, strict=True):
                _tell(future, result, failure)
            return
        for work, future in batch:
            _tell(future, *_outcome(work))


Outcome = tuple[Any, BaseException | None]


def _shared(database: Database, batch: list[Callable[[], Any]]) -> list[Outcome]:
    """Each piece's outcome; when the commit fails, that is the outcome of all that had succeeded."""
    outcomes: list[Outcome] = []
    try:
        with database.together():
            outcomes.extend(map(_outcome, batch))
    except Exception as lost:
        return [(None, failure or lost) for _, failure in outcomes]
    return outcomes


def _outcome(work: Callable[[], Any]) -> Outcome:
    try:
        return work(), None
    except BaseException as failure:
        return None, failure


def _tell(future: Future[Any], result: Any, failure: BaseException | None) -> None:
    if failure is None:
        future.set_result(result)
    else:
        future.set_exception(failure)
