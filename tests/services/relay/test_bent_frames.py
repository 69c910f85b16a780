"""An operator that sends anything at all: the relay answers, or closes with a code that says why, and goes on.

`FRAMES=20000` tries as many as one likes.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import random
from typing import Any

import httpx
import pytest
from websockets.exceptions import ConnectionClosed

from harness.protocol.frames import (
    Announce,
    Announced,
    Connected,
    Drain,
    ErrorFrame,
    FrameError,
    InferenceAccepted,
    InferenceChunk,
    InferenceRequest,
    InferenceResponse,
    Ping,
    Pong,
    ReceiptAck,
    ReceiptFrame,
    StreamAbort,
    StreamComplete,
    StreamPause,
    StreamResume,
    Warning_,
    decode,
    encode,
)
from tests.fuzz_http.bends import bend, mangled

from .conftest import Running
from .operators import Operator, completion, delta
from .test_requests import chat

FRAMES = int(os.environ.get("FRAMES", "400"))
SEED = 20261128
MEANT = {
    1000,
    1001,
    1002,
    1008,
    1009,
    1013,
    *range(4000, 4100),
}  # never 1006 or 1011: those are faults


def right_frames(operator: Operator, request_id: str) -> list[Any]:
    """One of every kind, as if everything were in order."""
    address = operator.address
    return [
        Connected(peer_id=operator.peer_id, node="n", min_cli_version="0.0.1", max_frame=9),
        Announce(data=operator.announcement()),
        Announced(),
        Ping(),
        Pong(),
        Warning_(message="old"),
        InferenceRequest(request_id=request_id, headers={}, body={}, deadline_ms=1, attempt=1),
        InferenceAccepted(request_id=request_id),
        InferenceChunk(request_id=request_id, seq=0, data=json.dumps(delta("a"))),
        InferenceResponse(request_id=request_id, status=200, body=completion("a")),
        InferenceResponse(request_id=request_id, status=402, headers={"payment-required": "e30="}),
        StreamAbort(request_id=request_id),
        StreamComplete(request_id=request_id),
        StreamPause(request_id=request_id),
        StreamResume(request_id=request_id),
        ReceiptFrame(
            receipt_id="r", consumer=address, operator=address, cumulative="1", signature="0x"
        ),
        ReceiptAck(receipt_id="r", accepted=True),
        Drain(),
        ErrorFrame(code="c", message="m"),
    ]


def wrong(frame: Any, rng: random.Random) -> str | bytes:
    text = encode(frame)
    how = rng.random()
    if how < 0.6:
        return json.dumps(bend(json.loads(text), rng), ensure_ascii=rng.random() < 0.5)
    if how < 0.75:
        return mangled(text.encode(), rng).decode("utf-8", "replace")
    if how < 0.85:
        return mangled(text.encode(), rng)  # a binary message
    return text  # in order, but not expected


class Troublemaker(Operator):
    """Answers its first request with what it should not."""

    def __init__(self, url: str, rng: random.Random) -> None:
        super().__init__(url, Troublemaker.trouble)
        self.rng = rng
        self.sent = 0

    async def trouble(self, frame: InferenceRequest) -> None:
        for _ in range(self.rng.randrange(1, 6)):
            await self.send_wrong(frame.request_id)
            await asyncio.sleep(0)
        if self.rng.random() < 0.5:
            await self.answer(frame, body=completion("late"))

    async def send_wrong(self, request_id: str) -> None:
        message = wrong(self.rng.choice(right_frames(self, request_id)), self.rng)
        if isinstance(message, str):
            message = message.encode(
                "utf-8", "replace"
            ).decode()  # half a surrogate pair is no text
        self.sent += 1
        await self.socket.send(message)


async def before_it_announced(relay: Running, rng: random.Random) -> int:
    """The first frames are the wrong ones."""
    operator = Troublemaker(relay.url, rng)
    await operator.open()
    operator.start()
    with contextlib.suppress(ConnectionClosed):
        for _ in range(3):
            await operator.send_wrong("req_none")
    await ended(operator)
    return operator.sent


async def while_it_serves(relay: Running, rng: random.Random, client: httpx.AsyncClient) -> int:
    """They come as the answer to a request."""
    async with Troublemaker(relay.url, rng) as operator:
        body = chat(stream=rng.random() < 0.5)
        headers = {"X-Halo-Operator": operator.address}
        asked = asyncio.create_task(
            client.post("/v1/chat/completions", json=body, headers=headers, timeout=20)
        )
        async with asyncio.timeout(15):
            await operator.sees(lambda frame: isinstance(frame, InferenceRequest))
            await asyncio.sleep(0.02)
        await ended(operator)
        answer = await asked
        assert answer.status_code != 500, (
            answer.text
        )  # the relay's own fault, and no operator says it here
        return operator.sent


async def ended(operator: Troublemaker) -> None:
    """It is told why, or can still be heard."""
    with contextlib.suppress(ConnectionClosed):
        pongs = sum(isinstance(frame, Pong) for frame in operator.frames)
        await operator.say(Ping())
        async with asyncio.timeout(15):
            while operator.closed is None:
                if sum(isinstance(frame, Pong) for frame in operator.frames) > pongs:
                    break
                await asyncio.sleep(0.005)
    if operator.closed is None:
        await operator.socket.close()
    code, _ = await operator.is_closed()
    assert code in MEANT, operator.closed


def test_whatever_an_operator_sends_the_relay_goes_on(
    relay: Running, caplog: pytest.LogCaptureFixture
) -> None:
    rng = random.Random(SEED)

    async def play() -> None:
        sent = 0
        async with relay.client() as client:
            while sent < FRAMES:
                if rng.random() < 0.3:
                    sent += await before_it_announced(relay, rng)
                else:
                    sent += await while_it_serves(relay, rng, client)
            assert (await client.get("/health")).status_code == 200

    with caplog.at_level(logging.WARNING):
        asyncio.run(play())
    assert [record for record in caplog.records if record.exc_info] == []


def test_what_is_sent_is_mostly_wrong() -> None:
    """Else the test above would try nothing."""
    rng, kept = random.Random(SEED), 0
    operator = Operator("http://127.0.0.1:1")
    for _ in range(300):
        message = wrong(rng.choice(right_frames(operator, "req_1")), rng)
        with contextlib.suppress(FrameError):
            decode(message)
            kept += 1
    assert 30 < kept < 200
