"""The tables of a consumer sidecar. Amounts are decimal text in base units, hashes and addresses 0x text."""

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
    UniqueConstraint,
)

from harness.store.schema import schema

metadata = MetaData()

_Id = BigInteger().with_variant(Integer, "sqlite")

runs = Table(
    "consumer_runs",
    metadata,
    Column("id", _Id, primary_key=True, autoincrement=True),
    Column("configured", String(80), nullable=False),
    Column("ceiling", String(80), nullable=False),
    Column("started_at", Float, nullable=False),
    Column("ended_at", Float),
)

requests = Table(
    "consumer_requests",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("run", BigInteger, nullable=False),
    Column("rail", String(16), nullable=False),
    Column("state", String(16), nullable=False),
    Column("model", String(256), nullable=False),
    Column("operator", String(42), nullable=False),
    Column("hold", String(80), nullable=False),
    Column("charged", String(80), nullable=False),
    Column("tokens", BigInteger),
    Column("idempotency", String(255)),
    Column("fingerprint", String(64)),
    # vault: the key under which its operator knows it
    # exact: the signed authorisation, kept until it can move nothing any more
    Column("digest", String(66)),
    Column("nonce", String(66)),
    Column("payee", String(42)),
    Column("valid_before", BigInteger),
    Column("payment", LargeBinary),
    Column("transaction", String(66)),
    # vault
    Column("cycle", BigInteger),
    Column("reason", String(200)),
    Column("created_at", Float, nullable=False),
    Column("updated_at", Float, nullable=False),
    Index("consumer_requests_by_state", "state"),
    Index("consumer_requests_by_run", "run"),
    Index("consumer_requests_by_key", "idempotency"),
    Index("consumer_requests_by_time", "updated_at"),
)

results = Table(
    "consumer_results",
    metadata,
    Column("idempotency", String(255), primary_key=True),
    Column("fingerprint", String(64), nullable=False),
    Column("request", String(40), nullable=False),
    Column("status", Integer, nullable=False),
    Column("headers", LargeBinary, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("created_at", Float, nullable=False),
    Index("consumer_results_by_time", "created_at"),
)

receipts = Table(
    "consumer_receipts",
    metadata,
    Column("vault", String(42), primary_key=True),
    Column("operator", String(42), primary_key=True),
    Column("epoch", BigInteger, primary_key=True),
    Column("cycle", BigInteger, primary_key=True),
    Column("cumulative", String(80), nullable=False),
    Column("signature", String(132), nullable=False),
    Column("state", String(16), nullable=False),
    Column("reason", String(200)),
    Column("attempts", Integer, nullable=False),
    Column("updated_at", Float, nullable=False),
    Index("consumer_receipts_by_state", "state"),
)

reservations = Table(
    "consumer_reservations",
    metadata,
    Column("vault", String(42), primary_key=True),
    Column("epoch", BigInteger, primary_key=True),
    Column("nonce", BigInteger, primary_key=True),
    Column("operator", String(42), nullable=False),
    Column("amount", String(80), nullable=False),
    Column("expiry", BigInteger, nullable=False),
    Column("signature", String(132), nullable=False),
    Column("state", String(16), nullable=False),
    Column("transaction", String(66)),
    Column("created_at", Float, nullable=False),
)

deposits = Table(
    "consumer_deposits",
    metadata,
    Column("id", _Id, primary_key=True, autoincrement=True),
    Column("vault", String(42), nullable=False),
    Column("amount", String(80), nullable=False),
    Column("state", String(16), nullable=False),
    Column("transaction", String(66)),
    Column("created_at", Float, nullable=False),
)

audit = Table(
    "consumer_audit",
    metadata,
    Column("id", _Id, primary_key=True, autoincrement=True),
    Column("subject", String(120), nullable=False),
    Column("old", String(16), nullable=False),
    Column("new", String(16), nullable=False),
    Column("reason", String(200), nullable=False),
    Column("at", Float, nullable=False),
    Column("previous", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
    UniqueConstraint("previous"),
)

CONSUMER = schema(1, metadata, "consumer_schema")
