"""A relay that does what a test tells it: one operator, frames in and out, every misbehaviour allowed."""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import dataclass, field
from typing import Any, Self

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from harness.protocol import frames
from harness.protocol.frames import (
    Announce,
    Announced,
    Announcement,
    Connected,
    Drain,
    InferenceAccepted,
    InferenceChunk,
    InferenceRequest,
    InferenceResponse,
    Ping,
    Pong,
    ReceiptAck,
    ReceiptFrame,
    StreamAbort,
    announce_message,
    pubkey_message,
)
from harness.protocol.personal import recover_personal

PATIENCE = 20.0


class Gone(Exception):
    """The operator's socket closed before an answer."""


@dataclass
class Exchange:
    """A request under way. `chunks` and `last` fill up as frames arrive."""

    id: str
    relay: ScriptedRelay
    accepted: bool = False
    chunks: list[InferenceChunk] = field(default_factory=list)
    last: InferenceResponse | None = None
    lost: bool = False
    _arrived: asyncio.Event = field(default_factory=asyncio.Event)

    async def answer(self) -> InferenceResponse:
        """The terminal frame."""
        await self.until(lambda: self.last is not None)
        assert self.last is not None
        return self.last

    async def until(self, condition: Any) -> None:
        """Wait for frames until something holds; Gone when the socket closed first."""
        async with asyncio.timeout(PATIENCE):
            while not condition():
                if self.lost:
                    raise Gone
                self._arrived.clear()
                await self._arrived.wait()

    async def abort(self, reason: str = "client_disconnected") -> None:
        await self.relay.send(StreamAbort(request_id=self.id, reason=reason))

    def tell(self) -> None:
        self._arrived.set()


class ScriptedRelay:
    """`async with ScriptedRelay() as relay`: then `relay.url` is where an operator connects to."""

    def __init__(self, *, max_frame: int = frames.MAX_FRAME, pongs: bool = True) -> None:
        self.max_frame = max_frame
        self.pongs = pongs
        self.announcements: list[Announcement] = []
        self.drained = asyncio.Event()
        self.connections = 0
        self.refuse_with: int | None = None  # close code in place of `announced`
        self.exchanges: dict[str, Exchange] = {}
        self._acks: dict[str, asyncio.Future[ReceiptAck]] = {}
        self._socket: ServerConnection | None = None
        self._announced = asyncio.Event()
        self._server: Server | None = None
        self.port = 0

    async def __aenter__(self) -> Self:
        self._server = await serve(self._serve, "127.0.0.1", self.port, compression=None)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        await self._server.wait_closed()

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.port}/v1/operator"

    async def announced(self) -> Announcement:
        """The newest announcement, once there is one."""
        async with asyncio.timeout(PATIENCE):
            await self._announced.wait()
        return self.announcements[-1]

    async def announced_times(self, count: int) -> Announcement:
        async with asyncio.timeout(PATIENCE):
            while len(self.announcements) < count:
                await asyncio.sleep(0.01)
        return self.announcements[-1]

    # -- asking ----------------------------------------------------------------------------------

    async def begin(
        self,
        body: dict[str, Any],
        headers: dict[str, str] | None = None,
        request_id: str | None = None,
        **more: Any,
    ) -> Exchange:
        """Send a request and do not wait."""
        await self.announced()
        identity = request_id or "req_" + secrets.token_hex(13)
        exchange = self.exchanges[identity] = Exchange(identity, self)
        await self.send(
            InferenceRequest(request_id=identity, headers=headers or {}, body=body, **more)
        )
        return exchange

    async def ask(
        self,
        body: dict[str, Any],
        headers: dict[str, str] | None = None,
        request_id: str | None = None,
        **more: Any,
    ) -> InferenceResponse:
        """Send a request and wait for its last frame."""
        return await (await self.begin(body, headers, request_id, **more)).answer()

    async def ask_again(self, exchange: Exchange, body: dict[str, Any]) -> InferenceResponse:
        """The same request id once more, while the first is under way."""
        first = self.exchanges[exchange.id]
        again = await self.begin(body, request_id=exchange.id)
        answer = await again.answer()
        self.exchanges[exchange.id] = first
        return answer

    async def receipt(self, frame: ReceiptFrame) -> ReceiptAck:
        await self.announced()
        waiting = self._acks[frame.receipt_id] = asyncio.get_running_loop().create_future()
        await self.send(frame)
        async with asyncio.timeout(PATIENCE):
            return await waiting

    async def send(self, frame: Any) -> None:
        assert self._socket is not None
        await self._socket.send(frames.encode(frame))

    async def send_text(self, text: str) -> None:
        assert self._socket is not None
        await self._socket.send(text)

    async def drop(self, code: int = 1001, *, hard: bool = False) -> None:
        """Lose the operator's connection."""
        socket, self._socket = self._socket, None
        self._announced.clear()
        if socket is None:
            return
        if hard:
            socket.transport.abort()
        else:
            await socket.close(code)

    # -- the operator's socket -------------------------------------------------------------------

    async def _serve(self, socket: ServerConnection) -> None:
        self.connections += 1
        self._socket = socket
        peer_id = secrets.token_hex(16)
        await socket.send(frames.encode(Connected(peer_id=peer_id, max_frame=self.max_frame)))
        try:
            async for text in socket:
                await self._take(frames.decode(text), socket, peer_id)
        except ConnectionClosed:
            pass
        finally:
            for exchange in self.exchanges.values():
                exchange.lost = exchange.last is None
                exchange.tell()

    async def _take(self, frame: Any, socket: ServerConnection, peer_id: str) -> None:
        match frame:
            case Announce():
                said = frame.data
                signed = announce_message(said.address, peer_id)
                assert recover_personal(signed, said.signature) == said.address
                vouched = pubkey_message(said.address, said.encryption_pubkey)
                assert recover_personal(vouched, said.pubkey_attestation) == said.address
                if self.refuse_with is not None:
                    await socket.close(self.refuse_with)
                    return
                self.announcements.append(said)
                await socket.send(frames.encode(Announced()))
                self._announced.set()
            case Ping():
                if self.pongs:
                    await socket.send(frames.encode(Pong()))
            case InferenceAccepted():
                self.exchanges[frame.request_id].accepted = True
                self.exchanges[frame.request_id].tell()
            case InferenceChunk():
                exchange = self.exchanges[frame.request_id]
                assert frame.seq == len(exchange.chunks), "chunks are numbered without gaps"
                exchange.chunks.append(frame)
                exchange.tell()
            case InferenceResponse():
                exchange = self.exchanges[frame.request_id]
                assert exchange.last is None, "one terminal frame for a request"
                exchange.last = frame
                exchange.tell()
            case ReceiptAck():
                self._acks.pop(frame.receipt_id).set_result(frame)
            case Drain():
                self.drained.set()
