"""What operators told the League: events, heartbeats, and the terms by which seasons are scored.

Events are kept as they came, in order of arrival; scoring reads them and never writes here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from harness import faults
from harness.protocol.addresses import Address
from harness.protocol.league import Event, VaultEvent
from harness.store.database import Database
from harness.store.league_tables import events, heartbeats, operators, parameters, sessions


class EventConflict(Exception):
    """The id names another event."""


class NonceSeen(Exception):
    """A heartbeat came twice."""


# What every event runs, built once: building a statement costs more than running it.
_ADD_EVENT = insert(events)
_CONTENT = select(events.c.content).where(events.c.id == bindparam("id_"))
_OVERLAP = (
    select(events.c.seq)
    .where(
        events.c.operator == bindparam("operator_"),
        events.c.consumer == bindparam("consumer_"),
        events.c.cycle == bindparam("cycle_"),
        events.c.shadowed == 0,
        events.c.checkpoint > bindparam("first_"),
        events.c.checkpoint - events.c.amount < bindparam("last_"),
    )
    .limit(1)
)


@dataclass(frozen=True)
class Operator:
    """What an operator last said of itself; `last_ms` is its newest heartbeat."""

    address: Address
    label: str | None
    models: tuple[str, ...]
    last_ms: int


class LeagueStore:
    """Events and heartbeats in a Database with the schema LEAGUE."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # -- events --------------------------------------------------------------------------------

    def accept(self, event: Event, received_at: int) -> bool:
        """Keep an event; False when this very event is here already. Raises EventConflict.

        `received_at` is the chain's time, so that waiting is measured by one clock.
        """
        content = json.dumps(event.to_wire(), sort_keys=True)
        try:
            with self._database.write() as connection:
                known = self._known(connection, event.id)
                if known is None:
                    row = _columns(connection, event, content, received_at)
                    connection.execute(_ADD_EVENT, row)
                    faults.reach("indexer.accepting")
        except IntegrityError:  # the same id at the same moment
            with self._database.read() as connection:
                known = self._known(connection, event.id)
        if known is None:
            faults.reach("indexer.accepted")
            return True
        if json.loads(known) != event.to_wire():
            raise EventConflict
        return False

    def accept_all(self, events: Sequence[Event], received_at: int) -> list[bool | None]:
        """The same of several, in one commit; None for one whose id names another event."""
        outcomes: list[bool | None] = []
        with self._database.together():
            for event in events:
                try:
                    outcomes.append(self.accept(event, received_at))
                except EventConflict:
                    outcomes.append(None)
        return outcomes

    @staticmethod
    def _known(connection: Connection, identity: str) -> str | None:
        found = connection.scalar(_CONTENT, {"id_": identity})
        return None if found is None else str(found)

    # -- heartbeats ----------------------------------------------------------------------------

    def beat(
        self,
        address: Address,
        nonce: str,
        ts_ms: int,
        gap_ms: int,
        label: str | None,
        models: Sequence[str],
    ) -> None:
        """Lengthen the operator's session, or begin one after a gap. Raises NonceSeen.

        Nonces are remembered for ten minutes, longer than any heartbeat is accepted.
        """
        try:
            with self._database.write() as connection:
                connection.execute(
                    insert(heartbeats).values(address=address, nonce=nonce, ts_ms=ts_ms)
                )
                connection.execute(delete(heartbeats).where(heartbeats.c.ts_ms < ts_ms - 600_000))
                self._lengthen(connection, address, ts_ms, gap_ms)
                self._describe(connection, address, ts_ms, label, models)
        except IntegrityError:
            raise NonceSeen from None

    @staticmethod
    def _lengthen(connection: Connection, address: Address, ts_ms: int, gap_ms: int) -> None:
        last = connection.execute(
            select(sessions)
            .where(sessions.c.operator == address)
            .order_by(sessions.c.last_ms.desc())
            .limit(1)
            .with_for_update()
        ).one_or_none()
        if last is None or ts_ms - last.last_ms > gap_ms:
            connection.execute(
                insert(sessions).values(operator=address, started_ms=ts_ms, last_ms=ts_ms)
            )
        elif ts_ms > last.last_ms:
            here = sessions.c.id == last.id
            connection.execute(update(sessions).where(here).values(last_ms=ts_ms))

    @staticmethod
    def _describe(
        connection: Connection,
        address: Address,
        ts_ms: int,
        label: str | None,
        models: Sequence[str],
    ) -> None:
        here = operators.c.address == address
        values = {"label": label, "models": json.dumps(list(models)), "last_ms": ts_ms}
        known = connection.execute(select(operators).where(here)).one_or_none()
        if known is None:
            connection.execute(insert(operators).values(address=address, **values))
        elif ts_ms > known.last_ms:
            connection.execute(update(operators).where(here).values(**values))

    def uptime_ms(self, address: Address, first_ms: int, last_ms: int) -> int:
        """Milliseconds online between two times."""
        query = select(sessions.c.started_ms, sessions.c.last_ms).where(
            sessions.c.operator == address,
            sessions.c.last_ms > first_ms,
            sessions.c.started_ms < last_ms,
        )
        with self._database.read() as connection:
            return sum(
                min(row.last_ms, last_ms) - max(row.started_ms, first_ms)
                for row in connection.execute(query)
            )

    def operator(self, address: Address) -> Operator | None:
        with self._database.read() as connection:
            row = connection.execute(
                select(operators).where(operators.c.address == address)
            ).one_or_none()
        if row is None:
            return None
        return Operator(row.address, row.label, tuple(json.loads(row.models)), row.last_ms)

    def labels(self, addresses: Sequence[Address]) -> dict[Address, str]:
        """Names of those operators that gave one."""
        query = select(operators.c.address, operators.c.label).where(
            operators.c.address.in_(addresses), operators.c.label.is_not(None)
        )
        with self._database.read() as connection:
            return {row.address: row.label for row in connection.execute(query)}

    def seen_since(self, ts_ms: int) -> list[Address]:
        """Operators with a heartbeat at or after a time."""
        query = select(operators.c.address).where(operators.c.last_ms >= ts_ms)
        with self._database.read() as connection:
            return [str(row.address) for row in connection.execute(query)]

    # -- terms of scoring ----------------------------------------------------------------------

    def publish(self, version: int, valid_from: str, content: Mapping[str, Any]) -> None:
        """Remember a version of the parameters; what is there already is never changed."""
        with self._database.write() as connection:
            known = select(parameters.c.version).where(parameters.c.version == version)
            if connection.scalar(known) is None:
                text = json.dumps(content, sort_keys=True)
                connection.execute(
                    insert(parameters).values(version=version, valid_from=valid_from, content=text)
                )

    def published(self) -> list[tuple[int, str, dict[str, Any]]]:
        """(version, first season, content), oldest first."""
        query = select(parameters).order_by(parameters.c.version)
        with self._database.read() as connection:
            return [
                (row.version, row.valid_from, json.loads(row.content))
                for row in connection.execute(query)
            ]

    def count(self) -> int:
        with self._database.read() as connection:
            return connection.scalar(select(func.count()).select_from(events)) or 0


def _columns(
    connection: Connection, event: Event, content: str, received_at: int
) -> dict[str, Any]:
    values: dict[str, Any] = {
        "id": event.id,
        "mode": "vault" if isinstance(event, VaultEvent) else "exact",
        "operator": event.operator,
        "consumer": event.consumer,
        "model": event.model,
        "tokens": event.tokens,
        "amount": event.amount_usdc,
        "duration_ms": event.duration_ms,
        "at_ms": event.at_ms,
        "content": content,
        "received_at": received_at,
        "shadowed": 0,
    }
    if isinstance(event, VaultEvent):
        values |= {
            "cycle": event.vault_cycle,
            "checkpoint": event.cumulative_checkpoint,
            "shadowed": int(_overlaps(connection, event)),
        }
    else:
        values["tx"] = event.tx_hash
    return values


def _overlaps(connection: Connection, event: VaultEvent) -> bool:
    """Whether an earlier event speaks for some of the same money: base units (checkpoint - amount, checkpoint].

    Decided once, on arrival, so that making everything again decides the same.
    """
    interval = {
        "operator_": event.operator,
        "consumer_": event.consumer,
        "cycle_": event.vault_cycle,
        "first_": event.cumulative_checkpoint - event.amount_usdc,
        "last_": event.cumulative_checkpoint,
    }
    return connection.scalar(_OVERLAP, interval) is not None
