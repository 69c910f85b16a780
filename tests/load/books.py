"""Every party's account of the same money, side by side; what differs is named.

The chain's word comes first in each row. `told` are accounts that must be equal to it, `beside` figures
that may honestly lag behind: what an operator served to a client that hung up before it could sign for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import product

from harness.devnet.world import dev_key
from tests.crash.theatre import Theatre
from tests.load.cast import CONSUMERS, OPERATORS, RAILS, SIDECARS
from tests.load.journals import Journals
from tests.load.ledger import Moved, balances, moved


@dataclass(frozen=True)
class Row:
    """One amount of base units and whoever has it in a book."""

    what: str
    chain: int
    told: Mapping[str, int]
    beside: Mapping[str, int] = field(default_factory=dict)

    @property
    def equal(self) -> bool:
        return all(amount == self.chain for amount in self.told.values())

    def __str__(self) -> str:
        told = ", ".join(f"{who} {amount:,}" for who, amount in self.told.items())
        beside = "".join(f"; {who} {amount:,}" for who, amount in self.beside.items())
        mark = "ok " if self.equal else "NOT"
        return f"{mark} {self.what:<34} chain {self.chain:>11,}   {told}{beside}"


@dataclass
class Books:
    """The rows at one moment, what is still open, keys that paid for two answers, what parts of answers
    cost whose streams broke off, and how many answers operators finished that nobody came for."""

    before: dict[str, int]
    after: dict[str, int]
    rows: list[Row]
    open: list[str]
    twice: list[str]
    parts: list[int]
    unfetched: int

    @property
    def balanced(self) -> bool:
        return not self.differing and not self.open and not self.twice

    @property
    def differing(self) -> list[Row]:
        return [row for row in self.rows if not row.equal]

    def problems(self) -> list[str]:
        """What keeps the books from being balanced, in words."""
        return [
            *(f"differs: {row}" for row in self.differing),
            *(f"open: {each}" for each in self.open),
            *(f"paid twice: {each}" for each in self.twice),
        ]


def compare(
    stage: Theatre,
    before: dict[str, int],
    since: int,
    facilitator: str = "facilitator",
    indexer: str = "indexer",
) -> Books:
    """All books against the chain. `before` are its balances at block `since`."""
    journals = Journals(stage)
    try:
        after, facts = balances(stage), moved(stage, since)
        rows = [
            *_exact(journals, facts, facilitator, indexer),
            *_vault(journals, facts, after, facilitator, indexer),
            *_pots(journals, facts, before, after),
        ]
        parts = [part for sidecar in SIDECARS for part in journals.parts(sidecar)]
        unfetched = sum(map(journals.unfetched, OPERATORS))
        return Books(
            before, after, rows, _open(journals, indexer), _twice(journals, facts), parts, unfetched
        )
    finally:
        journals.close()


def _exact(journals: Journals, facts: Moved, facilitator: str, indexer: str) -> list[Row]:
    settled, seen = journals.settlements(facilitator), journals.transfers(indexer)
    attached = journals.attached(indexer, "exact")
    charged = {c: journals.exact_charged(f"{c}-exact") for c in CONSUMERS}
    income = {o: journals.exact_income(o) for o in OPERATORS}
    found = []
    for consumer, operator in product(CONSUMERS, OPERATORS):
        who, whom = dev_key(consumer).address, dev_key(operator).address
        told = {
            "sidecar": charged[consumer][whom],
            "operator": income[operator][who],
            "facilitator": settled[who, whom],
            "indexer": seen[who, whom],
            "attached": attached[who, whom],
        }
        found.append(Row(f"exact, {consumer} to {operator}", facts.exact[who, whom], told))
    return found


def _vault(
    journals: Journals, facts: Moved, after: dict[str, int], facilitator: str, indexer: str
) -> list[Row]:
    paid, seen = journals.payouts(facilitator), journals.redemptions(indexer)
    attached = journals.attached(indexer, "vault")
    found = []
    for consumer, operator in product(CONSUMERS, OPERATORS):
        who, whom = dev_key(consumer).address, dev_key(operator).address
        sidecar = f"{consumer}-vault"
        told = {
            "receipts": journals.receipts(sidecar)[whom],
            "sidecar": journals.vault_charged(sidecar)[whom],
            "operator holds": journals.tabs(operator, "held")[who],
            "operator redeemed": journals.tabs(operator, "redeemed")[who],
            "facilitator": paid[who, whom],
            "indexer": seen[who, whom],
            "in the pair": after[f"{consumer} for {operator}, redeemed"],
        }
        beside = {
            "operator served": journals.tabs(operator, "owed")[who],
            "attached": attached[who, whom],
        }
        pair = facts.redeemed[who, whom]
        found.append(Row(f"vault, {consumer} to {operator}", pair, told, beside))
        locked = facts.reserved[who, whom] - pair
        told = {
            "sidecar": journals.reserved(sidecar)[whom] - journals.receipts(sidecar)[whom],
            "in the pair": after[f"{consumer} for {operator}, locked"],
        }
        found.append(Row(f"locked, {consumer} for {operator}", locked, told))
    return found


def _pots(
    journals: Journals, facts: Moved, before: dict[str, int], after: dict[str, int]
) -> list[Row]:
    """Every balance now is the one before and what moved."""
    found = []
    for consumer in CONSUMERS:
        who = dev_key(consumer).address
        whom = [dev_key(operator).address for operator in OPERATORS]
        deposited = journals.deposited(f"{consumer}-vault")
        redeemed = sum(journals.receipts(f"{consumer}-vault")[o] for o in whom)
        charged = sum(journals.exact_charged(f"{consumer}-exact").values())
        wallet, pot = f"{consumer}, wallet", f"{consumer}, vault"
        found += [
            Row(f"{consumer} deposited", facts.deposited[who], {"sidecar": deposited}),
            Row(wallet, after[wallet], {"sidecars": before[wallet] - charged - deposited}),
            Row(pot, after[pot], {"sidecar": before[pot] + deposited - redeemed}),
        ]
    for operator in OPERATORS:
        whom_ = dev_key(operator).address
        fees = sum(fee for (_, o), fee in facts.fees.items() if o == whom_)
        income = sum(journals.exact_income(operator).values())
        income += sum(journals.tabs(operator, "redeemed").values()) - fees
        wallet = f"{operator}, wallet"
        found.append(Row(wallet, after[wallet], {"operator": before[wallet] + income}))
    pots = sum(after[f"{consumer}, vault"] for consumer in CONSUMERS)
    found += [
        Row("the vault's wallet", after["vault, wallet"], {"its accounts": pots}),
        Row("all dollars", after["all dollars"], {"before": before["all dollars"]}),
    ]
    return found


def _open(journals: Journals, indexer: str) -> list[str]:
    shadowed = journals.shadowed(indexer)
    found = [f"{shadowed} events claim what others claim"] if shadowed else []
    for sidecar in SIDECARS:
        for state, count in journals.open_requests(sidecar).items():
            found.append(f"{sidecar}: {count} {state}")
    for operator in OPERATORS:
        waiting = journals.events_waiting(operator)
        if waiting:
            found.append(f"{operator}: {waiting} events are on their way")
    return found


def _twice(journals: Journals, facts: Moved) -> list[str]:
    """What one key bought twice, by the journals, and by the authorisations that the chain saw used."""
    found = []
    for consumer, rail in product(CONSUMERS, RAILS):
        sidecar = f"{consumer}-{rail}"
        found += [f"{sidecar} {key}" for key in journals.paid_twice(sidecar)]
    for consumer in CONSUMERS:
        who = dev_key(consumer).address
        known = journals.nonces(f"{consumer}-exact")
        used = [known[nonce] for (giver, nonce) in facts.used if giver == who and nonce in known]
        found += [f"{consumer} on chain: {key}" for key in set(used) if used.count(key) > 1]
    return found
