"""An operator in a script: it speaks the frames, and misbehaves where a test asks it to."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable
from typing import Any, Self

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from harness.chain.keys import LocalSigner
from harness.protocol.frames import (
    Announce,
    Announced,
    Announcement,
    Connected,
    Frame,
    InferenceAccepted,
    InferenceChunk,
    InferenceRequest,
    InferenceResponse,
    ReceiptAck,
    ReceiptFrame,
    StreamAbort,
    StreamComplete,
    StreamPause,
    StreamResume,
    announce_message,
    decode,
    encode,
)
from harness.protocol.personal import personal_sign

MODEL = "mock-echo"

Answering = Callable[["Operator", InferenceRequest], Awaitable[None]]


def completion(text: str) -> dict[str, Any]:
    return {"object": "chat.completion", "choices": [{"message": {"content": text}}]}


def delta(text: str) -> dict[str, Any]:
    return {"object": "chat.completion.chunk", "choices": [{"delta": {"content": text}}]}


async def echo(operator: Operator, frame: InferenceRequest) -> None:
    """Say the last message again: whole, or in three chunks."""
    await operator.say(InferenceAccepted(request_id=frame.request_id))
    text = str(frame.body.get("messages", [{}])[-1].get("content", ""))
    if not frame.body.get("stream"):
        await operator.answer(frame, body=completion(text))
        return
    for seq in range(3):
        await operator.chunk(frame, seq, delta(f"{text}{seq}"))
    await operator.answer(frame, headers={"payment-response": "c2V0dGxlZA=="})


async def silence(_operator: Operator, _frame: InferenceRequest) -> None:
    """Never accept anything."""


async def refuse_payment(operator: Operator, frame: InferenceRequest) -> None:
    headers = {"PAYMENT-REQUIRED": "cmVxdWlyZWQ=", "set-cookie": "a=b", "x-halo-operator": "me"}
    await operator.answer(frame, 402, headers, {"error": {"message": "pay", "code": "payment"}})


class Operator:
    """Connects, announces itself, answers with `answering` and remembers what it got."""

    def __init__(
        self,
        url: str,
        answering: Answering = echo,
        signer: LocalSigner | None = None,
        **announced: Any,
    ) -> None:
        self.url = url.replace("http", "ws", 1)
        self.signer = signer or LocalSigner.generate()
        self.address = self.signer.address
        self.answering = answering
        self.announced = {"models": [MODEL], "cli_version": "1.2.3", **announced}
        self.peer_id = ""
        self.requests: list[InferenceRequest] = []
        self.frames: list[Frame] = []
        self.ack: Callable[[ReceiptFrame], ReceiptAck | None] = lambda r: ReceiptAck(
            receipt_id=r.receipt_id, accepted=True
        )
        self.closed: tuple[int, str] | None = None
        self.running = asyncio.Event()
        self._changed = asyncio.Condition()
        self._tasks: set[asyncio.Task[None]] = set()
        self.socket: ClientConnection

    # -- life ------------------------------------------------------------------------------------

    async def __aenter__(self) -> Self:
        await self.open()
        await self.announce()
        self.start()
        await self.sees(lambda f: isinstance(f, Announced))
        return self

    async def open(self) -> Connected:
        """Connect and read the relay's first word."""
        self.socket = await connect(
            self.url + "/v1/operator", compression=None, max_size=4 * 1024 * 1024
        )
        first = decode(await self.socket.recv())
        assert isinstance(first, Connected)
        self.peer_id = first.peer_id
        self.running.set()
        return first

    def start(self) -> None:
        self._spawn(self._read())

    async def __aexit__(self, *_: object) -> None:
        await self.socket.close()
        for task in list(self._tasks):
            task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def announcement(self, **changes: Any) -> Announcement:
        """A good one, signed for this connection, with changes."""
        values = {
            "address": self.address,
            "peer_id": self.peer_id,
            "signature": personal_sign(self.signer, announce_message(self.address, self.peer_id)),
            **self.announced,
            **changes,
        }
        return Announcement(**values)

    async def announce(self, **changes: Any) -> None:
        await self.say(Announce(data=self.announcement(**changes)))

    # -- speaking --------------------------------------------------------------------------------

    async def say(self, frame: Any) -> None:
        await self.socket.send(encode(frame))

    async def chunk(self, frame: InferenceRequest, seq: int, data: Any, **more: Any) -> None:
        text = data if isinstance(data, str) else json.dumps(data)
        await self.say(InferenceChunk(request_id=frame.request_id, seq=seq, data=text, **more))

    async def answer(
        self,
        frame: InferenceRequest,
        status: int = 200,
        headers: dict[str, str] | None = None,
        body: Any = None,
    ) -> None:
        await self.say(
            InferenceResponse(
                request_id=frame.request_id, status=status, headers=headers or {}, body=body
            )
        )

    # -- listening -------------------------------------------------------------------------------

    async def sees(self, wanted: Callable[[Frame], bool], seconds: float = 15) -> Frame:
        """The first frame of a kind, once it is there."""
        async with asyncio.timeout(seconds), self._changed:
            await self._changed.wait_for(lambda: any(wanted(f) for f in self.frames))
            return next(f for f in self.frames if wanted(f))

    async def completed(self) -> Frame:
        return await self.sees(lambda f: isinstance(f, StreamComplete))

    async def aborted(self) -> StreamAbort:
        frame = await self.sees(lambda f: isinstance(f, StreamAbort))
        assert isinstance(frame, StreamAbort)
        return frame

    async def is_closed(self, seconds: float = 15) -> tuple[int, str]:
        async with asyncio.timeout(seconds), self._changed:
            await self._changed.wait_for(lambda: self.closed is not None)
        assert self.closed is not None
        return self.closed

    async def _read(self) -> None:
        try:
            async for text in self.socket:
                await self._take(decode(text))
        except ConnectionClosed:
            pass
        async with self._changed:
            self.closed = (self.socket.close_code or 0, self.socket.close_reason or "")
            self._changed.notify_all()

    async def _take(self, frame: Frame) -> None:
        async with self._changed:
            self.frames.append(frame)
            self._changed.notify_all()
        if isinstance(frame, InferenceRequest):
            self.requests.append(frame)
            self._spawn(self._answer(frame))
        elif isinstance(frame, ReceiptFrame):
            ack = self.ack(frame)
            if ack is not None:
                await self.say(ack)
        elif isinstance(frame, StreamPause):
            self.running.clear()
        elif isinstance(frame, StreamResume):
            self.running.set()

    async def _answer(self, frame: InferenceRequest) -> None:
        with contextlib.suppress(ConnectionClosed):
            await self.answering(self, frame)

    def _spawn(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
