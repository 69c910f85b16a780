"""Requests that no client library sends, heads that do not end, and what the log must not hold."""

from __future__ import annotations

import asyncio
import json
import logging
import socket
import time
from collections.abc import Callable

import pytest

from harness.http.strict import StrictHttp
from harness.logs import JsonLines
from harness.protocol.frames import InferenceRequest

from .conftest import Running
from .operators import Operator, completion, delta
from .test_requests import ask, chat, events

BODY = json.dumps(chat()).encode()
HEAD = (
    b"POST /v1/chat/completions HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n"
    b"content-length: %d\r\nconnection: close\r\n" % len(BODY)
)


def raw(relay: Running, data: bytes) -> bytes:
    """What comes back for these bytes."""
    port = int(relay.url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall(data)
        found = bytearray()
        try:
            while part := connection.recv(65_536):
                found += part
        except ConnectionResetError:
            pass
        return bytes(found)


def cut_off(relay: Running, data: bytes) -> None:
    """Send, and hang up."""
    port = int(relay.url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall(data)


async def status(relay: Running, data: bytes) -> int:
    answer = await asyncio.to_thread(raw, relay, data)
    return int(answer.split(b" ", 2)[1]) if answer else 0


# -- H1 --------------------------------------------------------------------------------------------

CORPUS = {
    "a payment header twice": b"payment-signature: a\r\npayment-signature: b\r\n",
    "in another case": b"Payment-Signature: a\r\nPAYMENT-SIGNATURE: a\r\n",
    "a pin twice": b"x-halo-operator: 0x%s\r\nx-halo-operator: 0x%s\r\n" % (b"11" * 20, b"22" * 20),
    "a consumer twice": b"x-halo-vault-consumer: a\r\nx-halo-vault-consumer: b\r\n",
    "a mode twice": b"x-halo-payment-mode: vault\r\nx-halo-payment-mode: exact\r\n",
    "two payments": b"payment-signature: a\r\nx-payment: b\r\n",
    "content-type twice": b"content-type: application/json\r\n",
    "host twice": b"host: 127.0.0.1\r\n",
    "folded": b"x-halo-payment-mode: exact\r\n x-halo-vault-consumer: a\r\n",
    "folded by a tab": b"x-anything: a\r\n\tpayment-signature: b\r\n",
    "folded first": b" x-halo-operator: a\r\n",
    "NUL": b"x-halo-receipt: a\x00b\r\n",
    "obs-text": b"x-halo-receipt: caf\xe9\r\n",
    "obs-text in a header that nobody reads": b"x-anything: \xff\r\n",
    "a bare CR": b"x-halo-receipt: a\rb: c\r\n",
    "a space before the colon": b"x-halo-operator : a\r\n",
    "no colon": b"x-halo-operator\r\n",
    "40 KiB": b"x-halo-receipt: " + b"a" * 40 * 1024 + b"\r\n",
    "17 KiB": b"x-halo-receipt: " + b"a" * 17 * 1024 + b"\r\n",
    "two lengths": b"content-length: 1\r\n",
    "length and chunks": b"transfer-encoding: chunked\r\ncontent-length: 5\r\n",
    "another coding": b"transfer-encoding: gzip, chunked\r\n",
    "no address": b"x-halo-operator: 0x12\r\n",
    "a wrong checksum": b"x-halo-operator: 0x%s\r\n" % (b"aB" * 20),
    "no routing": b"x-halo-routing: whatever\r\n",
    "no price": b"x-halo-max-price: NaN\r\n",
    "an infinite price": b"x-halo-max-price: inf\r\n",
    "a price below nothing": b"x-halo-max-price: -1\r\n",
    "perhaps private": b"x-halo-privacy: maybe\r\n",
    "perhaps in an enclave": b"x-halo-tee: si\r\n",
}


@pytest.mark.parametrize("name", CORPUS)
def test_H1_a_head_with_two_meanings_is_400_and_reaches_nobody(relay: Running, name: str) -> None:
    async def run() -> None:
        async with Operator(relay.url) as operator:
            assert await status(relay, HEAD + CORPUS[name] + b"\r\n" + BODY) == 400
            assert not operator.requests

    asyncio.run(run())


def test_a_body_that_is_no_body_is_answered_once_and_is_nobodys_failure(
    relay: Running, caplog: pytest.LogCaptureFixture
) -> None:
    head = HEAD.replace(b"content-length: %d\r\n" % len(BODY), b"transfer-encoding: chunked\r\n")

    async def run() -> None:
        for tail in (b"\r\nzz\r\n", b"\r\n1\r\n{\r\nzz\r\n"):
            assert await status(relay, head + tail) == 400
        await asyncio.to_thread(cut_off, relay, HEAD + b"\r\n" + BODY[:5])
        assert (await ask(relay)).status_code == 503  # and it goes on

    with caplog.at_level(logging.ERROR):
        asyncio.run(run())
    assert not caplog.records


def test_H1_a_folded_head_in_a_second_request_of_a_connection(relay: Running) -> None:
    async def run() -> None:
        first = HEAD.replace(b"connection: close\r\n", b"") + b"\r\n" + BODY
        second = HEAD + b"x-a: b\r\n payment-signature: c\r\n\r\n" + BODY
        async with Operator(relay.url) as operator:
            answers = await asyncio.to_thread(raw, relay, first + second)
            assert answers.count(b"HTTP/1.1 200") == 1 and b"HTTP/1.1 400" in answers
            assert len(operator.requests) == 1

    asyncio.run(run())


def test_H1_unlisted_headers_never_reach_the_operator(relay: Running) -> None:
    sent = {
        "authorization": "Bearer s3cret", "cookie": "a=b", "user-agent": "me", "x-forwarded-for": "10.0.0.1",
        "x-halo-request-id": "req_mine", "x-halo-anything": "1", "x-real-ip": "10.0.0.1", "referer": "here",
        "x-halo-routing": "random", "x-halo-max-price": "9.5", "x-halo-confidential": "no",
        "payment-signature": "cA==", "x-halo-payment-mode": "exact", "idempotency-key": "k",
        "x-halo-vault-consumer": "0x" + "11" * 20, "x-halo-receipt": "e30=", "x-client-pub-key": "ab",
        "x-signing-algo": "ecdsa", "x-encryption-version": "1", "x-halo-probe": "1", "x-halo-cli-version": "1.0.0",
    }  # fmt: skip

    async def run() -> None:
        async with Operator(relay.url, pricing={"mock-echo": "0.001"}) as operator:
            async with relay.client() as client:
                answer = await client.post("/v1/chat/completions", json=chat(), headers=sent)
            assert answer.status_code == 200, answer.text
            (frame,) = operator.requests
            listed = {
                "payment-signature", "x-halo-payment-mode", "idempotency-key", "x-halo-vault-consumer",
                "x-halo-receipt", "x-client-pub-key", "x-signing-algo", "x-encryption-version",
                "x-halo-probe", "x-halo-cli-version",
            }  # fmt: skip
            assert set(frame.headers) == listed
            assert frame.request_id != "req_mine"

    asyncio.run(run())


def test_headers_of_an_operator_are_its_own_and_harmless(relay: Running) -> None:
    async def answer(operator: Operator, frame: InferenceRequest) -> None:
        headers = {
            "X-Halo-Tee-Signature": "abc", "x-halo-operator": "0x" + "11" * 20, "x-halo-node": "elsewhere",
            "set-cookie": "a=b", "access-control-allow-origin": "*", "location": "https://evil.example",
            "x-halo-split": "a\r\nset-cookie: b=c", "x-halo-bad name": "a", "content-length": "1",
            "x-halo-huge": "a" * 20_000, "x-halo-text": "é", "transfer-encoding": "chunked", "x-halo-spaced": "  a b ",
        }  # fmt: skip
        await operator.answer(frame, headers=headers, body=completion("fine"))

    async def run() -> None:
        async with Operator(relay.url, answer) as operator:
            got = await ask(relay)
            assert got.json() == completion("fine")
            assert set(got.headers) == {
                "x-halo-tee-signature", "x-halo-operator", "x-halo-node", "x-halo-request-id", "cache-control",
                "content-type", "content-length", "date", "x-halo-spaced",
            }  # fmt: skip
            assert got.headers["x-halo-operator"] == operator.address
            assert got.headers["x-halo-spaced"] == "a b"

    asyncio.run(run())


# -- H3, H6 ----------------------------------------------------------------------------------------


def test_H3_a_name_that_is_not_ours_is_421(relay: Running) -> None:
    async def run() -> None:
        async with Operator(relay.url) as operator:
            for host in (b"evil.example", b"127.0.0.1.evil.example", b"localhost.evil.example:80"):
                head = HEAD.replace(b"host: 127.0.0.1", b"host: " + host)
                assert await status(relay, head + b"\r\n" + BODY) == 421
            assert not operator.requests
            assert await status(relay, HEAD + b"\r\n" + BODY) == 200

    asyncio.run(run())


def test_H6_a_head_that_does_not_end_ends_the_connection(
    relay: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(StrictHttp, "head_seconds", 0.5)
    port = int(relay.url.rpartition(":")[2])
    slow = [socket.create_connection(("127.0.0.1", port), timeout=20) for _ in range(50)]

    async def run() -> None:
        async with Operator(relay.url):
            for connection in slow:
                connection.sendall(b"POST /v1/chat/completions HTTP/1.1\r\nx-a: ")
            for _ in range(5):
                assert (await ask(relay)).status_code == 200
            for connection in slow:
                assert await asyncio.to_thread(connection.recv, 1) == b""
                connection.close()

    asyncio.run(run())


def test_H6_a_body_that_does_not_come(start_relay: Callable[..., Running]) -> None:
    relay = start_relay(body_timeout_s=0.3)

    async def run() -> None:
        async with Operator(relay.url) as operator:
            answer = await asyncio.to_thread(raw, relay, HEAD + b"\r\n" + BODY[:-1])
            assert answer.startswith(b"HTTP/1.1 408")
            assert not operator.requests
            while relay.office.inflight:
                await asyncio.sleep(0.01)

    asyncio.run(run())


def test_H6_a_request_given_up_half_way_is_counted_out(relay: Running) -> None:
    port = int(relay.url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(HEAD + b"\r\n" + BODY[:-1])
        while not relay.office.inflight:
            time.sleep(0.01)
    while relay.office.inflight:
        time.sleep(0.01)


# -- H11, K3 ---------------------------------------------------------------------------------------


def test_H11_there_is_no_history_to_read(relay: Running) -> None:
    async def run() -> None:
        async with relay.client() as client:
            for path in ("/v1/receipt", "/v1/chat/completions"):
                assert (await client.get(path)).status_code == 405
            for path in (
                "/v1/receipts",
                "/v1/requests",
                "/v1/audit",
                "/v1/history",
                "/v1/receipt/1",
            ):
                assert (await client.get(path)).status_code == 404

    asyncio.run(run())


def test_K3_nothing_that_was_said_or_signed_is_logged_or_kept(relay: Running) -> None:
    lines: list[str] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(JsonLines().format(record) + record.getMessage() + str(record.__dict__))

    async def leaky(operator: Operator, frame: InferenceRequest) -> None:
        if frame.body.get("stream"):
            await operator.chunk(frame, 0, delta("planted-reply"))
            await operator.chunk(frame, 5, delta("planted-reply"))  # and an error on top
        else:
            await operator.answer(
                frame, 500, {"x-halo-a": "planted-header"}, {"a": "planted-reply"}
            )

    async def run() -> None:
        async with Operator(relay.url, leaky) as operator:
            for body in (chat("planted-prompt"), chat("planted-prompt", stream=True)):
                answer = await ask(
                    relay,
                    body,
                    payment_signature="planted-payment",
                    x_halo_receipt="planted-receipt",
                    authorization="Bearer planted-token",
                )
                assert "planted-reply" in answer.text
            broken = await ask(relay, {"model": "planted-prompt", "stream": 1})
            assert broken.status_code == 400
            await operator.socket.send('{"type":"planted-frame"}')
            await operator.is_closed()

    handler, root = Keep(logging.DEBUG), logging.getLogger("harness")
    root.addHandler(handler)
    level, root.level = root.level, logging.DEBUG
    try:
        asyncio.run(run())
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
    assert lines
    assert not [line for line in lines if "planted" in line]
    assert b"planted" not in relay.office.metrics.text()
    state = relay.office.archive.records._database.engine.url.database
    assert state is not None
    time.sleep(1.2)  # what was gathered is on disk by now
    for name in (state, state + "-wal"):
        with open(name, "rb") as kept:
            found = kept.read()
        for planted in (b"planted-reply", b"planted-payment", b"planted-receipt", b"planted-token"):
            assert planted not in found


def test_events_are_read_as_the_tests_read_them() -> None:
    assert events('event: a\ndata: {"b": 1}\n\ndata: [DONE]\n\n') == [
        ("a", '{"b": 1}'), ("message", "[DONE]"),
    ]  # fmt: skip
