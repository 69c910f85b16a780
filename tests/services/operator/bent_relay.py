"""A relay that says anything at all: words out of order, bent, mangled, and requests that nobody means."""

from __future__ import annotations

import asyncio
import base64
import json
import random
import secrets
from collections import Counter
from collections.abc import Callable
from typing import Any

from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed

from harness.protocol import frames
from harness.protocol.frames import (
    Announce,
    Announced,
    Announcement,
    Connected,
    Drain,
    ErrorFrame,
    FrameError,
    InferenceAccepted,
    InferenceChunk,
    InferenceRequest,
    InferenceResponse,
    Ping,
    Pong,
    ReceiptAck,
    ReceiptFrame,
    StreamAbort,
    StreamComplete,
    StreamPause,
    StreamResume,
    Warning_,
)
from tests.fuzz_http.bends import bend, mangled, odd_text

from .scripted_relay import PATIENCE, Exchange, ScriptedRelay

# Never 1006 or 1011: those are faults. 1000 says that an operator leaves, and nothing here makes one leave.
MEANT = {1002, 1007, 1009}


def stray_frames(request_id: str, address: str) -> list[Any]:
    """One of every kind, in order in itself."""
    return [
        Connected(peer_id="p" * 32),
        Announce(data=Announcement(address=address)),
        Announced(),
        Announced(ok=False),
        Ping(),
        Pong(),
        Warning_(message="old"),
        InferenceAccepted(request_id=request_id),
        InferenceChunk(request_id=request_id, seq=0, data="{}"),
        InferenceResponse(request_id=request_id, status=200, body={}),
        StreamAbort(request_id=request_id),
        StreamComplete(request_id=request_id),
        StreamPause(request_id=request_id),
        StreamResume(request_id=request_id),
        ReceiptFrame(
            receipt_id="r", consumer=address, operator=address, cumulative="1", signature="0x"
        ),
        ReceiptAck(receipt_id="r", accepted=True),
        Drain(),
        ErrorFrame(code="c", message="m"),
    ]


def wrong(frame: Any, rng: random.Random) -> str | bytes:
    """The frame bent, mangled, as a binary message, or in order where nobody expects it."""
    text = frames.encode(frame)
    how = rng.random()
    if how < 0.6:
        return written(bend(json.loads(text), rng), rng)
    if how < 0.75:
        return mangled(text.encode(), rng).decode("utf-8", "replace")
    if how < 0.85:
        return mangled(text.encode(), rng)
    return text


def written(document: Any, rng: random.Random) -> str:
    """JSON with and without escapes; half of a surrogate pair is no text, but an escape says it."""
    text = json.dumps(document, ensure_ascii=rng.random() < 0.5)
    return text.encode("utf-8", "replace").decode()


def bent_header(value: str, rng: random.Random) -> str:
    """A header's text, or what its base64 holds."""
    try:
        document = json.loads(base64.b64decode(value, validate=True))
    except ValueError:
        document = None
    if isinstance(document, dict) and rng.random() < 0.8:
        inside = json.dumps(bend(document, rng)).encode()
        if rng.random() < 0.15:
            inside = mangled(inside, rng)
        return base64.b64encode(inside).decode()
    if rng.random() < 0.5:
        return odd_text(rng)
    at = rng.randrange(len(value) + 1)
    return value[:at] + rng.choice("0Zé\n ") + value[at + 1 :]


class BentRelay(ScriptedRelay):
    """`before` makes what a new connection hears first; None for what is right.

    `codes` counts how operators closed; `wrongs` are broken promises of theirs: a second last frame, a
    gap in the numbers of chunks, an answer to what was not asked.
    """

    def __init__(self) -> None:
        super().__init__()
        self.before: Callable[[str], list[str | bytes]] | None = None
        self.codes: Counter[int | None] = Counter()
        self.reasons: Counter[str] = Counter()
        self.statuses: Counter[int] = Counter()
        self.wrongs: list[str] = []
        self.acknowledged: set[str] = set()
        self.pongs_heard = 0
        self._changed = asyncio.Event()

    # -- what it says -----------------------------------------------------------------------------

    async def say(self, message: str | bytes) -> bool:
        """Whether there was a connection to say it on."""
        if self._socket is None:
            return False
        try:
            await self._socket.send(message)
        except ConnectionClosed:
            return False
        return True

    async def asks(self, message: str) -> Exchange | None:
        """Say a request; what comes of it, None when it is none after all."""
        try:
            frame = frames.decode(message)
        except FrameError:
            frame = None
        exchange = None
        if isinstance(frame, InferenceRequest):
            exchange = self.exchanges[frame.request_id] = Exchange(frame.request_id, self)
        await self.say(message)
        return exchange

    async def heard(self) -> None:
        """Until the operator has read everything, or has closed."""
        socket, seen = self._socket, self.pongs_heard
        if await self.say(frames.encode(Ping())):
            await self._until(lambda: self.pongs_heard > seen or self._socket is not socket)

    async def _until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE):
            while not condition():
                self._changed.clear()
                await self._changed.wait()

    # -- the operator's socket --------------------------------------------------------------------

    async def _serve(self, socket: ServerConnection) -> None:
        self.connections += 1
        peer_id = secrets.token_hex(16)
        first = self.before(peer_id) if self.before is not None else None
        if first is None:
            self._socket = socket
            first = [frames.encode(Connected(peer_id=peer_id, max_frame=self.max_frame))]
        try:
            for message in first:
                await socket.send(message)
            async for text in socket:
                await self._take(frames.decode(text), socket, peer_id)
        except ConnectionClosed:
            pass
        finally:
            self.codes[socket.close_code] += 1
            self.reasons[socket.close_reason or ""] += 1
            if self._socket is socket:
                self._socket = None
                self._announced.clear()
            for exchange in self.exchanges.values():
                exchange.lost = exchange.last is None
                exchange.tell()
            self._changed.set()

    async def _take(self, frame: Any, socket: ServerConnection, peer_id: str) -> None:
        match frame:
            case Announce() if self.before is not None:
                await socket.send(frames.encode(Announced()))
            case InferenceAccepted() | InferenceChunk() | InferenceResponse():
                self._note(frame)
            case ReceiptAck():
                self.acknowledged.add(frame.receipt_id)
            case Pong():
                self.pongs_heard += 1
            case _:
                await super()._take(frame, socket, peer_id)
        self._changed.set()

    def _note(self, frame: Any) -> None:
        exchange = self.exchanges.get(frame.request_id)
        if exchange is None or exchange.last is not None:
            self.wrongs.append(f"unasked: {frame!r:.300}")
            return
        if isinstance(frame, InferenceChunk):
            if frame.seq != len(exchange.chunks):
                self.wrongs.append(f"chunk {frame.seq} after {len(exchange.chunks)}")
            exchange.chunks.append(frame)
        elif isinstance(frame, InferenceResponse):
            exchange.last = frame
            self.statuses[frame.status] += 1
        exchange.tell()
