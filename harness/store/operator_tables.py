"""The tables of an operator's journal; see `harness.store.operator` for what they mean."""

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
)

from harness.store.schema import schema

metadata = MetaData()

requests = Table(
    "operator_requests",
    metadata,
    Column("id", String(80), primary_key=True),
    Column("idempotency", String(200), unique=True),
    Column("fingerprint", String(66), nullable=False),
    Column("rail", String(8), nullable=False),
    Column("consumer", String(42), nullable=False),
    Column("model", String(256), nullable=False),
    Column("state", String(16), nullable=False),
    Column("cycle", BigInteger),
    Column("ceiling", String(80), nullable=False),
    Column("amount", String(80), nullable=False),
    Column("tokens", BigInteger, nullable=False),
    Column("checkpoint", String(80), nullable=False),
    Column("payment", String(66)),
    Column("answer", LargeBinary),
    Column("created_at", Float, nullable=False),
    Column("updated_at", Float, nullable=False),
    Index("operator_requests_by_state", "state"),
    Index("operator_requests_by_age", "created_at"),
    Index("operator_requests_by_payment", "payment"),
)

payments = Table(
    "operator_payments",
    metadata,
    Column("id", String(66), primary_key=True),
    Column("digest", String(66), nullable=False),
    Column("request", String(80), nullable=False),
    Column("payer", String(42), nullable=False),
    Column("amount", String(80), nullable=False),
    Column("valid_before", BigInteger, nullable=False),
    Column("state", String(16), nullable=False),
    Column("transaction", String(66)),
    Column("event", LargeBinary),
    Column("created_at", Float, nullable=False),
    Column("updated_at", Float, nullable=False),
    Index("operator_payments_by_state", "state"),
)

tabs = Table(
    "operator_tabs",
    metadata,
    Column("vault", String(42), primary_key=True),
    Column("consumer", String(42), primary_key=True),
    Column("cycle", BigInteger, primary_key=True),
    Column("served", String(80), nullable=False),
    Column("voided", String(80), nullable=False),
    Column("held", String(80), nullable=False),
    Column("redeemed", String(80), nullable=False),
    Column("collectable", String(80), nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("expiry", BigInteger, nullable=False),
    Column("signature", LargeBinary),
    Column("dead", String(100)),
    Column("updated_at", Float, nullable=False),
)

provisional = Table(
    "operator_provisional_receipts",
    metadata,
    Column("vault", String(42), primary_key=True),
    Column("consumer", String(42), primary_key=True),
    Column("cycle", BigInteger, primary_key=True),
    Column("cumulative", String(80), nullable=False),
    Column("signature", LargeBinary, nullable=False),
    Column("created_at", Float, nullable=False),
)

events = Table(
    "operator_events",
    metadata,
    Column("id", String(128), primary_key=True),
    Column("body", LargeBinary, nullable=False),
    Column("size", Integer, nullable=False),
    Column("state", String(16), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_at", Float, nullable=False),
    Column("reason", String(200)),
    Column("created_at", Float, nullable=False),
    Index("operator_events_by_state", "state", "next_at"),
)

OPERATOR = schema(1, metadata, "operator_schema")
