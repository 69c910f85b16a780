"""What must be true of chain and journals, whoever died when.

No double charge: an idempotency key has at most one settled payment. No lost receipt: the operator holds what
the consumer owes. No budget overrun: what was spent and is held never exceeds the limit. No stuck hold:
after everything has had its time, nothing is held. Every unit that moved on chain is in the journals.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import httpx

from harness.devnet.world import dev_key
from harness.diamond.tokens import FwUsd
from harness.diamond.vault import Vault
from tests.crash.theatre import BUDGET, DOLLARS, PAYERS

SETTLED = "settled"
OPEN_EXACT = ("held", "signed", "sent", "unknown")


@dataclass
class Findings:
    """Violations, in words; empty when the books balance."""

    violations: list[str] = field(default_factory=list)
    figures: dict[str, int] = field(default_factory=dict)

    def require(self, holds: bool, what: str) -> None:
        if not holds:
            self.violations.append(what)


class Stage(Protocol):
    """A market with a folder for each role."""

    root: Path

    @property
    def dollar(self) -> FwUsd: ...

    @property
    def vault(self) -> Vault: ...

    def url(self, role: str) -> str: ...


def rows(stage: Stage, role: str, query: str) -> list[sqlite3.Row]:
    """A query on a service's journal, beside the running process."""
    (path,) = (stage.root / role).rglob("*.db")
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=10)
    connection.row_factory = sqlite3.Row
    try:
        return connection.execute(query).fetchall()
    finally:
        connection.close()


def budgets(stage: Stage) -> Findings:
    """What can be asked at any time."""
    found = Findings()
    for role in PAYERS:
        try:
            budget = httpx.get(f"{stage.url(role)}/v1/budget", timeout=10).json()
        except (httpx.HTTPError, ValueError):
            continue
        used = budget["spentUsd"] + budget["reservedUsd"]
        found.require(
            used * 10**6 <= BUDGET + 1, f"{role}: {used} USD of {BUDGET / 10**6} are used"
        )
    return found


def books(stage: Stage, answered: dict[str, dict[str, int]]) -> Findings:
    """Chain and journals, when nothing is under way. `answered`: rail -> key -> answers with status 200."""
    found = Findings()
    _exact(stage, found, answered.get("exact", {}))
    _vault(stage, found, answered.get("vault", {}))
    return found


def _exact(stage: Stage, found: Findings, answered: dict[str, int]) -> None:
    payer = dev_key(PAYERS["exact"]).address
    requests = rows(
        stage, "exact", "select state, charged, idempotency, nonce from consumer_requests"
    )
    settled = [r for r in requests if r["state"] == SETTLED]
    charged = sum(int(r["charged"]) for r in settled)
    moved = DOLLARS - stage.dollar.balance_of(payer)
    found.figures |= {"exact moved": moved, "exact charged": charged, "exact settled": len(settled)}
    found.require(moved == charged, f"exact: {moved} moved on chain, the journal has {charged}")
    for key, count in Counter(r["idempotency"] for r in settled if r["idempotency"]).items():
        found.require(count == 1, f"exact: {key} was paid {count} times")
    paid = {r["idempotency"] for r in settled}
    for key in answered:
        found.require(key in paid, f"exact: {key} was answered and is not settled in the journal")
    stuck = [r for r in requests if r["state"] in OPEN_EXACT]
    found.require(not stuck, f"exact: {len(stuck)} payments are still open")


def _vault(stage: Stage, found: Findings, answered: dict[str, int]) -> None:
    payer, operator = dev_key(PAYERS["vault"]).address, dev_key("operator").address
    vault = stage.vault
    owed = sum(
        int(r["cumulative"])
        for r in rows(stage, "vault", "select cumulative from consumer_receipts")
    )
    pair = vault.ops(payer, operator)
    deposited = DOLLARS - stage.dollar.balance_of(payer)
    paid_out = deposited - vault.balance(payer)
    requests = rows(stage, "vault", "select state, charged, idempotency from consumer_requests")
    charged = sum(int(r["charged"]) for r in requests)
    held = rows(stage, "operator", "select * from operator_tabs")
    found.figures |= {
        "vault deposited": deposited, "vault paid out": paid_out, "vault receipts": owed, "vault charged": charged,
        "vault requests": len(requests), "vault cycle": pair.cycle, "vault tabs": len(held),
    }  # fmt: skip
    found.require(paid_out <= owed, f"vault: {paid_out} were redeemed, receipts say {owed}")
    found.require(charged == owed, f"vault: requests cost {charged}, receipts say {owed}")
    for key, count in Counter(
        r["idempotency"] for r in requests if r["idempotency"] and int(r["charged"])
    ).items():
        found.require(count == 1, f"vault: {key} was charged {count} times")
    for key in answered:
        found.require(
            any(r["idempotency"] == key and int(r["charged"]) for r in requests),
            f"vault: {key} was answered for nothing",
        )
    open_ = [r["state"] for r in requests if r["state"] in ("held", "reserved", "sent")]
    found.require(not open_, f"vault: {len(open_)} requests are still open: {Counter(open_)}")
