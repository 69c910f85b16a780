"""uvicorn, told to let work end before it closes anything."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable
from types import FrameType

import uvicorn

DRAIN_SECONDS = 30


class DrainingServer(uvicorn.Server):
    """Awaits `drain` before connections are closed, WebSockets among them.

    uvicorn closes WebSockets first, under the requests that are still answered through them. A second
    signal of any kind ends the waiting.
    """

    def __init__(
        self, config: uvicorn.Config, drain: Callable[[], Awaitable[None]] | None = None
    ) -> None:
        super().__init__(config)
        self._drain = drain

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        if self._drain is not None:
            draining = asyncio.ensure_future(self._drain())
            for _ in range(DRAIN_SECONDS * 10):
                if draining.done() or self.force_exit:
                    break
                await asyncio.wait({draining}, timeout=0.1)
            draining.cancel()
        await super().shutdown(sockets)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        if self.should_exit:
            self.force_exit = True
        super().handle_exit(sig, frame)
