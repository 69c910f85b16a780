"""The vault."""

from __future__ import annotations

from tests.contracts.economy import Economy
from tests.contracts.market.calendar import HOUR
from tests.contracts.payments.tab import USD, Tab, compact
from tests.contracts.signing import Key
from tests.gas.measure import Call
from tests.gas.operations.catalogue import BATCH, FOUR, of, operation


def _tab(economy: Economy) -> Tab:
    """Alice has a deposit; bob, who is paid, already has some of the token."""
    tab = Tab(economy)
    economy.usd.send("transfer", tab.bob, USD, sender=tab.carol)
    tab.deposit(1_000 * USD)
    return tab


def _receipts(tab: Tab) -> list[Call]:
    """Bob's reservation, and receipts for it."""
    tab.reserve(100 * USD)
    amounts = [(n + 1) * USD + 7 for n in FOUR]
    arguments = [(tab.alice, tab.bob, amount, tab.receipt(amount)) for amount in amounts]
    return [of(tab.vault, tab.carol, "redeem", *each) for each in arguments]


@operation("VaultFacet")
def deposit(economy: Economy) -> list[Call]:
    tab = Tab(economy)
    return [of(tab.vault, tab.alice, "deposit", 100 * USD, tab.key.address) for _ in FOUR]


@operation("VaultFacet")
def reserve(economy: Economy) -> list[Call]:
    """The first opens a cycle, the others add to it."""
    tab = _tab(economy)
    each = [tab.reservation(10 * USD, economy.now + 24 * HOUR, n) for n in FOUR]
    return [of(tab.vault, tab.carol, "reserve", *arguments) for arguments in each]


@operation("VaultFacet")
def reserve_next_cycle(economy: Economy) -> list[Call]:
    """For four operators whose earlier cycles are paid."""
    tab = _tab(economy)
    calls = []
    operators = [economy.address(name) for name in ("bob", "dave", "erin", "frank")]
    for operator in operators:
        tab.reserve(USD, operator=operator)
        tab.redeem(USD, operator=operator)
    for n, operator in enumerate(operators):
        arguments = tab.reservation(USD, economy.now + HOUR, 4 + n, operator=operator)
        calls.append(of(tab.vault, tab.carol, "reserve", *arguments))
    return calls


@operation("VaultFacet")
def redeem(economy: Economy) -> list[Call]:
    return _receipts(_tab(economy))


@operation("VaultFacet")
def redeem_with_fee(economy: Economy) -> list[Call]:
    tab = _tab(economy)
    tab.set_fee(500)
    return _receipts(tab)


@operation("VaultFacet")
def redeem_batch_of_32(economy: Economy) -> list[Call]:
    tab = _tab(economy)
    consumers = [Key.named(f"consumer {n}").address for n in range(BATCH)]
    for consumer in consumers:
        economy.usd.send("transfer", consumer, 10 * USD, sender=tab.carol)
        economy.usd.send("approve", economy.diamond, 10 * USD, sender=consumer)
        tab.deposit(10 * USD, consumer)
        tab.reserve(10 * USD, consumer=consumer)
    calls = []
    for n in FOUR:
        amount = (n + 1) * USD + 7
        parts = [compact(tab.receipt(amount, consumer=consumer)) for consumer in consumers]
        rs, vss = [r for r, _ in parts], [vs for _, vs in parts]
        batch = (tab.bob, consumers, [amount] * BATCH, rs, vss)
        calls.append(of(tab.vault, tab.carol, "redeemBatch", *batch))
    return calls


@operation("VaultFacet")
def withdraw(economy: Economy) -> list[Call]:
    tab = _tab(economy)
    tab.send("requestWithdraw")
    economy.later(2 * 24 * HOUR)
    return [of(tab.vault, tab.alice, "withdraw(uint256)", USD) for _ in FOUR]
