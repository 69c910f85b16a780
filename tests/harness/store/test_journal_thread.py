"""What waits for a journal shares a commit: in order, each alone in its failure, and told only when it is on disk."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

import pytest
from sqlalchemy import Connection, event, insert, select
from sqlalchemy.exc import OperationalError

from harness.store.database import Database, DatabaseFailure
from harness.store.journal_thread import MOST_TOGETHER, JournalThread
from harness.store.schema import leases

Test = Callable[[JournalThread], Coroutine[Any, Any, None]]


class Commits:
    """Counts commits; calls `before` at each."""

    def __init__(self, database: Database) -> None:
        self.count = 0
        self.before: Callable[[], None] = lambda: None
        event.listen(database.engine, "commit", self._commit)

    def _commit(self, _connection: Any) -> None:
        self.count += 1
        self.before()


@pytest.fixture
def commits(database: Database) -> Iterator[Commits]:
    return Commits(database)


def keep(database: Database, name: str) -> int:
    """One more row; how many there are."""
    with database.write() as connection:
        connection.execute(insert(leases).values(name=name, holder="me", fence=1, expires_at=0.0))
    return len(names(database))


def names(database: Database) -> list[str]:
    with database.read() as connection:
        return list(connection.scalars(select(leases.c.name).order_by(leases.c.name)))


def refused(database: Database, name: str) -> None:
    """Writes, and thinks better of it."""
    with database.write() as connection:
        connection.execute(insert(leases).values(name=name, holder="me", fence=1, expires_at=0.0))
        raise KeyError(name)


def run(database: Database, test: Test) -> None:
    thread = JournalThread("test")
    thread.together(database)
    try:
        asyncio.run(test(thread))
    finally:
        thread.close()


async def waiting(
    thread: JournalThread, *works: Callable[[], Any]
) -> tuple[threading.Event, list[asyncio.Task[Any]]]:
    """Work that waits behind something that takes until the event is set."""
    go, begun = threading.Event(), threading.Event()

    def slow() -> None:
        begun.set()
        go.wait()

    tasks = [asyncio.create_task(thread.run(slow))]
    await asyncio.to_thread(begun.wait)
    tasks.extend(asyncio.create_task(thread.run(work)) for work in works)
    await asyncio.sleep(0)  # all of them have been given to the thread
    return go, tasks


def test_what_waits_shares_a_commit_and_fails_alone(database: Database, commits: Commits) -> None:
    async def test(thread: JournalThread) -> None:
        go, tasks = await waiting(
            thread,
            lambda: keep(database, "a"),
            lambda: refused(database, "b"),
            lambda: keep(database, "c"),
            lambda: keep(database, "a"),  # is there already
            lambda: names(database),
        )
        go.set()
        first, second, third, again, seen = (await asyncio.gather(*tasks, return_exceptions=True))[
            1:
        ]
        assert (first, third, seen) == (1, 2, ["a", "c"])
        assert isinstance(second, KeyError)
        assert isinstance(again, DatabaseFailure)
        assert commits.count == 1

    run(database, test)
    assert names(database) == ["a", "c"]


def test_nobody_is_told_before_the_commit(database: Database, commits: Commits) -> None:
    async def test(thread: JournalThread) -> None:
        go, tasks = await waiting(thread, *(lambda n=n: keep(database, n) for n in "abc"))
        told: list[bool] = []
        loop = asyncio.get_running_loop()

        def before() -> None:
            async def look() -> list[bool]:
                return [task.done() for task in tasks[1:]]

            told.extend(asyncio.run_coroutine_threadsafe(look(), loop).result())

        commits.before = before
        go.set()
        await asyncio.gather(*tasks)
        assert told == [False, False, False]

    run(database, test)


def test_a_commit_that_fails_is_everybodys_failure(database: Database, commits: Commits) -> None:
    async def test(thread: JournalThread) -> None:
        go, tasks = await waiting(
            thread, lambda: keep(database, "a"), lambda: refused(database, "b")
        )

        def before() -> None:
            raise OSError("no disk")

        commits.before = before
        go.set()
        found = (await asyncio.gather(*tasks, return_exceptions=True))[1:]
        assert [type(each) for each in found] == [OSError, KeyError]
        commits.before = lambda: None
        assert names(database) == []
        assert await thread.run(lambda: keep(database, "c")) == 1

    run(database, test)


def test_a_transaction_that_sqlite_undid_takes_all_with_it(sqlite_database: Database) -> None:
    """As it does by itself when the disk is full."""
    database = sqlite_database

    def undone() -> None:
        with database.write() as connection:
            connection.exec_driver_sql("ROLLBACK")

    async def test(thread: JournalThread) -> None:
        works = [lambda: keep(database, "a"), undone, lambda: keep(database, "b")]
        go, tasks = await waiting(thread, *works)
        go.set()
        found = (await asyncio.gather(*tasks, return_exceptions=True))[1:]
        assert all(isinstance(each, DatabaseFailure) for each in found)
        assert names(database) == []
        assert await thread.run(lambda: keep(database, "c")) == 1

    run(database, test)


def test_more_than_share_one_commit_are_all_done(sqlite_database: Database) -> None:
    database, count = sqlite_database, MOST_TOGETHER * 2 + 3
    commits = Commits(database)

    async def test(thread: JournalThread) -> None:
        works = [lambda n=n: keep(database, f"{n:04}") for n in range(count)]
        go, tasks = await waiting(thread, *works)
        go.set()
        assert (await asyncio.gather(*tasks))[1:] == list(range(1, count + 1))

    run(database, test)
    assert commits.count == 3


def test_a_database_that_cannot_be_opened_fails_the_work_and_not_the_thread(
    sqlite_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No file descriptor is left, say; later there is one."""
    database = sqlite_database
    connect = database.engine.connect

    def refused() -> Connection:
        raise OperationalError("", None, Exception("unable to open database file"))

    async def test(thread: JournalThread) -> None:
        monkeypatch.setattr(database.engine, "connect", refused)
        with pytest.raises(DatabaseFailure):
            await thread.run(lambda: keep(database, "a"))
        monkeypatch.setattr(database.engine, "connect", connect)
        assert await thread.run(lambda: keep(database, "b")) == 1

    run(database, test)
    assert names(database) == ["b"]


def test_a_thread_that_opened_its_database_keeps_its_connection(
    sqlite_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As an operator's does: the thread is there before anybody can name the database to it."""
    database, connect, opened = sqlite_database, sqlite_database.engine.connect, 0

    def counted() -> Connection:
        nonlocal opened
        opened += 1
        return connect()

    async def work(thread: JournalThread) -> None:
        assert await thread.run(lambda: database) is database
        thread.together(database)
        for name in "abc":
            await thread.run(lambda name=name: keep(database, name))

    monkeypatch.setattr(database.engine, "connect", counted)
    thread = JournalThread("test")
    try:
        asyncio.run(work(thread))
    finally:
        thread.close()
    assert opened == 2  # one that reads, one that writes


def test_work_whose_caller_left_is_done_and_wakes_nobody(sqlite_database: Database) -> None:
    database = sqlite_database

    async def test(thread: JournalThread) -> None:
        go, tasks = await waiting(thread, lambda: keep(database, "a"), lambda: names(database))
        tasks[1].cancel()
        await asyncio.sleep(0)
        go.set()
        assert await tasks[2] == ["a"]
        assert tasks[1].cancelled()

    run(database, test)


def test_nothing_is_taken_on_after_the_end(sqlite_database: Database) -> None:
    thread = JournalThread("test")
    thread.close()
    with pytest.raises(RuntimeError, match="closed"):
        asyncio.run(thread.run(lambda: names(sqlite_database)))
