"""A market in a thread, for tests that are ordinary clients of it."""

from __future__ import annotations

import asyncio
import threading
from types import TracebackType

from harness.devnet.market import Market, market
from harness.devnet.options import DevnetOptions


class RunningMarket:
    """`with RunningMarket(options) as market:`; everything listens on loopback while the block lasts."""

    def __init__(self, options: DevnetOptions) -> None:
        self._options = options
        self._ready = threading.Event()
        self._market: Market | None = None
        self._failure: BaseException | None = None
        self._loop = asyncio.new_event_loop()
        self._stop = asyncio.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Market:
        self._thread.start()
        self._ready.wait(120)
        if self._failure is not None:
            raise self._failure
        assert self._market is not None, "the market did not start"
        return self._market

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(60)
        assert not self._thread.is_alive(), "the market did not stop"

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._main())
        except BaseException as failure:
            self._failure = failure
        finally:
            self._ready.set()
            self._loop.close()

    async def _main(self) -> None:
        async with market(self._options) as running:
            self._market = running
            self._ready.set()
            await self._stop.wait()
