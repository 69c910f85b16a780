"""The tables of the League. Amounts in USDC base units, times in seconds since the epoch unless named _ms.

Two kinds: what was told to the indexer and can be had nowhere else (`KEPT`), and what follows from the
chain and from those (`DERIVED`), which may be dropped and made again at any time.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Float,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
)

from harness.store.schema import schema

_tables = MetaData()
_Big = BigInteger().with_variant(Integer, "sqlite")

# -- kept ------------------------------------------------------------------------------------------

events = Table(
    "events",
    _tables,
    Column("seq", _Big, primary_key=True, autoincrement=True),
    Column("id", String(128), nullable=False, unique=True),
    Column("mode", String(8), nullable=False),
    Column("operator", String(42), nullable=False),
    Column("consumer", String(42), nullable=False),
    Column("model", String(256)),
    Column("tokens", BigInteger, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("duration_ms", BigInteger, nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("tx", String(66)),
    Column("cycle", BigInteger),
    Column("checkpoint", BigInteger),
    Column("shadowed", Integer, nullable=False),
    Column("content", Text, nullable=False),
    Column("received_at", BigInteger, nullable=False),
    Index("events_by_pair", "operator", "consumer", "cycle", "checkpoint"),
    Index("events_by_received", "received_at"),
)

heartbeats = Table(
    "heartbeats",
    _tables,
    Column("address", String(42), primary_key=True),
    Column("nonce", String(128), primary_key=True),
    Column("ts_ms", BigInteger, nullable=False),
    Index("heartbeats_by_time", "ts_ms"),
)

sessions = Table(
    "sessions",
    _tables,
    Column("id", _Big, primary_key=True, autoincrement=True),
    Column("operator", String(42), nullable=False),
    Column("started_ms", BigInteger, nullable=False),
    Column("last_ms", BigInteger, nullable=False),
    Index("sessions_by_operator", "operator", "last_ms"),
)

operators = Table(
    "operators",
    _tables,
    Column("address", String(42), primary_key=True),
    Column("label", String(64)),
    Column("models", Text, nullable=False),
    Column("last_ms", BigInteger, nullable=False),
)

links = Table(
    "links",
    _tables,
    Column("operator", String(42), primary_key=True),
    Column("dashboard", String(42), nullable=False),
    Column("at", Float, nullable=False),
    Index("links_by_dashboard", "dashboard"),
)

codes = Table(
    "codes",
    _tables,
    Column("mac", String(64), primary_key=True),
    Column("prefix", String(64), nullable=False),
    Column("operator", String(42), nullable=False),
    Column("nonce", String(66), nullable=False, unique=True),
    Column("expires_at", BigInteger, nullable=False),
    Column("misses", Integer, nullable=False),
    Column("state", String(8), nullable=False),
    Index("codes_by_prefix", "prefix", "state"),
    Index("codes_by_operator", "operator"),
)

guesses = Table(
    "guesses",
    _tables,
    Column("id", _Big, primary_key=True, autoincrement=True),
    Column("caller", String(64), nullable=False),
    Column("at", Float, nullable=False),
    Index("guesses_by_caller", "caller", "at"),
    Index("guesses_by_time", "at"),
)

parameters = Table(
    "parameters",
    _tables,
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("valid_from", String(8), nullable=False),
    Column("content", Text, nullable=False),
)

# -- derived ---------------------------------------------------------------------------------------

headers = Table(
    "headers",
    _tables,
    Column("number", _Big, primary_key=True, autoincrement=False),
    Column("fingerprint", String(66), nullable=False),
)

transfers = Table(
    "transfers",
    _tables,
    Column("block", _Big, primary_key=True, autoincrement=False),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("tx", String(66), nullable=False),
    Column("giver", String(42), nullable=False),
    Column("taker", String(42), nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("kind", String(8), nullable=False),
    Column("at", BigInteger, nullable=False),
    Index("transfers_by_tx", "tx"),
    Index("transfers_by_pair", "giver", "taker", "at"),
)

reservations = Table(
    "reservations",
    _tables,
    Column("block", _Big, primary_key=True, autoincrement=False),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("consumer", String(42), nullable=False),
    Column("operator", String(42), nullable=False),
    Column("cycle", BigInteger, nullable=False),
    Index("reservations_by_pair", "consumer", "operator", "block"),
)

redemptions = Table(
    "redemptions",
    _tables,
    Column("block", _Big, primary_key=True, autoincrement=False),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("tx", String(66), nullable=False),
    Column("consumer", String(42), nullable=False),
    Column("operator", String(42), nullable=False),
    Column("cycle", BigInteger, nullable=False),
    Column("cumulative", BigInteger, nullable=False),
    Column("at", BigInteger, nullable=False),
    Index("redemptions_by_cycle", "consumer", "operator", "cycle", "cumulative"),
)

session_keys = Table(
    "session_keys",
    _tables,
    Column("block", _Big, primary_key=True, autoincrement=False),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("consumer", String(42), nullable=False),
    Column("key", String(42), nullable=False),
    Index("session_keys_by_consumer", "consumer"),
)

attachments = Table(
    "attachments",
    _tables,
    Column("seq", _Big, primary_key=True, autoincrement=False),
    Column("operator", String(42), nullable=False),
    Column("consumer", String(42), nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("tokens", BigInteger, nullable=False),
    Column("block", BigInteger, nullable=False),
    Column("tx", String(66), nullable=False),
    Column("claimed", String(80), unique=True),
    Column("at", BigInteger, nullable=False),
    Column("earned_at", BigInteger, nullable=False),
    Column("week", BigInteger, nullable=False),
    Column("flag", String(24)),
    Index("attachments_by_operator", "operator", "week"),
    Index("attachments_by_consumer", "consumer", "week"),
    Index("attachments_by_block", "block"),
)

scores = Table(
    "scores",
    _tables,
    Column("address", String(42), primary_key=True),
    Column("side", String(8), primary_key=True),
    Column("season", String(8), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("milli_points", BigInteger, nullable=False),
    Column("requests", BigInteger, nullable=False),
    Column("tokens", BigInteger, nullable=False),
    Column("base", BigInteger, nullable=False),
    Index("scores_by_rank", "side", "season", "milli_points"),
)

DERIVED = (
    headers, transfers, reservations, redemptions, session_keys, attachments, scores,
)  # fmt: skip
FACTS = (transfers, reservations, redemptions, session_keys)

LEAGUE = schema(1, _tables, "league_schema")
