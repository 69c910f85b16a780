"""Two relays as one: over a real NATS server, on a real PostgreSQL database, one of them killed."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from harness.protocol.frames import InferenceAccepted, InferenceRequest, ReceiptAck, StreamAbort
from harness.services.relay.errands import CREDIT
from harness.services.relay.versions import Version
from harness.store.database import Database
from harness.store.relay import SCHEMA, RelayRecords
from tests.postgresql import postgresql, postgresql_url

from .conftest import Running
from .nats import NatsServer, nats_server
from .operators import Operator, delta
from .test_pages import get, push, receipt
from .test_requests import ask, chat, events
from .test_streams import _slow_reader, endless, mixed, stays_paused

__all__ = ["nats_server", "postgresql", "postgresql_url"]

TTL = 1.2  # seconds; fifteen in production


@pytest.fixture
def pair(
    start_relay: Callable[..., Running], nats_server: NatsServer, postgresql_url: str
) -> tuple[Running, Running]:
    """Two relays in one process, each with a loop of its own."""
    shared = {"bus_url": nats_server.url, "db_url": postgresql_url, "presence_ttl_s": TTL}
    return start_relay(**shared), start_relay(**shared)


async def sees(relay: Running, address: str, there: bool = True) -> None:
    """Until a relay knows, or does not know any more, of an operator."""
    async with asyncio.timeout(20):
        while (address in relay.office.directory.far) != there:
            await asyncio.sleep(0.01)


def test_a_request_crosses_nodes_and_its_answer_comes_back(pair: tuple[Running, Running]) -> None:
    left, right = pair

    async def run() -> None:
        async with Operator(right.url, label="far") as operator:
            await sees(left, operator.address)
            answer = await ask(left, x_halo_operator=operator.address, payment_signature="cA==")
            assert answer.status_code == 200, answer.text
            assert answer.json()["choices"][0]["message"]["content"] == "hello"
            assert answer.headers["x-halo-operator"] == operator.address
            assert answer.headers["x-halo-node"] == "n0"
            assert operator.requests[0].headers["payment-signature"] == "cA=="
            await operator.completed()
            streamed = await ask(left, chat(stream=True))  # nobody else sells it
            told = events(streamed.text)
            assert [name for name, _ in told] == ["message"] * 3 + ["halo-settlement", "message"]
            assert told[-1][1] == "[DONE]"
            listed = (await get(left, "/v1/operators"))["operators"]
            assert [(o["label"], o["node"][:3]) for o in listed] == [("far", "n1-")]
            assert (await get(left, "/v1/models"))["data"][0]["operators"] == 1
            assert (await get(left, "/health"))["bus"] == "connected"
            status, _ = await push(left, receipt(operator.address))
            assert status == 202
            operator.ack = lambda r: ReceiptAck(
                receipt_id=r.receipt_id, accepted=False, reason="no"
            )
            assert (await push(left, receipt(operator.address)))[0] == 409
            assert right.office.directory.links[operator.address].inflight == 0
        await sees(left, operator.address, there=False)
        assert (await ask(left)).status_code == 503

    asyncio.run(run())


def test_frames_larger_than_a_message_of_the_bus_cross_in_pieces(
    pair: tuple[Running, Running],
) -> None:
    left, right = pair
    big = "é" * 80_000  # half a megabyte once escaped

    async def run() -> None:
        async def answer(operator: Operator, frame: InferenceRequest) -> None:
            text = frame.body["messages"][0]["content"]
            for seq in range(3):
                await operator.chunk(frame, seq, delta(text))
            await operator.answer(frame)

        async with Operator(right.url, answer) as operator:
            await sees(left, operator.address)
            left.office.nodes._client._max_payload = 100_000  # type: ignore[union-attr]
            right.office.nodes._client._max_payload = 100_000  # type: ignore[union-attr]
            told = events((await ask(left, chat(big, stream=True))).text)
            assert [json.loads(d) for _, d in told[:3]] == [delta(big)] * 3
            assert told[-1][1] == "[DONE]"

    asyncio.run(run())


def test_a_slow_client_pauses_an_operator_on_another_node(pair: tuple[Running, Running]) -> None:
    left, right = pair

    async def run() -> None:
        async with Operator(right.url, mixed, flow_control=True) as operator:
            await sees(left, operator.address)
            with closing(_slow_reader(left, operator)) as reader:
                await stays_paused(operator)
                (exchange,) = left.office.nodes._asked.values()  # type: ignore[union-attr]
                assert len(exchange.inbox._frames) <= CREDIT
                assert (await ask(left)).status_code == 200
                reader.setblocking(False)
                loop = asyncio.get_running_loop()
                while not operator.running.is_set():
                    assert await loop.sock_recv(reader, 65_536)
            assert (await operator.aborted()).reason == "client_disconnected"

    asyncio.run(run())


def test_an_operator_that_moves_is_where_it_connected_last(pair: tuple[Running, Running]) -> None:
    left, right = pair

    async def run() -> None:
        async with Operator(left.url) as before:
            await sees(right, before.address)
            async with Operator(right.url, signer=before.signer) as now:
                assert await before.is_closed() == (4009, "superseded")
                await sees(left, now.address)
                answer = await ask(left, x_halo_operator=now.address)
                assert answer.status_code == 200 and len(now.requests) == 1
                # a message about the older connection changes nothing any more
                assert now.address in right.office.directory.links

    asyncio.run(run())


def test_a_stale_epoch_is_refused_by_the_node_that_is_asked(pair: tuple[Running, Running]) -> None:
    left, right = pair

    async def run() -> None:
        async with Operator(right.url) as operator:
            await sees(left, operator.address)
            left.office.directory.far[operator.address].epoch -= 1
            answer = await ask(left, x_halo_operator=operator.address)
            assert (answer.status_code, answer.json()["error"]["code"]) == (
                503, "operator_unavailable",
            )  # fmt: skip
            assert not operator.requests

    asyncio.run(run())


def test_a_partition_degrades_to_own_operators_and_heals(
    pair: tuple[Running, Running], nats_server: NatsServer
) -> None:
    left, right = pair

    async def run() -> None:
        async with Operator(left.url) as near, Operator(right.url, endless) as far:
            await sees(left, far.address)
            async with (
                left.client() as client,
                client.stream(
                    "POST",
                    "/v1/chat/completions",
                    json=chat(stream=True),
                    headers={"x-halo-operator": far.address},
                ) as running,
            ):
                parts = running.aiter_text()
                await anext(parts)
                nats_server.kill()
                rest = "".join([part async for part in parts])
            error = json.loads(events(rest)[-1][1])["error"]
            assert (error["code"], error["status"]) == ("operator_disconnected", 504)
            await far.sees(lambda f: isinstance(f, StreamAbort))
            pinned = await ask(left, x_halo_operator=far.address)
            assert (pinned.status_code, pinned.json()["error"]["code"]) == (
                503, "operator_unavailable",
            )  # fmt: skip
            assert (await push(left, receipt(far.address)))[0] == 404
            for _ in range(3):
                assert (await ask(left)).headers["x-halo-operator"] == near.address
            assert (await get(left, "/health"))["bus"] == "disconnected"
            nats_server.start()
            await sees(left, far.address)
            await sees(right, near.address)

    asyncio.run(run())


def test_audit_and_version_floor_are_shared(
    start_relay: Callable[..., Running], nats_server: NatsServer, postgresql_url: str
) -> None:
    records = RelayRecords(Database.open(postgresql_url, SCHEMA))
    shared = {"bus_url": nats_server.url, "db_url": postgresql_url}
    left = start_relay(**shared, min_cli_version=Version(1, 0, 0))
    right = start_relay(**shared)
    assert right.office.archive.floor == Version(1, 0, 0)

    async def run() -> None:
        async with Operator(right.url) as operator:
            await sees(left, operator.address)
            old = await ask(right, x_halo_cli_version="0.9.0")
            assert old.status_code == 426
            name = (await ask(left)).headers["x-halo-request-id"]
            deadline = time.monotonic() + 10
            while not (rows := records.passages(name)):
                assert time.monotonic() < deadline
                await asyncio.sleep(0.05)
            assert [(r.node, r.operator) for r in rows] == [("n0", operator.address)]

    asyncio.run(run())


# -- processes -------------------------------------------------------------------------------------


@dataclass
class Process:
    """A relay as it is run in production."""

    url: str
    running: subprocess.Popen[bytes]
    log: Path


@pytest.fixture
def start_process(tmp_path: Path) -> Iterator[Callable[..., Process]]:
    """A function that starts `facetworks relay` with these variables."""
    started: list[subprocess.Popen[bytes]] = []

    def start(crash_at: str | None = None, **variables: str) -> Process:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        number = len(started)
        named = {f"FACETWORKS_RELAY_{name.upper()}": value for name, value in variables.items()}
        environment = {**os.environ, "FACETWORKS_STATE": str(tmp_path / f"p{number}"), **named}
        if crash_at is not None:
            environment["FACETWORKS_CRASH_AT"] = crash_at
        log = tmp_path / f"log{number}"
        with log.open("w") as out:
            running = subprocess.Popen(
                [
                    sys.executable, "-m", "harness.cli.facetworks", "relay",
                    "--listen", f"127.0.0.1:{port}", "--node-id", f"p{number}",
                ],
                env=environment, stdout=out, stderr=out,
            )  # fmt: skip
        started.append(running)
        url = f"http://127.0.0.1:{port}"
        deadline = time.monotonic() + 60
        while True:
            assert running.poll() is None and time.monotonic() < deadline, log.read_text()
            try:
                httpx.get(url + "/health", verify=False, timeout=5)
            except httpx.TransportError:
                time.sleep(0.05)
            else:
                return Process(url, running, log)

    yield start
    for running in started:
        running.kill()
        running.wait(20)


def test_a_node_that_is_killed_takes_only_its_own_operators_along(
    start_relay: Callable[..., Running],
    start_process: Callable[..., Process],
    nats_server: NatsServer,
    postgresql_url: str,
) -> None:
    shared: dict[str, Any] = {"bus_url": nats_server.url, "db_url": postgresql_url}
    left = start_relay(**shared, presence_ttl_s=TTL)
    victim = start_process(**shared, presence_ttl_s=str(TTL))

    async def half(operator: Operator, frame: InferenceRequest) -> None:
        await operator.chunk(frame, 0, delta("half"))

    async def run() -> None:
        async with Operator(left.url) as near, Operator(victim.url, half) as far:
            await sees(left, far.address)
            streamed = asyncio.create_task(
                ask(left, chat(stream=True), x_halo_operator=far.address)
            )
            await far.sees(lambda f: f.type == "inference-request")
            while not left.counted("chunks_total"):
                await asyncio.sleep(0.01)
            clients = nats_server.connections()
            victim.running.send_signal(signal.SIGKILL)
            assert (await far.is_closed())[0] == 1006
            while nats_server.connections() == clients:
                await asyncio.sleep(0.01)
            # before its time to live is over, the bus says that nobody listens there
            early = await ask(left, x_halo_operator=far.address)
            assert (early.status_code, early.json()["error"]["code"]) == (
                503, "operator_unavailable",
            )  # fmt: skip
            error = json.loads(events((await streamed).text)[-1][1])["error"]
            assert (error["code"], error["status"]) == ("operator_disconnected", 504)
            await sees(left, far.address, there=False)
            assert (await ask(left, x_halo_operator=far.address)).status_code == 503
            assert (await ask(left)).headers["x-halo-operator"] == near.address
            async with Operator(left.url, signer=far.signer) as back:
                answer = await ask(left, x_halo_operator=far.address)
                assert answer.status_code == 200 and len(back.requests) == 1

    asyncio.run(run())


@pytest.mark.parametrize("point", ["bus.publishing:15", "bus.published:15"])
def test_a_node_that_dies_while_it_speaks_to_the_bus(
    start_relay: Callable[..., Running],
    start_process: Callable[..., Process],
    nats_server: NatsServer,
    point: str,
) -> None:
    """Half a heartbeat is none: its operators are forgotten, the other node's are served."""
    left = start_relay(bus_url=nats_server.url, presence_ttl_s=TTL)
    victim = start_process(point, bus_url=nats_server.url, presence_ttl_s=str(TTL))

    async def run() -> None:
        async with Operator(left.url) as near, Operator(victim.url) as far:
            await sees(left, far.address)
            assert (await far.is_closed())[0] == 1006
            assert await asyncio.to_thread(victim.running.wait, 30) == 137
            await sees(left, far.address, there=False)
            assert (await ask(left)).headers["x-halo-operator"] == near.address
            async with Operator(left.url, signer=far.signer) as back:
                assert (await ask(left, x_halo_operator=far.address)).status_code == 200
                assert len(back.requests) == 1

    asyncio.run(run())


def test_a_relay_that_is_told_to_stop_lets_answers_end(
    start_process: Callable[..., Process],
) -> None:
    process = start_process()
    relay = Running(process.url, None)  # type: ignore[arg-type]
    held = asyncio.Event()

    async def hold(operator: Operator, frame: InferenceRequest) -> None:
        await operator.chunk(frame, 0, delta("first"))
        await held.wait()
        await operator.chunk(frame, 1, delta("second"))
        await operator.answer(frame)

    async def run() -> None:
        async with Operator(process.url, hold) as operator:
            asked = asyncio.create_task(ask(relay, chat(stream=True)))
            await operator.sees(lambda f: f.type == "inference-request")
            process.running.terminate()
            async with relay.client() as client:
                while (await client.get("/ready")).status_code != 503:
                    await asyncio.sleep(0.05)
            refused = await ask(relay)
            assert refused.json()["error"]["code"] == "relay_restart"
            held.set()
            assert events((await asked).text)[-1][1] == "[DONE]"
            await operator.completed()
            assert (await operator.is_closed())[0] == 1012  # come back at once
        assert await asyncio.to_thread(process.running.wait, 20) == 0
        assert "Traceback" not in process.log.read_text()

    asyncio.run(run())


def test_a_second_signal_ends_it_at_once(start_process: Callable[..., Process]) -> None:
    process = start_process()
    relay = Running(process.url, None)  # type: ignore[arg-type]

    async def hold(operator: Operator, frame: InferenceRequest) -> None:
        await operator.say(InferenceAccepted(request_id=frame.request_id))

    async def run() -> None:
        async with Operator(process.url, hold) as operator:
            asked = asyncio.create_task(ask(relay))
            await operator.sees(lambda f: f.type == "inference-request")
            process.running.terminate()
            async with relay.client() as client:
                while (await client.get("/ready")).status_code != 503:
                    await asyncio.sleep(0.05)
            process.running.terminate()
            await asyncio.to_thread(process.running.wait, 20)  # letting it end would take 30
            with contextlib.suppress(httpx.TransportError):  # too late even to be told
                assert (await asked).json()["error"]["code"] == "operator_disconnected"

    asyncio.run(run())
