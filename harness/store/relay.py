"""A relay's records: what passed, never what it said; and the oldest version that all nodes serve."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import (
    BigInteger,
    Column,
    Float,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    delete,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError

from harness.store.database import Database
from harness.store.schema import schema

_meta = MetaData()

_audit = Table(
    "relay_audit",
    _meta,
    Column(
        "id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True
    ),
    Column("at", Float, nullable=False),
    Column("node", String(120), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("request", String(64), nullable=False),
    Column("operator", String(42), nullable=False),
    Column("model", String(200), nullable=False),
    Column("status", Integer, nullable=False),
    Column("outcome", String(60), nullable=False),
    Column("milliseconds", Integer, nullable=False),
    Index("relay_audit_by_time", "at"),
    Index("relay_audit_by_request", "request"),
)

_floors = Table(
    "relay_floors",
    _meta,
    Column("name", String(40), primary_key=True),
    Column("version", String(40), nullable=False),
)

SCHEMA = schema(1, _meta, "relay_schema")
_CLI = "cli"


@dataclass(frozen=True)
class Passage:
    """One request, receipt or connection. `at` in seconds since the epoch; no body, no header."""

    at: float
    node: str
    kind: str
    request: str = ""
    operator: str = ""
    model: str = ""
    status: int = 0
    outcome: str = ""
    milliseconds: int = 0


class RelayRecords:
    """The audit and the version floor in a Database. Called from threads."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def append(self, passages: Sequence[Passage]) -> None:
        if passages:
            with self._database.write() as connection:
                connection.execute(insert(_audit), [asdict(passage) for passage in passages])

    def passages(self, request: str) -> list[Passage]:
        """What is known of a request, in order, from every node that shares the database."""
        with self._database.read() as connection:
            rows = connection.execute(
                select(_audit).where(_audit.c.request == request).order_by(_audit.c.id)
            ).all()
        return [Passage(**{k: v for k, v in row._mapping.items() if k != "id"}) for row in rows]

    def count(self) -> int:
        with self._database.read() as connection:
            return int(connection.scalar(select(func.count()).select_from(_audit)) or 0)

    def prune(self, before: float) -> int:
        """Delete what is older than `before`; how many rows that was."""
        with self._database.write() as connection:
            return int(connection.execute(delete(_audit).where(_audit.c.at < before)).rowcount)

    def floor(self) -> str | None:
        """The oldest version that is served; None when nobody set one."""
        with self._database.read() as connection:
            return connection.scalar(select(_floors.c.version).where(_floors.c.name == _CLI))

    def set_floor(self, version: str) -> None:
        """Set it for every node that shares the database."""
        values = {"version": version}
        try:
            with self._database.write() as connection:
                changed = connection.execute(
                    update(_floors).where(_floors.c.name == _CLI).values(**values)
                )
                if not changed.rowcount:
                    connection.execute(insert(_floors).values(name=_CLI, **values))
        except IntegrityError:  # another node was first; the last one counts
            with self._database.write() as connection:
                connection.execute(update(_floors).where(_floors.c.name == _CLI).values(**values))
