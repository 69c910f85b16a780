"""The facilitator's ledger: one row per authorisation, whoever asks and however often.

    intent -> pending -> settled
       |         `-----> failed      mined and reverted, or not what was promised
       `-> rejected                  never signed: may be tried again from the start

A row exists only after the payer's signature was verified, so nobody can occupy a payer's nonce with
an invented payment. Rows keep the request itself: a restarted facilitator finishes what it began.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update
from sqlalchemy.exc import IntegrityError

from harness.protocol.addresses import Address
from harness.store.audit import AuditLog
from harness.store.database import Database
from harness.store.schema import settlements


class SettlementState(Enum):
    INTENT = "intent"
    PENDING = "pending"
    SETTLED = "settled"
    FAILED = "failed"
    REJECTED = "rejected"

    @property
    def final(self) -> bool:
        return self in (SettlementState.SETTLED, SettlementState.FAILED)


@dataclass(frozen=True)
class NewSettlement:
    """What is known before anything is signed. `id` is the authorisation, `digest` what was signed."""

    id: bytes
    digest: bytes
    scheme: str
    network: str
    asset: Address
    payer: Address
    payee: Address
    amount: int
    valid_before: int
    request: bytes
    identifier: str | None = None


@dataclass(frozen=True)
class Settlement:
    """A row. Amount in base units, times in seconds since the epoch."""

    id: bytes
    digest: bytes
    scheme: str
    network: str
    asset: Address
    payer: Address
    payee: Address
    amount: int
    request: bytes
    state: SettlementState
    transaction: bytes | None
    block_number: int | None
    reason: str | None
    message: str | None
    identifier: str | None


@dataclass(frozen=True)
class Result:
    """How an attempt ended, or that it is still open."""

    state: SettlementState
    transaction: bytes | None = None
    block_number: int | None = None
    reason: str | None = None
    message: str | None = None


class IdentifierTaken(Exception):
    """The client's idempotency key belongs to another payment."""


class SettlementLedger:
    """Settlements in a Database with the schema AUDIT, too. Safe to use from several threads."""

    def __init__(self, database: Database, clock: Callable[[], float] = time.time) -> None:
        self._database = database
        self._clock = clock
        self.audit = AuditLog(database, clock)

    def find(self, identity: bytes) -> Settlement | None:
        """The row of an authorisation."""
        return self._one(settlements.c.id == _hex(identity))

    def by_digest(self, digest: bytes) -> Settlement | None:
        return self._one(settlements.c.digest == _hex(digest))

    def claim(self, new: NewSettlement) -> tuple[Settlement, bool]:
        """Open a row; (row, True) for exactly one caller, (present row, False) for all others.

        A rejected row is opened again. Raises IdentifierTaken.
        """
        try:
            return self._claim(new)
        except IntegrityError:
            present = self.find(new.id)
            if present is None:
                raise IdentifierTaken from None
            return present, False

    def _claim(self, new: NewSettlement) -> tuple[Settlement, bool]:
        now = self._clock()
        values = {
            **vars(new),
            "id": _hex(new.id),
            "digest": _hex(new.digest),
            "amount": str(new.amount),
            "valid_before": str(new.valid_before),
            "state": SettlementState.INTENT.value,
            "updated_at": now,
        }
        here = settlements.c.id == values["id"]
        with self._database.write() as connection:
            row = connection.execute(
                select(settlements).where(here).with_for_update()
            ).one_or_none()
            if row is not None and row.state != SettlementState.REJECTED.value:
                return _settlement(row), False
            if row is None:
                connection.execute(insert(settlements).values(**values, created_at=now))
            else:
                connection.execute(
                    update(settlements).where(here).values(**values, reason=None, message=None)
                )
            self._audit(connection, new.id, "settlement.intent")
            return _settlement(connection.execute(select(settlements).where(here)).one()), True

    def record(self, identity: bytes, result: Result, *, reopen: bool = False) -> Settlement:
        """Write how it went. What ended stays as it ended, whoever has not heard of it, unless it is to be opened
        again."""
        here = settlements.c.id == _hex(identity)
        with self._database.write() as connection:
            row = _settlement(connection.execute(select(settlements).where(here)).one())
            if row.state.final and not result.state.final and not reopen:
                return row
            connection.execute(
                update(settlements)
                .where(here)
                .values(
                    state=result.state.value,
                    transaction=_hex(result.transaction) if result.transaction else None,
                    block_number=result.block_number,
                    reason=result.reason,
                    message=result.message[:500] if result.message else None,
                    updated_at=self._clock(),
                )
            )
            self._audit(connection, identity, f"settlement.{result.state.value}", result)
            return _settlement(connection.execute(select(settlements).where(here)).one())

    def _audit(
        self, connection: Connection, identity: bytes, event: str, result: Result | None = None
    ) -> None:
        transaction = result.transaction if result is not None else None
        detail = {
            "transaction": _hex(transaction) if transaction is not None else None,
            "reason": result.reason if result is not None else None,
        }
        self.audit.append(connection, event, _hex(identity), detail)

    def open(self) -> list[Settlement]:
        """Rows that are neither final nor rejected, oldest first."""
        waiting = (SettlementState.INTENT.value, SettlementState.PENDING.value)
        query = (
            select(settlements)
            .where(settlements.c.state.in_(waiting))
            .order_by(settlements.c.created_at)
        )
        with self._database.read() as connection:
            return [_settlement(row) for row in connection.execute(query)]

    def settled_since(self, block_number: int) -> list[Settlement]:
        """Rows that a block from this one on settled: a chain may still take it back."""
        query = select(settlements).where(
            (settlements.c.state == SettlementState.SETTLED.value)
            & (settlements.c.block_number >= block_number)
        )
        with self._database.read() as connection:
            return [_settlement(row) for row in connection.execute(query)]

    def _one(self, condition: Any) -> Settlement | None:
        with self._database.read() as connection:
            row = connection.execute(select(settlements).where(condition)).one_or_none()
        return None if row is None else _settlement(row)


def _settlement(row: Row[Any]) -> Settlement:
    return Settlement(
        id=_raw(row.id),
        digest=_raw(row.digest),
        scheme=row.scheme,
        network=row.network,
        asset=row.asset,
        payer=row.payer,
        payee=row.payee,
        amount=int(row.amount),
        request=bytes(row.request),
        state=SettlementState(row.state),
        transaction=_raw(row.transaction) if row.transaction else None,
        block_number=row.block_number,
        reason=row.reason,
        message=row.message,
        identifier=row.identifier,
    )


def _hex(value: bytes) -> str:
    return "0x" + value.hex()


def _raw(text: str) -> bytes:
    return bytes.fromhex(text[2:])
