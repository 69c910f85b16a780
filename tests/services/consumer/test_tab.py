"""How requests end in the journal: each once, and late where the disk was full."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from harness.protocol.spending import Rail, RequestState
from harness.services.consumer.tab import Bookkeeper
from harness.store.consumer import ConsumerJournal, NewRequest
from harness.store.consumer_tables import CONSUMER
from harness.store.database import Database, DatabaseFailure

SOMEBODY = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"
IDS = ("r0", "r1", "r2")


class Slow:
    """A journal thread that others overtake, and that fails while `full`."""

    full = False

    async def journal(self, work: Any, *arguments: Any, **named: Any) -> Any:
        await asyncio.sleep(0)
        if self.full:
            raise DatabaseFailure("no space left")
        found = work(*arguments, **named)
        await asyncio.sleep(0)
        return found


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[ConsumerJournal]:
    database = Database.open(tmp_path / "consume.db", CONSUMER)
    journal = ConsumerJournal(database)
    for name in IDS:
        sent = RequestState.SENT
        journal.begin(NewRequest(name, 1, Rail.VAULT, sent, "m", SOMEBODY, 10))  # type: ignore[arg-type]
    yield journal
    database.close()


def bookkeeper(journal: ConsumerJournal, workers: Slow) -> Bookkeeper:
    return Bookkeeper(None, None, None, None, journal, workers, None, None)  # type: ignore[arg-type]


def states(journal: ConsumerJournal) -> list[RequestState]:
    return [row.state for name in IDS if (row := journal.find(name))]


def test_requests_that_end_at_one_time_end_once_each(journal: ConsumerJournal) -> None:
    books = bookkeeper(journal, Slow())

    async def scene() -> None:
        ends = (books.became(name, RequestState.RELEASED, "cut", 0) for name in IDS)
        await asyncio.gather(*ends, books.catch_up())

    asyncio.run(scene())
    assert states(journal) == [RequestState.RELEASED] * 3


def test_an_end_that_could_not_be_written_is_written_before_the_next(
    journal: ConsumerJournal,
) -> None:
    workers = Slow()
    books = bookkeeper(journal, workers)

    async def scene() -> None:
        workers.full = True
        for name in IDS[:2]:
            with pytest.raises(DatabaseFailure):
                await books.became(name, RequestState.RELEASED, "cut", 0)
        assert states(journal) == [RequestState.SENT] * 3
        workers.full = False
        await books.became(IDS[2], RequestState.RECEIPTED, "", 4)

    asyncio.run(scene())
    assert states(journal) == [RequestState.RELEASED] * 2 + [RequestState.RECEIPTED]
