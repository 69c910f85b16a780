"""The desk in an event loop: worker threads, joined settles, the reconcile loop, health.

The SDK and the journal block, so they run in a bounded pool of threads. Settles of one authorisation
that arrive together are one piece of work with several listeners.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from x402.schemas import SettleResponse

from harness.chain.errors import ChainError
from harness.errors import HarnessError
from harness.http.limits import Buckets
from harness.services.facilitator.desk import Desk
from harness.services.facilitator.discovery import Discovery
from harness.services.facilitator.metrics import Metrics
from harness.services.facilitator.request import PaymentRequest, Terms
from harness.services.facilitator.vault_office import VaultOffice
from harness.services.facilitator.versions import Version

T = TypeVar("T")

STALE_SECONDS = 60.0
_FIRST_PAUSE, _LONGEST_PAUSE = 2.0, 30.0

_log = logging.getLogger(__name__)


class Office:
    """Everything behind the routes of one facilitator; `floor` is the oldest client it reserves for."""

    def __init__(
        self,
        desk: Desk,
        *,
        workers: int = 8,
        requests_per_minute: int = 1_200,
        min_float_wei: int = 0,
        vault: VaultOffice | None = None,
        floor: Version | None = None,
        discovery: Discovery | None = None,
    ) -> None:
        self.desk = desk
        self.vault = vault
        self.floor = floor
        self.discovery = discovery
        self.audit = desk.ledger.audit
        self.metrics = Metrics()
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="facilitator")
        self._callers = Buckets(requests_per_minute)
        self._min_float_wei = min_float_wei
        self._running: dict[bytes, tuple[PaymentRequest, asyncio.Task[SettleResponse]]] = {}
        self._head = (0, 0.0)
        self._reconciler: asyncio.Task[None] | None = None

    @property
    def terms(self) -> Terms:
        return self.desk.terms

    def admits(self, caller: str) -> bool:
        """Whether this network address may ask again now."""
        return self._callers.take(caller)

    async def in_thread(self, work: Callable[..., T], *arguments: Any) -> T:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pool, work, *arguments)

    # -- settling ------------------------------------------------------------------------------

    async def settle(self, request: PaymentRequest) -> SettleResponse:
        """Settle, or join the settle of the same authorisation that is under way.

        A caller that hangs up does not stop the work.
        """
        while (present := self._running.get(request.identity)) is not None:
            first, task = present
            answer = await asyncio.shield(task)
            if (first.signed, first.scheme) == (request.signed, request.scheme):
                return answer.model_copy(update={"extra": {"replayed": True}})
        task = asyncio.ensure_future(self.in_thread(self.desk.settle, request))
        self._running[request.identity] = (request, task)
        task.add_done_callback(lambda done: self._forget(request.identity, done))
        return await asyncio.shield(task)

    def _forget(self, identity: bytes, task: asyncio.Task[SettleResponse]) -> None:
        present = self._running.get(identity)
        if present is not None and present[1] is task:
            del self._running[identity]
        if not task.cancelled():
            task.exception()  # seen, even when every listener hung up

    # -- life ----------------------------------------------------------------------------------

    async def start(self) -> None:
        """Finish what an earlier life left open, then keep watching for what stays pending."""
        await self.in_thread(self.desk.signer.lanes.recover)
        self._reconciler = asyncio.create_task(self._reconcile())
        if self.vault is not None:
            await self.vault.start()

    async def stop(self) -> None:
        """Let running settles end, then stop. Safe to skip: the journal has everything."""
        if self._reconciler is not None:
            self._reconciler.cancel()
        running = [task for _, task in self._running.values()]
        if running:
            await asyncio.wait(running, timeout=30)
        if self.vault is not None:
            await self.vault.stop()
        self._pool.shutdown(wait=False, cancel_futures=True)

    async def _reconcile(self) -> None:
        pause = _FIRST_PAUSE
        while True:
            try:
                left = await self._finish_open()
            except (ChainError, HarnessError) as failure:
                _log.warning("cannot reconcile", extra={"reason": str(failure)})
                left = 1
            except Exception:
                _log.exception("reconciling failed")
                left = 1
            pause = min(pause * 2, _LONGEST_PAUSE) if left else _FIRST_PAUSE
            await asyncio.sleep(pause)

    async def _finish_open(self) -> int:
        """Take up open rows that nobody works on; how many are still open afterwards."""
        left = 0
        await self.in_thread(self.desk.take_back)
        for row, request in await self.in_thread(self.desk.unfinished):
            if row.id in self._running:
                left += 1
                continue
            task = asyncio.ensure_future(self.in_thread(self.desk.finish, row, request))
            self._running[row.id] = (request, task)
            task.add_done_callback(lambda done, identity=row.id: self._forget(identity, done))  # type: ignore[misc]
            answer = await asyncio.shield(task)
            left += not answer.success and bool(answer.transaction)
        return left

    # -- watching ------------------------------------------------------------------------------

    def health(self) -> dict[str, Any]:
        """Liveness with what it depends on; `status` is not ok when traffic should go elsewhere.

        With several keys `signerBalance` is the poorest one's, wei.
        """
        lanes, chain = self.desk.signer.lanes, self.desk.signer.chain
        report: dict[str, Any] = {"status": "ok", "chainId": self.terms.chain_id}
        try:
            block = chain.block().number
            balance = min(chain.balance(address) for address in lanes.addresses)
        except ChainError as failure:
            return {**report, "status": "unhealthy", "reason": f"node: {failure}"}
        self._watch_head(block)
        report |= {
            "block": block,
            "queueDepth": len(self._running),
            "signer": lanes.first.address,
            "signers": lanes.addresses,
            "signerBalance": str(balance),
        }
        if balance < self._min_float_wei:
            return {**report, "status": "unhealthy", "reason": "gas money below the floor"}
        if self._running and time.monotonic() - self._head[1] > STALE_SECONDS:
            return {**report, "status": "unhealthy", "reason": "no new block for a minute"}
        return report

    def measure(self) -> None:
        """Bring the gauges up to date; a node that does not answer leaves the old values."""
        self.metrics.pending.set(len(self.desk.ledger.open()))
        chain, lanes = self.desk.signer.chain, self.desk.signer.lanes
        try:
            self.metrics.balance.set(min(chain.balance(address) for address in lanes.addresses))
        except ChainError:
            return

    def _watch_head(self, block: int) -> None:
        if block != self._head[0]:
            self._head = (block, time.monotonic())
