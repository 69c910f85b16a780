"""Threads for what blocks: the journal in one, in the order it is given work; the chain in a few."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, TypeVar

from harness.store.journal_thread import JournalThread

T = TypeVar("T")

CHAIN_THREADS = 4
CHAIN_SECONDS = 8.0


class Office:
    """One operator's threads."""

    def __init__(self) -> None:
        # One writer: what is written first is on disk first, as the event loop decided.
        self.journal = JournalThread("operator-journal")
        self._chain = ThreadPoolExecutor(CHAIN_THREADS, thread_name_prefix="operator-chain")

    async def in_thread(self, work: Callable[..., T], *arguments: Any) -> T:
        """Journal work. Finishes even when the caller is cancelled."""
        return await self.journal.run(partial(work, *arguments))

    async def ask_chain(self, work: Callable[..., T], *arguments: Any) -> T:
        """A chain read, given eight seconds. Raises TimeoutError beside the read's own errors."""
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(CHAIN_SECONDS):
            return await loop.run_in_executor(self._chain, work, *arguments)

    def close(self) -> None:
        self.journal.close()
        self._chain.shutdown(wait=False, cancel_futures=True)
