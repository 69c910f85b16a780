"""An operator's socket: what was announced on it, what is under way, and how it does."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

from starlette.websockets import WebSocketDisconnect

from harness import faults
from harness.protocol.addresses import Address
from harness.protocol.frames import (
    Announcement,
    InferenceRequest,
    ReceiptAck,
    ReceiptFrame,
    StreamAbort,
    StreamComplete,
    StreamPause,
    StreamResume,
    encode,
)
from harness.services.relay.exchange import DISCONNECTED, Answer, ExchangeEnded, Inbox

SEND_SECONDS = 10.0  # an operator that takes no bytes for so long is as good as gone

Send = Callable[[str], Awaitable[None]]
Close = Callable[[int, str], Awaitable[None]]


class Link:
    """One announced operator on one socket of this node.

    `epoch` grows with every connection of an address, `revision` with every announcement on it.
    """

    def __init__(
        self, peer_id: str, epoch: int, announcement: Announcement, send: Send, close: Close
    ) -> None:
        self.peer_id = peer_id
        self.epoch = epoch
        self.revision = 1
        self.announcement = announcement
        self.connected_at = time.time()
        self.last_heard = time.monotonic()
        self.draining = False
        self._send, self._close = send, close
        self._exchanges: dict[str, LocalExchange] = {}
        self._receipts: dict[str, asyncio.Future[ReceiptAck]] = {}
        self._closing = False

    @property
    def address(self) -> Address:
        return self.announcement.address

    @property
    def inflight(self) -> int:
        return len(self._exchanges)

    @property
    def open(self) -> bool:
        return not self._closing

    # -- to the operator -------------------------------------------------------------------------

    async def send(self, text: str) -> None:
        """Hand a frame to the socket. Raises ExchangeEnded when the operator takes nothing."""
        if self._closing:
            raise ExchangeEnded(DISCONNECTED)
        try:
            async with asyncio.timeout(SEND_SECONDS):
                await self._send(text)
        except (TimeoutError, WebSocketDisconnect, OSError, RuntimeError):
            raise ExchangeEnded(DISCONNECTED) from None

    async def begin(self, frame: InferenceRequest, text: str) -> LocalExchange:
        """Send a request. `text` is the frame encoded. Raises ExchangeEnded."""
        exchange = LocalExchange(self, frame.request_id)
        self._exchanges[frame.request_id] = exchange
        try:
            faults.reach("relay.request_sending")
            await self.send(text)
        except BaseException:
            self.forget(frame.request_id)
            raise
        faults.reach("relay.request_sent")
        return exchange

    async def receipt(self, frame: ReceiptFrame, seconds: float) -> ReceiptAck:
        """Deliver a receipt and wait for the acknowledgement. Raises ExchangeEnded, TimeoutError."""
        waiting: asyncio.Future[ReceiptAck] = asyncio.get_running_loop().create_future()
        self._receipts[frame.receipt_id] = waiting
        try:
            faults.reach("relay.receipt_sending")
            await self.send(encode(frame))
            faults.reach("relay.receipt_sent")
            async with asyncio.timeout(seconds):
                ack = await waiting
            faults.reach("relay.receipt_acknowledged")
            return ack
        finally:
            self._receipts.pop(frame.receipt_id, None)
            waiting.cancel()

    # -- from the operator -----------------------------------------------------------------------

    async def deliver(self, frame: Answer, size: int) -> None:
        """A frame of a request; one that nobody waits for any more is dropped."""
        exchange = self._exchanges.get(frame.request_id)
        if exchange is not None:
            await exchange.inbox.put(frame, size)
            if exchange.inbox.ended is not None:  # it broke the rules just now: stop it at once
                await exchange.abort(exchange.inbox.ended)

    def acknowledged(self, ack: ReceiptAck) -> None:
        waiting = self._receipts.get(ack.receipt_id)
        if waiting is not None and not waiting.done():
            waiting.set_result(ack)

    # -- the end ---------------------------------------------------------------------------------

    def forget(self, request_id: str) -> None:
        self._exchanges.pop(request_id, None)

    def lost(self) -> None:
        """The socket is gone: nothing more comes for anything that was under way."""
        self._closing = True
        for exchange in list(self._exchanges.values()):
            exchange.inbox.end(DISCONNECTED)
        for waiting in list(self._receipts.values()):
            if not waiting.done():
                waiting.set_exception(ExchangeEnded(DISCONNECTED))

    async def close(self, code: int, reason: str) -> None:
        self.lost()
        await self._close(code, reason)


class LocalExchange:
    """A request at an operator of this node."""

    def __init__(self, link: Link, request_id: str) -> None:
        self.request_id = request_id
        self._link = link
        flow = link.announcement.flow_control
        self.inbox = Inbox(self._pause, self._resume) if flow else Inbox()

    async def next(self) -> Answer:
        return await self.inbox.next()

    def leave(self) -> None:
        self.inbox.leave()

    async def abort(self, reason: str) -> None:
        await self._last(StreamAbort(request_id=self.request_id, reason=reason[:100]))

    async def complete(self) -> None:
        await self._last(StreamComplete(request_id=self.request_id))

    async def _last(self, frame: StreamAbort | StreamComplete) -> None:
        if self.request_id not in self._link._exchanges:
            return
        self._link.forget(self.request_id)
        await self._tell(frame)

    async def _pause(self) -> None:
        await self._tell(StreamPause(request_id=self.request_id))

    async def _resume(self) -> None:
        await self._tell(StreamResume(request_id=self.request_id))

    async def _tell(self, frame: StreamAbort | StreamComplete | StreamPause | StreamResume) -> None:
        faults.reach("relay.control_sending")
        try:
            await self._link.send(encode(frame))
        except ExchangeEnded:
            return  # its own end is told elsewhere
        faults.reach("relay.control_sent")
