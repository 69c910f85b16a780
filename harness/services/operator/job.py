"""One request under way: what it asks, whether anybody still listens, and how it is answered.

An answer goes out on the socket that brought the request, sealed when the request was sealed, and once.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Coroutine, Mapping
from typing import Any, TypeVar

from harness.confidential.sizes import sized
from harness.protocol.frames import (
    InferenceAccepted,
    InferenceChunk,
    InferenceRequest,
    InferenceResponse,
)
from harness.protocol.sealed import OperatorChannel
from harness.services.operator.answers import Answer
from harness.services.operator.connection import Link

T = TypeVar("T")

# An answer, and the headers of the request, to the answer as it leaves.
Translate = Callable[[Answer, Mapping[str, str]], Answer]


class ConsumerGone(Exception):
    """The consumer hung up, or the relay's socket broke: nobody will read the answer."""


class Job:
    """`headers` are lower-case. `started` is in seconds of the monotonic clock."""

    def __init__(
        self,
        request: InferenceRequest,
        link: Link,
        started: float,
        translate: Translate | None = None,
    ) -> None:
        self.id = request.request_id
        self.request = request
        self.link = link
        self.started = started
        self.headers: Mapping[str, str] = {k.lower(): v for k, v in request.headers.items()}
        self.body: dict[str, Any] = {}
        self.fingerprint = ""
        self.key: str | None = None  # the client's idempotency key
        self.channel: OperatorChannel | None = None
        self.repeated = False  # the envelope was answered before: its chunk numbers are used up
        self.sealed = False  # something was sealed for it
        self.gone = asyncio.Event()
        self.completed = asyncio.Event()
        self.flowing = asyncio.Event()
        self.flowing.set()
        self.chunks = 0
        self._sealed_body: tuple[Any, dict[str, Any]] | None = None
        self._translate = translate
        self._answered = False
        self._way_lost = False

    def abort(self, *, way_lost: bool) -> None:
        """Nobody listens any more: the consumer left, or the way to it was lost."""
        self._way_lost = way_lost
        self.gone.set()

    @property
    def model(self) -> str:
        return str(self.body.get("model", ""))

    @property
    def counted(self) -> dict[str, Any]:
        """The body that tokens are counted in: what an enclave decrypts is as long as its plaintext."""
        return sized(self.body) if "x-client-pub-key" in self.headers else self.body

    @property
    def streamed(self) -> bool:
        """Whether the answer is a stream; an enclave's is not, its proof is over the whole."""
        whole = "x-halo-tee" in self.headers or self.repeated
        return self.body.get("stream") is True and not whole

    @property
    def listening(self) -> bool:
        """Whether an answer would still reach the relay for a consumer that waits."""
        return self.link.open and not self.gone.is_set()

    @property
    def cut(self) -> bool:
        """Whether the way to the consumer was lost, so that it may ask for its answer again."""
        return self._way_lost or not self.link.open

    async def accept(self) -> None:
        await self.link.send(InferenceAccepted(request_id=self.id))

    async def chunk(self, data: Mapping[str, Any]) -> None:
        """One event of a streamed answer. Waits while the consumer reads slowly; raises ConsumerGone."""
        if not self.flowing.is_set():  # two tasks for each token would cost more than the token
            await self.unless_gone(self.flowing.wait())
        text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
        sealed = self.channel is not None
        if self.channel is not None:
            self.sealed = True
            text = self.channel.seal_chunk(self.chunks, text.encode())
        frame = InferenceChunk(request_id=self.id, seq=self.chunks, data=text, encrypted=sealed)
        self.chunks += 1
        if not self.listening or not await self.link.send(frame):
            raise ConsumerGone

    async def respond(self, answer: Answer) -> bool:
        """The last frame; whether it was handed to an open socket. A second answer is dropped."""
        if self._answered:
            return False
        self._answered = True
        return await self.link.send(self._frame(answer))

    def fits(self, answer: Answer) -> bool:
        """Whether the relay takes an answer of this size."""
        return self.link.fits(self._frame(answer))

    async def unless_gone(self, work: Coroutine[Any, Any, T]) -> T:
        """The result of `work`, which is cancelled when the consumer goes. Raises ConsumerGone."""
        running = asyncio.ensure_future(work)
        leaving = asyncio.ensure_future(self.gone.wait())
        try:
            await asyncio.wait((running, leaving), return_when=asyncio.FIRST_COMPLETED)
            if running.done():
                return running.result()
            raise ConsumerGone
        finally:
            leaving.cancel()
            if not running.done():
                running.cancel()
                await asyncio.wait((running,))

    def _frame(self, answer: Answer) -> InferenceResponse:
        if self._translate is not None:
            answer = self._translate(answer, self.headers)
        body = answer.body
        # Errors travel open: the relay decides by them, and they say nothing about the prompt.
        if self.channel is not None and answer.success and body is not None:
            body = self._envelope(self.channel, answer)
        return InferenceResponse(
            request_id=self.id, status=answer.status, headers=answer.headers, body=body
        )

    def _envelope(self, channel: OperatorChannel, answer: Answer) -> dict[str, Any]:
        """The body sealed, once for the look at its size and for the answer."""
        if self._sealed_body is None or self._sealed_body[0] is not answer.body:
            plain = answer.raw or json.dumps(answer.body, ensure_ascii=False).encode()
            self._sealed_body = answer.body, channel.seal_response(plain)
            self.sealed = True
        return self._sealed_body[1]
