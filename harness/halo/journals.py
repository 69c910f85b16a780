"""What the daemons have written down, read from outside; nothing is changed and no lock is taken."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from harness.halo.config import HaloConfig
from harness.halo.home import Home
from harness.protocol.recovery import recover_signer
from harness.protocol.spending import ReceiptState
from harness.protocol.vault import RECEIPT, vault_domain
from harness.store.consumer import ConsumerJournal, KeptReceipt, PaidRequest, Spent
from harness.store.consumer_tables import CONSUMER
from harness.store.database import Database

FIELDS = (
    "id", "at", "rail", "state", "model", "operator", "chargedBase", "tokens", "transaction", "reason",
)  # fmt: skip
MOST = 1_000_000


def consumer_journals(home: Home, config: HaloConfig) -> list[ConsumerJournal]:
    """Those of the configured wallet on its chain: the sidecar's, and the one `halo pay` keeps beside it."""
    paths = [
        consumer_folder(root, config) / "consume.db"
        for root in (home.state("consume"), home.beside)
    ]
    return [ConsumerJournal(Database.open(path, CONSUMER)) for path in paths if path.exists()]


def consumer_folder(root: Path, config: HaloConfig) -> Path:
    """Where a sidecar of the configured wallet keeps its journal and its lock below `root`."""
    return root / str(config.chain.chain_id) / config.operator.address.lower()


def history(
    home: Home, config: HaloConfig, since: float = 0.0, most: int = MOST
) -> list[PaidRequest]:
    """Paid requests changed after `since` (seconds since the epoch), oldest first."""
    found = [row for j in consumer_journals(home, config) for row in j.history(since, most)]
    return sorted(found, key=lambda row: row.updated_at)


def spent(home: Home, config: HaloConfig, since: float = 0.0) -> Spent:
    """What this wallet's requests since then (seconds since the epoch) have cost, by its own books."""
    found = [journal.spent(since) for journal in consumer_journals(home, config)]
    return Spent(sum(part.requests for part in found), sum(part.amount for part in found))


def as_row(paid: PaidRequest) -> dict[str, Any]:
    """A request as `receipts export` gives it. Base units; times in UTC."""
    return {
        "id": paid.id,
        "at": datetime.fromtimestamp(paid.updated_at, UTC).isoformat(timespec="seconds"),
        "rail": paid.rail.value,
        "state": paid.state.value,
        "model": paid.model,
        "operator": paid.operator,
        "chargedBase": str(paid.charged),
        "tokens": paid.tokens,
        "transaction": "0x" + paid.transaction.hex() if paid.transaction else None,
        "reason": paid.reason,
    }


def export(rows: Sequence[PaidRequest], form: str) -> str:
    """CSV with a heading, or a JSON array."""
    shown = [as_row(row) for row in rows]
    if form == "json":
        return json.dumps(shown, indent=2) + "\n"
    text = io.StringIO()
    writer = csv.DictWriter(text, FIELDS, lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: _cell(value) for name, value in row.items()} for row in shown)
    return text.getvalue()


def _cell(value: Any) -> Any:
    """Model names and reasons come from others: a spreadsheet must not run them as formulas."""
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return "'" + value
    return value


def dead_receipts(home: Home, config: HaloConfig, vault: str) -> list[str]:
    """Receipts that can never be collected, as lines."""
    wallet = config.operator.address
    kept = [
        r
        for j in consumer_journals(home, config)
        for r in j.receipts(vault, wallet, ReceiptState.DEAD)
    ]
    return [
        f"{r.signed.receipt.operator}, cycle {r.signed.receipt.cycle}, "
        f"{r.signed.receipt.cumulative} base units: {r.reason or 'no reason given'}"
        for r in kept
    ]


@dataclass(frozen=True)
class Verdict:
    """`receipts` were looked at; `problems` says what does not hold."""

    requests: int
    receipts: int
    problems: tuple[str, ...]


def verify(home: Home, config: HaloConfig, session_key: str) -> Verdict:
    """Recompute the chain of audit rows, and recover the signer of each vault receipt."""
    vault, wallet = config.vault_address, config.operator.address
    problems: list[str] = []
    requests = receipts = 0
    for journal in consumer_journals(home, config):
        if not journal.audit_holds():
            problems.append("the audit rows do not follow from each other")
        kept = journal.receipts(vault, wallet) if vault else []
        if vault:
            separator = vault_domain(config.chain.chain_id, vault).separator
            problems += [p for r in kept if (p := _problem(r, separator, session_key))]
        requests += len(journal.history(0.0, MOST))
        receipts += len(kept)
    return Verdict(requests, receipts, tuple(problems))


def _problem(kept: KeptReceipt, separator: bytes, session_key: str) -> str | None:
    receipt = kept.signed.receipt
    values = (
        receipt.consumer, receipt.operator, receipt.cumulative, receipt.key_epoch, receipt.cycle,
    )  # fmt: skip
    name = f"receipt for {receipt.operator}, cycle {receipt.cycle}"
    try:
        signer = recover_signer(RECEIPT.digest(separator, values), kept.signed.signature)
    except ValueError as bad:
        return f"{name}: {bad}"
    return None if signer == session_key else f"{name} is signed by {signer}, not by {session_key}"
