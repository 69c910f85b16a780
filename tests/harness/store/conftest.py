"""A fresh database per test, on SQLite and on a PostgreSQL server of our own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.store.database import Database
from tests.postgresql import postgresql, postgresql_url

__all__ = ["postgresql", "postgresql_url"]


@pytest.fixture
def sqlite_database(tmp_path: Path) -> Iterator[Database]:
    found = Database.open(tmp_path / "state" / "journal.db")
    yield found
    found.close()


@pytest.fixture
def postgresql_database(postgresql_url: str) -> Iterator[Database]:
    found = Database.open(postgresql_url)
    yield found
    found.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Database:
    found: Database = request.getfixturevalue(f"{request.param}_database")
    return found
