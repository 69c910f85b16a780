"""Answers on their way to the consumer: one JSON document, or a stream of events.

Text of a model is always inside JSON on one line, so it cannot begin an event of its own. The events
`halo-chunk`, `halo-settlement` and `halo-error` are made here and nowhere else.
"""

from __future__ import annotations

import asyncio
import json
import logging
import re
from collections.abc import Callable, Mapping
from typing import Any

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from harness import faults
from harness.protocol.frames import InferenceChunk, InferenceResponse
from harness.services.relay.departure import Departure
from harness.services.relay.dispatch import TIMEOUT, Reply, Unanswered
from harness.services.relay.exchange import CLIENT_LEFT, PROTOCOL, SLOW, Answer, ExchangeEnded
from harness.services.relay.metrics import Metrics

MAX_HEADER, MAX_HEADERS = 16 * 1024, 32 * 1024
_OWN = frozenset(
    {"x-halo-operator", "x-halo-request-id", "x-halo-node", "x-halo-deprecation-warning"}
)
_PASSED = frozenset({"payment-required", "payment-response", "x-payment-response", "retry-after"})
_NAME = re.compile(r"[a-z0-9-]{1,64}")
_PRINTABLE = re.compile(r"[\x20-\x7e]*")
_BASE64 = re.compile(r"[A-Za-z0-9+/]*={0,2}")

_log = logging.getLogger(__name__)


def answer_headers(found: Mapping[str, str]) -> dict[str, str]:
    """Those of an operator's headers that may reach a consumer."""
    passed, total = {}, 0
    for name, value in ((n.lower(), v.strip(" ")) for n, v in found.items()):
        listed = name in _PASSED or (name.startswith("x-halo-") and name not in _OWN)
        total += len(name) + len(value)
        if (
            listed
            and len(value) <= MAX_HEADER
            and total <= MAX_HEADERS
            and _NAME.fullmatch(name)
            and _PRINTABLE.fullmatch(value)
        ):
            passed[name] = value
    return passed


def event(chunk: InferenceChunk) -> bytes:
    """A chunk as a server-sent event. Raises ExchangeEnded for what could be taken for another."""
    data = chunk.data
    if chunk.encrypted:
        if not _BASE64.fullmatch(data):
            raise ExchangeEnded(PROTOCOL, "a sealed chunk is not base64")
        return b'event: halo-chunk\ndata: {"seq":%d,"ct":"%s"}\n\n' % (chunk.seq, data.encode())
    if "\n" in data or "\r" in data or not (data.startswith("{") and data.endswith("}")):
        raise ExchangeEnded(PROTOCOL, "a chunk is not one JSON object on one line")
    try:
        return b"data: %s\n\n" % data.encode()
    except UnicodeEncodeError:
        raise ExchangeEnded(PROTOCOL, "a chunk is not Unicode") from None


def document(body: Any) -> bytes:
    """A body as JSON; nothing at all for none."""
    if body is None:
        return b""
    try:
        return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    except UnicodeEncodeError:
        return json.dumps(body, separators=(",", ":")).encode()


class Delivery(Response):
    """Sends a reply and tells the operator how that went: taken to the last byte, or not.

    `own` are the relay's headers, `done` is told the status and the outcome. An operator may be silent
    for `idle_seconds`, a consumer may take no byte for `stall_seconds`.
    """

    def __init__(
        self,
        reply: Reply,
        departure: Departure,
        own: Mapping[str, str],
        metrics: Metrics,
        idle_seconds: float,
        stall_seconds: float,
        done: Callable[[int, str], None],
    ) -> None:
        self.reply = reply
        self.departure = departure
        self.own = dict(own)
        self.metrics = metrics
        self.idle_seconds = idle_seconds
        self.stall_seconds = stall_seconds
        self.done = done

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        status, outcome = 200, "delivered"
        try:
            if isinstance(self.reply.first, InferenceResponse):
                status = self.reply.first.status
                await self._document(self.reply.first, send)
            else:
                outcome = await self._stream(self.reply.first, send)
            if self.departure.left:
                outcome = CLIENT_LEFT
        except (ExchangeEnded, OSError, TimeoutError) as end:
            outcome = end.reason if isinstance(end, ExchangeEnded) else CLIENT_LEFT
        except asyncio.CancelledError:
            outcome = CLIENT_LEFT
            raise
        finally:
            self.departure.stop()
            self.done(status, outcome)
            await self._tell(outcome)

    async def _tell(self, outcome: str) -> None:
        if outcome == "delivered":
            await self.reply.exchange.complete()
            return
        self.metrics.ended(outcome)
        await self.reply.exchange.abort(outcome)

    # -- one document ----------------------------------------------------------------------------

    async def _document(self, answer: InferenceResponse, send: Send) -> None:
        body = document(answer.body)
        headers = answer_headers(answer.headers) | self.own
        if body:
            headers["content-type"] = "application/json"
        if answer.status not in (204, 304):
            headers["content-length"] = str(len(body))
        await self._start(send, answer.status, headers)
        await self._part(send, b"" if answer.status in (204, 304) else body)
        await self._end(send)

    # -- a stream --------------------------------------------------------------------------------

    async def _stream(self, first: InferenceChunk, send: Send) -> str:
        """The outcome. What goes wrong once the head is out is told in an event."""
        headers = {"content-type": "text/event-stream", "x-accel-buffering": "no"}
        await self._start(send, 200, headers | self.own)
        frame: Answer = first
        outcome = "delivered"
        try:
            while not isinstance(frame, InferenceResponse):
                if isinstance(frame, InferenceChunk):
                    self.metrics.chunks.inc()
                    part = event(frame)
                    faults.reach("relay.chunk_sending")
                    await self._part(send, part)
                    faults.reach("relay.chunk_sent")
                frame = await self._next()
            if frame.status >= 400:
                await self._part(send, _event("halo-error", _error_of(frame)))
            else:
                await self._part(send, self._settlement(frame) + b"data: [DONE]\n\n")
        except ExchangeEnded as end:
            if end.reason == CLIENT_LEFT:
                return end.reason
            outcome = end.reason
            _log.info("stream broke off", extra={"reason": end.reason})
            await self._part(send, _event("halo-error", self._broken(end.reason)))
        await self._end(send)
        return outcome

    async def _next(self) -> Answer:
        try:
            async with asyncio.timeout(self.idle_seconds):
                return await self.reply.exchange.next()
        except TimeoutError:
            raise ExchangeEnded(TIMEOUT) from None

    def _settlement(self, answer: InferenceResponse) -> bytes:
        told = answer_headers(answer.headers)
        told |= {n: v for n, v in self.own.items() if n in _OWN}
        return _event("halo-settlement", told)

    def _broken(self, reason: str) -> dict[str, Any]:
        why = Unanswered.ended(reason, self.reply.operator)
        return {
            "error": {
                "message": str(why),
                "type": "halo_upstream_error",
                "code": why.code,
                "status": why.status,
            }
        }

    # -- bytes -----------------------------------------------------------------------------------

    async def _start(self, send: Send, status: int, headers: Mapping[str, str]) -> None:
        raw = [(name.encode(), value.encode()) for name, value in headers.items()]
        faults.reach("relay.answering")
        await send({"type": "http.response.start", "status": status, "headers": raw})

    async def _part(self, send: Send, part: bytes) -> None:
        """Hand bytes over; a consumer that takes none for too long counts as gone."""
        try:
            async with asyncio.timeout(self.stall_seconds):
                await send({"type": "http.response.body", "body": part, "more_body": True})
        except TimeoutError:
            raise ExchangeEnded(SLOW) from None

    async def _end(self, send: Send) -> None:
        """The server waits here until the bytes before have left it."""
        try:
            async with asyncio.timeout(self.stall_seconds):
                await send({"type": "http.response.body", "body": b"", "more_body": False})
        except TimeoutError:
            raise ExchangeEnded(SLOW) from None
        faults.reach("relay.answered")


def _event(name: str, data: Any) -> bytes:
    return b"event: %s\ndata: %s\n\n" % (name.encode(), json.dumps(data).encode())


def _error_of(answer: InferenceResponse) -> dict[str, Any]:
    body = answer.body
    if isinstance(body, dict) and isinstance(body.get("error"), dict):
        return {"error": body["error"] | {"status": answer.status}}
    message = "the operator ended the stream with an error; try another"
    return {"error": {"message": message, "type": "halo_upstream_error", "status": answer.status}}
