"""The mock model behind real HTTP: what adapters are tested against and devnets use as upstream.

Speaks OpenAI chat completions (`/v1/chat/completions`, `/v1/models` with prices as OpenRouter lists them),
Anthropic's Messages (`/v1/messages`) and Ollama's `/api/tags`. Errors repeat the caller's key in their body, as careless servers do, so that
a test which finds the key anywhere else has found a leak.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing, suppress
from dataclasses import dataclass, field
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from harness.http.bodies import BadBody, BodyTooLarge, read_object
from harness.inference.anthropic import EventMaker, error_of, message_of, to_chat
from harness.inference.mock import CONTEXT_LENGTH, EMPTY_ACCOUNT, MOCK_MODELS, MOCK_PRICE
from harness.inference.mock_model import Reply, reply
from harness.inference.mock_script import Script
from harness.inference.provider import Json, Price
from harness.inference.request import BadRequest
from harness.inference.sse import encode_event

MAX_BODY = 16 * 1024 * 1024


@dataclass
class Seen:
    """A request as it arrived; header names in lower case."""

    path: str
    headers: dict[str, str]
    body: Json


@dataclass
class MockUpstream:
    """An upstream with its own idea of keys and prices.

    `seen` grows with every request; `gone` counts clients that left before their stream ended.
    """

    models: tuple[str, ...] = MOCK_MODELS
    key: str | None = None  # demanded as bearer or x-api-key
    scripts: Mapping[str, Script] = field(default_factory=dict)
    skew: int = 0
    prices: Mapping[str, Price] = field(default_factory=dict)
    price: Price | None = MOCK_PRICE
    seen: list[Seen] = field(default_factory=list)
    gone: int = 0

    def app(self) -> Starlette:
        """The ASGI application."""
        return Starlette(
            routes=[
                Route("/v1/chat/completions", self._chat, methods=["POST"]),
                Route("/v1/messages", self._messages, methods=["POST"]),
                Route("/v1/models", self._models),
                Route("/api/tags", self._tags),
                Route("/health", self._health),
            ]
        )

    async def _chat(self, request: Request) -> Response:
        body, refused = await self._read(request)
        if refused is not None:
            return refused
        planned = reply(body, self.scripts, self.skew)
        if planned.fail_status:
            return self._fails(request, planned)
        if body.get("stream"):
            options = body.get("stream_options")
            counted = isinstance(options, dict) and bool(options.get("include_usage"))
            return Cuttable(_openai_events(planned, counted), gone=self._count_gone)
        await asyncio.sleep(_buffered_seconds(planned))
        return _buffered(planned, planned.body())

    async def _messages(self, request: Request) -> Response:
        body, refused = await self._read(request)
        if refused is not None:
            return refused
        try:
            asked = to_chat(body)
        except BadRequest as bad:
            return JSONResponse(error_of(400, str(bad)), 400)
        planned = reply(asked, self.scripts, self.skew)
        if planned.fail_status:
            said = (
                "Your credit balance is too low to access the API." if planned.fail_account else ""
            )
            failure = error_of(
                planned.fail_status, said or f"as asked; you sent {_key_of(request)}"
            )
            return JSONResponse(failure, planned.fail_status)
        if body.get("stream"):
            return Cuttable(_anthropic_events(planned), gone=self._count_gone)
        await asyncio.sleep(_buffered_seconds(planned))
        return _buffered(planned, message_of(planned.body(), planned.model))

    async def _models(self, request: Request) -> Response:
        if (refused := self._entered(request, {})) is not None:
            return refused
        listed = [self._listed(model) for model in self.models]
        return JSONResponse({"object": "list", "data": listed})

    async def _tags(self, request: Request) -> Response:
        self._record(request, {})
        return JSONResponse({"models": [{"name": m, "model": m, "size": 1} for m in self.models]})

    async def _health(self, _request: Request) -> Response:
        return JSONResponse({"status": "ok"})

    def _listed(self, model: str) -> Json:
        entry: Json = {
            "id": model,
            "object": "model",
            "owned_by": "mock",
            "context_length": CONTEXT_LENGTH,
        }
        price = self.prices.get(model, self.price)
        if price is not None:
            entry["pricing"] = {
                "prompt": f"{price.prompt:f}",
                "completion": f"{price.completion:f}",
                "request": f"{price.request:f}",
            }
            if price.cached is not None:
                entry["pricing"]["input_cache_read"] = f"{price.cached:f}"
        return entry

    async def _read(self, request: Request) -> tuple[Json, Response | None]:
        """(body, the refusal if there is one)."""
        try:
            body = await read_object(request, MAX_BODY)
        except (BadBody, BodyTooLarge) as bad:
            return {}, _failure(400, f"not a request: {bad}", "invalid_request_error")
        return body, self._entered(request, body)

    def _entered(self, request: Request, body: Json) -> Response | None:
        """Record the request; the refusal, if its key is not ours."""
        self._record(request, body)
        if self.key is None or _key_of(request) == self.key:
            return None
        return _failure(
            401, f"incorrect API key provided: {_key_of(request)}", "authentication_error"
        )

    def _count_gone(self) -> None:
        self.gone += 1

    def _record(self, request: Request, body: Json) -> None:
        self.seen.append(Seen(request.url.path, dict(request.headers), body))

    @staticmethod
    def _fails(request: Request, planned: Reply) -> Response:
        if planned.fail_account:
            return JSONResponse(EMPTY_ACCOUNT, planned.fail_status)
        return _failure(
            planned.fail_status,
            f"the mock fails as asked; you sent {_key_of(request)}",
            "mock_failure",
        )


class Cuttable(Response):
    """A streamed answer whose connection breaks where its iterator raises `Cut`.

    It ends when the client goes away, and then calls `gone`.
    """

    def __init__(
        self,
        parts: AsyncGenerator[bytes, None],
        media_type: str = "text/event-stream",
        gone: Callable[[], None] = lambda: None,
    ) -> None:
        super().__init__(media_type=media_type)
        del self.headers["content-length"]
        self._parts = parts
        self._gone = gone

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        sending = asyncio.ensure_future(self._send(send))
        leaving = asyncio.ensure_future(_left(receive))
        await asyncio.wait((sending, leaving), return_when=asyncio.FIRST_COMPLETED)
        leaving.cancel()
        if not sending.done():
            sending.cancel()
            self._gone()
        with suppress(Cut, asyncio.CancelledError):
            await sending  # after `Cut` the answer is never completed: the server hangs up

    async def _send(self, send: Send) -> None:
        async with aclosing(self._parts) as parts:
            async for part in parts:
                await send({"type": "http.response.body", "body": part, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


class Cut(Exception):
    """Here the connection breaks."""


async def _openai_events(planned: Reply, counted: bool) -> AsyncGenerator[bytes, None]:
    await asyncio.sleep(planned.first_ms / 1000)
    for number, chunk in enumerate(planned.chunks()):
        if planned.cut_after is not None and number > planned.cut_after:
            raise Cut
        if number:
            await asyncio.sleep(planned.per_token_ms / 1000)
        if "usage" not in chunk or counted:
            yield encode_event(json.dumps(chunk))
    yield encode_event("[DONE]")


async def _anthropic_events(planned: Reply) -> AsyncGenerator[bytes, None]:
    await asyncio.sleep(planned.first_ms / 1000)
    maker = EventMaker(planned.model, planned.usage.prompt)
    for number, chunk in enumerate(planned.chunks()):
        if planned.cut_after is not None and number > planned.cut_after:
            raise Cut
        if number:
            await asyncio.sleep(planned.per_token_ms / 1000)
        yield maker.encoded(maker.feed(chunk))
    yield maker.encoded(maker.end())


def _buffered(planned: Reply, body: Json) -> Response:
    if planned.cut_after is not None:
        return Cuttable(_once(json.dumps(body).encode()[:40]), "application/json")
    return JSONResponse(body)


async def _once(part: bytes) -> AsyncGenerator[bytes, None]:
    yield part
    raise Cut


def _buffered_seconds(planned: Reply) -> float:
    return (planned.first_ms + planned.per_token_ms * planned.usage.completion) / 1000


def _key_of(request: Request) -> str:
    bearer = request.headers.get("authorization", "").removeprefix("Bearer ")
    return bearer or request.headers.get("x-api-key", "")


def _failure(status: int, message: str, kind: str) -> Response:
    error: dict[str, Any] = {"message": message, "type": kind, "code": kind, "param": None}
    return JSONResponse({"error": error}, status)
