"""A disk that fills up: SQLite itself says so, at a commit of our choice and at every later one.

The commit is made to need more pages than `max_page_count` grants, so what is raised and rolled back is
what SQLite raises and rolls back when the file cannot grow.
"""

from __future__ import annotations

import threading

from sqlalchemy import Connection, Engine, event

from harness.store.database import _WRITING

_FILLER = "tests_filler"
_PAGES = 64


class Disk:
    """Below one database. `failed` counts the commits that failed."""

    def __init__(self, engine: Engine) -> None:
        self.failed = 0
        self._left: int | None = None
        self._lock = threading.Lock()
        with engine.connect() as connection:
            connection.exec_driver_sql(f"CREATE TABLE IF NOT EXISTS {_FILLER} (space BLOB)")
            connection.commit()
        event.listen(engine, "commit", self._commit)

    def fill(self, after: int = 0) -> None:
        """From now on there is room for so many commits."""
        with self._lock:
            self._left = after

    def clear(self) -> None:
        with self._lock:
            self._left = None

    def _commit(self, connection: Connection) -> None:
        if not connection.get_execution_options().get(_WRITING, False):
            return
        with self._lock:
            if self._left is None:
                return
            if self._left:
                self._left -= 1
                return
            self.failed += 1
        size = connection.exec_driver_sql("PRAGMA page_size").scalar_one()
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")
        try:
            connection.exec_driver_sql(f"INSERT INTO {_FILLER} VALUES (zeroblob({size * _PAGES}))")
        finally:
            connection.exec_driver_sql("PRAGMA max_page_count=1073741823")
