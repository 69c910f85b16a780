"""With the real relay in between: both rails over HTTP, buffered and streamed, and the way of a receipt."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.exceptions import ConnectionClosed

from harness.chain.keys import LocalSigner
from harness.inference.mock import MockProvider
from harness.inference.router import Router
from harness.protocol.sealed import seal_request
from harness.services.operator.app import Operator
from harness.services.operator.connection import RelayRefused
from harness.services.relay.settings import RelaySettings
from tests.services.relay.conftest import Running, ThreadedRelay

from .world import USD, Customer, World, header, question

Scene = Callable[[httpx.AsyncClient, Operator, Customer], Awaitable[None]]
CHAT = "/v1/chat/completions"


@pytest.fixture
def relay(tmp_path: Path) -> Iterator[Running]:
    threaded = ThreadedRelay(RelaySettings(state=tmp_path / "relay", node_id="one"))
    yield threaded.start()
    threaded.stop()


def play(world: World, relay: Running, state: Path, scene: Scene, **changes: Any) -> None:
    async def main() -> None:
        async with httpx.AsyncClient(verify=False) as http, relay.client() as client:
            operator = Operator(
                world.settings(relay.url, state / "operator", **changes), LocalSigner.generate(),
                Router([MockProvider()]), world.chain, http=http,
            )  # fmt: skip
            running = asyncio.create_task(operator.run())
            await asyncio.wait_for(operator.ready.wait(), 20)
            try:
                await scene(client, operator, world.customer())
            finally:
                await operator.stop()
                await running

    asyncio.run(main())


async def offer(client: httpx.AsyncClient, operator: Operator) -> dict[str, Any]:
    listed = (await client.get("/v1/operators")).json()
    found = listed["data"] if isinstance(listed, dict) and "data" in listed else listed
    found = found["operators"] if isinstance(found, dict) else found
    (mine,) = [each for each in found if each["address"].lower() == operator.address.lower()]
    return dict(mine)


def events(text: str) -> list[tuple[str, str]]:
    """(name, data) of each server-sent event."""
    found = []
    for block in text.strip().split("\n\n"):
        lines = dict(line.split(": ", 1) for line in block.splitlines() if ": " in line)
        found.append((lines.get("event", ""), lines.get("data", "")))
    return found


def test_an_exact_payment_over_http(world: World, relay: Running, tmp_path: Path) -> None:
    async def scene(client: httpx.AsyncClient, operator: Operator, customer: Customer) -> None:
        pin = {"X-Halo-Operator": operator.address}
        challenge = await client.post(CHAT, json=question(), headers=pin)
        assert challenge.status_code == 402
        required = json.loads(base64.b64decode(challenge.headers["PAYMENT-REQUIRED"]))
        accepted = required["accepts"][0]
        signed = customer.pay(operator.address, int(accepted["amount"]))
        payload = {"x402Version": 2, "accepted": accepted, "payload": signed.to_wire()}
        paid = await client.post(CHAT, json=question(), headers=header(payload) | pin)
        assert paid.status_code == 200, paid.text
        assert paid.json()["choices"][0]["message"]["content"] == "hello"
        told = json.loads(base64.b64decode(paid.headers["PAYMENT-RESPONSE"]))
        assert told["success"] and paid.headers["X-Halo-Operator"] == operator.address
        assert world.dollar.balance_of(operator.address) == int(accepted["amount"])

    play(world, relay, tmp_path, scene)


def test_a_sealed_stream_on_the_vault_rail_and_its_receipt(
    world: World, relay: Running, tmp_path: Path
) -> None:
    async def scene(client: httpx.AsyncClient, operator: Operator, customer: Customer) -> None:
        customer.deposit(USD)
        customer.reserve(operator.address, USD // 2)
        listed = await offer(client, operator)
        assert listed["vaultPayments"] and listed["streaming"]
        body = question("hello there", stream=True)
        envelope, channel = seal_request(
            json.dumps(body).encode(), listed["encryptionPubkey"], operator.address
        )
        outer = {"model": body["model"], "stream": True, "_enc": envelope}
        pin = {"X-Halo-Operator": operator.address}
        answer = await client.post(CHAT, json=outer, headers=customer.vault_headers(outer) | pin)
        assert answer.status_code == 200 and "hello" not in answer.text
        found = events(answer.text)
        frames = [json.loads(data) for name, data in found if name == "halo-chunk"]
        chunks = [json.loads(channel.open_chunk(f["seq"], f["ct"])) for f in frames]
        text = "".join(
            c["choices"][0]["delta"].get("content") or "" for c in chunks if c.get("choices")
        )
        assert text == "hello there"
        assert chunks[-1]["halo"] == "settlement" and chunks[-1]["success"]
        assert [name for name, _ in found[-2:]] == ["halo-settlement", ""]
        assert found[-1][1] == "[DONE]"
        owed = int(chunks[-1]["cumulative"])
        signed = customer.signed(operator.address, owed)
        pushed = await client.post(
            "/v1/receipt",
            headers=pin,
            json={
                "consumer": customer.address, "operator": operator.address,
                "cumulative": str(owed), "cycle": "1",
                "signature": "0x" + signed.signature.hex(),
            },
        )  # fmt: skip
        assert pushed.status_code == 202, pushed.text
        await operator.redeemer.flush()
        assert world.dollar.balance_of(operator.address) == owed

    play(world, relay, tmp_path, scene)


def test_a_newer_operator_with_the_wallet_takes_over_and_the_older_gives_up(
    world: World, relay: Running, tmp_path: Path
) -> None:
    async def main() -> None:
        key = LocalSigner.generate()
        async with httpx.AsyncClient(verify=False) as http:
            lives = [
                Operator(
                    world.settings(relay.url, tmp_path / name), key, Router([MockProvider()]),
                    world.chain, http=http,
                )
                for name in ("older", "newer")
            ]  # fmt: skip
            older = asyncio.create_task(lives[0].run())
            await asyncio.wait_for(lives[0].ready.wait(), 20)
            newer = asyncio.create_task(lives[1].run())
            await asyncio.wait_for(lives[1].ready.wait(), 20)
            with pytest.raises(RelayRefused, match="stop one of the two"):
                await asyncio.wait_for(older, 20)
            await lives[1].stop()
            await newer

    try:
        asyncio.run(main())
    except ConnectionClosed:
        pytest.fail("a closing socket must not escape")
