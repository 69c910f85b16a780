"""The operator's journal: requests, payments, tabs and the event outbox, in one database.

    request    admitted -> answered -> delivered            an answer that reached the consumer's relay
                   |           `-----> voided               served, never delivered, not asked for
                   `-----------------> released             nothing was served, nothing is charged
    payment    locked -> settling -> settled
                   |         `-----> failed                 the facilitator said no for good
                   `---------------> (deleted)              not settled: the authorisation is free again
    event      held -> pending -> acknowledged | dead_letter

What belongs together is one transaction: what a request was charged, the tab it was charged to, its
answer and its event. Answers arrive sealed; this file never sees a completion. Amounts are decimal
text, times seconds since the epoch.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from harness.protocol.addresses import ZERO_ADDRESS, Address
from harness.store import operator_statements as sql
from harness.store.database import Database
from harness.store.operator_tables import (
    OPERATOR,
    events,
    payments,
    provisional,
    requests,
    tabs,
)

__all__ = ["OPERATOR", "OperatorJournal"]

ADMITTED, ANSWERED, DELIVERED = "admitted", "answered", "delivered"
VOIDED, RELEASED = "voided", "released"
LOCKED, SETTLING, SETTLED, FAILED = "locked", "settling", "settled", "failed"
HELD, PENDING, ACKNOWLEDGED, DEAD_LETTER = "held", "pending", "acknowledged", "dead_letter"


@dataclass(frozen=True)
class RequestRow:
    """One request that work was done for. `ceiling` and `amount` in base units.

    `checkpoint` is everything its consumer owed in the cycle once it was served.
    """

    id: str
    idempotency: str | None
    fingerprint: str
    rail: str
    consumer: Address
    model: str
    ceiling: int
    state: str = ADMITTED
    cycle: int | None = None
    amount: int = 0
    tokens: int = 0
    checkpoint: int = 0
    payment: str | None = None
    answer: bytes | None = None
    created_at: float = 0.0


@dataclass(frozen=True)
class PaymentRow:
    """One EIP-3009 authorisation. `id` is (chain, token, payer, nonce), `digest` what was signed."""

    id: str
    digest: str
    request: str
    payer: Address
    amount: int
    valid_before: int
    state: str = LOCKED
    transaction: str | None = None
    event: bytes | None = None


@dataclass(frozen=True)
class TabRow:
    """What a tab must not forget; `signature` is that of the receipt for `held`."""

    consumer: Address
    cycle: int
    served: int
    voided: int
    held: int
    redeemed: int
    collectable: int
    created: int
    expiry: int
    signature: bytes | None = None
    dead: str | None = None


@dataclass(frozen=True)
class ProvisionalReceipt:
    """A receipt that is kept although the chain could not be asked about it yet."""

    consumer: Address
    cycle: int
    cumulative: int
    signature: bytes


@dataclass(frozen=True)
class EventRow:
    """A signed event on its way to the indexer."""

    id: str
    body: bytes
    state: str
    attempts: int = 0
    next_at: float = 0.0
    reason: str | None = None


@dataclass(frozen=True)
class EventOutcome:
    """What came of posting one: its next state, when it is tried again, and why."""

    id: str
    state: str
    next_at: float = 0.0
    reason: str | None = None


class IdempotencyTaken(Exception):
    """This idempotency key, or this request id, belongs to a request that is known."""


class PaymentTaken(Exception):
    """This authorisation is being used, or was used, by another request."""


class OperatorJournal:
    """The tables above in a Database. Blocking; safe to use from several threads.

    Tabs and receipts are those of one `vault`: what another vault's consumers signed is not mixed in.
    """

    def __init__(
        self,
        database: Database,
        vault: Address | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._database = database
        self._vault = vault or ZERO_ADDRESS
        self.clock = clock

    def close(self) -> None:
        self._database.close()

    # -- requests ------------------------------------------------------------------------------

    def request(self, identity: str) -> RequestRow | None:
        return self._request(sql.REQUEST, id_=identity)

    def by_idempotency(self, key: str) -> RequestRow | None:
        return self._request(sql.REQUEST_OF_KEY, idempotency_=key)

    def of_payment(self, payment: str) -> RequestRow | None:
        return self._request(sql.REQUEST_OF_PAYMENT, payment_=payment)

    def admit(self, row: RequestRow, payment: PaymentRow | None = None) -> None:
        """Write down, before any work, that this request is being served and with which payment.

        A request that was not charged may come again. Raises IdempotencyTaken, PaymentTaken.
        """
        try:
            with self._database.write() as connection:
                self._add_request(connection, row, payment)
        except IntegrityError:  # of a request that is known, as few are
            try:
                with self._database.write() as connection:
                    same = {"id_": row.id, "idempotency_": row.idempotency}
                    uncharged = {"released_": RELEASED, "voided_": VOIDED}
                    connection.execute(sql.FORGET_UNCHARGED, same | uncharged)
                    self._add_request(connection, row, payment)
            except IntegrityError:
                raise IdempotencyTaken from None

    def release(self, identity: str, *, free_payment: bool = True) -> None:
        """Nothing was charged: forget the payment, so that its authorisation may be used again."""
        with self._database.write() as connection:
            row = connection.execute(sql.REQUEST, {"id_": identity}).first()
            if row is None:
                return
            self._mark(connection, identity, RELEASED, answer=None)
            if free_payment and row.payment is not None:
                unsettled = payments.c.state.in_((LOCKED, SETTLING))
                connection.execute(
                    delete(payments).where((payments.c.id == row.payment) & unsettled)
                )

    def answered(
        self,
        identity: str,
        *,
        amount: int,
        tokens: int,
        answer: bytes | None,
        checkpoint: int = 0,
        tab: TabRow | None = None,
        event: EventRow | None = None,
    ) -> None:
        """The work is done: its price, its sealed answer, the tab and the event, in one commit."""
        with self._database.write() as connection:
            self._mark(
                connection,
                identity,
                ANSWERED,
                amount=str(amount),
                tokens=tokens,
                answer=answer,
                checkpoint=str(checkpoint),
            )
            if tab is not None:
                self._keep_tab(connection, tab)
            if event is not None:
                self._add_event(connection, event)

    def accrued(self, identity: str, amount: int, tokens: int, tab: TabRow) -> None:
        """A stream has handed out this much so far."""
        with self._database.write() as connection:
            self._mark(connection, identity, ADMITTED, amount=str(amount), tokens=tokens)
            self._keep_tab(connection, tab)

    def relieve(self, identity: str, amount: int, tab: TabRow | None) -> None:
        """Charge less for what was answered: an undelivered answer of which only this much is covered."""
        with self._database.write() as connection:
            self._mark(connection, identity, DELIVERED, amount=str(amount), answer=None)
            if tab is not None:
                self._keep_tab(connection, tab)

    def delivered(self, identity: str, event: str | None = None) -> None:
        """The answer went out over the relay's socket; its event may be told."""
        with self._database.write() as connection:
            self._mark(connection, identity, DELIVERED)
            if event is not None:
                change = {"id_": event, "held_": HELD, "state": PENDING, "next_at": self.clock()}
                connection.execute(sql.RELEASE_EVENT, change)

    def void(self, identity: str, tab: TabRow | None, event: str) -> None:
        """Served, never delivered, and not covered by a receipt: take it off the tab."""
        with self._database.write() as connection:
            self._mark(connection, identity, VOIDED, answer=None)
            if tab is not None:
                self._keep_tab(connection, tab)
            connection.execute(
                delete(events).where((events.c.id == event) & (events.c.state == HELD))
            )

    def in_state(self, state: str, before: float | None = None) -> list[RequestRow]:
        """Requests in one state, oldest first; `before` limits them to what is older."""
        query = select(requests).where(requests.c.state == state).order_by(requests.c.created_at)
        if before is not None:
            query = query.where(requests.c.updated_at < before)
        with self._database.read() as connection:
            return [_request(row) for row in connection.execute(query)]

    def forget(self, answers_before: float, rows_before: float) -> None:
        """Drop answers that were kept long enough, and rows that no retry can ask for any more."""
        done = requests.c.state.in_((DELIVERED, VOIDED, RELEASED))
        with self._database.write() as connection:
            connection.execute(
                update(requests)
                .where(
                    (requests.c.updated_at < answers_before) & requests.c.answer.is_not(None) & done
                )
                .values(answer=None)
            )
            connection.execute(delete(requests).where((requests.c.created_at < rows_before) & done))
            over = payments.c.state.in_((SETTLED, FAILED))
            connection.execute(
                # Past its end an authorisation moves nothing, whoever sends it again.
                delete(payments).where(over & (payments.c.valid_before < rows_before))
            )
            connection.execute(
                delete(events).where(
                    (events.c.state == ACKNOWLEDGED) & (events.c.created_at < rows_before)
                )
            )

    # -- payments ------------------------------------------------------------------------------

    def payment(self, identity: str) -> PaymentRow | None:
        with self._database.read() as connection:
            row = connection.execute(select(payments).where(payments.c.id == identity)).first()
        return None if row is None else _payment(row)

    def settling(
        self, payment: str, identity: str, *, amount: int, tokens: int, answer: bytes, event: bytes
    ) -> None:
        """The model has answered and the facilitator is about to be asked for the money."""
        with self._database.write() as connection:
            connection.execute(
                update(payments)
                .where(payments.c.id == payment)
                .values(state=SETTLING, event=event, updated_at=self.clock())
            )
            changes = {"amount": str(amount), "tokens": tokens, "answer": answer}
            connection.execute(
                sql.MARK_REQUEST, {"id_": identity, "updated_at": self.clock()} | changes
            )

    def settled(
        self,
        payment: str,
        identity: str,
        transaction: str,
        event: EventRow,
        answer: bytes | None = None,
    ) -> None:
        """The money has moved; from here on the answer belongs to the consumer.

        `answer` replaces the one that was kept before the transaction was known.
        """
        more = {} if answer is None else {"answer": answer}
        with self._database.write() as connection:
            connection.execute(
                update(payments)
                .where(payments.c.id == payment)
                .values(state=SETTLED, transaction=transaction, event=None, updated_at=self.clock())
            )
            self._mark(connection, identity, ANSWERED, **more)
            self._add_event(connection, event)

    def not_settled(self, payment: str, identity: str) -> None:
        """The facilitator refused for good: the answer is withheld and forgotten."""
        with self._database.write() as connection:
            connection.execute(
                update(payments)
                .where(payments.c.id == payment)
                .values(state=FAILED, event=None, updated_at=self.clock())
            )
            self._mark(connection, identity, RELEASED, answer=None, amount="0")

    def unsettled(self) -> list[PaymentRow]:
        """Payments that the facilitator was asked for without an answer written down."""
        with self._database.read() as connection:
            rows = connection.execute(select(payments).where(payments.c.state == SETTLING))
            return [_payment(row) for row in rows]

    # -- tabs and receipts ---------------------------------------------------------------------

    def tabs(self) -> list[TabRow]:
        """Every tab, oldest cycle first."""
        with self._database.read() as connection:
            rows = connection.execute(
                select(tabs).where(tabs.c.vault == self._vault).order_by(tabs.c.cycle)
            )
            return [_tab(row) for row in rows]

    def tab(self, consumer: Address, cycle: int) -> TabRow | None:
        with self._database.read() as connection:
            row = connection.execute(sql.TAB, self._tab_key(consumer, cycle)).first()
        return None if row is None else _tab(row)

    def keep_tab(self, tab: TabRow) -> None:
        """Counters only grow, whatever order writers come in; the highest receipt stays."""
        with self._database.write() as connection:
            self._keep_tab(connection, tab)

    def bury(self, consumer: Address, cycle: int, reason: str) -> None:
        """The facilitator refuses the receipt held here for good: never send it again."""
        with self._database.write() as connection:
            here = self._tab_key(consumer, cycle)
            connection.execute(sql.CHANGE_TAB, here | {"dead": reason[:100]})

    def keep_provisional(self, receipt: ProvisionalReceipt) -> None:
        """Keep a receipt that cannot be verified now; of each cycle the highest."""
        here = self._receipt_key(receipt)
        with self._database.write() as connection:
            present = connection.execute(select(provisional).where(here)).first()
            if present is not None and int(present.cumulative) >= receipt.cumulative:
                return
            connection.execute(delete(provisional).where(here))
            connection.execute(
                insert(provisional).values(
                    vault=self._vault,
                    consumer=receipt.consumer,
                    cycle=receipt.cycle,
                    cumulative=str(receipt.cumulative),
                    signature=receipt.signature,
                    created_at=self.clock(),
                )
            )

    def provisional_receipts(self) -> list[ProvisionalReceipt]:
        with self._database.read() as connection:
            rows = connection.execute(
                select(provisional)
                .where(provisional.c.vault == self._vault)
                .order_by(provisional.c.created_at)
            )
            return [
                ProvisionalReceipt(
                    row.consumer, row.cycle, int(row.cumulative), bytes(row.signature)
                )
                for row in rows
            ]

    def drop_provisional(self, receipt: ProvisionalReceipt) -> None:
        with self._database.write() as connection:
            connection.execute(
                delete(provisional).where(
                    self._receipt_key(receipt)
                    & (provisional.c.cumulative == str(receipt.cumulative))
                )
            )

    # -- events --------------------------------------------------------------------------------

    def due_events(self, most: int) -> list[EventRow]:
        """Pending events whose time has come, longest waiting first."""
        due = {"pending_": PENDING, "now_": self.clock(), "most_": most}
        with self._database.read() as connection:
            return [_event(row) for row in connection.execute(sql.DUE_EVENTS, due)]

    def event_load(self) -> tuple[int, int]:
        """How many events wait, and their bytes."""
        waiting = events.c.state.in_((HELD, PENDING))
        query = select(func.count(), func.coalesce(func.sum(events.c.size), 0)).where(waiting)
        with self._database.read() as connection:
            count, size = connection.execute(query).one()
        return int(count), int(size)

    def record_events(self, outcomes: Sequence[EventOutcome]) -> None:
        """How posting events went."""
        with self._database.write() as connection:
            for outcome in outcomes:
                reason = outcome.reason[:200] if outcome.reason else None
                told = {"state_": outcome.state, "at_": outcome.next_at, "reason_": reason}
                connection.execute(sql.RECORD_EVENT, {"id_": outcome.id} | told)

    def dead_letters(self) -> list[EventRow]:
        """Events that the indexer refused for good."""
        with self._database.read() as connection:
            rows = connection.execute(select(events).where(events.c.state == DEAD_LETTER))
            return [_event(row) for row in rows]

    # -- how -----------------------------------------------------------------------------------

    def _request(self, query: Select[Any], **which: str) -> RequestRow | None:
        with self._database.read() as connection:
            row = connection.execute(query, which).first()
        return None if row is None else _request(row)

    def _mark(self, connection: Connection, identity: str, state: str, **more: Any) -> None:
        changes = {"state": state, "updated_at": self.clock(), **more}
        connection.execute(sql.MARK_REQUEST, {"id_": identity} | changes)

    def _add_request(
        self, connection: Connection, row: RequestRow, payment: PaymentRow | None
    ) -> None:
        now = self.clock()
        if payment is not None:
            self._lock(connection, payment, now)
        connection.execute(sql.ADD_REQUEST, _stored_request(row, now) | {"updated_at": now})

    def _lock(self, connection: Connection, payment: PaymentRow, now: float) -> None:
        present = connection.execute(
            select(payments.c.id).where(payments.c.id == payment.id)
        ).first()
        if present is not None:
            raise PaymentTaken
        values = vars(payment) | {"amount": str(payment.amount)}
        connection.execute(insert(payments).values(**values, created_at=now, updated_at=now))

    def _keep_tab(self, connection: Connection, tab: TabRow) -> None:
        here = self._tab_key(tab.consumer, tab.cycle)
        row = connection.execute(sql.TAB, here).first()
        if row is not None:
            tab = _newer(_tab(row), tab)
        counters = ("served", "voided", "held", "redeemed", "collectable")
        values = vars(tab) | {name: str(getattr(tab, name)) for name in counters}
        values |= {"vault": self._vault, "updated_at": self.clock()}
        if row is None:
            connection.execute(sql.ADD_TAB, values)
        else:
            connection.execute(sql.CHANGE_TAB, here | values)

    def _tab_key(self, consumer: Address, cycle: int) -> dict[str, Any]:
        return {"vault_": self._vault, "consumer_": consumer, "cycle_": cycle}

    def _receipt_key(self, receipt: ProvisionalReceipt) -> Any:
        here = (provisional.c.vault == self._vault) & (provisional.c.consumer == receipt.consumer)
        return here & (provisional.c.cycle == receipt.cycle)

    def _add_event(self, connection: Connection, event: EventRow) -> None:
        if connection.execute(sql.EVENT, {"id_": event.id}).first() is not None:
            return
        now = self.clock()
        values = vars(event) | {"size": len(event.body), "created_at": now, "next_at": now}
        connection.execute(sql.ADD_EVENT, values)


def _newer(old: TabRow, new: TabRow) -> TabRow:
    """The union of two writings of one tab: counters only grow, the chain's figures go with redeemed."""
    kept = new if new.held >= old.held and new.signature is not None else old
    chain = new if new.redeemed >= old.redeemed else old
    return replace(
        new,
        served=max(old.served, new.served),
        voided=max(old.voided, new.voided),
        held=kept.held,
        signature=kept.signature,
        dead=kept.dead if kept is old or old.held == new.held else None,
        redeemed=chain.redeemed,
        collectable=chain.collectable,
        created=chain.created,
        expiry=chain.expiry,
    )


def _stored_request(row: RequestRow, now: float) -> dict[str, Any]:
    numbers = {
        "ceiling": str(row.ceiling),
        "amount": str(row.amount),
        "checkpoint": str(row.checkpoint),
        "created_at": now,
    }
    return vars(row) | numbers


def _request(row: Row[Any]) -> RequestRow:
    return RequestRow(
        id=row.id,
        idempotency=row.idempotency,
        fingerprint=row.fingerprint,
        rail=row.rail,
        consumer=row.consumer,
        model=row.model,
        ceiling=int(row.ceiling),
        state=row.state,
        cycle=row.cycle,
        amount=int(row.amount),
        tokens=row.tokens,
        checkpoint=int(row.checkpoint),
        payment=row.payment,
        answer=bytes(row.answer) if row.answer is not None else None,
        created_at=row.created_at,
    )


def _payment(row: Row[Any]) -> PaymentRow:
    return PaymentRow(
        id=row.id,
        digest=row.digest,
        request=row.request,
        payer=row.payer,
        amount=int(row.amount),
        valid_before=row.valid_before,
        state=row.state,
        transaction=row.transaction,
        event=bytes(row.event) if row.event is not None else None,
    )


def _tab(row: Row[Any]) -> TabRow:
    return TabRow(
        consumer=row.consumer,
        cycle=row.cycle,
        served=int(row.served),
        voided=int(row.voided),
        held=int(row.held),
        redeemed=int(row.redeemed),
        collectable=int(row.collectable),
        created=row.created,
        expiry=row.expiry,
        signature=bytes(row.signature) if row.signature is not None else None,
        dead=row.dead,
    )


def _event(row: Row[Any]) -> EventRow:
    return EventRow(row.id, bytes(row.body), row.state, row.attempts, row.next_at, row.reason)
