"""A request's way through the relay and back: whole, in chunks, paid, refused, given up."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from harness.protocol.frames import StreamComplete

from .conftest import Running
from .operators import MODEL, Operator, refuse_payment


def chat(text: str = "hello", **more: Any) -> dict[str, Any]:
    return {"model": MODEL, "messages": [{"role": "user", "content": text}], **more}


async def ask(
    relay: Running, body: dict[str, Any] | None = None, **headers: str
) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    async with relay.client() as client:
        return await client.post("/v1/chat/completions", json=body or chat(), headers=named)


def events(text: str) -> list[tuple[str, str]]:
    """(event, data) of a stream, as a client reads them."""
    found = []
    for block in text.split("\n\n"):
        lines = dict(line.split(": ", 1) for line in block.splitlines() if ": " in line)
        if "data" in lines:
            found.append((lines.get("event", "message"), lines["data"]))
    return found


def test_a_request_reaches_the_operator_and_its_answer_the_consumer(relay: Running) -> None:
    async def run() -> None:
        async with Operator(relay.url) as operator:
            answer = await ask(relay)
            assert answer.status_code == 200, answer.text
            assert answer.json()["choices"][0]["message"]["content"] == "hello"
            assert answer.headers["x-halo-operator"] == operator.address
            assert answer.headers["x-halo-node"] == "n0"
            (frame,) = operator.requests
            assert answer.headers["x-halo-request-id"] == frame.request_id
            assert len(frame.request_id) == 30 and frame.request_id.startswith("req_")
            assert (frame.body, frame.attempt) == (chat(), 1)
            done = await operator.completed()
            assert isinstance(done, StreamComplete) and done.request_id == frame.request_id

    asyncio.run(run())


def test_a_stream_is_passed_on_event_by_event(relay: Running) -> None:
    async def run() -> None:
        async with Operator(relay.url) as operator:
            answer = await ask(relay, chat(stream=True))
            assert answer.headers["content-type"] == "text/event-stream"
            told = events(answer.text)
            texts = [json.loads(d)["choices"][0]["delta"]["content"] for _, d in told[:3]]
            assert texts == ["hello0", "hello1", "hello2"]
            assert told[3][0] == "halo-settlement"
            assert json.loads(told[3][1]) == {
                "payment-response": "c2V0dGxlZA==",
                "x-halo-request-id": answer.headers["x-halo-request-id"],
                "x-halo-node": "n0",
                "x-halo-operator": operator.address,
            }
            assert told[4] == ("message", "[DONE]")
            await operator.completed()

    asyncio.run(run())


def test_a_demand_for_payment_passes_and_nothing_else_of_it(relay: Running) -> None:
    async def run() -> None:
        async with Operator(relay.url, refuse_payment) as operator:
            answer = await ask(relay)
            assert answer.status_code == 402
            assert answer.headers["payment-required"] == "cmVxdWlyZWQ="
            assert answer.headers["x-halo-operator"] == operator.address
            assert answer.headers["cache-control"] == "no-store"
            assert "set-cookie" not in answer.headers

    asyncio.run(run())
