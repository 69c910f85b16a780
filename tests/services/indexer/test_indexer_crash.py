"""Killed between any two steps: no event is lost, none counts twice. And the same on PostgreSQL."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.chain.keys import LocalSigner
from harness.faults import EXIT_STATUS, arm
from tests.postgresql import postgresql, postgresql_url

from .conftest import USD, League, StartLeague, World

__all__ = ["postgresql", "postgresql_url"]


def killed_at(point: str, work: Callable[[], object]) -> None:
    """Do something in a child process that ends at a fault point, as by kill -9."""
    child = os.fork()
    if child == 0:
        try:
            arm(point)
            work()
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == EXIT_STATUS, f"{point} was not reached"


@pytest.mark.parametrize(
    "point", ["indexer.accepting", "indexer.accepted", "indexer.followed", "indexer.attached"]
)
def test_killed_and_started_again(
    start_league: StartLeague, world: World, tmp_path: Path, point: str
) -> None:
    operator, consumer = world.person(), world.person(USD)
    event = world.exact(operator, consumer, 100_000, world.pay(consumer, operator, 100_000))
    world.chain.mine()

    def life() -> None:
        league = start_league(state=state)
        league.tell(event)
        league.catch_up()

    state = tmp_path / point
    killed_at(point, life)
    league = start_league(state=state)
    answer = league.tell(event).json()["status"]
    assert answer == (
        "accepted" if point in ("indexer.accepting", "indexer.followed") else "duplicate"
    )
    league.catch_up()
    assert league.points(operator)["servePoints"] == 11
    league.office.follower.rebuild()
    assert league.points(operator)["servePoints"] == 11


def test_killed_while_it_builds_anew(
    start_league: StartLeague, world: World, tmp_path: Path
) -> None:
    operator, consumer = world.person(), world.person(USD)
    state = tmp_path / "anew"

    def life() -> None:
        league = start_league(state=state)
        event = world.exact(operator, consumer, 100_000, world.pay(consumer, operator, 100_000))
        league.tell(event)
        league.catch_up()
        league.office.follower.rebuild()

    killed_at("indexer.dropped", life)
    # The chain of this process never saw the payment: what was kept is the event alone.
    league = start_league(state=state)
    assert league.office.league.count() == 1
    assert league.points(operator)["servePoints"] == 0


def test_a_killed_link_is_all_or_nothing(start_league: StartLeague, tmp_path: Path) -> None:
    operator, dashboard = LocalSigner.generate().address, LocalSigner.generate().address
    state = tmp_path / "link"

    def life() -> None:
        pairing = start_league(state=state).office.pairing
        pairing.offer(operator, "123-456-789", "0x" + "00" * 32, 2**40)
        pairing.claim(dashboard, "123-456-789", "10.0.0.1")

    killed_at("indexer.linking", life)
    pairing = start_league(state=state).office.pairing
    assert pairing.operators_of(dashboard) == []
    assert pairing.claim(dashboard, "123-456-789", "10.0.0.1")[1] == operator
    assert pairing.operators_of(dashboard) == [operator]


def test_on_postgresql(start_league: StartLeague, world: World, postgresql_url: str) -> None:
    league: League = start_league(db_url=postgresql_url)
    operator, consumer = world.person(), world.person(20 * USD)
    world.deposit(consumer, 10 * USD)
    world.reserve(consumer, operator, 5 * USD)
    event = world.served(operator, consumer, USD, USD)
    assert [league.tell(event).json()["status"] for _ in range(2)] == ["accepted", "duplicate"]
    paid = world.pay(consumer, operator, 100_000)
    league.tell(world.exact(operator, consumer, 100_000, paid))
    world.redeem(consumer, operator, USD)
    league.catch_up()
    found = league.points(operator)
    assert (found["servePoints"], found["usdcEarnedBase"]) == (112, "1100000")
    assert league.points(consumer)["consumePoints"] == 56.1
    league.office.follower.rebuild()
    assert league.points(operator) == found
    pairing = league.office.pairing
    pairing.offer(operator.address, "123-456-789", "0x" + "00" * 32, 2**40)
    assert pairing.claim(consumer.address, "999-456-789", "10.0.0.1")[0].value == "wrong"
    assert pairing.claim(consumer.address, "123-456-789", "10.0.0.1")[0].value == "linked"
    league.office.scorer.relinked(operator.address, consumer.address)
    assert league.points(operator)["servePoints"] == 0
