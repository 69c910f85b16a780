"""More round trips with parts nobody here wrote: axios, Express, and the SDK's own facilitator.

axios --402--> FastAPI -----> our facilitator           httpx, axios, fetch --402--> Express --> our facilitator
httpx --402--> FastAPI, Express --> the SDK's facilitator
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from x402 import x402FacilitatorSync
from x402.mechanisms.evm import FacilitatorWeb3Signer
from x402.mechanisms.evm.exact import register_exact_evm_facilitator
from x402.schemas import PaymentPayload, PaymentRequirements

from harness.chain.anvil import Anvil, AnvilChain
from harness.chain.keys import LocalSigner
from harness.diamond.tokens import FwUsd

from .conftest import PRICE, START, WEI, Running, ThreadedServer, Wire
from .test_x402_interop import (
    NETWORK,
    Shop,
    assert_paid_once,
    get_paid,
    httpx_client,
    receipt_of,
)
from .test_x402_interop import shop as shop

HERE = Path(__file__).parent
pytestmark = pytest.mark.skipif(
    shutil.which("node") is None
    or not (HERE.parents[1] / "node_modules" / "@x402" / "axios").is_dir(),
    reason="node and the npm packages are not installed",
)


def pay_with(script: str, url: str, wire: Wire, dollar: FwUsd) -> dict[str, Any]:
    done = subprocess.run(
        ["node", str(HERE / script)],
        env={
            **os.environ,
            "EVM_PRIVATE_KEY": "0x" + wire.payer._secret.hex(),
            "EVM_NETWORK": NETWORK,
            "ASSET": dollar.address,
            "RESOURCE_URL": url,
        },
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


@contextmanager
def express(facilitator: str, dollar: FwUsd, payee: str) -> Iterator[str]:
    process = subprocess.Popen(
        ["node", str(HERE / "express_shop.mjs")],
        env={
            **os.environ, "FACILITATOR": facilitator, "EVM_NETWORK": NETWORK, "ASSET": dollar.address,
            "PAY_TO": payee, "AMOUNT": str(PRICE),
        },
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    try:
        port = process.stdout.readline().strip()
        assert port.isdigit(), "the Express shop did not start"
        yield f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


class OfficialFacilitator:
    """The SDK's facilitator with the SDK's signer, behind the three routes of the standard."""

    def __init__(self, rpc: str, key: LocalSigner) -> None:
        self.facilitator = x402FacilitatorSync()
        signer = FacilitatorWeb3Signer("0x" + key._secret.hex(), rpc)
        register_exact_evm_facilitator(self.facilitator, signer, NETWORK)
        self.app = Starlette(
            routes=[
                Route("/supported", self.supported),
                Route("/verify", self.verify, methods=["POST"]),
                Route("/settle", self.settle, methods=["POST"]),
            ]
        )

    async def supported(self, _request: Request) -> JSONResponse:
        return JSONResponse(self.facilitator.get_supported().model_dump(by_alias=True))

    async def verify(self, request: Request) -> JSONResponse:
        return await self._answer(self.facilitator.verify, request)

    async def settle(self, request: Request) -> JSONResponse:
        return await self._answer(self.facilitator.settle, request)

    async def _answer(self, work: Any, request: Request) -> JSONResponse:
        body = await request.json()
        payload = PaymentPayload.model_validate(body["paymentPayload"])
        requirements = PaymentRequirements.model_validate(body["paymentRequirements"])
        answer = await run_in_threadpool(work, payload, requirements)
        return JSONResponse(answer.model_dump(by_alias=True, exclude_none=True))


@pytest.fixture
def official(anvil: Anvil, chain: AnvilChain) -> Iterator[str]:
    key = LocalSigner.generate()
    chain.set_balance(key.address, WEI)
    with ThreadedServer(OfficialFacilitator(anvil.url, key).app) as url:
        yield url


def test_the_official_axios_client_pays(
    shop: tuple[str, Shop], wire: Wire, dollar: FwUsd, chain: AnvilChain, facilitator: Running
) -> None:
    answer = pay_with("axios_client.mjs", f"{shop[0]}/weather", wire, dollar)
    assert (answer["status"], answer["body"]) == (200, {"weather": "clear"})
    assert_paid_once(answer["receipt"], wire, dollar, chain, facilitator)


@pytest.mark.parametrize("client", ["httpx", "axios_client.mjs", "fetch_client.mjs"])
def test_the_official_express_middleware_settles_through_us(
    client: str, wire: Wire, dollar: FwUsd, chain: AnvilChain, facilitator: Running
) -> None:
    with express(facilitator.url, dollar, wire.payee) as url:
        if client == "httpx":
            response = get_paid(f"{url}/weather", httpx_client(wire.payer, dollar))
            assert (response.status_code, response.json()) == (200, {"weather": "clear"})
            receipt = receipt_of(response.headers["payment-response"])
        else:
            answer = pay_with(client, f"{url}/weather", wire, dollar)
            assert (answer["status"], answer["body"]) == (200, {"weather": "clear"})
            receipt = answer["receipt"]
    assert_paid_once(receipt, wire, dollar, chain, facilitator)


@pytest.mark.parametrize("seller", ["fastapi", "express"])
def test_our_dollar_is_paid_through_the_official_facilitator(
    seller: str, official: str, wire: Wire, dollar: FwUsd
) -> None:
    """Nothing of ours but the token's contract."""
    if seller == "express":
        with express(official, dollar, wire.payee) as url:
            response = get_paid(f"{url}/weather", httpx_client(wire.payer, dollar))
    else:
        with ThreadedServer(Shop(official, dollar, wire.payee).app) as url:
            response = get_paid(f"{url}/weather", httpx_client(wire.payer, dollar))
    assert (response.status_code, response.json()) == (200, {"weather": "clear"})
    assert receipt_of(response.headers["payment-response"])["success"]
    assert dollar.balance_of(wire.payee) == PRICE
    assert dollar.balance_of(wire.payer.address) == START - PRICE
