"""Adapters of every kind against a server: answers, streams, lists, probes, and whose fault it was."""

from __future__ import annotations

import asyncio
import json
from decimal import Decimal

import pytest

from harness.inference.mock_model import reply
from harness.inference.provider import Completion, Delta, FaultKind, ModelInfo, Price, Provider
from harness.protocol import estimate
from tests.services.inference.conftest import (
    DIALECTS,
    KEY,
    Served,
    chat,
    collected,
    refused,
    tools,
)


@pytest.mark.parametrize("slug", DIALECTS)
def test_a_buffered_answer(served: Served, slug: str) -> None:
    body = chat("What is a token?", seed=4)
    answer = served.ask(slug, lambda provider: provider.complete(body))
    choice = answer.body["choices"][0]
    assert choice["message"]["content"] == "What is a token?"
    assert choice["finish_reason"] == "stop" and answer.body["object"] == "chat.completion"
    assert answer.usage.completion == 4 and not answer.usage.estimated
    assert answer.body["usage"]["total_tokens"] == answer.usage.total
    sent = served.upstream.seen[-1]
    assert sent.headers["x-api-key" if slug == "anthropic" else "authorization"].endswith(KEY)
    assert sent.headers["accept-encoding"] == "identity"


@pytest.mark.parametrize("slug", DIALECTS)
@pytest.mark.parametrize("model", ["mock-echo", "mock-empty", "mock-blocked"])
def test_a_stream_ends_with_reason_and_usage(served: Served, slug: str, model: str) -> None:
    body = chat("seven tokens in here, or so", model=model)

    async def both(provider: Provider) -> tuple[list[Delta], Completion]:
        return await collected(provider, body), await provider.complete(body)

    deltas, whole = served.ask(slug, both)
    text = "".join(
        d.data["choices"][0]["delta"].get("content", "") for d in deltas if d.data["choices"]
    )
    assert text == whole.body["choices"][0]["message"]["content"]
    finishes = [d.data["choices"][0]["finish_reason"] for d in deltas if d.data["choices"]]
    assert finishes[-1] == whole.body["choices"][0]["finish_reason"] and not any(finishes[:-1])
    assert [d.usage for d in deltas if d.usage] == [whole.usage] and deltas[-1].usage
    assert all(d.data["object"] == "chat.completion.chunk" for d in deltas)


@pytest.mark.parametrize("slug", DIALECTS)
def test_parallel_calls_of_tools(served: Served, slug: str) -> None:
    body = chat("time and weather", tools=tools("time", "weather"))

    async def both(provider: Provider) -> tuple[list[Delta], Completion]:
        return await collected(provider, body), await provider.complete(body)

    deltas, whole = served.ask(slug, both)
    called = [c["function"]["name"] for c in whole.body["choices"][0]["message"]["tool_calls"]]
    assert (
        called == ["time", "weather"] and whole.body["choices"][0]["finish_reason"] == "tool_calls"
    )
    parts = [
        c
        for d in deltas
        if d.data["choices"]
        for c in d.data["choices"][0]["delta"].get("tool_calls", ())
    ]
    assert [p["function"]["name"] for p in parts if p["function"].get("name")] == called
    said = "".join(p["function"].get("arguments", "") for p in parts if p["index"] == 1)
    assert said == whole.body["choices"][0]["message"]["tool_calls"][1]["function"]["arguments"]


def test_each_provider_is_told_the_limit_in_its_own_word(served: Served) -> None:
    words = {"openai": "max_completion_tokens", "groq": "max_tokens", "anthropic": "max_tokens"}
    for slug, word in words.items():
        served.ask(slug, lambda provider: provider.complete(chat()))
        sent = served.upstream.seen[-1].body
        assert sent[word] == estimate.DEFAULT_COMPLETION
        assert len({"max_tokens", "max_completion_tokens"} & set(sent)) == 1


@pytest.mark.parametrize("slug", DIALECTS)
@pytest.mark.parametrize("stream", [False, True], ids=["buffered", "streamed"])
@pytest.mark.parametrize(
    ("model", "kind", "retryable"),
    [
        ("mock-fail?status=401", FaultKind.AUTH, False),
        ("mock-fail?status=403", FaultKind.AUTH, False),
        ("mock-fail?status=402", FaultKind.CREDIT, False),
        ("mock-fail?status=400&account=1", FaultKind.CREDIT, False),
        ("mock-fail?status=429", FaultKind.PROVIDER, True),
        ("mock-fail?status=500", FaultKind.PROVIDER, True),
        ("mock-fail?status=504", FaultKind.TIMEOUT, True),
        ("mock-fail?status=400", FaultKind.INVALID, False),
        ("mock-fail?status=404", FaultKind.PROVIDER, True),
        ("mock-cut?after=1", FaultKind.PROVIDER, True),
    ],
)  # fmt: skip
def test_faults_and_h10(
    served: Served, slug: str, stream: bool, model: str, kind: FaultKind, retryable: bool
) -> None:
    """The upstream puts the key into its errors; ours never repeat it."""
    told: list[str] = []
    error = served.ask(
        slug, lambda provider: refused(provider, chat(model=model), stream), tell=told.append
    )
    assert (error.kind, error.retryable) == (kind, retryable)
    assert KEY not in str(error) and KEY not in repr(error.__dict__) and len(str(error)) <= 300
    assert error.__cause__ is None
    if "cut" not in model:
        assert len(told) == 1 and slug in told[0]  # the terminal gets what was said


@pytest.mark.parametrize(
    ("slug", "path"), [("openai", "/chat/completions"), ("anthropic", "/messages"), ("near", "/chat/completions")]
)  # fmt: skip
def test_a_wrong_key_is_found_by_the_probe(served: Served, slug: str, path: str) -> None:
    async def probe(provider: Provider) -> None:
        with pytest.raises(Exception, match=f"provider /v1{path} returned 401") as caught:
            await provider.probe()
        assert caught.value.kind is FaultKind.AUTH  # type: ignore[attr-defined]

    served.ask(slug, probe, api_key="sk-wrong-0123456789abcdef")

    async def good(provider: Provider) -> None:
        await provider.probe()

    served.ask(slug, good)
    sent = served.upstream.seen[-1].body
    assert 1 in (sent.get("max_tokens"), sent.get("max_completion_tokens"))


def test_a_wrong_key_is_found_by_the_list_of_models(served: Served) -> None:
    async def listing(provider: Provider) -> None:
        with pytest.raises(Exception, match="provider /v1/models returned 401"):
            await provider.list_models()

    served.ask("openai", listing, api_key="sk-wrong-0123456789abcdef")


def test_lists_of_models(served: Served) -> None:
    async def listing(provider: Provider) -> tuple[list[ModelInfo], Price | None]:
        return await provider.list_models(), await provider.price("mock-echo")

    expected = Price(Decimal("0.000001"), Decimal("0.000002"), Decimal(0), Decimal("0.0000001"))
    for slug in ("openrouter", "near"):
        models, price = served.ask(slug, listing)
        assert [m.id for m in models] == ["mock-echo", "mock-fast"] and price == expected
        assert models[0].context_length == 131_072
    for slug in ("ollama", "openai", "anthropic"):
        models, price = served.ask(slug, listing)
        assert [m.id for m in models] == ["mock-echo", "mock-fast"] and price is None
    paths = [seen.path for seen in served.upstream.seen]
    assert paths.count("/api/tags") == 1 and set(paths) == {"/v1/models", "/api/tags"}


def test_a_client_that_goes_away_stops_the_provider(served: Served) -> None:
    async def first_only(provider: Provider) -> None:
        before = served.upstream.gone
        stream = provider.stream(chat(model="mock-slow?first_ms=0&per_tok_ms=20&tokens=5000"))
        await anext(stream)
        await stream.aclose()
        async with asyncio.timeout(10):
            while served.upstream.gone == before:
                await asyncio.sleep(0.01)

    for slug in ("openai", "anthropic"):
        served.ask(slug, first_only)


# -- the enclave's adapter -------------------------------------------------------------------------

SEALED = {"X-Client-Pub-Key": "04" + "ab" * 64, "X-Signing-Algo": "ecdsa", "X-Halo-Operator": "0x1", "Cookie": "a=b"}  # fmt: skip


def test_ciphertext_goes_through_untouched(served: Served) -> None:
    cipher = "04" + "9f" * 200
    answer = served.ask("near", lambda p: p.complete(chat(cipher), headers=SEALED))
    sent = served.upstream.seen[-1]
    assert sent.body["messages"] == [{"role": "user", "content": cipher}]
    assert sent.headers["x-client-pub-key"] == SEALED["X-Client-Pub-Key"]
    assert sent.headers["x-signing-algo"] == "ecdsa"
    assert "x-halo-operator" not in sent.headers and "cookie" not in sent.headers
    assert json.loads(answer.raw) == answer.body == reply(json.loads(answer.sent)).body()
    assert json.loads(answer.sent) == sent.body and sent.body["stream"] is False


def test_a_sealed_stream_is_read_whole_first(served: Served) -> None:
    deltas = served.ask("near", lambda p: collected(p, chat("ab" * 40), headers=SEALED))
    assert served.upstream.seen[-1].body["stream"] is False
    assert [d.data["choices"][0]["delta"].get("content") for d in deltas[:2]] == ["", "ab" * 40]
    assert deltas[-1].usage is not None


def test_others_send_none_of_these_headers(served: Served) -> None:
    for slug in ("openai", "anthropic"):
        served.ask(slug, lambda p: p.complete(chat(), headers=SEALED))
        assert "x-client-pub-key" not in served.upstream.seen[-1].headers
