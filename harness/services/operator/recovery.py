"""Taking up what an earlier life left: tabs, requests that were cut off, payments in doubt.

admitted, nothing handed out      released; the consumer was not charged
admitted, a stream had begun      what was handed out stays on the tab
answered, not delivered           kept for a retry; after ten minutes taken off the tab, as far as no
                                  receipt covers it
settling                          the facilitator is asked how it went
"""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import Any, Protocol

from harness import faults
from harness.clients.errors import NoSuchRoute, ServiceError
from harness.services.operator.answers import Answer
from harness.services.operator.credit import Tab, Tabs
from harness.services.operator.events import EventOutbox, event_row
from harness.services.operator.exact import kept_event
from harness.services.operator.keepsake import Keepsakes
from harness.services.operator.office import Office
from harness.services.operator.payment import response_header
from harness.services.operator.receipts import tab_row
from harness.store.operator import (
    ADMITTED,
    ANSWERED,
    LOCKED,
    SETTLED,
    OperatorJournal,
    PaymentRow,
    RequestRow,
    TabRow,
)

KEPT_SECONDS = 600.0  # an answer for a retry
PAID_SECONDS = 86_400.0  # an answer that was paid for and could not be handed over
ROW_SECONDS = 86_400.0  # what tells a repeated request from a new one
DOUBT_SECONDS = 300.0  # after its end an authorisation can no longer be settled

_log = logging.getLogger(__name__)


class Ledger(Protocol):
    """The facilitator's view of payments."""

    async def settlement(self, digest: bytes | str) -> dict[str, Any] | None: ...


class Recovery:
    """Runs once at the start and then every minute."""

    def __init__(
        self,
        journal: OperatorJournal,
        office: Office,
        tabs: Tabs,
        outbox: EventOutbox,
        keepsakes: Keepsakes,
        ledger: Ledger,
        signer: Any,
        network: str,
        working: Any,
    ) -> None:
        self._journal = journal
        self._office = office
        self._tabs = tabs
        self._outbox = outbox
        self._keepsakes = keepsakes
        self._ledger = ledger
        self._signer = signer
        self._network = network
        self._working = working

    async def start(self) -> None:
        """Before the relay is told that this operator is here."""
        await self._office.in_thread(self._restore_tabs)
        for row in await self._office.in_thread(self._journal.in_state, ADMITTED):
            await self._cut_off(row)
        await self.settle_doubts()

    async def tidy(self) -> None:
        """What time changes: doubts, undelivered answers, old rows."""
        await self.settle_doubts()
        await self.void_undelivered()
        now = self._journal.clock()
        await self._office.in_thread(self._journal.forget, now - KEPT_SECONDS, now - ROW_SECONDS)

    # -- tabs ----------------------------------------------------------------------------------

    def _restore_tabs(self) -> None:
        rows = self._journal.tabs()
        newest = {row.consumer: row for row in rows}
        defaults: dict[str, int] = {}
        for row in rows:
            if row is not newest[row.consumer] and unpaid(row):
                defaults[row.consumer] = defaults.get(row.consumer, 0) + 1
        for row in newest.values():
            tab = Tab(
                row.cycle,
                served=row.served,
                voided=row.voided,
                held=row.held,
                redeemed=row.redeemed,
                collectable=row.collectable,
                created=row.created,
                expiry=row.expiry,
            )
            self._tabs.restore(row.consumer, tab, defaults.get(row.consumer, 0))

    # -- requests ------------------------------------------------------------------------------

    async def _cut_off(self, row: RequestRow) -> None:
        if row.id in self._working:
            return
        payment = None
        if row.payment is not None:
            payment = await self._office.in_thread(self._journal.payment, row.payment)
        if payment is not None and payment.state != LOCKED:
            return  # its money is in doubt, which is another matter
        if row.amount > 0:
            await self._office.in_thread(self._journal.delivered, row.id)
            return
        await self._office.in_thread(self._journal.release, row.id)
        faults.reach("operator.recovered")

    async def void_undelivered(self) -> None:
        """Take off their tabs the answers that nobody came for."""
        before = self._journal.clock() - KEPT_SECONDS
        for row in await self._office.in_thread(self._journal.in_state, ANSWERED, before):
            if row.id in self._working:
                continue
            if row.rail == "vault":
                await self._void(row)
            elif row.created_at < self._journal.clock() - PAID_SECONDS:
                await self._office.in_thread(self._journal.delivered, row.id)

    async def _void(self, row: RequestRow) -> None:
        tab = self._tabs.newest(row.consumer)
        current = tab if tab is not None and tab.cycle == row.cycle else None
        if current is None:
            await self._office.in_thread(self._journal.void, row.id, None, row.id)
            return
        if max(current.held, current.redeemed) >= row.checkpoint:
            await self._office.in_thread(self._journal.delivered, row.id, row.id)
            self._outbox.wake()
            return
        taken_off = min(row.amount, current.unreceipted)
        current.void(taken_off)
        kept = tab_row(row.consumer, current)
        await self._office.in_thread(self._journal.void, row.id, kept, row.id)
        _log.info(
            "an answer that was not delivered is not asked for",
            extra={"request": row.id, "consumer": row.consumer, "amount": str(taken_off)},
        )

    # -- payments ------------------------------------------------------------------------------

    async def settle_doubts(self) -> None:
        """Ask how settlements went whose answer was lost."""
        for payment in await self._office.in_thread(self._journal.unsettled):
            if payment.request in self._working:
                continue
            try:
                await self._resolve(payment)
            except ServiceError as failure:
                _log.warning("cannot learn how a payment went", extra={"reason": str(failure)})
                return

    async def _resolve(self, payment: PaymentRow) -> None:
        try:
            found = await self._ledger.settlement(payment.digest)
        except NoSuchRoute:
            found = None  # it keeps no record that can be asked: the signature's end decides
        state = None if found is None else found.get("state")
        if state == SETTLED and found is not None:
            await self._settled(payment, str(found.get("transaction") or ""))
        elif state in ("failed", "rejected") or (state is None and self._hopeless(payment)):
            await self._office.in_thread(self._journal.not_settled, payment.id, payment.request)
            _log.info("a payment did not settle", extra={"request": payment.request})

    def _hopeless(self, payment: PaymentRow) -> bool:
        """The facilitator never heard of it, and nobody asks it now: the signature may expire.

        One that is still valid might be on its way; it is left alone until it no longer can be.
        """
        return self._journal.clock() > payment.valid_before + DOUBT_SECONDS

    async def _settled(self, payment: PaymentRow, transaction: str) -> None:
        row = await self._office.in_thread(self._journal.request, payment.request)
        if row is None or payment.event is None:
            return
        event = kept_event(payment.event, transaction)
        signed = event_row(event.signed(self._signer), held=False)
        answer = self._keepsakes.open(row.id, row.answer) if row.answer else None
        kept = (
            None
            if answer is None
            else self._keepsakes.seal(row.id, self._paid(answer, payment, transaction))
        )
        await self._office.in_thread(
            self._journal.settled, payment.id, row.id, transaction, signed, kept
        )
        self._outbox.added(signed)
        _log.info(
            "a payment in doubt was settled; its answer is kept for a retry",
            extra={"request": row.id, "tx_hash": transaction},
        )

    def _paid(self, answer: Answer, payment: PaymentRow, transaction: str) -> Answer:
        header = response_header(
            {
                "success": True,
                "transaction": transaction,
                "network": self._network,
                "payer": payment.payer,
                "amount": str(payment.amount),
            }
        )
        return replace(answer, headers={**answer.headers, **header})


def unpaid(row: TabRow) -> bool:
    """Whether a cycle ended without a receipt for all that was served."""
    covered = min(max(row.held, row.redeemed), max(row.collectable, row.redeemed))
    return row.served - row.voided > covered
