"""A TCP load balancer as a user has one before several relays: each connection to whichever takes it."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

CHUNK = 64 * 1024
CONNECT_SECONDS = 2.0


@dataclass
class Balancer:
    """Takes the backends in turn and passes over those that refuse; knows nothing of what it carries."""

    backends: list[tuple[str, int]]
    url: str = ""
    taken: list[int] = field(default_factory=list)  # connections each backend got
    _turn: int = 0

    def __post_init__(self) -> None:
        self.taken = [0 for _ in self.backends]

    async def serve(self, ready: threading.Event, stop: asyncio.Event) -> None:
        server = await asyncio.start_server(self._carry, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        ready.set()
        async with server:
            await stop.wait()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        backend = await self._connect()
        if backend is None:
            writer.close()
            return
        there, here = backend
        ways = [
            asyncio.ensure_future(_pump(reader, here)),
            asyncio.ensure_future(_pump(there, writer)),
        ]
        # Cancelled only when the balancer ends, which is nobody's failure.
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.wait(ways)
        for way in ways:
            way.cancel()
        for side in (here, writer):
            side.close()

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
        for _ in self.backends:
            number = self._turn = (self._turn + 1) % len(self.backends)
            with contextlib.suppress(OSError, TimeoutError):
                opening = asyncio.open_connection(*self.backends[number])
                found = await asyncio.wait_for(opening, CONNECT_SECONDS)
                self.taken[number] += 1
                return found
        return None


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """One direction, until it ends; a broken side breaks the other, as a broken wire would."""
    try:
        while data := await reader.read(CHUNK):
            writer.write(data)
            await writer.drain()
        if writer.can_write_eof():
            writer.write_eof()
    except OSError:
        writer.transport.abort()


@contextmanager
def balanced(*ports: int) -> Iterator[Balancer]:
    """A balancer before these ports of loopback, in a thread of its own."""
    balancer = Balancer([("127.0.0.1", port) for port in ports])
    loop, ready, stop = asyncio.new_event_loop(), threading.Event(), asyncio.Event()

    def run() -> None:
        asyncio.set_event_loop(loop)
        loop.run_until_complete(balancer.serve(ready, stop))
        while left := asyncio.all_tasks(loop):
            for task in left:
                task.cancel()
            loop.run_until_complete(asyncio.wait(left))
        loop.close()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    assert ready.wait(20), "the balancer did not start"
    try:
        yield balancer
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(20)
