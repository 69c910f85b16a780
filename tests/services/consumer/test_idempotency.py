"""What a key's earlier requests left, where more than the newest counts."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from harness.protocol.spending import Rail, RequestState
from harness.services.consumer.idempotency import LEFT, Idempotency
from harness.services.consumer.refusals import Refusal
from harness.services.consumer.tab import BROKE_OFF
from harness.store.consumer import ConsumerJournal, KeptResult, NewRequest
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


def left(
    journal: ConsumerJournal, *rows: tuple[RequestState, str], charged: int = 0
) -> tuple[str, tuple[str, ...]]:
    """(unresolved, interrupted) after these requests, `r0` the oldest."""
    for number, (state, reason) in enumerate(rows):
        journal.begin(
            NewRequest(
                f"r{number}", 1, Rail.VAULT, RequestState.SENT, "m", SOMEBODY, 10, KEY, PRINT
            )  # type: ignore[arg-type]
        )
        if state is not RequestState.SENT:
            journal.advance(f"r{number}", state, reason, charged=charged)
    earlier = asyncio.run(Idempotency(journal, Here()).earlier(Asked()))  # type: ignore[arg-type]
    return (earlier.unresolved.id if earlier.unresolved else "", earlier.interrupted)


REFUSED = (RequestState.REFUSED, "status 410 answer_expired")
SENT = (RequestState.SENT, "")


def test_a_refused_retry_does_not_hide_what_died_under_way(journal: ConsumerJournal) -> None:
    """Bought anew it would be paid twice: the first is paid when the operator shows that it served it."""
    assert left(journal, SENT, REFUSED, REFUSED) == ("r0", ("r0",))


def test_everything_that_died_under_way_counts(journal: ConsumerJournal) -> None:
    assert left(journal, SENT, REFUSED, SENT) == ("r2", ("r2", "r0"))


def test_what_was_paid_stays_paid(journal: ConsumerJournal) -> None:
    assert left(journal, (RequestState.RECEIPTED, "paid after a crash"), REFUSED) == ("r0", ())


def test_what_broke_off_and_was_paid_in_part_is_asked_for_again(journal: ConsumerJournal) -> None:
    assert left(journal, (RequestState.RECEIPTED, BROKE_OFF), charged=3) == ("r0", ("r0",))


def test_what_cost_nothing_and_what_its_client_left_may_be_bought_anew(
    journal: ConsumerJournal,
) -> None:
    nothing = (RequestState.RELEASED, "the stream broke off")
    assert left(journal, nothing, REFUSED, (RequestState.RECEIPTED, LEFT)) == ("", ())


def test_an_answer_ends_those_that_died_under_its_key(journal: ConsumerJournal) -> None:
    left(journal, SENT, SENT)
    journal.answered_again("r1", ("r0",))
    first, second = journal.find("r0"), journal.find("r1")
    assert first is not None and second is not None
    assert (first.state, first.reason) == (RequestState.RELEASED, "answered as r1")
    assert second.state is RequestState.SENT
    journal.answered_again("r1", ("r0",))  # it has ended: nothing happens


@pytest.mark.parametrize("state", [RequestState.SENT, RequestState.RECEIPTED])
def test_what_parts_cost_moves_to_the_request_that_has_the_answer(
    journal: ConsumerJournal, state: RequestState
) -> None:
    left(journal, SENT, SENT)
    journal.advance("r0", state, BROKE_OFF, charged=5)
    journal.advance("r1", RequestState.RELEASED)
    assert journal.charged(("r0", "r1")) == 5
    for _ in range(2):
        journal.answered_again("r1", ("r0",))
        first, second = journal.find("r0"), journal.find("r1")
        assert first is not None and second is not None
        assert (first.state, first.charged) == (RequestState.RELEASED, 0)
        assert (second.state, second.charged) == (RequestState.RECEIPTED, 5)


def test_what_its_client_left_is_no_part_of_a_later_answer(journal: ConsumerJournal) -> None:
    assert left(journal, (RequestState.RECEIPTED, LEFT), charged=3) == ("", ())


def test_a_key_of_another_body_is_refused_whatever_became_of_it(journal: ConsumerJournal) -> None:
    left(journal, SENT)

    class Other(Asked):
        fingerprint = "cd" * 32

    with pytest.raises(Refusal) as refused:
        asyncio.run(Idempotency(journal, Here()).earlier(Other()))  # type: ignore[arg-type]
    assert refused.value.code == "idempotency_conflict"


def test_the_first_reply_of_a_key_stays(journal: ConsumerJournal) -> None:
    first, second = (KeptResult(PRINT, "r0", 200, {}, body) for body in (b"first", b"second"))
    journal.keep_result(KEY, first)
    journal.keep_result(KEY, second)
    assert journal.result(KEY) == first
