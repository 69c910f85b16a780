"""Events and the value behind them: what attaches, what does not, what a reorganisation takes back."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.event import listen

from harness.chain.anvil import Anvil, AnvilChain, anvil_available
from harness.chain.keys import LocalSigner
from harness.store.league_tables import scores

from .conftest import DAY, USD, League, StartLeague, World

HOUR = 3_600


def test_an_exact_event_earns_for_both_sides(league: League, world: World) -> None:
    operator, consumer = world.person(), world.person(USD)
    event = world.exact(operator, consumer, 250_000, world.pay(consumer, operator, 250_000))
    answer = league.tell(event)
    assert (answer.status_code, answer.json()) == (200, {"id": event.id, "status": "accepted"})
    assert league.points(operator)["servePoints"] == 0  # nothing was read yet
    league.catch_up()
    assert league.points(operator) == {
        "servePoints": 26.0,  # 100 per dollar and 1 per request
        "serveTier": "bronze",
        "requestsServed": 1,
        "tokensServed": 100,
        "uptimeSeconds": 0,
        "usdcEarnedBase": "250000",
        "consumePoints": 0.0,
        "consumeTier": "bronze",
        "consumeStreakDays": 0,
        "consumeStreakMultiplier": 1.0,
        "requestsConsumed": 0,
        "tokensConsumed": 0,
        "usdcSpentBase": "0",
        "season": league.office.season(),
    }
    spent = league.points(consumer)
    assert (spent["consumePoints"], spent["consumeStreakDays"]) == (12.75, 1)  # 50 per dollar, 1.02
    assert (spent["usdcSpentBase"], spent["requestsConsumed"]) == ("250000", 1)


def test_value_counts_after_two_confirmations(league: League, world: World) -> None:
    operator, consumer = world.person(), world.person(USD)
    league.tell(world.exact(operator, consumer, 1_000, world.pay(consumer, operator, 1_000)))
    league.office.follower.advance()
    assert league.points(operator)["requestsServed"] == 0
    world.chain.mine()
    league.office.follower.advance()
    assert league.points(operator)["requestsServed"] == 1


def test_the_event_may_come_before_or_after_the_money(league: League, world: World) -> None:
    operator, consumer = world.person(), world.person(USD)
    paid = world.pay(consumer, operator, 1_000)
    league.catch_up()
    league.tell(world.exact(operator, consumer, 1_000, paid))
    league.office.follower.advance()
    assert league.points(operator)["requestsServed"] == 1


@pytest.mark.parametrize("wrong", ["amount", "consumer", "operator", "transaction"])
def test_an_event_needs_that_very_transfer(league: League, world: World, wrong: str) -> None:
    operator, consumer, other = world.person(), world.person(USD), world.person()
    paid = world.pay(consumer, operator, 1_000)
    teller = other if wrong == "operator" else operator
    payer = other if wrong == "consumer" else consumer
    amount = 1_001 if wrong == "amount" else 1_000
    named = "0x" + "ab" * 32 if wrong == "transaction" else paid
    league.tell(world.exact(teller, payer, amount, named))
    league.catch_up()
    assert league.points(teller)["requestsServed"] == 0


def test_one_transfer_is_one_event(league: League, world: World) -> None:
    operator, consumer = world.person(), world.person(USD)
    paid = world.pay(consumer, operator, 10_000)
    for _ in range(5):
        assert league.tell(world.exact(operator, consumer, 1_000, paid)).status_code == 200
    league.catch_up()
    assert league.points(operator)["requestsServed"] == 1


def test_a_redemption_pays_the_events_up_to_its_checkpoint(league: League, world: World) -> None:
    operator, consumer = world.person(), world.person(20 * USD)
    world.deposit(consumer, 20 * USD)
    world.reserve(consumer, operator, 10 * USD)
    for amount, checkpoint in ((USD, USD), (2 * USD, 3 * USD), (USD, 4 * USD)):
        league.tell(world.served(operator, consumer, amount, checkpoint))
    league.catch_up()
    assert league.points(operator)["requestsServed"] == 0
    world.redeem(consumer, operator, 3 * USD)
    league.catch_up()
    assert league.points(operator)["requestsServed"] == 2
    assert league.points(operator)["usdcEarnedBase"] == str(3 * USD)
    world.redeem(consumer, operator, 4 * USD)
    league.catch_up()
    assert league.points(operator)["usdcEarnedBase"] == str(4 * USD)
    assert league.points(consumer)["usdcSpentBase"] == str(4 * USD)


def test_a_cycle_pays_only_its_own_events(league: League, world: World) -> None:
    operator, consumer = world.person(), world.person(20 * USD)
    world.deposit(consumer, 20 * USD)
    world.reserve(consumer, operator, USD)
    world.redeem(consumer, operator, USD)
    assert world.reserve(consumer, operator, USD) == 2
    league.tell(world.served(operator, consumer, USD, USD, cycle=2))
    league.catch_up()
    assert league.points(operator)["requestsServed"] == 0
    world.redeem(consumer, operator, USD)
    league.catch_up()
    assert league.points(operator)["requestsServed"] == 1


def test_the_same_money_is_not_told_of_twice(league: League, world: World) -> None:
    """Events claim intervals of what a cycle owes; what overlaps an earlier one earns nothing."""
    operator, consumer = world.person(), world.person(20 * USD)
    world.deposit(consumer, 20 * USD)
    world.reserve(consumer, operator, 10 * USD)
    for amount, checkpoint in ((USD, USD), (USD, USD), (2 * USD, 2 * USD), (USD, 2 * USD)):
        league.tell(world.served(operator, consumer, amount, checkpoint))
    world.redeem(consumer, operator, 2 * USD)
    league.catch_up()
    assert league.points(operator)["usdcEarnedBase"] == str(2 * USD)
    assert league.points(operator)["requestsServed"] == 2


def test_an_event_that_waits_three_days_earns_nothing(league: League, world: World) -> None:
    operator, consumer = world.person(), world.person(20 * USD)
    world.deposit(consumer, 20 * USD)
    vault = world.vault(operator)
    world.reserve(consumer, operator, 10 * USD)
    league.tell(world.served(operator, consumer, USD, USD))
    world.chain.advance(73 * HOUR)
    assert vault.ops(consumer.address, operator.address).locked == 10 * USD
    world.redeem(consumer, operator, USD)
    league.catch_up()
    assert league.points(operator)["requestsServed"] == 0
    assert league.office.league.count() == 1  # kept all the same


def pay_some(world: World, league: League) -> tuple[LocalSigner, LocalSigner]:
    """Both rails, several days."""
    operator, consumer = world.person(), world.person(50 * USD)
    world.deposit(consumer, 20 * USD)
    world.reserve(consumer, operator, 10 * USD)
    for day in range(3):
        paid = world.pay(consumer, operator, 400_000)
        league.tell(world.exact(operator, consumer, 400_000, paid))
        league.tell(world.served(operator, consumer, USD, (day + 1) * USD))
        world.redeem(consumer, operator, (day + 1) * USD)
        league.catch_up()
        world.chain.advance(HOUR)
    return operator, consumer


def written(league: League) -> list[tuple[Any, ...]]:
    with league.office.league._database.read() as connection:
        rows = connection.execute(select(scores).order_by(scores.c.address, scores.c.side))
        return [tuple(row) for row in rows]


def test_everything_can_be_made_again_from_the_chain(league: League, world: World) -> None:
    operator, consumer = pay_some(world, league)
    before = written(league), league.points(operator), league.points(consumer)
    assert before[1]["requestsServed"] == 6
    league.office.follower.rebuild()
    assert (written(league), league.points(operator), league.points(consumer)) == before


def test_m19_a_reorganisation_takes_points_back(league: League, world: World) -> None:
    chain = world.chain
    operator, consumer = world.person(), world.person(USD)
    chain.mine(3)
    mark = chain.snapshot()
    event = world.exact(operator, consumer, 1_000, world.pay(consumer, operator, 1_000))
    league.tell(event)
    league.catch_up()
    assert league.points(operator)["requestsServed"] == 1
    chain.revert(mark)  # the payment never happened
    chain.mine(6)
    league.office.follower.advance()
    assert league.office.follower.rolled_back == 1
    assert league.points(operator)["requestsServed"] == 0
    assert league.points(consumer)["consumePoints"] == 0
    board = league.client().get("/leaderboard").json()
    assert operator.address.lower() not in [row["address"] for row in board["rows"]]
    again = world.exact(operator, consumer, 1_000, world.pay(consumer, operator, 1_000))
    league.tell(again)
    league.catch_up()
    assert league.points(operator)["requestsServed"] == 1


def test_m19_deeper_than_what_is_remembered(start_league: StartLeague, world: World) -> None:
    league = start_league(reorg_depth=3)
    chain = world.chain
    operator, consumer = world.person(), world.person(USD)
    kept = world.pay(consumer, operator, 1_000)
    league.tell(world.exact(operator, consumer, 1_000, kept))
    mark = chain.snapshot()
    gone = world.pay(consumer, operator, 2_000)
    league.tell(world.exact(operator, consumer, 2_000, gone))
    chain.mine(10)
    league.catch_up()
    assert league.points(operator)["requestsServed"] == 2
    chain.revert(mark)
    chain.advance(7)  # this chain tells empty blocks apart by their times alone
    chain.mine(30)
    league.catch_up()
    assert league.points(operator)["usdcEarnedBase"] == "1000"


@pytest.mark.skipif(not anvil_available(), reason="anvil is not installed")
def test_m19_a_node_that_reorganises(start_league: StartLeague, world: World) -> None:
    """The same, with block hashes that a node makes: anvil, turned back under the follower."""
    from harness.chain.journal import MemoryJournal
    from harness.chain.outbox import Outbox
    from harness.chain.records import Call
    from harness.diamond.tokens import FwUsd
    from tests.harness.contracts import artifact

    with Anvil() as process:
        chain: AnvilChain = process.chain
        owner = LocalSigner.from_phrase("league owner")
        chain.set_balance(owner.address, 10**20)
        outbox = Outbox(chain, owner, MemoryJournal())
        creation = artifact("contracts/tokens/FwUSD.sol").creation(owner.address)
        created = outbox.execute(Call(None, creation)).created
        assert created is not None
        dollar = FwUsd(chain, created, outbox)
        dollar.mint(owner.address, USD)
        league = start_league(usdc=created, start_block=0)
        league.office.follower._chain = chain
        league.office.follower.advance()
        operator = LocalSigner.generate()
        chain.mine(3)
        league.office.follower.advance()
        mark = chain.snapshot()
        sent = dollar.transfer(operator.address, 5_000)
        event = world.exact(operator, owner, 5_000, "0x" + sent.transaction.hex())
        league.tell(event)
        chain.mine(2)
        league.office.follower.advance()
        assert league.points(operator)["requestsServed"] == 1
        chain.revert(mark)
        chain.mine(8)
        league.office.follower.advance()
        assert league.office.follower.rolled_back >= 1
        assert league.points(operator)["requestsServed"] == 0


def test_a_node_that_answers_few_blocks_at_once(league: League, world: World) -> None:
    from harness.chain.errors import NodeError
    from harness.chain.records import LogFilter

    operator, consumer = pay_some(world, league)
    before = league.points(operator), league.points(consumer)
    inner = league.office.follower._chain

    class Stingy:
        def __getattr__(self, name: str) -> Any:
            return getattr(inner, name)

        def logs(self, wanted: LogFilter) -> Any:
            if wanted.to_block - wanted.from_block >= 5:
                raise NodeError("query returned more than 10000 results", -32005)
            return inner.logs(wanted)

    league.office.follower._chain = Stingy()  # type: ignore[assignment]
    league.office.follower.rebuild()
    assert (league.points(operator), league.points(consumer)) == before


def test_a_bad_hour_of_a_node_does_not_make_it_slow_for_good(league: League, world: World) -> None:
    """It reads block by block while the node is away, and in long stretches again when it is back."""
    from harness.chain.errors import NodeError
    from harness.chain.records import LogFilter

    inner = league.office.follower._chain
    asked: list[int] = []

    class Away:
        away = True

        def __getattr__(self, name: str) -> Any:
            return getattr(inner, name)

        def logs(self, wanted: LogFilter) -> Any:
            asked.append(wanted.to_block - wanted.from_block + 1)
            if self.away:
                raise NodeError("no answer")
            return inner.logs(wanted)

    node = Away()
    league.office.follower._chain = node  # type: ignore[assignment]
    world.chain.mine(30)
    with pytest.raises(NodeError):
        league.office.follower.advance()
    assert asked[-1] == 1
    node.away = False
    for _ in range(5):
        league.office.follower.advance()
        world.chain.mine(30)
    asked.clear()
    league.office.follower.advance()
    assert asked == [30]


def test_the_streak_and_the_season_follow_the_chain(league: League, world: World) -> None:
    operator, consumer = world.person(), world.person(10 * USD)
    # Three days in a row, one day forgiven, then two missed: it starts over.
    for wait, streak in ((0, 1), (DAY, 2), (DAY, 3), (2 * DAY, 4), (3 * DAY, 1)):
        if wait:
            world.chain.advance(wait)
        league.catch_up()
        paid = world.pay(consumer, operator, 100_000)
        league.tell(world.exact(operator, consumer, 100_000, paid))
        league.catch_up()
        standing = league.points(consumer)
        assert standing["consumeStreakDays"] == streak
    assert standing["consumeStreakMultiplier"] == 1.02
    assert standing["consumePoints"] == 5 * (1.02 + 1.04 + 1.06 + 1.08 + 1.02)
    assert json.loads(json.dumps(standing)) == standing


def test_events_that_wait_for_their_redemption_cost_nothing_while_they_wait(
    league: League, world: World
) -> None:
    """A cycle may have thousands of them: a look at the chain asks about all in one statement."""
    operator, consumer = world.person(), world.person(USD)
    world.deposit(consumer, USD)
    cycle = world.reserve(consumer, operator, 500_000)
    league.catch_up()
    asked: list[str] = []

    def count(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        asked.append(statement)

    facts = league.office.facts
    now = int(league.office.now())
    listen(facts._database.engine, "before_cursor_execute", count)
    counts = []
    for waiting in range(1, 31):
        event = world.served(operator, consumer, 1_000, waiting * 1_000, cycle)
        assert league.tell(event).json()["status"] == "accepted"
        asked.clear()
        assert facts.attach(now) == set()
        counts.append(len(asked))
    assert counts[-1] == counts[0]
    world.redeem(consumer, operator, 30_000)
    league.catch_up()
    assert league.points(operator)["requestsServed"] == 30
