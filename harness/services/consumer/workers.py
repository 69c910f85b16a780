"""Where blocking work goes: one thread for the journal, so that rows are in the order of events; a few for
the chain."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import ParamSpec, TypeVar

from harness.chain.errors import ChainError
from harness.services.consumer.refusals import Refusal
from harness.store.database import Database
from harness.store.journal_thread import JournalThread

P = ParamSpec("P")
T = TypeVar("T")


class Workers:
    """Threads of one sidecar."""

    def __init__(self, chain_threads: int = 8) -> None:
        self._journal = JournalThread("consumer-journal")
        self._chain = ThreadPoolExecutor(chain_threads, thread_name_prefix="consumer-chain")

    async def journal(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Commit something. Whoever leaves meanwhile does not undo it."""
        return await self._journal.run(partial(work, *args, **kwargs))

    def together(self, database: Database) -> None:
        """The journal's database: what waits for it is committed together."""
        self._journal.together(database)

    async def chain(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Read or write the chain. A failed read is no answer: Refusal(chain_unavailable), never a zero."""
        try:
            loop = asyncio.get_running_loop()
            return await asyncio.shield(
                loop.run_in_executor(self._chain, partial(work, *args, **kwargs))
            )
        except ChainError as failure:
            raise Refusal(
                "chain_unavailable", f"The chain could not be read: {failure}."
            ) from failure

    def close(self) -> None:
        """What was begun is finished, the journal's too."""
        self._chain.shutdown(wait=False, cancel_futures=True)
        self._journal.close()
