"""Receipts on their way: from the journal to the operator, and if it does not take them, to the chain.

A receipt is on disk before anybody sees it. Of each cycle only the newest is pushed: it says everything the
older ones said, so a push waits for a moment, and for all requests that end in it. Whether it was paid is
read from the chain, not believed.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress

from harness import faults
from harness.clients.facilitator import FacilitatorClient
from harness.clients.redeeming import Disposition
from harness.diamond.vault import Pair, Vault
from harness.errors import HarnessError
from harness.protocol.addresses import Address
from harness.protocol.spending import ReceiptState
from harness.protocol.vault import SignedReceipt
from harness.services.consumer.purse import Purse
from harness.services.consumer.refusals import Refusal
from harness.services.consumer.relay import Broken, RelayClient
from harness.services.consumer.workers import Workers
from harness.store.consumer import ConsumerJournal

RETRY_SECONDS = 20.0
SWEEP_SECONDS = 60.0
LINGER_SECONDS = 0.1
PUSHES = 3  # before the sidecar asks for the operator to be paid itself

_log = logging.getLogger(__name__)


class ReceiptPusher:
    """The receipts of one consumer and vault. One push per operator at a time."""

    def __init__(
        self,
        vault: Vault,
        consumer: Address,
        relay: RelayClient,
        facilitator: FacilitatorClient,
        journal: ConsumerJournal,
        workers: Workers,
        purse_of: Callable[[Address], Purse | None],
        retry_seconds: float = RETRY_SECONDS,
        linger_seconds: float = LINGER_SECONDS,
    ) -> None:
        self._vault = vault
        self._consumer = consumer
        self._relay = relay
        self._facilitator = facilitator
        self._journal = journal
        self._workers = workers
        self._purse_of = purse_of
        self._retry_seconds = retry_seconds
        self._linger_seconds = linger_seconds
        self._ending = False
        self._waiting: dict[tuple[Address, int], SignedReceipt] = {}
        self._running: dict[tuple[Address, int], asyncio.Task[None]] = {}

    def push(self, signed: SignedReceipt) -> None:
        """Hand over a receipt that is on disk. Returns at once."""
        key = signed.receipt.operator, signed.receipt.cycle
        waiting = self._waiting.get(key)
        if waiting is None or waiting.receipt.cumulative < signed.receipt.cumulative:
            self._waiting[key] = signed
        if key not in self._running:
            self._running[key] = asyncio.create_task(self._deliver(key))

    @property
    def idle(self) -> bool:
        return not self._running

    async def resume(self) -> None:
        """Take up what an earlier life had not handed over."""
        kept = await self._workers.journal(
            self._journal.receipts, self._vault.address, self._consumer, ReceiptState.OPEN
        )
        for each in kept:
            self.push(each.signed)

    async def drain(self, seconds: float) -> None:
        """Give what is on its way a little time; what is left is taken up by the next life."""
        self._ending = True
        for operator, _ in self._running:
            purse = self._purse_of(operator)
            if purse is not None:
                purse.pressing.set()
        if self._running:
            await asyncio.wait(set(self._running.values()), timeout=seconds)
        for task in list(self._running.values()):
            task.cancel()

    # -- delivering ----------------------------------------------------------------------------

    async def _deliver(self, key: tuple[Address, int]) -> None:
        attempts = 0
        try:
            while key in self._waiting:
                if attempts == 0:
                    await self._linger(key)
                signed = self._waiting[key]
                try:
                    done = await self._once(signed, attempts)
                except Exception:
                    _log.exception("pushing a receipt failed")
                    done = False
                if done:
                    attempts = 0
                    if self._waiting.get(key) is signed:
                        del self._waiting[key]
                    continue
                attempts += 1
                await asyncio.sleep(self._retry_seconds)
        finally:
            self._running.pop(key, None)

    async def _linger(self, key: tuple[Address, int]) -> None:
        """Let a newer receipt come, while nobody waits for this one to arrive."""
        purse = self._purse_of(key[0])
        if self._ending or purse is None or purse.cycle != key[1]:
            return
        if purse.at_ease:
            with suppress(TimeoutError):
                await asyncio.wait_for(purse.pressing.wait(), self._linger_seconds)
        purse.pressing.clear()

    async def _once(self, signed: SignedReceipt, attempts: int) -> bool:
        """Whether nothing is left to do for this receipt."""
        faults.reach("consumer.pushing")
        try:
            reply = await self._relay.push(signed)
        except Broken as failure:
            return await self._undelivered(signed, attempts, str(failure))
        faults.reach("consumer.pushed")
        if reply.status == 202:
            await self._became(signed, ReceiptState.PUSHED)
            purse = self._purse_of(signed.receipt.operator)
            if purse is not None and purse.cycle == signed.receipt.cycle:
                purse.acknowledged(signed.receipt.cumulative)
            return True
        return await self._undelivered(
            signed, attempts, f"status {reply.status} {reply.error_code}"
        )

    async def _undelivered(self, signed: SignedReceipt, attempts: int, why: str) -> bool:
        """Look at the chain; after some tries ask the facilitator to pay the operator."""
        verdict = await self.verdict(signed)
        if verdict is not None:
            await self._became(signed, verdict, why)
            return True
        if attempts + 1 >= PUSHES and await self._redeem(signed):
            return True
        await self._workers.journal(
            self._journal.receipt_became,
            self._vault.address,
            signed.receipt,
            ReceiptState.OPEN,
            why,
            attempts + 1,
        )
        return False

    async def _redeem(self, signed: SignedReceipt) -> bool:
        answer = await self._facilitator.redeem(signed)
        disposition = answer.disposition(signed.receipt)
        if disposition is Disposition.COLLECTED:
            verdict = await self.verdict(signed)  # its word is not enough
            if verdict is not None:
                await self._became(signed, verdict)
                return True
            return False
        if disposition in (Disposition.UNCOLLECTABLE, Disposition.DEAD):
            await self._became(signed, ReceiptState.DEAD, disposition.value)
            return True
        return False

    async def verdict(self, signed: SignedReceipt) -> ReceiptState | None:
        """REDEEMED or DEAD by the chain's own word; None while it may still be collected, or unknown."""
        receipt = signed.receipt
        try:
            pair: Pair = await self._workers.chain(
                self._vault.ops, self._consumer, receipt.operator
            )
        except Refusal:
            return None
        if pair.cycle == receipt.cycle and pair.redeemed >= receipt.cumulative:
            return ReceiptState.REDEEMED
        return ReceiptState.DEAD if pair.cycle > receipt.cycle else None

    async def _became(self, signed: SignedReceipt, state: ReceiptState, why: str = "") -> None:
        await self._workers.journal(
            self._journal.receipt_became, self._vault.address, signed.receipt, state, why
        )
        if state is ReceiptState.REDEEMED:
            purse = self._purse_of(signed.receipt.operator)
            if purse is not None and purse.cycle == signed.receipt.cycle:
                purse.acknowledged(signed.receipt.cumulative)

    # -- what became of them -------------------------------------------------------------------

    async def sweep(self) -> None:
        """See which of the handed-over receipts the chain has paid."""
        kept = await self._workers.journal(
            self._journal.receipts, self._vault.address, self._consumer, ReceiptState.PUSHED
        )
        for each in kept:
            verdict = await self.verdict(each.signed)
            if verdict is not None:
                await self._became(each.signed, verdict)

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            try:
                await self.sweep()
            except HarnessError as failure:
                _log.warning("cannot sweep receipts", extra={"reason": str(failure)})
            except Exception:
                _log.exception("sweeping receipts failed")
