"""What a consumer sidecar must remember: runs, paid requests, receipts, reservations, deposits, results.

Every change of a state is one row of an audit chain, each with the hash of the row before it. One
process writes; it is safe to use from several threads. All amounts are base units of the dollar.
"""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from harness.protocol.addresses import Address
from harness.protocol.spending import FOLLOWERS, Rail, ReceiptState, RequestState
from harness.protocol.vault import Receipt, SignedReceipt
from harness.store import consumer_statements as sql
from harness.store.consumer_tables import audit, receipts, requests, results, runs
from harness.store.database import Database

_START = "0" * 64
_OPEN = tuple(state.value for state in RequestState if state.open)
MAX_DEAD_RECEIPTS = 10_000
RELEASED = RequestState.RELEASED


@dataclass(frozen=True)
class RunRow:
    """A run: from a start to a clean stop, crashes between them included. A ceiling of 0 is none."""

    id: int
    ceiling: int
    spent: int


@dataclass(frozen=True)
class NewRequest:
    """What is known before a request is sent. Times in seconds since the epoch."""

    id: str
    run: int
    rail: Rail
    state: RequestState
    model: str
    operator: Address
    hold: int
    idempotency: str | None = None
    fingerprint: str | None = None
    digest: bytes | None = None
    nonce: bytes | None = None
    payee: Address | None = None
    valid_before: int | None = None
    payment: bytes | None = None
    cycle: int | None = None


@dataclass(frozen=True)
class PaidRequest:
    """A row of the history."""

    id: str
    run: int
    rail: Rail
    state: RequestState
    model: str
    operator: Address
    hold: int
    charged: int
    tokens: int | None
    idempotency: str | None
    fingerprint: str | None
    digest: bytes | None
    nonce: bytes | None
    payee: Address | None
    valid_before: int | None
    payment: bytes | None
    transaction: bytes | None
    cycle: int | None
    reason: str | None
    created_at: float
    updated_at: float


@dataclass(frozen=True)
class Spent:
    """How many requests cost something, and what together."""

    requests: int
    amount: int


@dataclass(frozen=True)
class KeptReceipt:
    """The newest receipt of one cycle with one operator."""

    vault: Address
    signed: SignedReceipt
    state: ReceiptState
    attempts: int
    reason: str | None


@dataclass(frozen=True)
class KeptResult:
    """A reply that is given again to the same idempotency key."""

    fingerprint: str
    request: str
    status: int
    headers: dict[str, str]
    body: bytes


class BadTransition(Exception):
    """A step that no request may take: our own mistake."""


class ConsumerJournal:
    """The sidecar's rows in a Database."""

    def __init__(self, database: Database, clock: Callable[[], float] = time.time) -> None:
        self._database = database
        self._clock = clock
        self._lock = threading.Lock()
        with database.read() as connection:
            newest = select(audit.c.hash).order_by(audit.c.id.desc()).limit(1)
            self._last = connection.scalar(newest) or _START

    # -- runs ----------------------------------------------------------------------------------

    def open_run(self, configured: int) -> RunRow:
        """The run that a crash interrupted, else a new one.

        A ceiling that was moved while it ran is kept, unless the configured one has changed since.
        """
        with self._lock, self._database.write() as connection:
            open_runs = select(runs).where(runs.c.ended_at.is_(None)).order_by(runs.c.id.desc())
            row = connection.execute(open_runs.limit(1)).one_or_none()
            if row is None:
                added = connection.execute(
                    insert(runs).values(
                        configured=str(configured),
                        ceiling=str(configured),
                        started_at=self._clock(),
                    )
                )
                assert added.inserted_primary_key is not None
                return RunRow(int(added.inserted_primary_key[0]), configured, 0)
            ceiling = int(row.ceiling)
            if int(row.configured) != configured:
                ceiling = configured
                connection.execute(
                    update(runs)
                    .where(runs.c.id == row.id)
                    .values(configured=str(configured), ceiling=str(configured))
                )
            charged = connection.scalars(select(requests.c.charged).where(requests.c.run == row.id))
            return RunRow(row.id, ceiling, sum(int(amount) for amount in charged))

    def move_ceiling(self, run: int, ceiling: int) -> None:
        with self._lock, self._database.write() as connection:
            connection.execute(update(runs).where(runs.c.id == run).values(ceiling=str(ceiling)))
            self._audit(connection, f"run {run}", "", "ceiling", str(ceiling))

    def end_run(self, run: int) -> None:
        with self._lock, self._database.write() as connection:
            connection.execute(update(runs).where(runs.c.id == run).values(ended_at=self._clock()))

    # -- requests ------------------------------------------------------------------------------

    def begin(self, new: NewRequest) -> None:
        """A row for what may cost money from now on."""
        now = self._clock()
        values = {
            **vars(new),
            "rail": new.rail.value,
            "state": new.state.value,
            "hold": str(new.hold),
            "charged": "0",
            "digest": _hex(new.digest),
            "nonce": _hex(new.nonce),
            "created_at": now,
            "updated_at": now,
        }
        with self._lock, self._database.write() as connection:
            connection.execute(sql.ADD_REQUEST, values)
            self._audit(connection, new.id, "", new.state.value, "")

    def advance(self, request: str, state: RequestState, reason: str = "", **values: Any) -> None:
        """The next state, with `charged`, `hold`, `tokens`, `transaction`… Raises BadTransition."""
        with self._lock, self._database.write() as connection:
            self._advance(connection, request, state, reason, values)

    def _advance(
        self,
        connection: Connection,
        request: str,
        state: RequestState,
        reason: str,
        values: Mapping[str, Any],
    ) -> None:
        old = RequestState(connection.scalar(sql.STATE, {"id_": request}))
        if state not in FOLLOWERS.get(old, ()):
            raise BadTransition(f"{request}: {old.value} -> {state.value}")
        changes = {name: _column(name, value) for name, value in values.items()}
        if not state.open and state is not RequestState.SETTLED:
            changes["payment"] = None  # nothing is left that it could pay, and no reply to ask for
        told = {"state": state.value, "reason": reason[:200] or None, "updated_at": self._clock()}
        connection.execute(sql.CHANGE_REQUEST, {"id_": request} | told | changes)
        self._audit(connection, request, old.value, state.value, reason)

    def find(self, request: str) -> PaidRequest | None:
        found = self._requests(requests.c.id == request)
        return found[0] if found else None

    def under_key(self, idempotency: str) -> list[PaidRequest]:
        """Every request made under a client's idempotency key, newest first."""
        with self._database.read() as connection:
            rows = connection.execute(sql.UNDER_KEY, {"idempotency_": idempotency})
            return [_request(row) for row in rows][::-1]

    def unfinished(self) -> list[PaidRequest]:
        """Whatever may still cost its hold, oldest first."""
        return self._requests(requests.c.state.in_(_OPEN))

    def history(self, since: float = 0.0, limit: int = 100) -> list[PaidRequest]:
        """Changed after `since`, oldest first."""
        return self._requests(requests.c.updated_at > since, limit, requests.c.updated_at)

    def spent(self, since: float = 0.0) -> Spent:
        """What requests begun at `since` or later have cost up to now."""
        paid = (requests.c.created_at >= since) & (requests.c.charged != "0")
        query = select(requests.c.charged).where(paid)
        with self._database.read() as connection:
            amounts = [int(amount) for amount in connection.scalars(query)]
        return Spent(len(amounts), sum(amounts))

    def _requests(
        self, condition: Any, limit: int | None = None, order: Any = requests.c.created_at
    ) -> list[PaidRequest]:
        query = select(requests).where(condition).order_by(order)
        with self._database.read() as connection:
            return [_request(row) for row in connection.execute(query.limit(limit))]

    # -- receipts ------------------------------------------------------------------------------

    def receipt(
        self,
        vault: Address,
        signed: SignedReceipt,
        request: str | None,
        state: RequestState = RequestState.RECEIPTED,
        reason: str = "",
        interrupted: Iterable[str] = (),
        **values: Any,
    ) -> None:
        """One commit: the receipt, what the request it is for was charged, and the end of earlier requests
        that its answer was also for, whose charges it takes over.

        An older cumulative never replaces a newer one.
        """
        here = _same_cycle(vault, signed.receipt)
        with self._lock, self._database.write() as connection:
            held = connection.scalar(sql.CUMULATIVE, here)
            row = {
                "cumulative": str(signed.receipt.cumulative),
                "signature": _hex(signed.signature),
                "state": ReceiptState.OPEN.value,
                "reason": None,
                "attempts": 0,
                "updated_at": self._clock(),
            }
            if held is None:
                key = {
                    "vault": vault,
                    "operator": signed.receipt.operator,
                    "epoch": signed.receipt.key_epoch,
                    "cycle": signed.receipt.cycle,
                }
                connection.execute(sql.ADD_RECEIPT, key | row)
            elif int(held) < signed.receipt.cumulative:
                connection.execute(sql.CHANGE_CYCLE, here | row)
            if request is not None:
                self._advance(connection, request, state, reason, values)
                self._end_interrupted(connection, request, interrupted)

    def charged(self, ids: Iterable[str]) -> int:
        """What these requests cost together."""
        query = select(requests.c.charged).where(requests.c.id.in_(tuple(ids)))
        with self._database.read() as connection:
            return sum(int(amount) for amount in connection.scalars(query))

    def answered_again(self, request: str, interrupted: Iterable[str]) -> None:
        """Earlier requests under a key end, because this one has its answer."""
        with self._lock, self._database.write() as connection:
            self._end_interrupted(connection, request, interrupted)

    def _end_interrupted(
        self, connection: Connection, request: str, interrupted: Iterable[str]
    ) -> None:
        """A key's answer is one charge: what was paid for parts of it moves to the request that has it whole."""
        ids = tuple(interrupted)
        if not ids:
            return
        query = select(requests.c.id, requests.c.charged, requests.c.state)
        rows = connection.execute(query.where(requests.c.id.in_(ids))).all()
        for row in rows:
            if RELEASED in FOLLOWERS.get(RequestState(row.state), ()):
                reason = f"answered as {request}"
                self._advance(connection, row.id, RELEASED, reason, {"charged": 0})
            else:  # disputed, say: that stays on record
                connection.execute(sql.CHANGE_REQUEST, {"id_": row.id, "charged": "0"})
        if moved := sum(int(row.charged) for row in rows):
            own = {"id_": request}
            before = connection.execute(sql.CHARGE, own).one()
            state = RequestState(before.state)
            if state is RELEASED:
                state = RequestState.RECEIPTED
            whole = {"charged": str(int(before.charged) + moved), "state": state.value}
            connection.execute(sql.CHANGE_REQUEST, own | whole)

    def receipt_became(
        self,
        vault: Address,
        receipt: Receipt,
        state: ReceiptState,
        reason: str = "",
        attempts: int | None = None,
    ) -> None:
        """Pushed, redeemed, dead or still open; only if no newer receipt has taken its place."""
        here = _same_cycle(vault, receipt) | {"cumulative_": str(receipt.cumulative)}
        changes: dict[str, Any] = {"state": state.value, "reason": reason[:200] or None}
        if attempts is not None:
            changes["attempts"] = attempts
        with self._lock, self._database.write() as connection:
            old = connection.scalar(sql.RECEIPT_STATE, here)
            if old is None:
                return
            connection.execute(sql.CHANGE_RECEIPT, here | {"updated_at": self._clock()} | changes)
            if old != state.value:
                subject = f"receipt {receipt.operator} {receipt.cycle} {receipt.cumulative}"
                self._audit(connection, subject, old, state.value, reason)
            if state is ReceiptState.DEAD:
                self._forget_dead(connection)

    def receipts(
        self, vault: Address, consumer: Address, *states: ReceiptState
    ) -> list[KeptReceipt]:
        """The receipts of one vault in these states, all when none is named; oldest change first."""
        query = select(receipts).where(receipts.c.vault == vault).order_by(receipts.c.updated_at)
        if states:
            query = query.where(receipts.c.state.in_([state.value for state in states]))
        with self._database.read() as connection:
            return [_receipt(row, consumer) for row in connection.execute(query)]

    def _forget_dead(self, connection: Connection) -> None:
        dead = receipts.c.state == ReceiptState.DEAD.value
        kept = select(receipts.c.updated_at).where(dead).order_by(receipts.c.updated_at.desc())
        oldest = connection.scalar(kept.offset(MAX_DEAD_RECEIPTS - 1).limit(1))
        if oldest is not None:
            connection.execute(delete(receipts).where(dead, receipts.c.updated_at < oldest))

    # -- results -------------------------------------------------------------------------------

    def keep_result(self, idempotency: str, result: KeptResult) -> None:
        """The reply of a key; the first one stays."""
        with self._lock, self._database.write() as connection:
            if connection.execute(sql.RESULT, {"idempotency_": idempotency}).first() is None:
                kept = vars(result) | {"headers": json.dumps(result.headers).encode()}
                kept |= {"idempotency": idempotency, "created_at": self._clock()}
                connection.execute(sql.ADD_RESULT, kept)

    def result(self, idempotency: str) -> KeptResult | None:
        with self._database.read() as connection:
            row = connection.execute(sql.RESULT, {"idempotency_": idempotency}).one_or_none()
        if row is None:
            return None
        return KeptResult(
            row.fingerprint, row.request, row.status, json.loads(row.headers), bytes(row.body)
        )

    def forget_results(self, older_than: float) -> None:
        """Drop replies kept since before this moment."""
        with self._lock, self._database.write() as connection:
            connection.execute(delete(results).where(results.c.created_at < older_than))

    # -- audit ---------------------------------------------------------------------------------

    def _audit(self, connection: Connection, subject: str, old: str, new: str, reason: str) -> None:
        at = self._clock()
        line = json.dumps([self._last, subject, old, new, reason[:200], at])
        digest = hashlib.sha256(line.encode()).hexdigest()
        row = {
            "subject": subject, "old": old, "new": new, "reason": reason[:200], "at": at,
            "previous": self._last, "hash": digest,
        }  # fmt: skip
        connection.execute(sql.ADD_AUDIT, row)
        self._last = digest

    def audit_holds(self) -> bool:
        """Whether every audit row follows from the one before it."""
        last = _START
        with self._database.read() as connection:
            for row in connection.execute(select(audit).order_by(audit.c.id)):
                line = json.dumps([last, row.subject, row.old, row.new, row.reason, row.at])
                last = hashlib.sha256(line.encode()).hexdigest()
                if row.hash != last:
                    return False
        return True


def _same_cycle(vault: Address, receipt: Receipt) -> dict[str, Any]:
    return {
        "vault_": vault,
        "operator_": receipt.operator,
        "epoch_": receipt.key_epoch,
        "cycle_": receipt.cycle,
    }


def _request(row: Row[Any]) -> PaidRequest:
    return PaidRequest(
        id=row.id,
        run=row.run,
        rail=Rail(row.rail),
        state=RequestState(row.state),
        model=row.model,
        operator=row.operator,
        hold=int(row.hold),
        charged=int(row.charged),
        tokens=row.tokens,
        idempotency=row.idempotency,
        fingerprint=row.fingerprint,
        digest=_raw(row.digest),
        nonce=_raw(row.nonce),
        payee=row.payee,
        valid_before=row.valid_before,
        payment=bytes(row.payment) if row.payment is not None else None,
        transaction=_raw(row.transaction),
        cycle=row.cycle,
        reason=row.reason,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def _receipt(row: Row[Any], consumer: Address) -> KeptReceipt:
    receipt = Receipt(consumer, row.operator, int(row.cumulative), row.epoch, row.cycle)
    signature = bytes.fromhex(row.signature[2:])
    return KeptReceipt(
        row.vault,
        SignedReceipt(receipt, signature),
        ReceiptState(row.state),
        row.attempts,
        row.reason,
    )


def _column(name: str, value: Any) -> Any:
    """Money is text, hashes are hex."""
    if name in ("hold", "charged"):
        return str(value)
    return _hex(value) if isinstance(value, bytes) and name != "payment" else value


def _hex(value: bytes | None) -> str | None:
    return None if value is None else "0x" + value.hex()


def _raw(text: str | None) -> bytes | None:
    return None if text is None else bytes.fromhex(text[2:])
