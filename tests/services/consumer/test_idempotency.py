"""What a key's earlier requests left, where more than the newest counts."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from harness.protocol.spending import Rail, RequestState
from harness.services.consumer.idempotency import BROKEN_OFF, Idempotency
from harness.store.consumer import ConsumerJournal, NewRequest
from harness.store.consumer_tables import CONSUMER
from harness.store.database import Database

KEY, PRINT = "key-1", "ab" * 32
SOMEBODY = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"


class Here:
    """Work done at once."""

    async def journal(self, work: Any, *arguments: Any) -> Any:
        return work(*arguments)


class Asked:
    idempotency, fingerprint = KEY, PRINT


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[ConsumerJournal]:
    database = Database.open(tmp_path / "consume.db", CONSUMER)
    yield ConsumerJournal(database)
    database.close()


def left(journal: ConsumerJournal, *rows: tuple[RequestState, str]) -> tuple[str, str]:
    """(unresolved, part) after these requests, `r0` the oldest."""
    for number, (state, reason) in enumerate(rows):
        journal.begin(
            NewRequest(
                f"r{number}", 1, Rail.VAULT, RequestState.SENT, "m", SOMEBODY, 10, KEY, PRINT
            )  # type: ignore[arg-type]
        )
        if state is not RequestState.SENT:
            journal.advance(f"r{number}", state, reason)
    earlier = asyncio.run(Idempotency(journal, Here()).earlier(Asked()))  # type: ignore[arg-type]
    return (earlier.unresolved.id if earlier.unresolved else "", earlier.part)


def test_a_refused_retry_does_not_hide_what_died_under_way(journal: ConsumerJournal) -> None:
    """Bought anew it would be paid twice: the first is paid when the operator shows that it served it."""
    refused = (RequestState.REFUSED, "status 410 answer_expired")
    assert left(journal, (RequestState.SENT, ""), refused, refused) == ("r0", "")


def test_what_was_paid_after_a_crash_stays_paid(journal: ConsumerJournal) -> None:
    paid = (RequestState.RECEIPTED, "paid after a crash")
    assert left(journal, paid, (RequestState.REFUSED, "no")) == ("r0", "")


def test_a_part_may_be_bought_anew(journal: ConsumerJournal) -> None:
    assert left(journal, (RequestState.RECEIPTED, BROKEN_OFF)) == ("", "r0")


def test_what_followed_a_part_is_bought_once(journal: ConsumerJournal) -> None:
    part = (RequestState.RECEIPTED, BROKEN_OFF)
    assert left(journal, part, (RequestState.RECEIPTED, "")) == ("r1", "r0")
