"""What a facilitator answers to a receipt, and what that means for the receipt.

    collected      forget it
    retry          keep it and ask again later
    uncollectable  it can never be paid; keep it for the records
    dead           the request itself is wrong: a bug on one of the two sides, for a human

Only the documented answers are believed; anything else means: not collected, keep the receipt.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from harness.clients import members
from harness.protocol.vault import Receipt


class Disposition(Enum):
    COLLECTED = "collected"
    RETRY = "retry"
    UNCOLLECTABLE = "uncollectable"
    DEAD = "dead"


@dataclass(frozen=True)
class Confirmed:
    """Paid by this transaction, up to `cumulative` base units of the cycle."""

    transaction: str
    cumulative: int
    cycle: int

    def disposition(self, asked: Receipt) -> Disposition:
        """What to do with the receipt that was asked for."""
        return _collected(asked, self.cycle, self.cumulative)


@dataclass(frozen=True)
class AlreadyRedeemed:
    """The chain says that the cycle has paid `redeemed` base units before this request."""

    redeemed: int
    cycle: int

    def disposition(self, asked: Receipt) -> Disposition:
        """What to do with the receipt that was asked for."""
        return _collected(asked, self.cycle, self.redeemed)


@dataclass(frozen=True)
class Pending:
    """On its way, or (`coalesced`, no transaction yet) waiting until it is worth its gas."""

    transaction: str
    cumulative: int
    cycle: int
    coalesced: bool

    def disposition(self, asked: Receipt) -> Disposition:
        """What to do with the receipt that was asked for."""
        return Disposition.RETRY


@dataclass(frozen=True)
class Reverted:
    """The transaction was mined and failed; the chain has changed since it was tried."""

    transaction: str
    cumulative: int
    cycle: int

    def disposition(self, asked: Receipt) -> Disposition:
        """What to do with the receipt that was asked for."""
        return Disposition.RETRY


@dataclass(frozen=True)
class Rejected:
    """`reason` is invalid-request, cycle-mismatch, invalid-receipt or unavailable."""

    reason: str
    error: str

    def disposition(self, asked: Receipt) -> Disposition:
        """What to do with the receipt that was asked for."""
        return _REASONS.get(self.reason, Disposition.RETRY)


RedeemAnswer = Confirmed | AlreadyRedeemed | Pending | Reverted | Rejected

_REASONS = {
    "invalid-request": Disposition.DEAD,
    "cycle-mismatch": Disposition.UNCOLLECTABLE,
    "invalid-receipt": Disposition.UNCOLLECTABLE,
}


def redeem_answer(status: int, body: Mapping[str, Any]) -> RedeemAnswer:
    """The body of /vault/redeem; Rejected("unavailable") when it is none of the documented."""
    try:
        return _read(body)
    except ValueError as bad:
        return Rejected("unavailable", f"status {status}: {bad}")


def _read(body: Mapping[str, Any]) -> RedeemAnswer:
    kind = body.get("status")
    if kind == "already-redeemed":
        return AlreadyRedeemed(members.decimal(body, "redeemed"), members.decimal(body, "cycle"))
    if kind == "rejected":
        reason = members.text(body, "reason")
        if reason not in (*_REASONS, "unavailable"):
            raise ValueError("an unknown reason")
        return Rejected(reason, members.text(body, "error", ""))
    if kind not in ("confirmed", "pending", "reverted"):
        raise ValueError("an unknown status")
    coalesced = kind == "pending" and members.flag(body, "coalesced")
    waiting = coalesced and body.get("transaction") == ""
    transaction = "" if waiting else members.transaction(body, "transaction")
    cumulative, cycle = members.decimal(body, "cumulative"), members.decimal(body, "cycle")
    if kind == "confirmed":
        return Confirmed(transaction, cumulative, cycle)
    if kind == "reverted":
        return Reverted(transaction, cumulative, cycle)
    return Pending(transaction, cumulative, cycle, coalesced)


def _collected(asked: Receipt, cycle: int, paid: int) -> Disposition:
    enough = cycle == asked.cycle and paid >= asked.cumulative
    return Disposition.COLLECTED if enough else Disposition.RETRY
