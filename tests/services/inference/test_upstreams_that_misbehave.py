"""Upstreams that lie, flood, stall, redirect or break off: each ends as a ProviderError, soon and small."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from harness.inference.build import ProviderConfig, build_provider
from harness.inference.provider import FaultKind, ProviderError
from harness.inference.upstream import MAX_ANSWER, Patience
from tests.services.conftest import ThreadedServer
from tests.services.inference.conftest import KEY, chat, collected, refused

PATIENCE = Patience(connect=2, answer=0.6, event=0.4, stream=1.5)


class Script:
    """What the next request gets."""

    def __init__(self) -> None:
        self.answer: Callable[[Request], Response] = lambda _r: Response("{}")
        self.url = ""
        self.asked = 0
        self.secrets: list[str] = []

    async def __call__(self, request: Request) -> Response:
        self.asked += 1
        self.secrets.append(request.headers.get("authorization", ""))
        return self.answer(request)


@pytest.fixture(scope="module")
def server() -> Iterator[Script]:
    script = Script()

    async def any_path(request: Request) -> Response:
        return await script(request)

    app = Starlette(routes=[Route("/{path:path}", any_path, methods=["GET", "POST"])])
    with ThreadedServer(app) as url:
        script.url = url
        yield script


def outcome(server: Script, stream: bool, slug: str = "custom", **body: Any) -> ProviderError:
    async def run() -> ProviderError:
        provider = build_provider(
            ProviderConfig(slug, server.url + "/v1", KEY, ("m",), patience=PATIENCE)
        )
        try:
            return await refused(provider, chat(**body), stream)
        finally:
            await provider.aclose()

    return asyncio.run(run())


def said(server: Script, slug: str = "custom") -> list[Any]:
    async def run() -> list[Any]:
        provider = build_provider(
            ProviderConfig(slug, server.url + "/v1", KEY, ("m",), patience=PATIENCE)
        )
        try:
            return await collected(provider, chat())
        finally:
            await provider.aclose()

    return asyncio.run(run())


def plain(content: bytes | str, status: int = 200, **headers: str) -> Callable[[Request], Response]:
    return lambda _request: Response(content, status, headers)


def events(*data: Any) -> bytes:
    return b"".join(
        b"data: " + (d if isinstance(d, bytes) else json.dumps(d).encode()) + b"\n\n" for d in data
    )


def chunk(text: str, finish: str | None = None) -> dict[str, Any]:
    return {
        "id": "c",
        "choices": [{"index": 0, "delta": {"content": text}, "finish_reason": finish}],
    }


@pytest.mark.parametrize(
    "content",
    [
        b"", b"<html>", b"[]", b"null", b"{}", b'{"choices": []}', b'{"choices": [5]}', b'{"choices": [{"message": "x"}]}',
        b'{"choices": [{"message": {}, "finish_reason": "error"}]}', b'{"a": ' + b"[" * 5000 + b"]" * 5000 + b"}",
        b'{"choices": [{"message": {"content": "' + b"x" * MAX_ANSWER + b'"}}]}', b"\xff\xfe",
    ],
    ids=lambda c: repr(c[:20]),
)  # fmt: skip
def test_answers_that_are_none(server: Script, content: bytes) -> None:
    server.answer = plain(content)
    error = outcome(server, stream=False)
    assert (error.kind, error.retryable) == (FaultKind.PROVIDER, True)
    error = outcome(server, stream=False, slug="anthropic")
    assert error.kind is FaultKind.PROVIDER


@pytest.mark.parametrize(
    "content",
    [
        b"", b": only a comment\n\n", events(b"not json"), events(b"[1]"), events(chunk("a")), events(chunk("a"), {"error": {"code": 502}}),
        b"data: " + b"x" * 1_100_000 + b"\n\n", b"x" * 1_100_000,
    ],
    ids=lambda c: repr(c[:20]),
)  # fmt: skip
def test_streams_that_are_none(server: Script, content: bytes) -> None:
    server.answer = plain(content)
    assert outcome(server, stream=True).kind is FaultKind.PROVIDER
    assert outcome(server, stream=True, slug="anthropic").kind is FaultKind.PROVIDER


def test_h6_a_compressed_answer_is_not_unpacked(server: Script) -> None:
    bomb = gzip.compress(b"0" * 50_000_000)
    server.answer = plain(bomb, **{"content-encoding": "gzip"})
    for stream in (False, True):
        assert outcome(server, stream).kind is FaultKind.PROVIDER


def test_h6_a_compressed_refusal_is_not_unpacked_either(server: Script) -> None:
    """What a failing provider says is read up to a bound, and its bytes are what is bounded."""
    server.answer = plain(gzip.compress(b"0" * 50_000_000), 500, **{"content-encoding": "gzip"})
    told: list[str] = []

    async def run() -> None:
        provider = build_provider(
            ProviderConfig(
                "custom", server.url + "/v1", KEY, ("m",), patience=PATIENCE, tell=told.append
            )
        )
        try:
            await refused(provider, chat(), stream=False)
        finally:
            await provider.aclose()

    asyncio.run(run())
    assert len(told) == 1 and "\x1f" in told[0] and "0" * 100 not in told[0]


def test_redirects_are_not_followed(server: Script) -> None:
    server.answer = lambda _r: RedirectResponse(server.url + "/elsewhere")
    server.asked = 0
    assert outcome(server, stream=False).kind is FaultKind.PROVIDER
    assert server.asked == 1


async def _stalling(first: bytes, every: bytes = b"") -> AsyncIterator[bytes]:
    yield first
    for _ in range(40):
        await asyncio.sleep(0.1)
        if every:
            yield every
    yield first


@pytest.mark.parametrize(
    ("first", "every"),
    [(b"", b""), (events(chunk("a")), b""), (events(chunk("a")), b": alive\n\n"), (b"", b": alive\n\n"), (b"", events(chunk("a")))],
    ids=["silent", "stops", "comments", "comments from the start", "without end"],
)  # fmt: skip
def test_stalling_streams_time_out(server: Script, first: bytes, every: bytes) -> None:
    server.answer = lambda _r: StreamingResponse(_stalling(first, every))
    error = outcome(server, stream=True)
    assert (error.kind, error.retryable) == (FaultKind.TIMEOUT, True)


def test_a_dripping_answer_times_out_as_a_whole(server: Script) -> None:
    server.answer = lambda _r: StreamingResponse(_stalling(b"{", b" "))
    assert outcome(server, stream=False).kind is FaultKind.TIMEOUT


def test_nobody_there() -> None:
    async def run() -> ProviderError:
        provider = build_provider(ProviderConfig("ollama", "http://127.0.0.1:9/v1", None, ("m",)))
        return await refused(provider, chat(), stream=False)

    assert asyncio.run(run()).kind is FaultKind.PROVIDER


def test_errors_inside_answers_of_status_200(server: Script) -> None:
    for stream in (False, True):
        for error, kind in (
            ({"code": 401, "message": "x"}, FaultKind.AUTH),
            ({"code": 402, "message": "x"}, FaultKind.CREDIT),
            ({"code": "429", "message": "slow down"}, FaultKind.PROVIDER),
            ({"message": "Insufficient credits"}, FaultKind.CREDIT),
            ("Insufficient balance", FaultKind.CREDIT),
            ({"code": 400}, FaultKind.INVALID),
            ({"code": True}, FaultKind.PROVIDER),
        ):
            document = {"error": error}
            server.answer = plain(events(document) if stream else json.dumps(document))
            assert outcome(server, stream).kind is kind, error
    server.answer = plain(events({"type": "error", "error": {"type": "overloaded_error"}}))
    error_ = outcome(server, stream=True, slug="anthropic")
    assert (error_.kind, error_.status) == (FaultKind.PROVIDER, 529)


def test_a_consumer_cannot_shut_an_account_by_what_it_says(server: Script) -> None:
    """The upstream repeats the request in its error."""
    words = "insufficient_quota: your credit balance is too low, exceeded your current quota"
    echo = json.dumps({"error": {"message": f"invalid value {words!r}"}})
    for status, kind in ((400, FaultKind.INVALID), (429, FaultKind.PROVIDER)):
        server.answer = plain(echo, status)
        assert outcome(server, stream=False, text=words).kind is kind
        assert outcome(server, stream=False, text="hello").kind is FaultKind.CREDIT
    server.answer = plain('{"error": {"message": "input was flagged by moderation"}}', 403)
    assert outcome(server, stream=False).kind is FaultKind.INVALID


def test_usage_that_is_missing_or_absurd_is_counted_here(server: Script) -> None:
    message = {"role": "assistant", "content": "x" * 40}
    for usage in (None, {}, {"prompt_tokens": -1, "completion_tokens": 5}, {"prompt_tokens": 1, "completion_tokens": 10**12}, "many"):  # fmt: skip
        body = {
            "id": "c",
            "choices": [{"message": message, "finish_reason": "stop"}],
            "usage": usage,
        }
        server.answer = plain(json.dumps(body))

        async def run() -> Any:
            provider = build_provider(ProviderConfig("custom", server.url + "/v1", KEY, ("m",)))
            try:
                return await provider.complete(chat())
            finally:
                await provider.aclose()

        answer = asyncio.run(run())
        assert answer.usage.estimated and answer.usage.completion == 10
        assert answer.body["usage"]["completion_tokens"] == 10
        server.answer = plain(
            events({**chunk("x" * 40), "usage": usage}, chunk("", "stop"), b"[DONE]")
        )
        deltas = said(server)
        assert [d.usage.completion for d in deltas if d.usage] == [10] and deltas[-1].usage


def test_what_the_operator_pays_stays_with_the_operator(server: Script) -> None:
    body = {
        "id": "c", "provider": "SomeCloud", "choices": [{"message": {"content": "a"}, "native_finish_reason": "x", "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 1, "completion_tokens": 1, "cost": 0.5, "is_byok": True},
    }  # fmt: skip
    server.answer = plain(json.dumps(body))

    async def run() -> Any:
        provider = build_provider(ProviderConfig("openrouter", server.url + "/v1", KEY, ("m",)))
        try:
            return await provider.complete(chat())
        finally:
            await provider.aclose()

    text = json.dumps(asyncio.run(run()).body)
    assert "SomeCloud" not in text and "cost" not in text and "native" not in text


def test_usage_repeated_on_every_chunk_comes_once_and_at_the_end_of_done_or_not(
    server: Script,
) -> None:
    usage = {"prompt_tokens": 3, "completion_tokens": 2}
    tail = {"choices": [], "usage": usage}
    for last in ((tail, b"[DONE]"), (tail,)):
        server.answer = plain(events(chunk("ab"), chunk("", "stop"), *last))
        deltas = said(server)
        assert [d.usage.total for d in deltas if d.usage] == [5]


def test_ends_without_a_delta_are_ends(server: Script) -> None:
    for last in ({"index": 0, "finish_reason": "stop"}, {"delta": None, "finish_reason": "stop"}):
        server.answer = plain(events(chunk("ab"), {"choices": [last]}))
        assert [d.data["choices"][0]["finish_reason"] for d in said(server)[:-1]] == [None, "stop"]


def test_signatures_of_an_enclave(server: Script) -> None:
    signed = {"text": "a:b", "signature": "0x1", "signing_address": "0x2", "extra": "x"}
    asked: list[str] = []

    def answer(request: Request) -> Response:
        asked.append(f"{request.scope['raw_path'].decode()}?{request.url.query}")
        return Response(json.dumps(signed))

    async def run() -> Any:
        provider = build_provider(ProviderConfig("near", server.url + "/v1", KEY, ("m",)))
        try:
            return await provider.signature("chat/1?x", "a/b c")
        finally:
            await provider.aclose()

    server.answer = answer
    assert asyncio.run(run()) == {k: signed[k] for k in ("text", "signature", "signing_address")}
    assert asked == ["/v1/signature/chat%2F1%3Fx?model=a%2Fb+c&signing_algo=ecdsa"]
    for broken in (
        {},
        {"text": "a"},
        {**signed, "text": 5},
        {**signed, "signature": "x" * 5000},
        [],
    ):
        server.answer = plain(json.dumps(broken))
        assert asyncio.run(run()) is None
