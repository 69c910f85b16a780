"""A TCP proxy between two parts of a market, which loses, delays, repeats and reorders what passes.

It reads requests whole, so that a fault meets one request and not a piece of one; answers pass as they
come. After an upgrade it passes WebSocket frames, one by one. What it does is decided for each request (or
frame) when it arrives, and can be changed at any time from any thread.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections import Counter
from collections.abc import Coroutine
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

SWAP_SECONDS = 1.0  # a request with no other to change places with goes on after this
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_UPGRADE = re.compile(rb"\r\nupgrade: *websocket", re.IGNORECASE)


class Kind(Enum):
    """What happens to a request, or to a WebSocket frame where that makes sense."""

    REFUSED = "refused"  # the connection ends before the request goes on
    ANSWER_LOST = "answer lost"  # it goes on; the connection ends when the answer comes
    CUT_SHORT = "cut short"  # the connection ends after `bytes_` bytes of the answer
    DELAYED = "delayed"  # it goes on after `seconds`
    SWALLOWED = "swallowed"  # half-open: the connection stays and the request goes nowhere
    UNANSWERED = "unanswered"  # half-open the other way: it goes on and no answer comes back
    TWICE = "twice"  # it goes on, and once more beside
    OVERTAKEN = "overtaken"  # the one that comes after it goes first


@dataclass
class Fault:
    """`times` requests (None: all) whose first line contains `where`, after `skip` of them.

    Of a WebSocket, `where` is looked for in `up ` or `down ` and the frame's text.
    """

    kind: Kind
    where: bytes = b""
    times: int | None = 1
    skip: int = 0
    seconds: float = 0.3
    bytes_: int = 20

    def meets(self, line: bytes) -> bool:
        """Whether it applies to this one, which is then counted."""
        if self.where not in line or self.times == 0:
            return False
        if self.skip:
            self.skip -= 1
            return False
        if self.times is not None:
            self.times -= 1
        return True


@dataclass
class _Passage:
    """One connection: what is done with the answer of the request that is under way."""

    kind: Kind | None = None
    bytes_left: int = 0


@dataclass
class Wire:
    """`start` gives the port that stands for `port`; everything runs in the loop that started it."""

    host: str
    port: int
    fault: Fault | None = None
    met: Counter[Kind] = field(default_factory=Counter)  # faults that were met, for tests to see

    def __post_init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()
        self._writers: set[asyncio.StreamWriter] = set()
        self._overtaken: asyncio.Event | None = None
        self._server: asyncio.Server | None = None

    async def start(self) -> int:
        self._loop = asyncio.get_running_loop()
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        return int(self._server.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        assert self._server is not None
        self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    # -- from any thread -------------------------------------------------------------------------

    def break_(self, fault: Fault) -> None:
        """From now on."""
        self._loop.call_soon_threadsafe(setattr, self, "fault", fault)

    def heal(self) -> None:
        """Nothing is done to what comes from now on. What hangs is cut, as a restarted router does."""
        self._loop.call_soon_threadsafe(self._healed)

    def cut(self) -> None:
        """End every connection now."""
        self._loop.call_soon_threadsafe(self._cut)

    def _healed(self) -> None:
        self.fault = None
        if self.met[Kind.SWALLOWED] or self.met[Kind.UNANSWERED]:
            self._cut()

    def _cut(self) -> None:
        for writer in list(self._writers):
            writer.transport.abort()

    # -- one connection --------------------------------------------------------------------------

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._spawn(self._connected(reader, writer))

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError):
                await self._carry(reader, writer)
        finally:
            self._writers.discard(writer)
            writer.close()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, up = await asyncio.open_connection(self.host, self.port, limit=2**24)
        self._writers.add(up)
        passage = _Passage()
        answering: asyncio.Task[None] | None = None
        try:
            while True:
                request = await _request(reader)
                if _UPGRADE.search(request):
                    await self._upgraded(request, reader, writer, there, up)
                    return
                if not await self._send(request, passage, up):
                    return
                if answering is None:
                    answering = asyncio.create_task(self._answer(there, writer, passage))
        finally:
            self._writers.discard(up)
            up.transport.abort()
            if answering is not None:
                answering.cancel()
                await asyncio.gather(answering, return_exceptions=True)

    async def _send(self, request: bytes, passage: _Passage, up: asyncio.StreamWriter) -> bool:
        """Pass a request on, or not; False ends the connection."""
        fault = self.fault
        line = request.partition(b"\r\n")[0]
        kind = fault.kind if fault is not None and fault.meets(line) else None
        passage.kind = kind
        if fault is None or kind is None:
            await self._pass(request, up)
            return True
        self.met[kind] += 1
        if kind is Kind.REFUSED:
            return False
        if kind is Kind.SWALLOWED:
            return True
        if kind is Kind.DELAYED:
            await asyncio.sleep(fault.seconds)
        if kind is Kind.TWICE:
            self._beside(request)
        if kind is Kind.OVERTAKEN:
            self._overtaken = asyncio.Event()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._overtaken.wait(), SWAP_SECONDS)
            self._overtaken = None
        passage.bytes_left = fault.bytes_
        up.write(request)
        await up.drain()
        return True

    async def _pass(self, request: bytes, up: asyncio.StreamWriter) -> None:
        up.write(request)
        await up.drain()
        if self._overtaken is not None:
            self._overtaken.set()

    def _beside(self, request: bytes) -> None:
        """The same request on a connection of its own; nobody reads its answer here."""

        async def send() -> None:
            reader, writer = await asyncio.open_connection(self.host, self.port)
            try:
                writer.write(request)
                await writer.drain()
                while await reader.read(65_536):
                    continue
            finally:
                writer.transport.abort()

        self._spawn(send())

    async def _answer(
        self, there: asyncio.StreamReader, writer: asyncio.StreamWriter, passage: _Passage
    ) -> None:
        with contextlib.suppress(OSError):
            while part := await there.read(65_536):
                if passage.kind is Kind.UNANSWERED:
                    continue
                if passage.kind is Kind.ANSWER_LOST:
                    writer.transport.abort()
                    return
                if passage.kind is Kind.CUT_SHORT:
                    part = part[: passage.bytes_left]
                    passage.bytes_left -= len(part)
                writer.write(part)
                await writer.drain()
                if passage.kind is Kind.CUT_SHORT and passage.bytes_left == 0:
                    break
        writer.close()

    # -- WebSocket -------------------------------------------------------------------------------

    async def _upgraded(
        self,
        request: bytes,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        there: asyncio.StreamReader,
        up: asyncio.StreamWriter,
    ) -> None:
        up.write(request)
        writer.write(await there.readuntil(b"\r\n\r\n"))
        await asyncio.wait(
            [
                asyncio.create_task(self._frames(reader, up, b"up ")),
                asyncio.create_task(self._frames(there, writer, b"down ")),
            ],
            return_when=asyncio.FIRST_COMPLETED,
        )

    async def _frames(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, way: bytes
    ) -> None:
        """Pass frames on in one direction."""
        held: bytes | None = None
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            while True:
                frame, text = await _frame(reader)
                fault = self.fault
                kind = fault.kind if fault is not None and fault.meets(way + text) else None
                if kind is not None:
                    self.met[kind] += 1
                if kind in (Kind.REFUSED, Kind.ANSWER_LOST, Kind.CUT_SHORT):
                    break
                if kind in (Kind.SWALLOWED, Kind.UNANSWERED):
                    continue
                if kind is Kind.DELAYED and fault is not None:
                    await asyncio.sleep(fault.seconds)
                if kind is Kind.OVERTAKEN and held is None:
                    held = frame
                    continue
                writer.write(frame)
                if kind is Kind.TWICE:
                    writer.write(frame)
                if held is not None:
                    writer.write(held)
                    held = None
                await writer.drain()
        writer.close()


async def _request(reader: asyncio.StreamReader) -> bytes:
    """Head and body. Bodies here have a length: our clients send no chunks."""
    head = await reader.readuntil(b"\r\n\r\n")
    found = _LENGTH.search(head)
    return head + (await reader.readexactly(int(found[1])) if found else b"")


async def _frame(reader: asyncio.StreamReader) -> tuple[bytes, bytes]:
    """One frame of RFC 6455 as it travels, masked or not, and what it says."""
    head = await reader.readexactly(2)
    length = head[1] & 0x7F
    if length >= 126:
        more = await reader.readexactly(2 if length == 126 else 8)
        length = int.from_bytes(more, "big")
        head += more
    mask = await reader.readexactly(4) if head[1] & 0x80 else b""
    text = payload = await reader.readexactly(length)
    if mask:
        text = bytes(byte ^ mask[place % 4] for place, byte in enumerate(payload))
    return head + mask + payload, text
