"""The self-deal guard: each reason, and that real trade is not mistaken for it."""

from __future__ import annotations

import pytest

from harness.chain.keys import LocalSigner
from harness.services.indexer import scoring

from .conftest import USD, League, World


def trade(world: World, league: League, operator: LocalSigner, consumer: LocalSigner) -> None:
    paid = world.pay(consumer, operator, 500_000)
    league.tell(world.exact(operator, consumer, 500_000, paid))
    league.catch_up()


def flags(league: League, operator: LocalSigner) -> list[str | None]:
    found = league.client().get(f"/operators/{operator.address}").json()
    return [event["flag"] for event in found["events"]]


def test_trade_between_strangers_is_not_flagged(league: League, world: World) -> None:
    operator, consumer = world.person(), world.person(10 * USD)
    trade(world, league, operator, consumer)
    assert flags(league, operator) == [None]
    assert league.points(operator)["servePoints"] == 51


def test_paying_oneself(league: League, world: World) -> None:
    someone = world.person(10 * USD)
    trade(world, league, someone, someone)
    assert flags(league, someone) == ["self"]
    found = league.points(someone)
    assert (found["servePoints"], found["consumePoints"]) == (0, 0)
    assert (found["requestsServed"], found["usdcSpentBase"]) == (
        1,
        "500000",
    )  # only points are lost


@pytest.mark.parametrize("present", ["transfer", "deposit"])
def test_an_operator_that_gives_its_consumer_the_money(
    league: League, world: World, present: str
) -> None:
    operator, consumer = world.person(10 * USD), world.person(10 * USD)
    if present == "transfer":
        world.dollar(operator).transfer(consumer.address, 400_000)
    else:
        world.deposit(consumer, USD)
        world.dollar(operator).approve(world.economy.diamond.address, 2**256 - 1)
        world.vault(operator).deposit_for(consumer.address, 400_000)
    trade(world, league, operator, consumer)
    assert flags(league, operator) == ["funded"]
    trade(world, league, operator, consumer)  # now the present is less than half of what was spent
    assert flags(league, operator) == [None, "funded"]


def test_a_consumer_that_gives_its_operator_money(league: League, world: World) -> None:
    operator, consumer = world.person(), world.person(10 * USD)
    world.dollar(consumer).transfer(operator.address, 400_000)
    trade(world, league, operator, consumer)
    assert flags(league, operator) == ["funded"]


def test_an_old_present_is_forgotten(league: League, world: World) -> None:
    operator, consumer = world.person(10 * USD), world.person(10 * USD)
    world.dollar(operator).transfer(consumer.address, 400_000)
    world.chain.advance(31 * 86_400)
    league.catch_up()
    trade(world, league, operator, consumer)
    assert flags(league, operator) == [None]


def test_a_consumer_whose_session_key_is_the_operator(league: League, world: World) -> None:
    operator, consumer = world.person(), world.person(10 * USD)
    world.deposit(consumer, USD, session=operator)
    trade(world, league, operator, consumer)
    assert flags(league, operator) == ["session_key"]


def test_one_dashboard_for_both(league: League, world: World) -> None:
    operator, consumer, dashboard = world.person(), world.person(10 * USD), world.person()
    trade(world, league, operator, consumer)
    for position, each in enumerate((operator, consumer)):
        code = f"111-222-00{position}"
        league.office.pairing.offer(each.address, code, f"0x{position:064x}", 2**40)
        outcome, _ = league.office.pairing.claim(dashboard.address, code, "10.0.0.9")
        assert outcome.value == "linked"
        league.office.scorer.relinked(each.address, dashboard.address)
    assert flags(league, operator) == ["same_dashboard"]
    assert league.points(operator)["servePoints"] == 0
    league.office.pairing.unlink(consumer.address, dashboard.address)
    league.office.scorer.relinked(consumer.address, dashboard.address)
    assert flags(league, operator) == [None]
    assert league.points(operator)["servePoints"] == 51


def test_a_pair_that_trades_with_nobody_else(
    league: League, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scoring, "VOLUME_REQUESTS", 3)
    operator, consumer, stranger = world.person(), world.person(10 * USD), world.person(10 * USD)
    for _ in range(4):
        trade(world, league, operator, consumer)
    assert flags(league, operator) == ["volume"] * 4
    for _ in range(3):
        trade(world, league, operator, stranger)
    # Four of seven dollars are still more than four tenths of the operator's week.
    assert sorted(flags(league, operator), key=str) == [None] * 3 + ["volume"] * 4
    paid = world.pay(stranger, operator, 4 * USD)
    league.tell(world.exact(operator, stranger, 4 * USD, paid))
    league.catch_up()
    assert "volume" not in flags(league, operator)[4:]  # the first pair is a minor one now
