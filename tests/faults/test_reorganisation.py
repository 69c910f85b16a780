"""Several blocks leave the chain under a market that runs: what was in them is made good again.

The chain goes back and other blocks come; journals keep what they know. After each the books agree.
"""

from __future__ import annotations

import itertools

from harness.devnet.world import dev_key
from harness.services.indexer.follower import fingerprint
from tests.crash.theatre import PAYERS
from tests.faults.conftest import Answered
from tests.faults.market import FaultyMarket, eventually

_names = (f"reorg-{number}" for number in itertools.count())
DEPTH = 4


def _instead(market: FaultyMarket, mark: object) -> None:
    """Go back to the mark, and have other blocks instead of those that came since."""
    market.chain.revert(mark)
    market.chain.advance(2)  # this chain tells empty blocks apart by their times
    market.chain.mine(DEPTH + 2)


def test_an_exact_payment_that_leaves_the_chain_is_made_again(
    market: FaultyMarket, answered: Answered
) -> None:
    """The same bytes, so the same transaction; the answer that was bought stays bought, once."""
    operator, gas_key = dev_key("operator").address, dev_key("facilitator").address
    mark = market.chain.snapshot()
    key, before = next(_names), market.dollar.balance_of(operator)
    market.until_served("exact", key)
    paid = market.dollar.balance_of(operator) - before
    nonce = market.chain.nonce(gas_key)
    market.chain.mine(DEPTH)
    _instead(market, mark)
    assert market.dollar.balance_of(operator) == before
    eventually(lambda: market.dollar.balance_of(operator) == before + paid, "the second time")
    assert market.chain.nonce(gas_key) == nonce
    market.until_served("exact", key)
    answered["exact"][key] = 1


def test_a_reservation_that_leaves_the_chain_is_made_again(
    market: FaultyMarket, answered: Answered
) -> None:
    """Until it is, the operator reads a smaller reservation and serves no more than that."""
    consumer, operator = dev_key(PAYERS["vault"]).address, dev_key("operator").address
    market.until_served("vault", first := next(_names))
    mark = market.chain.snapshot()
    market.run(_forget_purses(market))
    market.until_served("vault", second := next(_names))
    locked = market.vault.ops(consumer, operator).locked
    market.chain.mine(DEPTH)
    _instead(market, mark)
    assert market.vault.ops(consumer, operator).locked < locked
    market.until_served("vault", third := next(_names))
    eventually(
        lambda: market.vault.ops(consumer, operator).locked >= locked, "the reservation's return"
    )
    answered["vault"] |= dict.fromkeys((first, second, third), 1)


async def _forget_purses(market: FaultyMarket) -> None:
    rail = market.sidecars["vault"].vault
    assert rail is not None
    rail.reservations.purses.clear()


def test_a_redeemed_receipt_that_leaves_the_chain_is_redeemed_again(
    market: FaultyMarket, answered: Answered
) -> None:
    """The operator keeps the receipt, and the chain decides what is left to collect with it."""
    consumer, operator = dev_key(PAYERS["vault"]).address, dev_key("operator").address
    market.until_served("vault", key := next(_names))
    answered["vault"][key] = 1
    held = market.operator.tabs.newest(consumer)
    assert held is not None
    purse = market.sidecars["vault"]._reservations.purses[operator]
    eventually(lambda: held.held == purse.cumulative, "the receipt's arrival")
    mark = market.chain.snapshot()
    redeemed = market.vault.ops(consumer, operator).redeemed
    assert redeemed < held.held
    market.run(_collect(market))
    eventually(lambda: market.vault.ops(consumer, operator).redeemed == held.held, "the redemption")
    market.chain.mine(DEPTH)
    _instead(market, mark)
    assert market.vault.ops(consumer, operator).redeemed == redeemed
    eventually(lambda: market.vault.ops(consumer, operator).redeemed == held.held, "its return")
    assert market.dollar.balance_of(operator) > 0


async def _collect(market: FaultyMarket) -> None:
    """What the operator does at shutdown and when a consumer is idle."""
    market.operator.redeemer.sweep(everything=True)


def test_an_indexer_agrees_with_one_that_reads_anew(
    market: FaultyMarket, answered: Answered
) -> None:
    follower = market.indexer.follower
    mark = market.chain.snapshot()
    market.until_served("exact", key := next(_names))
    answered["exact"][key] = 1
    _until_read(market)
    back = follower.rolled_back
    _instead(market, mark)
    eventually(lambda: follower.rolled_back > back, "the roll back")
    _until_read(market)
    seen = _transfers(market)
    market.run(_rebuild(market))
    assert set(seen) <= set(_transfers(market))  # the chain goes on meanwhile


def _until_read(market: FaultyMarket) -> None:
    """Until the indexer has the newest block of the chain there is now, not one of its number that left."""
    number = market.chain.block().number
    now = fingerprint(market.chain.block(number))
    eventually(lambda: (number, now) in market.indexer.facts.recent(), "reading")


def _transfers(market: FaultyMarket) -> list[tuple[int, str]]:
    from sqlalchemy import text

    with market.indexer.facts._database.read() as connection:
        found = connection.execute(text("select block, tx from transfers"))
        return [(int(row.block), str(row.tx)) for row in found]


async def _rebuild(market: FaultyMarket) -> None:
    import asyncio

    loop = asyncio.get_running_loop()
    await loop.run_in_executor(market.indexer._chain, market.indexer.follower.rebuild)
