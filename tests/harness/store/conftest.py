"""A fresh database per test: SQLite in a private directory, or FACETWORKS_TEST_DB_URL when set."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.store.database import Database
from harness.store.schema import metadata


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    url = os.environ.get("FACETWORKS_TEST_DB_URL")
    found = Database.open(url or tmp_path / "state" / "journal.db")
    yield found
    if url:
        metadata.drop_all(found.engine)
    found.close()
