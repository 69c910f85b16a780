"""Where blocking work goes: one thread for the journal, so that rows are in the order of events; a few for
the chain."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from harness.chain.errors import ChainError
from harness.services.consumer.refusals import Refusal

P = ParamSpec("P")
T = TypeVar("T")


class Workers:
    """Threads of one sidecar."""

    def __init__(self, chain_threads: int = 8) -> None:
        self._journal = ThreadPoolExecutor(1, thread_name_prefix="consumer-journal")
        self._chain = ThreadPoolExecutor(chain_threads, thread_name_prefix="consumer-chain")

    async def journal(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Commit something. Whoever leaves meanwhile does not undo it."""
        return await self._run(self._journal, work, *args, **kwargs)

    async def chain(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Read or write the chain. A failed read is no answer: Refusal(chain_unavailable), never a zero."""
        try:
            return await self._run(self._chain, work, *args, **kwargs)
        except ChainError as failure:
            raise Refusal(
                "chain_unavailable", f"The chain could not be read: {failure}."
            ) from failure

    @staticmethod
    async def _run(
        pool: ThreadPoolExecutor, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        loop = asyncio.get_running_loop()
        return await asyncio.shield(loop.run_in_executor(pool, lambda: work(*args, **kwargs)))

    def close(self) -> None:
        """What was begun is finished, the journal's too."""
        self._chain.shutdown(wait=False, cancel_futures=True)
        self._journal.shutdown(wait=True)
