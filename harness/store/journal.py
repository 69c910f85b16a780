"""The transaction journal in SQL: the rules of `harness.chain.journal`, kept across crashes.

A nonce is allocated, signed and committed in one database transaction that holds the lane's row, so
several processes on one PostgreSQL can share a key and never sign two transactions for one nonce.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update
from sqlalchemy.exc import IntegrityError

from harness import faults
from harness.chain.journal import Attempt, Draft, Entry, Outcome, State, check_genesis
from harness.protocol.addresses import Address
from harness.store.database import Database
from harness.store.schema import attempts, lanes, transactions

_OPEN = (State.SIGNED.value, State.BROADCAST.value)


class SqlJournal:
    """A Journal in a Database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def open_lane(self, chain_id: int, genesis: bytes, sender: Address) -> None:
        lane = (lanes.c.chain_id == chain_id) & (lanes.c.sender == sender)
        with self._database.write() as connection:
            recorded = connection.scalar(select(lanes.c.genesis).where(lane))
            if recorded is None:
                row = {"chain_id": chain_id, "sender": sender, "genesis": _hex(genesis)}
                connection.execute(insert(lanes).values(next_nonce=0, **row))
            else:
                check_genesis(_raw(recorded), genesis, chain_id)

    def reserve(
        self, draft: Draft, at_least: int, sign: Callable[[int], Attempt], now: float
    ) -> Entry:
        try:
            with self._database.write() as connection:
                entry = self._reserve(connection, draft, at_least, sign, now)
                faults.reach("journal.reserving")
            return entry
        except IntegrityError:
            # Another process took the key between our look-up and our insert.
            if draft.key is None:
                raise
            present = self.find(draft.chain_id, draft.sender, draft.key)
            if present is None:
                raise
            return present

    def _reserve(
        self,
        connection: Connection,
        draft: Draft,
        at_least: int,
        sign: Callable[[int], Attempt],
        now: float,
    ) -> Entry:
        lane = (lanes.c.chain_id == draft.chain_id) & (lanes.c.sender == draft.sender)
        allocated = connection.scalar(select(lanes.c.next_nonce).where(lane).with_for_update())
        if allocated is None:
            raise LookupError(f"no lane for {draft.sender} on chain {draft.chain_id}")
        if draft.key is not None:
            present = _find(connection, draft.chain_id, draft.sender, draft.key)
            if present is not None:
                return present
        nonce = max(allocated, at_least)
        attempt = sign(nonce)
        connection.execute(update(lanes).where(lane).values(next_nonce=nonce + 1))
        result = connection.execute(
            insert(transactions).values(
                chain_id=draft.chain_id,
                sender=draft.sender,
                nonce=nonce,
                key=draft.key,
                to=draft.to,
                value=str(draft.value),
                data=draft.data,
                gas=draft.gas,
                state=State.SIGNED.value,
                created_at=now,
            )
        )
        assert result.inserted_primary_key is not None
        entry = int(result.inserted_primary_key[0])
        _insert_attempt(connection, entry, 0, attempt)
        return Entry(entry, draft, nonce, State.SIGNED, (attempt,), now)

    def find(self, chain_id: int, sender: Address, key: str) -> Entry | None:
        with self._database.read() as connection:
            return _find(connection, chain_id, sender, key)

    def get(self, entry: int) -> Entry:
        with self._database.read() as connection:
            return _get(connection, entry)

    def by_hash(self, transaction: bytes) -> Entry | None:
        query = select(attempts.c.transaction_id).where(attempts.c.hash == _hex(transaction))
        with self._database.read() as connection:
            entry = connection.scalar(query)
            return None if entry is None else _get(connection, entry)

    def add_attempt(self, entry: int, attempt: Attempt) -> Entry:
        with self._database.write() as connection:
            present = _get(connection, entry)
            _insert_attempt(connection, entry, len(present.attempts), attempt)
            return _get(connection, entry)

    def mark(self, entry: int, state: State) -> Entry:
        values: dict[str, Any] = {"state": state.value}
        if state in (State.DISPLACED, State.CANCELLED):
            values |= {"former_key": transactions.c.key, "key": None}
        return self._change(entry, values)

    def close(self, entry: int, outcome: Outcome) -> Entry:
        return self._change(
            entry,
            {
                "state": outcome.state.value,
                "mined": _hex(outcome.mined),
                "block_number": outcome.block_number,
                "block_hash": _hex(outcome.block_hash),
            },
        )

    def reopen(self, entry: int) -> Entry:
        empty = {"mined": None, "block_number": None, "block_hash": None}
        return self._change(entry, {"state": State.SIGNED.value, **empty})

    def unfinished(self, chain_id: int, sender: Address) -> list[Entry]:
        waiting = (transactions.c.state == State.CANCELLED.value) & transactions.c.mined.is_(None)
        return self._list(chain_id, sender, transactions.c.state.in_(_OPEN) | waiting)

    def mined_since(self, chain_id: int, sender: Address, block_number: int) -> list[Entry]:
        return self._list(chain_id, sender, transactions.c.block_number >= block_number)

    def _change(self, entry: int, values: dict[str, Any]) -> Entry:
        with self._database.write() as connection:
            connection.execute(
                update(transactions).where(transactions.c.id == entry).values(**values)
            )
            return _get(connection, entry)

    def _list(self, chain_id: int, sender: Address, condition: Any) -> list[Entry]:
        query = (
            select(transactions)
            .where(transactions.c.chain_id == chain_id, transactions.c.sender == sender, condition)
            .order_by(transactions.c.nonce)
        )
        with self._database.read() as connection:
            return [_entry(connection, row) for row in connection.execute(query)]


def _find(connection: Connection, chain_id: int, sender: Address, key: str) -> Entry | None:
    row = connection.execute(
        select(transactions).where(
            transactions.c.chain_id == chain_id,
            transactions.c.sender == sender,
            transactions.c.key == key,
        )
    ).one_or_none()
    return None if row is None else _entry(connection, row)


def _get(connection: Connection, entry: int) -> Entry:
    row = connection.execute(select(transactions).where(transactions.c.id == entry)).one()
    return _entry(connection, row)


def _entry(connection: Connection, row: Row[Any]) -> Entry:
    signed = connection.execute(
        select(attempts).where(attempts.c.transaction_id == row.id).order_by(attempts.c.position)
    )
    draft = Draft(
        row.chain_id, row.sender, row.to, int(row.value), bytes(row.data), row.gas, row.key
    )
    return Entry(
        id=row.id,
        draft=draft,
        nonce=row.nonce,
        state=State(row.state),
        attempts=tuple(
            Attempt(_raw(a.hash), bytes(a.raw), int(a.max_fee), int(a.priority_fee)) for a in signed
        ),
        created_at=row.created_at,
        mined=_raw(row.mined) if row.mined else None,
        block_number=row.block_number,
        block_hash=_raw(row.block_hash) if row.block_hash else None,
    )


def _insert_attempt(connection: Connection, entry: int, position: int, attempt: Attempt) -> None:
    connection.execute(
        insert(attempts).values(
            transaction_id=entry,
            position=position,
            hash=_hex(attempt.hash),
            raw=attempt.raw,
            max_fee=str(attempt.max_fee),
            priority_fee=str(attempt.priority_fee),
        )
    )


def _hex(value: bytes) -> str:
    return "0x" + value.hex()


def _raw(text: str) -> bytes:
    return bytes.fromhex(text[2:])
