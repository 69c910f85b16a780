"""An append-only record of every change of state: each row holds the hash of the one before.

Changing, removing or inserting a row anywhere breaks the chain at that place, and `verify` names it.
A row is written in the transaction of the change it tells of, so the two cannot disagree.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from eth_utils.crypto import keccak
from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Float,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    func,
    insert,
    select,
)

from harness.store.database import Database
from harness.store.schema import schema

_tables = MetaData()

audit = Table(
    "audit",
    _tables,
    Column(
        "number",
        BigInteger().with_variant(Integer, "sqlite"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("at", Float, nullable=False),
    Column("event", String(64), nullable=False),
    Column("subject", String(200), nullable=False),
    Column("detail", Text, nullable=False),
    Column("previous", String(66), nullable=False),
    Column("hash", String(66), nullable=False, unique=True),
)

AUDIT = schema(1, _tables, "audit_schema")

GENESIS = "0x" + "00" * 32
_LOCK = 0x6661756469740001  # any number that nothing else in the database locks


@dataclass(frozen=True)
class AuditRow:
    """`at` in seconds since the epoch; `detail` holds nothing secret."""

    number: int
    at: float
    event: str
    subject: str
    detail: Mapping[str, Any]
    previous: str
    hash: str


class AuditLog:
    """Rows of one service. `clock` in seconds since the epoch."""

    def __init__(self, database: Database, clock: Callable[[], float] = time.time) -> None:
        self._database = database
        self._clock = clock

    def append(
        self, connection: Connection, event: str, subject: str, detail: Mapping[str, Any]
    ) -> None:
        """Add a row in the writing transaction of the change itself."""
        if connection.dialect.name == "postgresql":  # SQLite has one writer at a time anyway
            connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))
        last = connection.execute(
            select(audit.c.number, audit.c.hash).order_by(audit.c.number.desc()).limit(1)
        ).one_or_none()
        number, previous = (1, GENESIS) if last is None else (last.number + 1, last.hash)
        text = json.dumps(detail, sort_keys=True, separators=(",", ":"))
        at = round(self._clock(), 3)
        connection.execute(
            insert(audit).values(
                number=number,
                at=at,
                event=event,
                subject=subject,
                detail=text,
                previous=previous,
                hash=_hash(number, at, event, subject, text, previous),
            )
        )

    def since(self, number: int, limit: int = 500) -> list[AuditRow]:
        """Rows from a number on, oldest first."""
        query = select(audit).where(audit.c.number >= number).order_by(audit.c.number).limit(limit)
        with self._database.read() as connection:
            return [
                AuditRow(
                    r.number, r.at, r.event, r.subject, json.loads(r.detail), r.previous, r.hash
                )
                for r in connection.execute(query)
            ]

    def verify(self) -> int | None:
        """The number of the first row that is not what was written, or None."""
        number, previous = 1, GENESIS
        with self._database.read() as connection:
            for row in connection.execute(select(audit).order_by(audit.c.number)):
                wanted = _hash(number, row.at, row.event, row.subject, row.detail, previous)
                if (row.number, row.previous, row.hash) != (number, previous, wanted):
                    return number
                number, previous = number + 1, row.hash
        return None


def _hash(number: int, at: float, event: str, subject: str, detail: str, previous: str) -> str:
    fields = [number, f"{at:.3f}", event, subject, detail, previous]
    return "0x" + keccak(text=json.dumps(fields, separators=(",", ":"))).hex()
