"""A clock that is hours wrong on one machine: what stops, and that setting it is all it takes.

Waiting is measured by clocks that nobody can set; what is signed carries times of the day, and whoever
checks a signature with another time refuses it and says so.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

import pytest

from harness.clients.errors import Refused
from harness.clients.indexer import IndexerClient
from harness.devnet.world import dev_key
from harness.protocol.spending import RequestState
from tests.crash.theatre import PAYERS
from tests.faults.conftest import Answered
from tests.faults.market import FaultyMarket

HOUR = 3_600
_names = (f"clock-{number}" for number in itertools.count())


@contextmanager
def shifted(seconds: int, *owners: tuple[Any, str]) -> Iterator[None]:
    """While it lasts, these clocks are wrong by so much."""

    def wrong() -> float:
        return time.time() + seconds

    with ExitStack() as stack:
        for owner, name in owners:
            stack.enter_context(patch.object(owner, name, wrong))
        yield


def _sidecar(market: FaultyMarket) -> list[tuple[Any, str]]:
    rail = market.sidecars["vault"].vault
    assert rail is not None
    return [(rail, "_clock"), (rail.reservations, "_clock")]


@pytest.mark.parametrize("hours", [-1, 1])
def test_an_operator_with_a_wrong_clock_gives_no_credit(
    market: FaultyMarket, answered: Answered, hours: int
) -> None:
    """Proofs are too old, or last too long: refused before any work."""
    key, asked = next(_names), market.model.calls
    rail = market.operator.vault
    assert rail is not None
    with shifted(hours * HOUR, (rail._proofs, "_clock")):
        assert market.ask("vault", key) == (502, "upstream_error")
        assert market.model.calls == asked
    market.until_served("vault", key)
    answered["vault"][key] = 1


@pytest.mark.parametrize("hours", [-1, 1])
def test_a_sidecar_with_a_wrong_clock_is_refused(
    market: FaultyMarket, answered: Answered, hours: int
) -> None:
    """Its proofs carry times that nobody takes. Ahead of time it takes its reservation for over and
    locks more, once: what is locked for an operator is spent by receipts alone.
    """
    key = next(_names)
    consumer, operator = dev_key(PAYERS["vault"]).address, dev_key("operator").address
    market.until_served("vault", first := next(_names))
    locked = [market.vault.ops(consumer, operator).locked]
    with shifted(hours * HOUR, *_sidecar(market)):
        for _ in range(2):
            status, code = market.ask("vault", key)
            assert status >= 500, code
            locked.append(market.vault.ops(consumer, operator).locked)
    assert locked[1] == locked[2]
    assert locked[0] == locked[1] or hours > 0
    market.until_served("vault", key)
    answered["vault"] |= dict.fromkeys((first, key), 1)


def test_an_exact_payment_that_was_signed_an_hour_late_is_bought_anew(
    market: FaultyMarket, answered: Answered
) -> None:
    """It had expired when it was signed: the chain says that it can pay nothing, and the hold ends."""
    key, rail = next(_names), market.sidecars["exact"].pipeline._exact
    with shifted(-HOUR, (rail, "_clock")):
        status, code = market.ask("exact", key)
        assert (status, code) == (402, "payment_failed")
    market.until_served("exact", key)
    answered["exact"][key] = 1
    states = [row.state for row in market.run(_history(market)) if row.idempotency == key]
    assert sorted(states, key=str) == [RequestState.EXPIRED, RequestState.SETTLED]


async def _history(market: FaultyMarket) -> Any:
    sidecar = market.sidecars["exact"]
    return await sidecar.workers.journal(sidecar.journal.history, 0.0, 10_000)


def test_an_operator_with_a_wrong_clock_takes_no_payment_that_it_thinks_is_over(
    market: FaultyMarket, answered: Answered
) -> None:
    """Nothing is settled; told the right time, it takes the very same payment."""
    key, before = next(_names), market.dollar.balance_of(dev_key("operator").address)
    with shifted(HOUR, (market.operator.timing, "wall")):
        status, code = market.ask("exact", key)
        assert (status, code) == (402, "payment_failed")
    assert market.dollar.balance_of(dev_key("operator").address) == before
    market.until_served("exact", key)
    answered["exact"][key] = 1


@pytest.mark.parametrize("hours", [-1, 1])
def test_a_heartbeat_of_another_time_is_refused_by_name(market: FaultyMarket, hours: int) -> None:
    """The operator is told to set its clock; its requests and events go on."""

    async def beat() -> None:
        client = IndexerClient(market.url("indexer"))
        try:
            await client.heartbeat(dev_key("operator"), ["mock-echo"])
        finally:
            await client.close()

    with shifted(hours * HOUR, (market.indexer, "wall")), pytest.raises(Refused) as refused:
        market.run(beat())
    assert refused.value.code == "clock_skew"
    market.run(beat())


@pytest.mark.parametrize("hours", [-1, 1])
def test_kept_answers_survive_a_clock_that_was_set(
    market: FaultyMarket, answered: Answered, hours: int
) -> None:
    """A key that was answered is answered from what was kept, and not bought again."""
    key = next(_names)
    market.until_served("vault", key)
    answered["vault"][key] = 1
    calls = market.model.calls
    keys: Callable[..., Any] = market.sidecars["vault"].idempotency.tidy
    with shifted(hours * HOUR, (market.sidecars["vault"].idempotency, "_clock")):
        market.run(keys())
        assert market.ask("vault", key) == (200, f"echo {key}")
    assert market.model.calls == calls
