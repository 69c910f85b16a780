"""Settlements a second of one facilitator on anvil, fifty in flight, each a transaction of its own."""

from __future__ import annotations

import asyncio
import tempfile
import time
from pathlib import Path
from typing import Any

import httpx

from harness.chain.anvil import Anvil
from harness.chain.journal import MemoryJournal
from harness.chain.keys import LocalSigner
from harness.chain.outbox import Outbox
from harness.chain.records import Call
from harness.diamond.tokens import FwUsd
from harness.protocol.authorization import TRANSFER, sign
from harness.services.facilitator.app import build_app, build_office
from harness.services.facilitator.settings import FacilitatorSettings
from tests.harness.contracts import artifact
from tests.services.conftest import ThreadedServer

COUNT, IN_FLIGHT, WEI, PRICE = 400, 50, 10**18, 2_500


def main() -> str:
    with Anvil() as anvil, tempfile.TemporaryDirectory() as folder:
        chain = anvil.chain
        owner, gas, payer = (LocalSigner.generate() for _ in range(3))
        for key in (owner, gas):
            chain.set_balance(key.address, 1_000 * WEI)
        outbox = Outbox(chain, owner, MemoryJournal())
        created = outbox.execute(
            Call(None, artifact("contracts/tokens/FwUSD.sol").creation(owner.address))
        ).created
        assert created is not None
        dollar = FwUsd(chain, created, outbox)
        dollar.mint(payer.address, COUNT * PRICE)
        office = build_office(
            FacilitatorSettings(
                rpc=anvil.url, key="0x" + gas._secret.hex(), state=Path(folder) / "state", workers=16,
                settles_per_minute=10**6, verifies_per_minute=10**6, requests_per_minute=10**6,
            )
        )  # fmt: skip
        bodies = [_body(dollar, payer) for _ in range(COUNT)]
        with ThreadedServer(build_app(office)) as url:
            began = time.perf_counter()
            settled = asyncio.run(_settle_all(url, bodies))
            seconds = time.perf_counter() - began
        paid = chain.nonce(gas.address)
    assert settled == COUNT == paid, f"{settled} of {COUNT} settled in {paid} transactions"
    return (
        f"facilitator on anvil: {COUNT} settlements, {IN_FLIGHT} in flight: {COUNT / seconds:.0f}/s"
    )


def _body(dollar: FwUsd, payer: LocalSigner) -> dict[str, Any]:
    payee = "0x00000000000000000000000000000000000000A2"
    required = {
        "scheme": "exact", "network": f"eip155:{dollar.chain.chain_id}", "asset": dollar.address,
        "amount": str(PRICE), "payTo": payee, "maxTimeoutSeconds": 300, "extra": {"name": "USD Coin", "version": "2"},
    }  # fmt: skip
    signed = sign(
        payer,
        TRANSFER,
        dollar.domain.separator,
        payee=payee,
        value=PRICE,
        valid_before=int(time.time()) + 600,
    )
    payload = {"x402Version": 2, "accepted": required, "payload": signed.to_wire()}
    return {"x402Version": 2, "paymentPayload": payload, "paymentRequirements": required}


async def _settle_all(url: str, bodies: list[dict[str, Any]]) -> int:
    gate = asyncio.Semaphore(IN_FLIGHT)
    limits = httpx.Limits(max_connections=IN_FLIGHT)
    async with httpx.AsyncClient(base_url=url, timeout=60, limits=limits) as client:

        async def one(body: dict[str, Any]) -> bool:
            async with gate:
                return bool((await client.post("/settle", json=body)).json()["success"])

        return sum(await asyncio.gather(*map(one, bodies)))
