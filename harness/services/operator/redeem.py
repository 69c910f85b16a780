"""Turning receipts into money: one at a time for each consumer, always the newest.

A receipt is redeemed when it is worth it ($0.05), when half of its reservation's life is over, when its
consumer has been quiet for a minute, and at shutdown. A facilitator that has no gas to spare for a small
one says `pending`; then the next sweep tries again. Sending a receipt twice pays once. Only the chain can say
that one cannot be paid: what a facilitator calls malformed is offered again by the next start, which may have
another facilitator.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Protocol

from harness import faults
from harness.clients.redeeming import Disposition, Pending, RedeemAnswer
from harness.protocol.addresses import Address
from harness.protocol.vault import SignedReceipt
from harness.services.operator.credit import StaleCycle, Tab, Tabs
from harness.services.operator.gate import ChainUnread, Gate
from harness.services.operator.office import Office
from harness.services.operator.receipts import ReceiptDesk, tab_row
from harness.services.operator.wording import short, usd
from harness.store.database import DatabaseFailure, brief
from harness.store.operator import OperatorJournal

WORTH_IT = 50_000  # base units: $0.05
IDLE_SECONDS = 60.0
SWEEP_SECONDS = 60.0
ATTEMPTS, BACKOFF_SECONDS = 4, 0.75
FLUSH_SECONDS = 5.0

_log = logging.getLogger(__name__)


class Till(Protocol):
    """The facilitator, as far as receipts go."""

    async def redeem(self, signed: SignedReceipt) -> RedeemAnswer: ...


class Redeemer:
    """Collects for one operator."""

    def __init__(
        self,
        tabs: Tabs,
        gate: Gate,
        desk: ReceiptDesk,
        till: Till,
        journal: OperatorJournal,
        office: Office,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._tabs = tabs
        self._gate = gate
        self._desk = desk
        self._till = till
        self._journal = journal
        self._office = office
        self._sleep = sleep
        self._running: dict[Address, asyncio.Task[None]] = {}
        self._dead: set[tuple[Address, int, int]] = set()  # receipts refused for good

    def due(self, consumer: Address, tab: Tab) -> bool:
        """Whether redeeming is worth it now."""
        if self._is_dead(consumer, tab) or tab.collectible_now == 0:
            return False
        now = self._gate.chain_time()
        return (
            tab.collectible_now >= WORTH_IT
            or now - tab.created > (tab.expiry - tab.created) / 2
            or now - tab.used_at > IDLE_SECONDS
        )

    def consider(self, consumer: Address) -> None:
        """A receipt came: redeem when it is worth it."""
        tab = self._tabs.newest(consumer)
        if tab is not None and self.due(consumer, tab):
            self._start(consumer)

    async def run(self) -> None:
        """Sweep until cancelled."""
        while True:
            await self._sleep(SWEEP_SECONDS)
            try:
                await self._desk.settle_provisional()
            except ChainUnread:
                continue
            except DatabaseFailure as failure:
                _log.error("receipts cannot be written", extra={"reason": brief(failure)})
                continue
            self.sweep()

    def sweep(self, *, everything: bool = False) -> None:
        """Start redeeming what is due, or all that brings anything."""
        for consumer, tab in self._tabs.all():
            wanted = tab.collectible_now > 0 and not self._is_dead(consumer, tab)
            if wanted and (everything or self.due(consumer, tab)):
                self._start(consumer)

    async def flush(self) -> None:
        """Redeem everything within the shutdown's time; the rest waits on disk."""
        self.sweep(everything=True)
        running = list(self._running.values())
        if running:
            await asyncio.wait(running, timeout=FLUSH_SECONDS)

    def stop(self) -> None:
        """Leave what is under way; the facilitator knows it, and the next start asks again."""
        for task in list(self._running.values()):
            task.cancel()

    # -- how -----------------------------------------------------------------------------------

    def _is_dead(self, consumer: Address, tab: Tab) -> bool:
        return (consumer, tab.cycle, tab.held) in self._dead

    def _start(self, consumer: Address) -> None:
        if consumer in self._running:
            return  # it will see the newest receipt
        task = asyncio.create_task(self._redeem(consumer))
        self._running[consumer] = task
        task.add_done_callback(lambda done: self._ended(consumer, done))

    def _ended(self, consumer: Address, task: asyncio.Task[None]) -> None:
        del self._running[consumer]
        if not task.cancelled() and task.exception() is not None:
            _log.error("redeeming failed", exc_info=task.exception())

    async def _redeem(self, consumer: Address) -> None:
        for attempt in range(ATTEMPTS):
            if attempt:
                await self._sleep(BACKOFF_SECONDS * attempt)
            tab = self._tabs.newest(consumer)
            if tab is None or tab.collectible_now == 0:
                return
            try:
                signed = await self._desk.stored(consumer, tab)
                if signed is None:
                    return
                faults.reach("operator.redeem_sending")
                answer = await self._till.redeem(signed)
                faults.reach("operator.redeem_sent")
                if await self._record(consumer, tab, signed, answer):
                    return
            except ChainUnread:
                continue
        _log.info("a receipt waits for the next sweep", extra={"consumer": consumer})

    async def _record(
        self, consumer: Address, tab: Tab, signed: SignedReceipt, answer: RedeemAnswer
    ) -> bool:
        """Take an answer in; whether there is nothing more to do now. Raises ChainUnread."""
        disposition = answer.disposition(signed.receipt)
        if disposition is Disposition.UNCOLLECTABLE and await self._payable(signed):
            _log.error(
                "the facilitator refuses a receipt that the vault would pay",
                extra={"consumer": consumer, "cycle": tab.cycle, "reason": str(answer)[:200]},
            )
            return True
        if disposition in (Disposition.DEAD, Disposition.UNCOLLECTABLE):
            self._dead.add((consumer, tab.cycle, signed.receipt.cumulative))
            reason = getattr(answer, "reason", disposition.value)
            await self._office.in_thread(self._journal.bury, consumer, tab.cycle, reason)
            _log.error(
                "a receipt cannot be redeemed",
                extra={"consumer": consumer, "cycle": tab.cycle, "reason": reason},
            )
            return True
        if disposition is Disposition.RETRY:
            return isinstance(answer, Pending)
        before = tab.redeemed
        reading = await self._gate.read(consumer)  # the chain's word, not the facilitator's
        try:
            tab.observe(reading.pair)
        except StaleCycle:
            return True
        await self._office.in_thread(self._journal.keep_tab, tab_row(consumer, tab))
        if tab.redeemed > before:
            _log.info(
                "redeemed $%s USDC from %s",
                usd(tab.redeemed - before),
                short(consumer),
                extra={"consumer": consumer, "cycle": tab.cycle, "redeemed": str(tab.redeemed)},
            )
        return tab.collectible_now == 0

    async def _payable(self, signed: SignedReceipt) -> bool:
        """Whether the chain has money for a receipt; its signature was verified when it came. Raises ChainUnread."""
        pair = (await self._gate.read(signed.receipt.consumer)).pair
        return pair.cycle == signed.receipt.cycle and pair.locked > 0
