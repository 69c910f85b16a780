"""One database per process that can move money: SQLite by default, PostgreSQL by URL.

SQLite runs with a write-ahead log and full synchronisation, so a committed row survives a power
cut, and takes the write lock when a writing transaction begins, so two writers wait for each other
instead of failing halfway. Migrations only go forward; a newer file is refused.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, insert, select
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, OperationalError, SQLAlchemyError

from harness.errors import ConfigError
from harness.store.files import private_directory, private_file
from harness.store.schema import TRANSACTIONS, Schema

BUSY_MILLISECONDS = 5_000
_READING, _WRITING = "facetworks_reading", "facetworks_writing"

DatabaseFailure = SQLAlchemyError  # base of what reads and writes may raise


def brief(failure: DatabaseFailure) -> str:
    """What the database said, without the statement and its values: those may be secret."""
    return str(getattr(failure, "orig", None) or type(failure).__name__)[:200]


class Database:
    """Connections with two kinds of transaction: `read()` and `write()`."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._here = threading.local()

    @classmethod
    def open(cls, where: str | Path, *schemas: Schema) -> Database:
        """A file path (made with mode 0600 in a 0700 directory) or a URL, `postgresql://…` among them.

        `schemas` are the tables it must have; without any, those of the transaction journal.
        """
        text = str(where)
        try:
            if "://" in text:
                engine = create_engine(_with_driver(make_url(text)), pool_pre_ping=True)
            else:
                private_directory(Path(text).parent)
                private_file(Path(text))
                engine = create_engine(f"sqlite:///{text}")
        except (ArgumentError, NoSuchModuleError, ModuleNotFoundError) as reason:
            raise ConfigError(f"cannot use the database: {reason}") from None
        if engine.dialect.name == "sqlite":
            _prepare_sqlite(engine)
        database = cls(engine)
        for schema in schemas or (TRANSACTIONS,):
            database._migrate(schema)
        return database

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that sees one state and changes nothing."""
        group = self._group()
        if group is not None and group.connection is not None:
            yield group.connection  # what this thread has written is part of what it sees
            return
        with self._connected(_READING) as connection, connection.begin():
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that is committed, and on disk, when the block ends without an error.

        Inside `together()` it is a part of that: undone by itself, committed with the others.
        """
        group = self._group()
        if group is not None:
            with group.part() as part:
                yield part
            return
        with self._connected(_WRITING) as connection, connection.begin():
            yield connection

    @contextmanager
    def together(self) -> Iterator[None]:
        """All that this thread writes inside the block is one commit, at its end.

        Nothing may be told to anybody before that. Raises DatabaseFailure when it cannot be committed:
        then nothing of the block was.
        """
        with ExitStack() as stack:
            self._here.group = _Group(self._connected, stack)
            try:
                yield
                self._here.group.check()
            finally:
                self._here.group = None

    @contextmanager
    def at_hand(self) -> Iterator[None]:
        """Inside, this thread keeps its connections to SQLite; a server's may break and come from the pool."""
        if self.engine.dialect.name != "sqlite":
            yield
            return
        self._here.kept = {}
        try:
            yield
        finally:
            for connection in self._here.kept.values():
                connection.close()
            del self._here.kept

    @contextmanager
    def _connected(self, purpose: str) -> Iterator[Connection]:
        kept: dict[str, Connection] | None = getattr(self._here, "kept", None)
        if kept is None or (purpose in kept and kept[purpose].in_transaction()):
            with self.engine.connect() as connection:
                yield connection.execution_options(**{purpose: True})
            return
        if purpose not in kept:
            kept[purpose] = self.engine.connect().execution_options(**{purpose: True})
        try:
            yield kept[purpose]
        except BaseException:
            driver = kept[purpose].connection.driver_connection
            if driver is not None and driver.in_transaction:
                kept[purpose].invalidate()  # a commit that failed leaves SQLite where it was
            raise

    def _group(self) -> _Group | None:
        return getattr(self._here, "group", None)

    def close(self) -> None:
        self.engine.dispose()

    def _migrate(self, schema: Schema) -> None:
        try:
            with self.write() as connection:
                schema.tables.create_all(connection)
                found = connection.scalar(select(schema.versions.c.version))
                if found is None:
                    connection.execute(insert(schema.versions).values(version=schema.version))
                elif found > schema.version:
                    raise ConfigError(
                        f"the database has schema {found}, this program knows {schema.version}; "
                        "use the newer program"
                    )
        except OperationalError as reason:
            raise ConfigError(f"cannot open the database: {reason.orig}") from None


class _Group:
    """Writes that share a transaction, begun by the first of them; `stack` commits or undoes it."""

    def __init__(
        self, connected: Callable[[str], AbstractContextManager[Connection]], stack: ExitStack
    ) -> None:
        self._connected = connected
        self._stack = stack
        self.connection: Connection | None = None

    @contextmanager
    def part(self) -> Iterator[Connection]:
        """A savepoint."""
        if self.connection is None:
            opened = self._stack.enter_context(self._connected(_WRITING))
            self._stack.enter_context(opened.begin())
            self.connection = opened
        self.check()
        with self.connection.begin_nested():
            yield self.connection

    def check(self) -> None:
        """SQLite undoes a whole transaction by itself when the disk is full or fails: then all is lost."""
        if self.connection is None or self.connection.dialect.name != "sqlite":
            return
        if not self.connection.connection.driver_connection.in_transaction:  # type: ignore[union-attr]
            raise OperationalError("COMMIT", None, Exception("the transaction was undone"))


def _with_driver(url: URL) -> URL:
    """A plain PostgreSQL URL means the driver that is installed with us."""
    plain = url.drivername in ("postgresql", "postgres")
    return url.set(drivername="postgresql+psycopg") if plain else url


def _prepare_sqlite(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # the driver must not begin transactions by itself
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute(f"PRAGMA busy_timeout={BUSY_MILLISECONDS}")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writing = connection.get_execution_options().get(_WRITING, False)
        driver: Any = connection.connection.driver_connection
        try:  # by the driver: what SQLAlchemy does around a statement takes longer than this one
            driver.execute("BEGIN IMMEDIATE" if writing else "BEGIN")
        except sqlite3.Error as failure:
            raise OperationalError("BEGIN", None, failure) from failure
