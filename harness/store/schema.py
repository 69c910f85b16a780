"""The tables. Amounts are decimal text (256 bits fit no SQL integer), hashes and addresses 0x text."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import (
    BigInteger,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    UniqueConstraint,
)

metadata = MetaData()

_Id = BigInteger().with_variant(Integer, "sqlite")  # only INTEGER counts up by itself in SQLite


@dataclass(frozen=True)
class Schema:
    """Tables that live in one database, and the version a newer program counts up.

    Several schemas may share a database: each has a version table of its own.
    """

    version: int
    tables: MetaData
    versions: Table


def schema(version: int, tables: MetaData, name: str = "schema_version") -> Schema:
    """A schema whose version is kept in the table `name`."""
    return Schema(
        version, tables, Table(name, tables, Column("version", Integer, primary_key=True))
    )


lanes = Table(
    "lanes",
    metadata,
    Column("chain_id", BigInteger, primary_key=True),
    Column("sender", String(42), primary_key=True),
    Column("genesis", String(66), nullable=False),
    Column("next_nonce", BigInteger, nullable=False),
)

transactions = Table(
    "transactions",
    metadata,
    Column("id", _Id, primary_key=True, autoincrement=True),
    Column("chain_id", BigInteger, nullable=False),
    Column("sender", String(42), nullable=False),
    Column("nonce", BigInteger, nullable=False),
    Column("key", String(200)),
    Column("former_key", String(200)),
    Column("to", String(42)),
    Column("value", String(80), nullable=False),
    Column("data", LargeBinary, nullable=False),
    Column("gas", BigInteger, nullable=False),
    Column("state", String(16), nullable=False),
    Column("created_at", Float, nullable=False),
    Column("mined", String(66)),
    Column("block_number", BigInteger),
    Column("block_hash", String(66)),
    UniqueConstraint("chain_id", "sender", "nonce"),
    UniqueConstraint("chain_id", "sender", "key"),
    Index("transactions_by_state", "chain_id", "sender", "state"),
    Index("transactions_by_block", "chain_id", "sender", "block_number"),
)

attempts = Table(
    "attempts",
    metadata,
    Column("transaction_id", _Id, ForeignKey("transactions.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("hash", String(66), nullable=False, unique=True),
    Column("raw", LargeBinary, nullable=False),
    Column("max_fee", String(80), nullable=False),
    Column("priority_fee", String(80), nullable=False),
)

leases = Table(
    "leases",
    metadata,
    Column("name", String(120), primary_key=True),
    Column("holder", String(120), nullable=False),
    Column("fence", BigInteger, nullable=False),
    Column("expires_at", Float, nullable=False),
)

settlements = Table(
    "settlements",
    metadata,
    Column("id", String(66), primary_key=True),
    Column("digest", String(66), nullable=False, unique=True),
    Column("scheme", String(40), nullable=False),
    Column("network", String(40), nullable=False),
    Column("asset", String(42), nullable=False),
    Column("payer", String(42), nullable=False),
    Column("payee", String(42), nullable=False),
    Column("amount", String(80), nullable=False),
    Column("valid_before", String(80), nullable=False),
    Column("request", LargeBinary, nullable=False),
    Column("identifier", String(128), unique=True),
    Column("state", String(16), nullable=False),
    Column("transaction", String(66)),
    Column("block_number", BigInteger),
    Column("reason", String(100)),
    Column("message", String(500)),
    Column("created_at", Float, nullable=False),
    Column("updated_at", Float, nullable=False),
    Index("settlements_by_state", "state"),
)

runs = Table(
    "runs",
    metadata,
    Column("chain_id", BigInteger, primary_key=True),
    Column("diamond", String(42), primary_key=True),
    Column("job", String(80), primary_key=True),
    Column("slot", BigInteger, primary_key=True),
    Column("owner", String(42), nullable=False),
    Column("state", String(16), nullable=False),
    Column("spent", String(80), nullable=False),
    Column("succeeded", Integer),
    Column("detail", String(500)),
    Column("output", LargeBinary),
    Column("transaction", String(66)),
    Column("claimed_at", Float, nullable=False),
    Column("updated_at", Float, nullable=False),
    Index("runs_by_state", "chain_id", "diamond", "state"),
)

TRANSACTIONS = schema(1, metadata)
