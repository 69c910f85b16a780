"""What a request does not wait for: receipts that travel together, reservations made before they are needed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from harness.services.consumer.sidecar import Sidecar

from .conftest import RunningSidecar, Start, eventually
from .scripted_operator import ScriptedOperator
from .world import World


def linger(sidecar: Sidecar, seconds: float) -> None:
    sidecar._pusher._linger_seconds = seconds


def spent(vault: RunningSidecar, count: int) -> int:
    """What so many requests cost."""
    answers = [vault.chat() for _ in range(count)]
    assert [answer.status_code for answer in answers] == [200] * count
    return sum(int(answer.headers["x-halo-charged-base"]) for answer in answers)


def test_receipts_of_one_moment_travel_as_the_newest(
    vault: RunningSidecar, operator: ScriptedOperator
) -> None:
    linger(vault.sidecar, 3.0)
    total = spent(vault, 4)
    assert operator.receipts == []
    eventually(lambda: operator.receipts)
    assert [cumulative for _, _, cumulative in operator.receipts] == [total]


def test_a_receipt_that_the_operator_waits_for_does_not_linger(
    vault: RunningSidecar, operator: ScriptedOperator
) -> None:
    """Its window takes one request: each further one waits until the receipt is there."""
    linger(vault.sidecar, 60.0)
    operator.switches.window = 1
    spent(vault, 3)
    assert len(operator.receipts) == 2


def test_a_sidecar_that_stops_hands_over_what_lingers(
    vault: RunningSidecar, start: Start, operator: ScriptedOperator
) -> None:
    linger(vault.sidecar, 60.0)
    total = spent(vault, 2)
    assert operator.receipts == []
    start.stop(vault)
    assert [cumulative for _, _, cumulative in operator.receipts] == [total]


@pytest.fixture
def waited(vault: RunningSidecar, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """What requests needed that had to wait for a reservation."""
    found: list[int] = []
    reservations = vault.sidecar._reservations
    original = reservations._ensure

    async def counted(operator: str, need: int) -> Any:
        found.append(need)
        return await original(operator, need)

    monkeypatch.setattr(reservations, "_ensure", counted)
    return found


def settled(vault: RunningSidecar) -> Callable[[], bool]:
    return lambda: not vault.sidecar._reservations._one_at_a_time.locked()


def test_who_spends_fast_never_waits_for_a_second_reservation(
    vault: RunningSidecar, world: World, waited: list[int]
) -> None:
    requests = 0
    while world.vault.reserve_nonce(vault.signer.address) < 2 and requests < 100:
        requests += 1
        spent(vault, 1)
        eventually(settled(vault))
    assert 5 <= requests < 100
    assert len(waited) == 1


def test_what_cannot_be_reserved_ahead_is_nobodys_trouble(
    vault: RunningSidecar, world: World, waited: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    reserve = vault.sidecar.facilitator.reserve
    tried: list[int] = []

    async def away(*_: Any, **__: Any) -> Any:
        from harness.clients.errors import Unreachable

        tried.append(1)
        raise Unreachable("facilitator", "away")

    spent(vault, 1)
    monkeypatch.setattr(vault.sidecar.facilitator, "reserve", away)
    while not tried:  # within the first reservation
        spent(vault, 1)
        eventually(settled(vault))
    assert len(waited) == 1 and len(tried) == 1
    monkeypatch.setattr(vault.sidecar.facilitator, "reserve", reserve)
    while len(waited) < 2:  # not tried ahead again for a while, but for the request that needs it
        spent(vault, 1)
    assert len(tried) == 1
    assert world.vault.reserve_nonce(vault.signer.address) == 2, "the one in doubt was enough"
