"""How requests end in the journal: each once, and late where the disk was full."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from harness.chain.keys import LocalSigner
from harness.protocol.spending import Rail, RequestState
from harness.protocol.vault import Receipt
from harness.services.consumer.budget import Budget
from harness.services.consumer.metering import Charge, read_settlement
from harness.services.consumer.purse import Orphan, Purse
from harness.services.consumer.tab import Bookkeeper, Tab
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
        journal.begin(NewRequest(name, 1, Rail.VAULT, sent, "m", SOMEBODY, 10, cycle=1))  # type: ignore[arg-type]
    yield journal
    database.close()


def bookkeeper(journal: ConsumerJournal, workers: Slow) -> Bookkeeper:
    return Bookkeeper(
        SOMEBODY, SOMEBODY, LocalSigner.generate(), lambda: bytes(32), journal, workers,
        lambda signed: None, lambda request: None,
    )  # type: ignore[arg-type]  # fmt: skip


def tab(journal: ConsumerJournal, purse: Purse, *interrupted: str) -> Tab:
    hold = Budget(0).hold(10)
    return Tab(bookkeeper(journal, Slow()), "r2", purse, hold, 10, interrupted)


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


@pytest.mark.parametrize("cost", [0, 4])
def test_a_retry_that_comes_to_nothing_leaves_what_it_would_have_ended(
    journal: ConsumerJournal, cost: int
) -> None:
    """`r0` had paid 4 when its process died: while it is not answered it may still be served, and paid."""
    journal.advance("r0", RequestState.SENT, "", charged=4)
    purse = Purse(SOMEBODY, 0, 1, 100, 0, 10**10, 0)  # type: ignore[arg-type]
    purse.orphans["r0"] = orphan = Orphan(6, 4)
    retry = tab(journal, purse, "r0")

    async def scene() -> None:
        await retry.checkpoint(cost, None)  # no more than is paid already
        await retry.release("the stream broke off")

    asyncio.run(scene())
    assert purse.orphans == {"r0": orphan} and purse.cumulative == 0
    assert journal.charged(("r0",)) == 4 and journal.charged(("r2",)) == 0
    assert states(journal) == [RequestState.SENT, RequestState.SENT, RequestState.RELEASED]


@pytest.mark.parametrize("checkpoints", [(), (2,), (5, 8)])
def test_an_answer_takes_over_what_was_paid_for_parts_of_it(
    journal: ConsumerJournal, checkpoints: tuple[int, ...]
) -> None:
    """Of a price of 9, 4 were paid before: 5 are owed, however they come, and one request has it all."""
    journal.advance("r0", RequestState.SENT, "", charged=4)
    purse = Purse(SOMEBODY, 0, 1, 100, 0, 10**10, 0)  # type: ignore[arg-type]
    purse.orphans["r0"] = Orphan(6, 4)
    retry = tab(journal, purse, "r0")

    async def scene() -> None:
        for cost in checkpoints:
            await retry.checkpoint(cost, None)
            assert purse.cumulative == max(cost - 4, 0)
        await retry.finish(Charge(9, 9, None, "reported"))

    asyncio.run(scene())
    assert purse.orphans == {} and purse.cumulative == 5 and retry.charged == 9
    assert [row.charged for name in IDS if (row := journal.find(name))] == [0, 0, 9]
    released, receipted = RequestState.RELEASED, RequestState.RECEIPTED
    assert states(journal) == [released, RequestState.SENT, receipted]


@pytest.mark.parametrize(
    ("replayed", "cycle", "owed"),
    [(False, 1, 9), (False, 2, 9), (True, 1, 9), (True, None, 9), (True, 2, 0)],
)
def test_only_an_answer_of_a_cycle_that_is_over_is_given_again_for_nothing(
    journal: ConsumerJournal, replayed: bool, cycle: int | None, owed: int
) -> None:
    """A fresh one may name another cycle: its operator's node is behind, or ours."""
    purse = Purse(SOMEBODY, 0, 1, 100, 0, 10**10, 0)  # type: ignore[arg-type]
    served = tab(journal, purse)
    wire = {"success": True, "mode": "vault", "amountUsdc": "9", "operator": SOMEBODY}
    wire |= {"replayed": replayed}
    settlement = read_settlement(wire | ({} if cycle is None else {"cycle": str(cycle)}), SOMEBODY)
    assert settlement is not None and settlement.replayed is replayed
    asyncio.run(served.finish(Charge(9, 9, None, "reported"), settlement))
    assert (purse.cumulative, served.charged) == (owed, owed)


def test_a_checkpoint_is_owed_up_to_the_ceiling_and_leaves_others_their_places(
    journal: ConsumerJournal,
) -> None:
    purse = Purse(SOMEBODY, 0, 1, 1_000, 0, 10_000, 0)
    purse.take(10)
    purse.take(10)  # somebody else's
    stream = tab(journal, purse)

    async def scene() -> None:
        await stream.checkpoint(4, None)
        assert (stream.charged, purse.cumulative, purse.inflight) == (4, 4, 16)
        await stream.checkpoint(3, None)  # late
        assert purse.cumulative == 4
        await stream.release("cut")
        assert (purse.cumulative, purse.inflight) == (4, 10)

    asyncio.run(scene())
    other = Tab(bookkeeper(journal, Slow()), "r1", purse, Budget(0).hold(10), 10)
    asyncio.run(other.checkpoint(50, None))
    assert (other.charged, purse.cumulative) == (10, 14)


def test_an_older_receipt_never_replaces_a_newer_one(journal: ConsumerJournal) -> None:
    key = LocalSigner.generate()
    for name, sum_ in (("r0", 9), ("r1", 7)):
        signed = Receipt(SOMEBODY, SOMEBODY, sum_, 0, 1).sign(key, bytes(32))
        journal.receipt(SOMEBODY, signed, name, charged=sum_)
    (kept,) = journal.receipts(SOMEBODY, SOMEBODY)
    assert kept.signed.receipt.cumulative == 9
