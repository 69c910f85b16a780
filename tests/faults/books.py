"""Whether sidecars, operator and chain have the same in their books, once nothing is under way."""

from __future__ import annotations

import sqlite3

from harness.devnet.world import dev_key
from harness.store.operator import ACKNOWLEDGED, SETTLED
from tests.crash.oracle import books, rows
from tests.crash.theatre import PAYERS
from tests.faults.market import FaultyMarket, eventually


def disagreements(market: FaultyMarket, answered: dict[str, dict[str, int]]) -> list[str]:
    """In words; empty when everything agrees. `answered`: rail -> key -> answers."""
    found = books(market, answered).violations
    found += _exact(market) + _vault(market) + _holds(market) + _events(market)
    return found


def balanced(market: FaultyMarket, answered: dict[str, dict[str, int]]) -> None:
    """Wait until the books agree; what still disagrees then is the failure."""
    last: list[str] = []

    def agree() -> bool:
        last[:] = disagreements(market, answered)
        return not last

    try:
        eventually(agree, "agreement")
    except AssertionError:
        raise AssertionError("; ".join(last)) from None


def _exact(market: FaultyMarket) -> list[str]:
    """What the operator was paid is what its payer spent."""
    payer = dev_key(PAYERS["exact"]).address
    paid = [
        row
        for row in rows(market, "operator", "select payer, amount, state from operator_payments")
        if row["payer"] == payer
    ]
    settled = sum(int(row["amount"]) for row in paid if row["state"] == SETTLED)
    charged = rows(market, "exact", "select charged from consumer_requests")
    spent = sum(int(row["charged"]) for row in charged)
    return [] if settled == spent else [f"exact: the operator has {settled}, the payer {spent}"]


def _vault(market: FaultyMarket) -> list[str]:
    """The operator holds the newest receipt of each cycle or was paid by it, and no tab has work under way."""
    signed = _newest(rows(market, "vault", "select cycle, cumulative from consumer_receipts"))
    held = {
        int(row["cycle"]): int(row["held"])
        for row in rows(market, "operator", "select cycle, held from operator_tabs")
    }
    pair = market.vault.ops(dev_key(PAYERS["vault"]).address, dev_key("operator").address)
    held[pair.cycle] = max(held.get(pair.cycle, 0), pair.redeemed)
    found = [
        f"vault: cycle {cycle} is receipted to {cumulative}, the operator has {held.get(cycle)}"
        for cycle, cumulative in signed.items()
        if held.get(cycle, 0) != cumulative
    ]
    for consumer, tab in market.operator.tabs.all():
        if tab.inflight:
            found.append(f"vault: {tab.inflight} are held for nothing on the tab of {consumer}")
    return found


def _events(market: FaultyMarket) -> list[str]:
    """Every event that the indexer took is there once."""
    query = f"select count(*) as told from operator_events where state = '{ACKNOWLEDGED}'"
    told = int(rows(market, "operator", query)[0]["told"])
    kept = market.indexer.league.count()
    return [] if told == kept else [f"{told} events were acknowledged, the League has {kept}"]


def _newest(found: list[sqlite3.Row]) -> dict[int, int]:
    newest: dict[int, int] = {}
    for row in found:
        cycle, cumulative = int(row["cycle"]), int(row["cumulative"])
        newest[cycle] = max(cumulative, newest.get(cycle, 0))
    return newest


def _holds(market: FaultyMarket) -> list[str]:
    found = []
    for rail, sidecar in market.sidecars.items():
        if reserved := sidecar.budget.view().reserved:
            found.append(f"{rail}: {reserved} are held of the budget")
    for purse in list(market.sidecars["vault"]._reservations.purses.values()):
        if purse.inflight:
            found.append(f"vault: {purse.inflight} are held in the purse")
    return found
