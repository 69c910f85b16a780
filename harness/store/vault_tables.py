"""The tables of the vault ledger. Base units as decimal text, hashes and addresses as 0x text."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from harness.store.schema import schema

_tables = MetaData()

intents = Table(
    "vault_intents",
    _tables,
    Column("id", String(80), primary_key=True),
    Column("vault", String(42), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("subject", String(160), nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("content", Text, nullable=False),
    Column("state", String(16), nullable=False),
    Column("transaction", String(66)),
    Column("block_number", BigInteger),
    Column("reason", String(200)),
    Column("created_at", Float, nullable=False),
    Column("updated_at", Float, nullable=False),
    UniqueConstraint("vault", "kind", "subject", "attempt"),
    Index("vault_intents_by_state", "vault", "state"),
)

receipts = Table(
    "vault_receipts",
    _tables,
    Column("vault", String(42), primary_key=True),
    Column("consumer", String(42), primary_key=True),
    Column("operator", String(42), primary_key=True),
    Column("cycle", BigInteger, primary_key=True, autoincrement=False),
    Column("cumulative", String(80), nullable=False),
    Column("key_epoch", String(80), nullable=False),
    Column("signature", LargeBinary, nullable=False),
    Column("received_at", Float, nullable=False),
    Column("waiting", Integer, nullable=False),
    Column("paid", String(80), nullable=False),
    Column("transaction", String(66)),
    Column("intent", String(80)),
    Column("reason", String(200)),
    Index("vault_receipts_waiting", "vault", "waiting", "operator"),
)

commitments = Table(
    "vault_commitments",
    _tables,
    Column("id", String(66), primary_key=True),
    Column("vault", String(42), nullable=False),
    Column("consumer", String(42), nullable=False),
    Column("operator", String(42), nullable=False),
    Column("cycle", BigInteger, nullable=False),
    Column("request", String(160), nullable=False, unique=True),
    Column("position", Integer, nullable=False),
    Column("cumulative", String(80), nullable=False),
    Column("amount", String(80), nullable=False),
    Column("created_at", Float, nullable=False),
    UniqueConstraint("vault", "consumer", "operator", "cycle", "position"),
)

VAULT = schema(1, _tables, "vault_schema")
