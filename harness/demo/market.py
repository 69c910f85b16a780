"""The second act: inference is sold and bought, and paid on chain. Everything real but the model."""

from __future__ import annotations

import asyncio
import json
import tempfile
import time
from pathlib import Path
from typing import Any

import httpx

from harness.demo.stage import Stage
from harness.devnet.market import Market, market
from harness.devnet.options import SLOW, DevnetOptions, Ports
from harness.diamond.vault import Vault
from harness.protocol.amounts import DOLLARS

BOOKS_WRONG = 8
QUESTION = "Summarize Base mainnet in one sentence."


def perform_market(stage: Stage) -> int:
    """0 when what the sidecar owes is what the chain paid out."""
    with tempfile.TemporaryDirectory() as folder:
        options = DevnetOptions(ports=Ports.free(), state=Path(folder) / "devnet", budget=2_000_000)
        return asyncio.run(_act(stage, options))


async def _act(stage: Stage, options: DevnetOptions) -> int:
    stage.chapter(
        "Market",
        "A facilitator, a relay, an indexer, an operator who sells a model, and a sidecar with a wallet.",
    )
    started = time.perf_counter()
    async with market(options) as running:
        stage.good(f"ready in {time.perf_counter() - started:.1f} s")
        stage.say(f"endpoint   {running.base_url}   for any OpenAI client")
        stage.say(f"operator   {running.operator_address}")
        stage.say(f"consumer   {running.consumer_address}")
        async with httpx.AsyncClient(base_url=running.sidecar, timeout=60) as client:
            await _ask(stage, client)
            await _stream(stage, client)
            await _confidential(stage, client)
            await _budget(stage, client)
            return await _books(stage, running, client)


async def _ask(stage: Stage, client: httpx.AsyncClient) -> None:
    stage.chapter(
        "Buy an answer", "No API key: the sidecar reserves, asks, meters, and signs a receipt."
    )
    answer = await _chat(client, QUESTION)
    stage.say(f"asked      {QUESTION}")
    stage.say(f"answered   {answer.json()['choices'][0]['message']['content']}")
    stage.good(
        f"cost {DOLLARS.show(int(answer.headers['x-halo-charged-base']))} on the {answer.headers['x-halo-rail']} rail, "
        f"encrypted to the operator: {answer.headers['x-halo-e2e-encrypted']}"
    )


async def _stream(stage: Stage, client: httpx.AsyncClient) -> None:
    stage.chapter(
        "Buy a stream", "Tokens arrive as the model makes them; receipts follow as they flow."
    )
    body = {
        "model": SLOW, "stream": True, "max_tokens": 60,
        "messages": [{"role": "user", "content": "one two three four five six seven eight"}],
    }  # fmt: skip
    started = time.perf_counter()
    times: list[float] = []
    async with client.stream("POST", "/v1/chat/completions", json=body) as response:
        async for line in response.aiter_lines():
            if line.startswith("data: {") and '"content":' in line:
                times.append(time.perf_counter() - started)
    stage.good(
        f"{len(times)} pieces; the first after {times[0]:.2f} s, the last after {times[-1]:.2f} s"
    )


async def _confidential(stage: Stage, client: httpx.AsyncClient) -> None:
    stage.chapter(
        "Buy in confidence",
        "Encrypted to an attested enclave; here a simulated one, trusted on this devnet alone.",
    )
    models = (await client.get("/v1/models")).json()["data"]
    name = next(m["id"] for m in models if m["confidential"])
    answer = await _chat(client, "hi", name, {"X-Halo-Confidential": "true"})
    stage.good(f"{name}: X-Halo-TEE-Verified: {answer.headers['x-halo-tee-verified']}")


async def _budget(stage: Stage, client: httpx.AsyncClient) -> None:
    stage.chapter(
        "Run out of budget", "A cap on the whole run holds, whatever an agent loops over."
    )
    spent = (await client.get("/v1/budget")).json()["spentUsd"]
    await client.post("/v1/budget", json={"limitUsd": spent + 0.000001})
    refused = await _chat(client, QUESTION)
    error: dict[str, Any] = refused.json()["error"]
    stage.good(f"{refused.status_code} {error['code']}: {error['message']}")
    await client.post("/v1/budget", json={"limitUsd": 2})


async def _books(stage: Stage, running: Market, client: httpx.AsyncClient) -> int:
    stage.chapter(
        "Settle", "The operator goes home: it redeems what it has receipts for, in one transaction."
    )
    spent = round((await client.get("/v1/budget")).json()["spentUsd"] * 10**6)
    vault = Vault(running.ground.chain, running.ground.world.diamond)
    before = await asyncio.to_thread(running.dollar().balance_of, running.operator_address)
    await running.operator.stop()
    earned = await asyncio.to_thread(running.dollar().balance_of, running.operator_address) - before
    pair = await asyncio.to_thread(vault.ops, running.consumer_address, running.operator_address)
    stage.say(f"the sidecar signed for   {DOLLARS.show(spent)}")
    stage.say(f"the operator was paid    {DOLLARS.show(earned)}")
    stage.say(
        f"still reserved           {DOLLARS.show(pair.locked)}, free again when the reservation ends"
    )
    if spent != earned:
        stage.say("the books do not balance")
        return BOOKS_WRONG
    stage.good("to the unit")
    return 0


async def _chat(
    client: httpx.AsyncClient,
    text: str,
    model: str = "gpt-4o-mini",
    headers: dict[str, str] | None = None,
) -> httpx.Response:
    body = {"model": model, "messages": [{"role": "user", "content": text}], "max_tokens": 100}
    return await client.post("/v1/chat/completions", content=json.dumps(body), headers={
        "content-type": "application/json", **(headers or {})
    })  # fmt: skip
