"""One thread for a journal: work is done in the order it is given, and what waited meanwhile is committed together.

A commit waits for the disk, a few milliseconds wherever the disk keeps its word. While one waits more work
arrives; all of it shares the next commit. Nobody is answered before the commit that holds his rows.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from threading import Lock, Thread
from typing import Any, TypeVar

from harness.store.database import Database

T = TypeVar("T")

MOST_TOGETHER = 64

Outcome = tuple[Any, BaseException | None]


@dataclass(frozen=True)
class _Work:
    do: Callable[[], Any]
    told: asyncio.Future[Any]


class JournalThread:
    """The thread. Until `together` has named a database, each piece of work commits by itself."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._waiting: SimpleQueue[_Work | None] = SimpleQueue()  # None: the end
        self._life = Lock()
        self._thread: Thread | None = None
        self._closed = False
        self._database: Database | None = None

    def together(self, database: Database) -> None:
        """From now on, writes to this database that wait share a commit, and find its connection open."""
        self._database = database

    async def run(self, work: Callable[[], T]) -> T:
        """What `work` returns or raises, once it is on disk. Done even when the caller is cancelled."""
        told: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        with self._life:
            if self._closed:
                raise RuntimeError("the journal is closed")
            if self._thread is None:
                self._thread = Thread(target=self._work, name=self._name, daemon=True)
                self._thread.start()
            self._waiting.put(_Work(work, told))
        return await told

    def close(self) -> None:
        """What was begun is finished."""
        with self._life:
            self._closed = True
            self._waiting.put(None)
        if self._thread is not None:
            self._thread.join()

    # -- in the thread -------------------------------------------------------------------------

    def _work(self) -> None:
        last = at_hand = False
        with ExitStack() as stack:
            while not last:
                batch, last = self._next()
                if not at_hand and self._database is not None:
                    stack.enter_context(self._database.at_hand())
                    at_hand = True
                if batch:
                    _tell(batch, self._outcomes([work.do for work in batch]))

    def _next(self) -> tuple[list[_Work], bool]:
        """Everything that waits, once something does; and whether nothing comes after it."""
        batch: list[_Work] = []
        work = self._waiting.get()
        with suppress(Empty):
            while work is not None:
                batch.append(work)
                if len(batch) == MOST_TOGETHER:
                    return batch, False
                work = self._waiting.get_nowait()
            return batch, True
        return batch, False

    def _outcomes(self, batch: list[Callable[[], Any]]) -> list[Outcome]:
        """Each piece's outcome; when a shared commit fails, that is the outcome of all that had succeeded."""
        if len(batch) == 1 or self._database is None:
            return [_outcome(do) for do in batch]
        outcomes: list[Outcome] = []
        try:
            with self._database.together():
                outcomes.extend(map(_outcome, batch))
        except Exception as lost:
            return [(None, failure or lost) for _, failure in outcomes]
        return outcomes


def _outcome(work: Callable[[], Any]) -> Outcome:
    try:
        return work(), None
    except BaseException as failure:
        return None, failure


def _tell(batch: list[_Work], outcomes: list[Outcome]) -> None:
    """Wake each loop once, whatever it waited for."""
    ends = list(zip(batch, outcomes, strict=True))
    for loop in {work.told.get_loop() for work in batch}:
        here = [(work.told, outcome) for work, outcome in ends if work.told.get_loop() is loop]
        with suppress(RuntimeError):  # a loop that is closed waits for nothing
            loop.call_soon_threadsafe(_end, here)


def _end(ends: Iterable[tuple[asyncio.Future[Any], Outcome]]) -> None:
    for told, (result, failure) in ends:
        if told.done():
            continue  # whoever asked has left
        if failure is None:
            told.set_result(result)
        else:
            told.set_exception(failure)
