"""A request's way through the relay and back: whole, in chunks, paid, refused, given up."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from harness.protocol.frames import StreamComplete
from harness.services.relay.versions import Version

from .conftest import Running
from .operators import MODEL, Operator, refuse_payment


def chat(text: str = "hello", **more: Any) -> dict[str, Any]:
    return {"model": MODEL, "messages": [{"role": "user", "content": text}], **more}


async def ask(relay: Running, body: dict[str, Any] | None = None, **headers: str) -> httpx.Response:
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


# -- what is wrong with a request ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"{", "bad_json"), (b"[]", "bad_json"), (b'{"model":1}', "bad_json"), (b"{}", "bad_json"),
        (b'{"model":""}', "bad_json"), (b'{"model":"m","stream":"yes"}', "bad_json"),
        (b'{"model":"m","model":"n"}', "bad_json"), (b'{"model":"m","x":NaN}', "bad_json"),
        (b'{"model":"mock-echo","x":"\\ud800"}', "bad_json"),
        (b'{"model":"' + b"m" * 201 + b'"}', "bad_json"),
        (b'{"model":"m","x":' + b"[" * 100_000, "bad_json"),
        (b'{"model":"m","_enc":{}}', "pin_required"),
    ],
)  # fmt: skip
def test_H6_what_is_no_request_is_told_so(relay: Running, body: bytes, code: str) -> None:
    async def run() -> None:
        async with Operator(relay.url) as operator, relay.client() as client:
            headers = {"content-type": "application/json"}
            answer = await client.post("/v1/chat/completions", content=body, headers=headers)
            assert (answer.status_code, answer.json()["error"]["code"]) == (400, code)
            assert not operator.requests
        assert relay.office.inflight == 0

    asyncio.run(run())


def test_H6_bodies_are_bounded_uncompressed_json(start_relay: Callable[..., Running]) -> None:
    relay = start_relay(max_frame=2_000)

    async def run() -> None:
        async def parts() -> Any:
            for _ in range(4_000):
                yield b" " * 10_000

        async with Operator(relay.url) as operator, relay.client() as client:
            kind = {"content-type": "application/json"}
            path = "/v1/chat/completions"
            big = await client.post(path, content=b" " * 2_001, headers=kind)
            assert (big.status_code, big.json()["error"]["code"]) == (413, "request_too_large")
            answer = await client.post(path, content=parts(), headers=kind)
            assert answer.status_code == 413  # without a length that says so beforehand
            framed = await client.post(path, json=chat("x" * 1_850))  # fits, its frame does not
            assert (framed.status_code, framed.json()["error"]["code"]) == (
                413,
                "request_too_large",
            )
            packed = await client.post(
                path, json=chat(), headers={"content-encoding": "gzip", **kind}
            )
            assert packed.status_code == 400
            text = await client.post(path, content=b"{}", headers={"content-type": "text/plain"})
            assert text.status_code == 400
            assert (await client.get(path)).status_code == 405
            assert not operator.requests

    asyncio.run(run())


def test_nobody_and_nobody_for_this_model(relay: Running) -> None:
    async def run() -> None:
        nobody = await ask(relay)
        assert (nobody.status_code, nobody.json()["error"]["code"]) == (503, "no_operator")
        assert nobody.headers["retry-after"]
        async with Operator(relay.url):
            other = await ask(relay, chat() | {"model": "unheard-of"})
            assert (other.status_code, other.json()["error"]["code"]) == (404, "model_not_found")

    asyncio.run(run())


def test_so_many_requests_at_once_and_so_many_a_minute(start_relay: Callable[..., Running]) -> None:
    relay = start_relay(max_inflight=1, requests_per_minute=3)
    held = asyncio.Event()

    async def hold(operator: Operator, frame: Any) -> None:
        await held.wait()
        await operator.answer(frame, body={})

    async def run() -> None:
        async with Operator(relay.url, hold) as operator:
            first = asyncio.create_task(ask(relay))
            await operator.sees(lambda f: f.type == "inference-request")
            second = await ask(relay)
            assert (second.status_code, second.json()["error"]["code"]) == (503, "overloaded")
            held.set()
            assert (await first).status_code == 200
            assert (await ask(relay)).status_code == 200
            assert (await ask(relay)).status_code == 429

    asyncio.run(run())


# -- versions --------------------------------------------------------------------------------------


def test_too_old_is_refused_and_nearly_too_old_is_warned(
    start_relay: Callable[..., Running],
) -> None:
    relay = start_relay(min_cli_version=Version(1, 2, 0))

    async def run() -> None:
        async with Operator(relay.url) as operator:
            await operator.sees(lambda f: f.type == "warning")
            old = await ask(relay, x_halo_cli_version="1.1.9")
            assert (old.status_code, old.json()["error"]["code"]) == (426, "upgrade_required")
            near = await ask(relay, x_halo_cli_version="1.2.7")
            assert (
                near.status_code == 200 and "upgrade" in near.headers["x-halo-deprecation-warning"]
            )
            new = await ask(relay, x_halo_cli_version="v1.3.0-rc.1")
            assert new.status_code == 200 and "x-halo-deprecation-warning" not in new.headers
            assert (await ask(relay)).status_code == 200  # clients of other make have no version
            assert (await ask(relay, x_halo_cli_version="newest")).status_code == 400
        outdated = Operator(relay.url, cli_version="1.1.9")
        await outdated.open()
        await outdated.announce()
        outdated.start()
        assert (await outdated.is_closed())[0] == 4003
        await outdated.socket.close()

    asyncio.run(run())


# -- pins and second operators ---------------------------------------------------------------------


def test_H8_a_pinned_request_goes_to_that_operator_or_nowhere(relay: Running) -> None:
    async def run() -> None:
        async with Operator(relay.url) as wanted, Operator(relay.url) as other:
            for _ in range(6):
                answer = await ask(relay, x_halo_operator=wanted.address.lower())
                assert answer.headers["x-halo-operator"] == wanted.address
            assert len(wanted.requests) == 6
            assert wanted.requests[0].headers["x-halo-operator"] == wanted.address
            wrong = await ask(
                relay, chat() | {"model": "unheard-of"}, x_halo_operator=wanted.address
            )
            assert (wrong.status_code, wrong.json()["error"]["code"]) == (
                503, "operator_unavailable",
            )  # fmt: skip
            await wanted.socket.close()
            await wanted.is_closed()
            gone = await ask(relay, x_halo_operator=wanted.address)
            assert (gone.status_code, gone.json()["error"]["code"]) == (503, "operator_unavailable")
            assert gone.json()["error"]["operator"] == wanted.address
            assert wanted.address in gone.json()["error"]["message"]
            assert not other.requests

    asyncio.run(run())


def _newer(payee: str) -> dict[str, Any]:
    return {"x402Version": 2, "accepted": {"payTo": payee}, "payload": {}}


def _older(payee: str) -> dict[str, Any]:
    return {"x402Version": 1, "payload": {"authorization": {"to": payee}}}


@pytest.mark.parametrize(
    ("name", "payment_of"), [("payment_signature", _newer), ("x_payment", _older)]
)
def test_H8_a_payment_pins_its_payee(
    name: str, payment_of: Callable[[str], dict[str, Any]], relay: Running
) -> None:
    """Clients that know x402 but not the relay send no pin with the payment they were asked for."""
    import base64

    async def run() -> None:
        async with Operator(relay.url) as one, Operator(relay.url) as two:
            for wanted, other in ((one, two), (two, one)):
                payment = payment_of(wanted.address)
                sent = base64.b64encode(json.dumps(payment).encode()).decode()
                before = len(other.requests)
                for _ in range(4):
                    answer = await ask(relay, **{name: sent})
                    assert answer.headers["x-halo-operator"] == wanted.address
                assert len(other.requests) == before
                assert wanted.requests[-1].headers[name.replace("_", "-")] == sent

    asyncio.run(run())


@pytest.mark.parametrize(
    ("headers", "moved"),
    [
        ({}, True),
        ({"payment_signature": "bm90aGluZw=="}, False),
        ({"x_payment": "bm90aGluZw=="}, False),
        ({"x_halo_payment_mode": "VAULT"}, False),
        ({"x_halo_vault_consumer": "0x" + "11" * 20}, False),
        ({"x_halo_receipt": "e30="}, False),
    ],
)
def test_only_a_free_request_that_nobody_accepted_goes_to_a_second_operator(
    start_relay: Callable[..., Running], headers: dict[str, str], moved: bool
) -> None:
    relay = start_relay(accept_timeout_s=0.2)

    async def run() -> None:
        from .operators import echo, silence

        async with (
            Operator(relay.url, silence, pricing={MODEL: "0.001"}) as silent,
            Operator(relay.url, echo, pricing={MODEL: "0.002"}) as other,
        ):
            answer = await ask(relay, x_halo_routing="cheapest", **headers)
            await silent.aborted()
            assert len(silent.requests) == 1
            if moved:
                assert answer.status_code == 200
                assert answer.headers["x-halo-operator"] == other.address
                assert other.requests[0].attempt == 2
                assert other.requests[0].request_id == silent.requests[0].request_id
            else:
                assert (answer.status_code, answer.json()["error"]["code"]) == (
                    504, "operator_timeout",
                )  # fmt: skip
                assert answer.headers["x-halo-operator"] == silent.address
                assert not other.requests

    asyncio.run(run())


def test_accepted_work_is_never_given_to_another(start_relay: Callable[..., Running]) -> None:
    relay = start_relay(inference_timeout_s=0.4)

    async def accept_only(operator: Operator, frame: Any) -> None:
        from harness.protocol.frames import InferenceAccepted

        await operator.say(InferenceAccepted(request_id=frame.request_id))

    async def run() -> None:
        async with (
            Operator(relay.url, accept_only, pricing={MODEL: "0.001"}) as slow,
            Operator(relay.url, pricing={MODEL: "0.002"}) as other,
        ):
            answer = await ask(relay, x_halo_routing="cheapest")
            assert (answer.status_code, answer.json()["error"]["code"]) == (504, "operator_timeout")
            assert (await slow.aborted()).reason == "operator_timeout"
            assert not other.requests
            assert slow.requests[0].deadline_ms <= 400

    asyncio.run(run())


def test_an_operator_that_disconnects_after_accepting(relay: Running) -> None:
    async def drop(operator: Operator, frame: Any) -> None:
        from harness.protocol.frames import InferenceAccepted

        await operator.say(InferenceAccepted(request_id=frame.request_id))
        await operator.socket.close()

    async def run() -> None:
        async with Operator(relay.url, drop):
            answer = await ask(relay)
            assert (answer.status_code, answer.json()["error"]["code"]) == (
                504, "operator_disconnected",
            )  # fmt: skip

    asyncio.run(run())


def test_an_operator_that_fails_three_times_is_left_alone(
    start_relay: Callable[..., Running],
) -> None:
    relay = start_relay(accept_timeout_s=0.1)

    async def run() -> None:
        from .operators import silence

        async with Operator(relay.url, silence) as silent:
            for _ in range(3):
                assert (await ask(relay)).status_code == 504
            assert (await ask(relay)).json()["error"]["code"] == "no_operator"
            assert len(silent.requests) == 3
            pinned = await ask(relay, x_halo_operator=silent.address)  # asked for by name
            assert pinned.status_code == 504

    asyncio.run(run())


def test_an_operator_that_drains_or_is_full_gets_nothing_new(relay: Running) -> None:
    held = asyncio.Event()

    async def hold(operator: Operator, frame: Any) -> None:
        await held.wait()
        await operator.answer(frame, body={})

    async def run() -> None:
        from harness.protocol.frames import Drain

        async with Operator(relay.url, hold, max_concurrency=1) as operator:
            first = asyncio.create_task(ask(relay))
            await operator.sees(lambda f: f.type == "inference-request")
            for headers in ({}, {"x_halo_operator": operator.address}):
                assert (await ask(relay, **headers)).status_code == 503
            await operator.say(Drain())
            held.set()
            assert (await first).status_code == 200  # what it had it may end
            full = await ask(relay, x_halo_operator=operator.address)
            assert full.status_code == 503
            assert "shutting down" in full.json()["error"]["message"]
            assert (await ask(relay)).status_code == 503

    asyncio.run(run())
