"""The vault's desk in an event loop: one payout per operator at a time, and the loop that finishes things.

Receipts that arrive while an operator's payout is under way wait for it to end and then share the next
one: the busier an operator, the more receipts one transaction carries.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from harness.chain.errors import ChainError
from harness.protocol.addresses import Address
from harness.services.facilitator.vault import VaultDesk, VaultRefused
from harness.services.facilitator.vault_request import RedeemRequest

T = TypeVar("T")

_FIRST_PAUSE, _LONGEST_PAUSE = 2.0, 30.0

_log = logging.getLogger(__name__)


class VaultOffice:
    """Threads of its own, so that receipts never wait behind settlements."""

    def __init__(self, desk: VaultDesk, *, workers: int = 8) -> None:
        self.desk = desk
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="vault")
        self._payouts: dict[Address, asyncio.Task[None]] = {}
        self._sweeper: asyncio.Task[None] | None = None

    async def in_thread(self, work: Callable[..., T], *arguments: Any) -> T:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pool, work, *arguments)

    async def redeem(self, request: RedeemRequest) -> dict[str, Any]:
        """The answer to a receipt. A caller that hangs up does not stop the work."""
        at_once = await self.in_thread(self.desk.receive, request)
        if at_once is not None:
            return at_once
        while True:
            present = self._payouts.get(request.operator)
            await asyncio.shield(present or self._pay_out(request.operator))
            answer = await self.in_thread(self.desk.answer, request)
            missed = answer["status"] == "pending" and answer["coalesced"]
            if present is None or not missed:  # what joined another's payout may have come too late
                return answer

    def _pay_out(self, operator: Address) -> asyncio.Task[None]:
        task = asyncio.ensure_future(self.in_thread(self.desk.pay_out, operator))
        self._payouts[operator] = task
        task.add_done_callback(lambda done: self._forget(operator, done))
        return task

    def _forget(self, operator: Address, task: asyncio.Task[None]) -> None:
        if self._payouts.get(operator) is task:
            del self._payouts[operator]
        if not task.cancelled():
            task.exception()  # seen, even when every listener hung up

    # -- life ----------------------------------------------------------------------------------

    async def start(self) -> None:
        self._sweeper = asyncio.create_task(self._sweep())

    async def stop(self) -> None:
        """Let payouts under way end. Safe to skip: the ledger has everything."""
        if self._sweeper is not None:
            self._sweeper.cancel()
        if self._payouts:
            await asyncio.wait(list(self._payouts.values()), timeout=30)
        self._pool.shutdown(wait=False, cancel_futures=True)

    async def _sweep(self) -> None:
        pause = _FIRST_PAUSE
        while True:
            try:
                left = await self._finish()
            except (ChainError, VaultRefused) as failure:
                _log.warning("cannot look after the vault", extra={"reason": str(failure)})
                left = 1
            except Exception:
                _log.exception("looking after the vault failed")
                left = 1
            pause = min(pause * 2, _LONGEST_PAUSE) if left else _FIRST_PAUSE
            await asyncio.sleep(pause)

    async def _finish(self) -> int:
        left = await self.in_thread(self.desk.reconcile)
        for operator in await self.in_thread(self.desk.due):
            if operator not in self._payouts:
                await asyncio.shield(self._pay_out(operator))
        return left
