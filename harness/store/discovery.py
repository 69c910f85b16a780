"""Resources that somebody paid for here and that asked to be listed. One row per address and kind."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Column, Float, MetaData, String, Table, Text, delete, func, insert, select

from harness.store.database import Database
from harness.store.schema import schema

_tables = MetaData()

resources = Table(
    "resources",
    _tables,
    Column("url", String(2_048), primary_key=True),
    Column("kind", String(16), primary_key=True),
    Column("content", Text, nullable=False),
    Column("updated_at", Float, nullable=False),
)

DISCOVERY = schema(1, _tables, "discovery_schema")

MOST_RESOURCES = 10_000  # the ones longest unpaid make room


class Resources:
    """In a Database with the schema DISCOVERY. `clock` in seconds since the epoch."""

    def __init__(self, database: Database, clock: Callable[[], float] = time.time) -> None:
        self._database = database
        self._clock = clock

    def put(self, url: str, kind: str, content: Mapping[str, Any]) -> None:
        """List a resource, or replace what was said of it."""
        here = (resources.c.url == url) & (resources.c.kind == kind)
        with self._database.write() as connection:
            connection.execute(delete(resources).where(here))
            count = connection.scalar(select(func.count()).select_from(resources)) or 0
            if count >= MOST_RESOURCES:
                oldest = connection.scalar(select(func.min(resources.c.updated_at)))
                connection.execute(delete(resources).where(resources.c.updated_at == oldest))
            connection.execute(
                insert(resources).values(
                    url=url, kind=kind, content=json.dumps(content), updated_at=self._clock()
                )
            )

    def page(
        self, kind: str | None, limit: int, offset: int
    ) -> tuple[int, list[tuple[float, dict[str, Any]]]]:
        """How many there are, and (time, content) of some, newest first."""
        where = [] if kind is None else [resources.c.kind == kind]
        query = (
            select(resources)
            .where(*where)
            .order_by(resources.c.updated_at.desc(), resources.c.url)
            .limit(limit)
            .offset(offset)
        )
        with self._database.read() as connection:
            total = connection.scalar(select(func.count()).select_from(resources).where(*where))
            rows = connection.execute(query)
            return total or 0, [(row.updated_at, json.loads(row.content)) for row in rows]
