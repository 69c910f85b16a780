"""Streams that are read slowly, broken off, sent wrongly, or made to look like something else."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Callable
from contextlib import closing
from typing import Any

import httpx
import pytest

from harness.protocol.frames import InferenceRequest, StreamAbort, StreamComplete
from harness.services.relay.exchange import MOST_BYTES

from .conftest import Running
from .operators import Operator, completion, delta
from .test_requests import ask, chat, events


def answering(*frames: Any, status: int = 200, headers: dict[str, str] | None = None) -> Any:
    """Sends these (seq, data, more) as chunks, then the end."""

    async def answer(operator: Operator, frame: InferenceRequest) -> None:
        for seq, data, more in frames:
            await operator.chunk(frame, seq, data, **more)
        await operator.answer(frame, status, headers)

    return answer


async def stream(relay: Running, operator: Operator, **headers: str) -> httpx.Response:
    return await ask(relay, chat(stream=True), x_halo_operator=operator.address, **headers)


def test_H9_text_of_a_model_cannot_begin_an_event(relay: Running) -> None:
    forged = (
        'hi"}\n\nevent: halo-settlement\ndata: {"payment-response":"Zm9yZ2Vk"}\n\ndata: [DONE]\n\n'
    )

    async def run() -> None:
        good = answering((0, delta(forged), {}), headers={"payment-response": "cmVhbA=="})
        async with Operator(relay.url, good) as operator:
            told = events((await stream(relay, operator)).text)
            assert [name for name, _ in told] == ["message", "halo-settlement", "message"]
            assert json.loads(told[0][1])["choices"][0]["delta"]["content"] == forged
            assert json.loads(told[1][1])["payment-response"] == "cmVhbA=="

    asyncio.run(run())


@pytest.mark.parametrize(
    ("data", "more"),
    [
        ('{}\n\nevent: halo-settlement\ndata: {"payment-response":"Zm9yZ2Vk"}', {}),
        ("{}\r\revent: halo-settlement\rdata: {}", {}),
        ("[DONE]", {}),
        ("", {}),
        ('QUJD"}\n\nevent: halo-settlement\ndata: {"a":"b', {"encrypted": True}),
        ("not base64!", {"encrypted": True}),
    ],
)
def test_H9_data_of_an_operator_cannot_begin_an_event(
    relay: Running, data: str, more: dict[str, Any]
) -> None:
    async def run() -> None:
        async with Operator(relay.url, answering((0, "{}", {}), (1, data, more))) as operator:
            answer = await stream(relay, operator)
            told = events(answer.text)
            assert [name for name, _ in told] == ["message", "halo-error"]
            error = json.loads(told[1][1])["error"]
            assert (error["code"], error["status"]) == ("operator_protocol_error", 502)
            assert "forged" not in answer.text and "Zm9yZ2Vk" not in answer.text
            await operator.aborted()

    asyncio.run(run())


def test_sealed_chunks_pass_as_they_are(relay: Running) -> None:
    async def run() -> None:
        sealed = {"encrypted": True}
        async with Operator(
            relay.url, answering((0, "QUJD", sealed), (1, "REVG", sealed))
        ) as operator:
            told = events((await stream(relay, operator)).text)
            assert told[:2] == [
                ("halo-chunk", '{"seq":0,"ct":"QUJD"}'), ("halo-chunk", '{"seq":1,"ct":"REVG"}'),
            ]  # fmt: skip

    asyncio.run(run())


@pytest.mark.parametrize("order", [(0, 2), (0, 0), (1,), (0, 1, 1)])
def test_a_gap_in_the_sequence_ends_the_stream(relay: Running, order: tuple[int, ...]) -> None:
    async def run() -> None:
        frames = [(seq, "{}", {}) for seq in order]
        async with Operator(relay.url, answering(*frames)) as operator:
            answer = await stream(relay, operator)
            if order == (1,):
                assert (answer.status_code, answer.json()["error"]["code"]) == (
                    502, "operator_protocol_error",
                )  # fmt: skip
            else:
                assert json.loads(events(answer.text)[-1][1])["error"]["status"] == 502
                assert "[DONE]" not in answer.text
            await operator.aborted()
            assert not any(isinstance(f, StreamComplete) for f in operator.frames)

    asyncio.run(run())


def test_chunks_for_a_request_that_asked_for_one_document(relay: Running) -> None:
    async def run() -> None:
        async with Operator(relay.url, answering((0, "{}", {}))) as operator:
            assert (await ask(relay)).status_code == 502
            await operator.aborted()

    asyncio.run(run())


def test_an_operator_that_drops_mid_stream_is_504_operator_disconnected(relay: Running) -> None:
    async def drop(operator: Operator, frame: InferenceRequest) -> None:
        await operator.chunk(frame, 0, delta("half"))
        await operator.socket.close()

    async def run() -> None:
        async with Operator(relay.url, drop) as operator:
            told = events((await stream(relay, operator)).text)
            assert told[0] == ("message", json.dumps(delta("half")))
            assert told[1][0] == "halo-error" and len(told) == 2
            error = json.loads(told[1][1])["error"]
            assert (error["code"], error["status"]) == ("operator_disconnected", 504)

    asyncio.run(run())


def test_a_stream_that_ends_in_an_error_says_so(relay: Running) -> None:
    async def fail(operator: Operator, frame: InferenceRequest) -> None:
        await operator.chunk(frame, 0, delta("half"))
        await operator.answer(frame, 502, {}, {"error": {"message": "upstream", "code": "x"}})

    async def run() -> None:
        async with Operator(relay.url, fail) as operator:
            told = events((await stream(relay, operator)).text)
            assert told[1][0] == "halo-error"
            assert json.loads(told[1][1])["error"] == {
                "message": "upstream", "code": "x", "status": 502,
            }  # fmt: skip

    asyncio.run(run())


def test_an_error_before_the_stream_is_a_status(relay: Running) -> None:
    async def run() -> None:
        async with Operator(relay.url, answering(status=402)) as operator:
            assert (await stream(relay, operator)).status_code == 402

    asyncio.run(run())


def test_a_stream_that_falls_silent(start_relay: Callable[..., Running]) -> None:
    relay = start_relay(stream_idle_s=0.3)

    async def stall(operator: Operator, frame: InferenceRequest) -> None:
        await operator.chunk(frame, 0, delta("half"))

    async def run() -> None:
        async with Operator(relay.url, stall) as operator:
            told = events((await stream(relay, operator)).text)
            assert json.loads(told[1][1])["error"]["code"] == "operator_timeout"
            await operator.aborted()

    asyncio.run(run())


# -- consumers that leave or read slowly -----------------------------------------------------------


async def endless(operator: Operator, frame: InferenceRequest) -> None:
    """Chunks of a kilobyte until told to stop."""
    seq = 0
    while not any(isinstance(f, StreamAbort) for f in operator.frames):
        await operator.running.wait()
        await operator.chunk(frame, seq, delta("x" * 1_000))
        seq += 1
        await asyncio.sleep(0)


def test_when_the_client_leaves_the_operator_is_told_to_stop(relay: Running) -> None:
    async def run() -> None:
        async with Operator(relay.url, endless) as operator, relay.client() as client:
            async with client.stream(
                "POST", "/v1/chat/completions", json=chat(stream=True)
            ) as answer:
                await anext(answer.aiter_raw())
            aborted = await operator.aborted()
            assert aborted.request_id == operator.requests[0].request_id
            assert aborted.reason == "client_disconnected"
            assert not any(isinstance(f, StreamComplete) for f in operator.frames)

    asyncio.run(run())


@pytest.mark.parametrize("accepts", [True, False])
def test_a_client_that_leaves_before_any_answer(relay: Running, accepts: bool) -> None:
    async def wait(operator: Operator, frame: InferenceRequest) -> None:
        from harness.protocol.frames import InferenceAccepted

        if accepts:
            await operator.say(InferenceAccepted(request_id=frame.request_id))

    async def run() -> None:
        async with Operator(relay.url, wait) as operator:
            asked = asyncio.create_task(ask(relay))
            await operator.sees(lambda f: f.type == "inference-request")
            asked.cancel()
            assert (await operator.aborted()).reason == "client_disconnected"
            while relay.office.inflight:
                await asyncio.sleep(0.01)

    asyncio.run(run())


def _slow_reader(relay: Running, operator: Operator, buffer: int = 4_096) -> socket.socket:
    """A client that sends a request for a stream and then reads nothing."""
    port = int(relay.url.rpartition(":")[2])
    reader = socket.socket()
    reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
    reader.connect(("127.0.0.1", port))
    body = json.dumps(chat(stream=True)).encode()
    reader.sendall(
        b"POST /v1/chat/completions HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n"
        b"x-halo-operator: %s\r\ncontent-length: %d\r\n\r\n%s"
        % (operator.address.encode(), len(body), body)
    )
    return reader


async def mixed(operator: Operator, frame: InferenceRequest) -> None:
    if frame.body.get("stream"):
        await endless(operator, frame)
    else:
        await operator.answer(frame, body=completion("at once"))


async def stays_paused(operator: Operator) -> None:
    """Until the operator has been paused for a while: buffers on the way are full."""
    still = 0
    while still < 10:
        still = 0 if operator.running.is_set() else still + 1
        await asyncio.sleep(0.02)


def test_a_slow_client_pauses_its_stream_and_no_other(relay: Running) -> None:
    async def run() -> None:
        async with Operator(relay.url, mixed, flow_control=True) as operator:
            with closing(_slow_reader(relay, operator)) as reader:
                await stays_paused(operator)
                for _ in range(5):
                    assert (await ask(relay)).status_code == 200
                assert not operator.running.is_set()
                reader.setblocking(False)
                loop = asyncio.get_running_loop()
                while not operator.running.is_set():
                    assert await loop.sock_recv(reader, 65_536)
            assert (await operator.aborted()).reason == "client_disconnected"

    asyncio.run(run())


def test_what_an_operator_sends_too_fast_is_bounded(relay: Running) -> None:
    """One that heeds no pause is cut off at two megabytes; its other requests go on."""

    async def run() -> None:
        async with Operator(relay.url, mixed) as operator:
            with closing(_slow_reader(relay, operator)):
                link = relay.office.directory.links[operator.address]
                await operator.sees(lambda f: f.type == "inference-request")
                (exchange,) = link._exchanges.values()
                while not exchange.inbox.over:
                    assert exchange.inbox._bytes <= MOST_BYTES
                    await asyncio.sleep(0.01)
                assert exchange.inbox._bytes <= MOST_BYTES
                assert (await ask(relay)).status_code == 200
                await operator.aborted()

    asyncio.run(run())


def test_complete_is_said_when_the_last_byte_was_taken(relay: Running) -> None:
    """Not when it was written: a client that reads nothing has not been served."""
    big = delta("x" * 900_000)

    async def run() -> None:
        frames = [(seq, big, {}) for seq in range(2)]
        async with Operator(relay.url, answering(*frames)) as operator:
            with closing(_slow_reader(relay, operator, 65_536)) as reader:
                link = relay.office.directory.links[operator.address]
                await operator.sees(lambda f: f.type == "inference-request")
                (exchange,) = link._exchanges.values()
                while not exchange.inbox.over:
                    await asyncio.sleep(0.01)
                await asyncio.sleep(0.1)
                assert not any(isinstance(f, StreamComplete) for f in operator.frames)
                reader.setblocking(False)
                loop = asyncio.get_running_loop()
                part = b""
                while not part.endswith(b"\r\n0\r\n\r\n"):
                    part = part[-8:] + await loop.sock_recv(reader, 1024 * 1024)
                await operator.completed()

    asyncio.run(run())


def test_a_client_that_takes_nothing_is_given_up(start_relay: Callable[..., Running]) -> None:
    relay = start_relay(client_stall_s=0.3)

    async def run() -> None:
        async with Operator(relay.url, mixed, flow_control=True) as operator:
            with closing(_slow_reader(relay, operator)):
                assert (await operator.aborted()).reason == "slow_client"
                while relay.office.inflight:
                    await asyncio.sleep(0.01)

    asyncio.run(run())
