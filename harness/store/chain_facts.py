"""What the chain shows of the dollar and the vault, and how events were attached to it.

Everything here is derived: `forget_from` takes back what blocks said that are no longer part of the
chain, `drop` takes back everything.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, exists, func, insert, select

from harness.protocol.addresses import Address
from harness.store.database import Database
from harness.store.league_tables import (
    DERIVED,
    FACTS,
    attachments,
    events,
    headers,
    redemptions,
    reservations,
    scores,
    session_keys,
    transfers,
)

WAIT_SECONDS = 72 * 3_600  # an event that found no value by then earns nothing


@dataclass(frozen=True)
class Facts:
    """Rows for the tables of the same names, in chain order."""

    transfers: Sequence[Mapping[str, Any]] = ()
    reservations: Sequence[Mapping[str, Any]] = ()
    redemptions: Sequence[Mapping[str, Any]] = ()
    session_keys: Sequence[Mapping[str, Any]] = ()


class ChainFacts:
    """In a Database with the schema LEAGUE; written by one follower."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # -- following -----------------------------------------------------------------------------

    def newest(self) -> tuple[int, str] | None:
        """The last block that was read, and its fingerprint."""
        query = select(headers).order_by(headers.c.number.desc()).limit(1)
        with self._database.read() as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else (row.number, row.fingerprint)

    def recent(self) -> list[tuple[int, str]]:
        """The kept headers, newest first."""
        query = select(headers).order_by(headers.c.number.desc())
        with self._database.read() as connection:
            return [(row.number, row.fingerprint) for row in connection.execute(query)]

    def add(self, facts: Facts, seen: Mapping[int, str], keep: int) -> None:
        """Everything of a range of blocks, and the headers of its last ones, in one step."""
        with self._database.write() as connection:
            for table, rows in (
                (transfers, facts.transfers),
                (reservations, facts.reservations),
                (session_keys, facts.session_keys),
            ):
                if rows:
                    connection.execute(insert(table), [dict(row) for row in rows])
            for row in facts.redemptions:
                cycle = _cycle_at(connection, row)
                connection.execute(insert(redemptions).values(**row, cycle=cycle))
            for number, fingerprint in seen.items():
                connection.execute(insert(headers).values(number=number, fingerprint=fingerprint))
            oldest = max(seen) - keep
            connection.execute(delete(headers).where(headers.c.number < oldest))

    def forget_from(self, block: int) -> set[tuple[Address, Address]]:
        """Take back all blocks from this one on; the (operator, consumer) pairs that lost value."""
        with self._database.write() as connection:
            lost = _pairs(connection, attachments.c.block >= block)
            for table in FACTS:
                connection.execute(delete(table).where(table.c.block >= block))
            connection.execute(delete(attachments).where(attachments.c.block >= block))
            connection.execute(delete(headers).where(headers.c.number >= block))
        return lost

    def drop(self) -> None:
        """Take back everything that can be made again."""
        with self._database.write() as connection:
            for table in DERIVED:
                connection.execute(delete(table))

    # -- attaching -----------------------------------------------------------------------------

    def attach(self, now: int) -> set[tuple[Address, Address]]:
        """Attach waiting events to value, in order of arrival; the pairs that gained some."""
        since = {"since_": self._oldest_useful(now)}
        gained: set[tuple[Address, Address]] = set()
        with self._database.read() as connection:
            if connection.execute(_ATTACHABLE, since).first() is None:
                return gained
        with self._database.write() as connection:
            for event in connection.execute(_ATTACHABLE, since).all():
                value = _exact_value if event.mode == "exact" else _vault_value
                found = value(connection, event)
                if found is not None:
                    connection.execute(_ATTACH, _attachment(event, found))
                    gained.add((event.operator, event.consumer))
        return gained

    def _oldest_useful(self, now: int) -> int:
        """After a start from nothing every event is looked at, later only those that may still attach."""
        with self._database.read() as connection:
            attached = connection.scalar(select(attachments.c.seq).limit(1))
        # A rollback may reach back a little.
        return now - 2 * WAIT_SECONDS if attached is not None else 0

    # -- questions -----------------------------------------------------------------------------

    def counts(self) -> tuple[int, int]:
        """Attachments and transfers."""
        with self._database.read() as connection:
            return (
                connection.scalar(select(func.count()).select_from(attachments)) or 0,
                connection.scalar(select(func.count()).select_from(transfers)) or 0,
            )

    def settled(self, operator: Address, limit: int) -> list[Row[Any]]:
        """The newest attached events of an operator."""
        query = (
            select(
                events.c.id, events.c.mode, events.c.consumer, events.c.model, events.c.tokens,
                events.c.amount, events.c.at_ms, attachments.c.tx, attachments.c.flag,
            )
            .join(attachments, attachments.c.seq == events.c.seq)
            .where(attachments.c.operator == operator)
            .order_by(attachments.c.seq.desc())
            .limit(limit)
        )  # fmt: skip
        with self._database.read() as connection:
            return list(connection.execute(query))

    def board(self, side: str, season: str, limit: int) -> list[Row[Any]]:
        """The best scores of a season."""
        query = (
            select(scores)
            .where(scores.c.side == side, scores.c.season == season, scores.c.milli_points > 0)
            .order_by(scores.c.milli_points.desc(), scores.c.address)
            .limit(limit)
        )
        with self._database.read() as connection:
            return list(connection.execute(query))


# Waiting events whose value may be here: the others, which are most, cost no query of their own.
_ATTACHABLE = (
    select(events)
    .outerjoin(attachments, attachments.c.seq == events.c.seq)
    .where(
        attachments.c.seq.is_(None),
        events.c.shadowed == 0,
        events.c.received_at >= bindparam("since_"),
        exists().where(
            transfers.c.tx == events.c.tx,
            transfers.c.giver == events.c.consumer,
            transfers.c.taker == events.c.operator,
        )
        | exists().where(
            redemptions.c.consumer == events.c.consumer,
            redemptions.c.operator == events.c.operator,
            redemptions.c.cycle == events.c.cycle,
            redemptions.c.cumulative >= events.c.checkpoint,
        ),
    )
    .order_by(events.c.seq)
)

# What every event runs, built once: building a statement costs more than running it.
_ATTACH = insert(attachments)
_PAYING = (
    select(transfers)
    .where(
        transfers.c.tx == bindparam("tx_"),
        transfers.c.giver == bindparam("consumer_"),
        transfers.c.taker == bindparam("operator_"),
        transfers.c.amount >= bindparam("amount_"),
        transfers.c.kind != "gift",
        transfers.c.at <= bindparam("until_"),
    )
    .order_by(transfers.c.position)
)
_CLAIMED = select(attachments.c.seq).where(attachments.c.claimed == bindparam("claim_"))
_REDEEMING = (
    select(redemptions)
    .where(
        redemptions.c.consumer == bindparam("consumer_"),
        redemptions.c.operator == bindparam("operator_"),
        redemptions.c.cycle == bindparam("cycle_"),
        redemptions.c.cumulative >= bindparam("checkpoint_"),
        redemptions.c.at <= bindparam("until_"),
    )
    .order_by(redemptions.c.block, redemptions.c.position)
    .limit(1)
)


def _cycle_at(connection: Connection, redemption: Mapping[str, Any]) -> int:
    """`Redeemed` does not name its cycle: it is the one that the pair's last reservation said."""
    block, position = redemption["block"], redemption["position"]
    before = (reservations.c.block < block) | (
        (reservations.c.block == block) & (reservations.c.position < position)
    )
    found = connection.scalar(
        select(reservations.c.cycle)
        .where(
            reservations.c.consumer == redemption["consumer"],
            reservations.c.operator == redemption["operator"],
            before,
        )
        .order_by(reservations.c.block.desc(), reservations.c.position.desc())
        .limit(1)
    )
    return int(found or 0)  # 0: reserved before the first block that is followed; attaches nothing


def _exact_value(connection: Connection, event: Row[Any]) -> Row[Any] | None:
    """A transfer of at least the amount, in the named transaction, that no other event has."""
    wanted = {"tx_": event.tx, "amount_": event.amount}
    for row in connection.execute(_PAYING, _between(event) | wanted).all():
        if connection.scalar(_CLAIMED, {"claim_": _claim(row)}) is None:
            return row
    return None


def _vault_value(connection: Connection, event: Row[Any]) -> Row[Any] | None:
    """The first redemption of the cycle that reached the checkpoint."""
    wanted = {"cycle_": event.cycle, "checkpoint_": event.checkpoint}
    return connection.execute(_REDEEMING, _between(event) | wanted).one_or_none()


def _between(event: Row[Any]) -> dict[str, Any]:
    """Its two sides, and until when value may come."""
    return {
        "consumer_": event.consumer,
        "operator_": event.operator,
        "until_": event.received_at + WAIT_SECONDS,
    }


def _attachment(event: Row[Any], value: Row[Any]) -> dict[str, Any]:
    earned_at = min(max(event.at_ms // 1000, value.at - WAIT_SECONDS), value.at)
    return {
        "seq": event.seq,
        "operator": event.operator,
        "consumer": event.consumer,
        "amount": event.amount,
        "tokens": event.tokens,
        "block": value.block,
        "tx": value.tx,
        "claimed": _claim(value) if event.mode == "exact" else None,
        "at": value.at,
        "earned_at": earned_at,
        "week": earned_at // (7 * 86_400),
    }


def _claim(value: Row[Any]) -> str:
    return f"{value.block}:{value.position}"


def _pairs(connection: Connection, condition: Any) -> set[tuple[Address, Address]]:
    query = select(attachments.c.operator, attachments.c.consumer).where(condition).distinct()
    return {(row.operator, row.consumer) for row in connection.execute(query)}
