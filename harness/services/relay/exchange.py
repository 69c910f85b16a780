"""One request at one operator: what comes back waits here, bounded, until the consumer takes it."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Protocol

from harness.protocol.frames import (
    RELAY_RESTART,
    InferenceAccepted,
    InferenceChunk,
    InferenceResponse,
)

Answer = InferenceAccepted | InferenceChunk | InferenceResponse

HIGH_FRAMES, HIGH_BYTES = 64, 256 * 1024  # from here on the operator is asked to pause
MOST_BYTES = 2 * 1024 * 1024  # an operator that goes on is cut off here

DISCONNECTED = "operator_disconnected"
NOT_HERE = "operator_unavailable"
SLOW = "slow_client"
PROTOCOL = "operator_protocol_error"
CLIENT_LEFT = "client_disconnected"
RESTART = RELAY_RESTART


class ExchangeEnded(Exception):
    """Nothing more will come; `reason` is one of the names above."""

    def __init__(self, reason: str, message: str = "") -> None:
        super().__init__(message or reason)
        self.reason = reason


class Exchange(Protocol):
    """A request under way at an operator here or on another node."""

    request_id: str

    async def next(self) -> Answer:
        """The next frame, in order; after what had arrived, ExchangeEnded when there is no more."""

    async def abort(self, reason: str) -> None:
        """Tell the operator that nobody listens any more. Harmless when it is over."""

    async def complete(self) -> None:
        """Tell the operator that the consumer's socket took the last byte."""

    def leave(self) -> None:
        """The consumer is gone: whoever waits in `next` is told."""


class Inbox:
    """Frames in order with a bound on their number and size.

    `pause` is called when the frames become many and `resume` when they were taken.
    """

    def __init__(
        self,
        pause: Callable[[], Awaitable[None]] | None = None,
        resume: Callable[[], Awaitable[None]] | None = None,
        most: int = MOST_BYTES,
    ) -> None:
        self._most = most
        self._pause, self._resume = pause, resume
        self._frames: deque[tuple[Answer, int]] = deque()
        self._bytes = 0
        self._next = 0
        self._paused = False
        self._over = False  # the last frame arrived
        self._ended: ExchangeEnded | None = None
        self._left = False
        self._arrived: asyncio.Future[None] | None = None

    @property
    def ended(self) -> str | None:
        """Why nothing more will come, when that is not because all is here."""
        return None if self._ended is None else self._ended.reason

    @property
    def over(self) -> bool:
        return self._over or self._ended is not None

    async def put(self, frame: Answer, size: int) -> None:
        """Take a frame in; a wrong one, or one too many, ends the exchange."""
        if self.over:
            return
        if isinstance(frame, InferenceChunk):
            if frame.seq != self._next:
                self.end(PROTOCOL, f"chunk {frame.seq} came where {self._next} was due")
                return
            self._next += 1
        if self._bytes + size > self._most and self._frames:
            self.end(SLOW, "the consumer reads too slowly")
            return
        self._over = isinstance(frame, InferenceResponse)
        self._frames.append((frame, size))
        self._bytes += size
        self._wake()
        if self._pause is not None and not self._paused and not self._over and self._full:
            self._paused = True
            await self._pause()

    @property
    def _full(self) -> bool:
        return len(self._frames) >= HIGH_FRAMES or self._bytes >= HIGH_BYTES

    async def next(self) -> Answer:
        while not self._frames or self._left:
            if self._left:
                raise ExchangeEnded(CLIENT_LEFT)
            if self._ended is not None:
                raise self._ended
            self._arrived = asyncio.get_running_loop().create_future()
            await self._arrived
        frame, size = self._frames.popleft()
        self._bytes -= size
        if (
            self._resume is not None
            and self._paused
            and len(self._frames) <= HIGH_FRAMES // 2
            and self._bytes <= HIGH_BYTES // 2
        ):
            self._paused = False
            await self._resume()
        return frame

    def end(self, reason: str, message: str = "") -> None:
        """Nothing more will come. What had arrived is still given out."""
        if not self.over:
            self._ended = ExchangeEnded(reason, message)
        self._wake()

    def leave(self) -> None:
        self._left = True
        self._frames.clear()
        self._bytes = 0
        self._wake()

    def _wake(self) -> None:
        if self._arrived is not None and not self._arrived.done():
            self._arrived.set_result(None)
