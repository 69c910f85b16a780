"""A disk that is full from the nth commit on, below each journal: what is refused, and that it goes on.

What cannot be written down is not done. Once there is room again the same request is answered, without
a restart, and the books agree (the fixture `market`).
"""

from __future__ import annotations

import itertools
import time

import httpx
import pytest

from harness.devnet.world import dev_key
from harness.protocol.authorization import TRANSFER, sign
from harness.store.operator import PENDING
from tests.crash.oracle import rows
from tests.crash.theatre import PAYERS
from tests.faults.conftest import Answered
from tests.faults.market import FaultyMarket, eventually
from tests.rotation import todays

SERVED = "served"
# rail, whose disk, and what the request ends in when the disk takes 0, 1, 2, … more commits
TABLE: list[tuple[str, str, tuple[str, ...]]] = [
    # intent, signed bytes, broadcast, mined, settled
    ("exact", "facilitator", ("payment_unknown",) * 5 + (SERVED,)),
    # admitted, answer before the money, settled (asked again under its key), delivered
    ("exact", "operator", ("upstream_error",) * 3 + (SERVED,) * 2),
    # signed, sent, settled; an answer that is paid for is handed over, kept for a retry or not
    ("exact", "exact", ("storage_unavailable",) * 3 + (SERVED,) * 2),
    # admitted, what is owed, delivered, the receipt (pushed again)
    ("vault", "operator", ("upstream_error",) * 2 + (SERVED,) * 2),
    # reservation intended, reserved, sent, receipted; then the answer is handed over
    ("vault", "vault", ("storage_unavailable",) * 4),
    # the reservation; receipts wait
    ("vault", "facilitator", ("upstream_error",) * 2),
    # the audit waits in memory, events wait in the operator's outbox
    ("vault", "relay", (SERVED,)),
    ("vault", "indexer", (SERVED,) * 2),
]
CASES = [
    (rail, disk, after, outcome)
    for rail, disk, outcomes in TABLE
    for after, outcome in enumerate(outcomes)
]
_names = (f"disk-{number}" for number in itertools.count())


@pytest.mark.parametrize(("rail", "disk", "after", "outcome"), todays(CASES, 3))
def test_a_full_disk(
    market: FaultyMarket, answered: Answered, rail: str, disk: str, after: int, outcome: str
) -> None:
    key = next(_names)
    market.run(_forget_purses(market))
    _nothing_to_write(market)
    before = market.disks[disk].failed
    market.disks[disk].fill(after)
    status, said = market.ask(rail, key)
    assert (SERVED if status == 200 else said) == outcome
    if outcome != SERVED:
        assert market.disks[disk].failed > before
        assert status >= 500
    market.recover()
    market.until_served(rail, key)
    answered[rail][key] = 1


async def _forget_purses(market: FaultyMarket) -> None:
    """So that a request reserves."""
    rail = market.sidecars["vault"].vault
    assert rail is not None
    rail.reservations.purses.clear()


def _nothing_to_write(market: FaultyMarket) -> None:
    """Receipts and events of earlier requests have arrived: their commits would be counted as this one's."""
    waiting = f"select 1 from operator_events where state = '{PENDING}'"
    eventually(lambda: market.sidecars["vault"]._pusher.idle, "the receipt's arrival")
    eventually(lambda: not rows(market, "operator", waiting), "the events' arrival")


def _quiet(market: FaultyMarket) -> None:
    """A reservation that is good, and nothing that a service has still to write."""
    market.until_served("vault", next(_names))
    _nothing_to_write(market)


def test_a_stream_ends_when_it_cannot_be_receipted(
    market: FaultyMarket, answered: Answered
) -> None:
    """It breaks off, costs what was receipted before, and is bought again under its key."""
    key = next(_names)
    _quiet(market)
    market.disks["vault"].fill(1)  # the request is written down, its receipt is not
    assert market.ask("vault", key, stream=True) == (200, "broken")
    market.recover()
    market.until_served("vault", key, stream=True)
    answered["vault"][key] = 1


def test_a_stream_that_was_paid_and_not_kept_is_given_again_by_its_operator(
    market: FaultyMarket, answered: Answered
) -> None:
    """It was handed over and paid; the key pays nothing more."""
    key = next(_names)
    _quiet(market)
    market.disks["vault"].fill(2)  # the request and its receipt are written, the answer is not kept
    assert market.ask("vault", key, stream=True) == (200, "whole")
    market.recover()
    paid = market.sidecars["vault"].budget.view().spent
    assert market.ask("vault", key, stream=True) == (200, "whole")
    assert market.sidecars["vault"].budget.view().spent == paid
    answered["vault"][key] = 1


def test_what_a_service_says_about_its_disk(market: FaultyMarket) -> None:
    """A code, what to do, and no word of the statement that failed."""
    for name in ("facilitator", "indexer", "vault"):
        market.disks[name].fill()
    asked = [
        httpx.post(f"{market.url('vault')}/v1/budget", json={"limitUsd": 41}, timeout=20),
        market.run(_settle_by_hand(market)),
    ]
    for answer in asked:
        error = answer.json()["error"]
        assert (answer.status_code, error["code"]) == (503, "storage_unavailable")
        assert "again" in error["message"] or "same request" in error["message"]
        assert "INSERT" not in answer.text and "sqlite" not in answer.text
    market.recover()
    # The ceiling that could not be written was not moved.
    assert market.sidecars["vault"].budget.view().limit == 40_000_000


async def _settle_by_hand(market: FaultyMarket) -> httpx.Response:
    """An authorisation that the facilitator would settle, had it somewhere to write that down."""
    payee = dev_key("operator").address
    signed = sign(
        dev_key(PAYERS["exact"]), TRANSFER, market.dollar.domain.separator, payee=payee, value=2_000,
        valid_before=int(time.time()) + 60,
    )  # fmt: skip
    required = {
        "scheme": "exact", "network": f"eip155:{market.chain.chain_id}", "asset": market.world.dollar,
        "amount": "2000", "payTo": payee, "maxTimeoutSeconds": 60,
        "extra": {"name": "USD Coin", "version": "2"},
    }  # fmt: skip
    payload = {"x402Version": 2, "accepted": required, "payload": signed.to_wire()}
    body = {"x402Version": 2, "paymentPayload": payload, "paymentRequirements": required}
    async with httpx.AsyncClient(timeout=20) as client:
        return await client.post(f"{market.url('facilitator')}/settle", json=body)


def test_events_count_once_after_a_full_disk(market: FaultyMarket, answered: Answered) -> None:
    key, before = next(_names), market.indexer.league.count()
    market.disks["indexer"].fill()
    market.until_served("vault", key)
    answered["vault"][key] = 1
    eventually(lambda: market.disks["indexer"].failed > 0, "a refused event")
    assert market.indexer.league.count() == before
    market.recover()
    eventually(lambda: market.indexer.league.count() > before, "the event's arrival")
