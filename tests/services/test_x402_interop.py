"""Round trips with parts nobody here wrote: the official clients and the official middleware.

official client --402--> official FastAPI middleware --/verify, /settle--> our facilitator --> anvil
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from eth_account import Account
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from x402 import x402Client, x402ClientSync, x402ResourceServer
from x402.http import FacilitatorConfig, HTTPFacilitatorClient
from x402.http.clients.httpx import x402_httpx_transport
from x402.http.clients.requests import x402_requests
from x402.http.middleware.fastapi import payment_middleware
from x402.mechanisms.evm import EthAccountSigner
from x402.mechanisms.evm.exact import (
    register_exact_evm_client,
    register_exact_evm_server,
)

from harness.chain.anvil import AnvilChain
from harness.chain.keys import LocalSigner
from harness.diamond.tokens import FwUsd
from harness.protocol import reasons

from .conftest import PRICE, START, Running, ThreadedServer, Wire

NETWORK = "eip155:31337"
DOMAIN = {"name": "USD Coin", "version": "2"}


class Shop:
    """A FastAPI application behind the official middleware; counts what its handlers did."""

    def __init__(
        self, facilitator: str, dollar: FwUsd, payee: str, extra: dict[str, str] = DOMAIN
    ) -> None:
        self.served = 0
        self.app = FastAPI()
        server = x402ResourceServer(HTTPFacilitatorClient(FacilitatorConfig(url=facilitator)))
        register_exact_evm_server(server, NETWORK)
        price = {
            "amount": str(PRICE),
            "asset": dollar.address,
            "extra": extra,
        }
        option = {"scheme": "exact", "network": NETWORK, "payTo": payee, "price": price}
        routes = {"GET /weather": {"accepts": option}, "GET /broken": {"accepts": option}}
        pay = payment_middleware(routes, server)  # type: ignore[arg-type]

        @self.app.middleware("http")
        async def gate(request: Request, call_next: Callable[..., Any]) -> Any:
            return await pay(request, call_next)

        @self.app.get("/weather")
        async def weather() -> dict[str, str]:
            self.served += 1
            return {"weather": "clear"}

        @self.app.get("/broken")
        async def broken() -> JSONResponse:
            return JSONResponse({"error": "no model"}, status_code=500)


@pytest.fixture
def shop(facilitator: Running, dollar: FwUsd, payee: str) -> Iterator[tuple[str, Shop]]:
    shop = Shop(facilitator.url, dollar, payee)
    with ThreadedServer(shop.app) as url:
        yield url, shop


def httpx_client(payer: LocalSigner, dollar: FwUsd) -> x402Client:
    client = x402Client()
    register_exact_evm_client(client, _official_signer(payer), NETWORK)
    client.set_spend_controls({"allowed_assets": [{"network": NETWORK, "asset": dollar.address}]})
    return client


def _official_signer(payer: LocalSigner) -> EthAccountSigner:
    return EthAccountSigner(Account.from_key(payer._secret))


def get_paid(url: str, client: x402Client) -> httpx.Response:
    async def run() -> httpx.Response:
        async with httpx.AsyncClient(transport=x402_httpx_transport(client), timeout=30) as http:
            return await http.get(url)

    return asyncio.run(run())


def receipt_of(header: str) -> dict[str, Any]:
    return dict(json.loads(base64.b64decode(header)))


def assert_paid_once(
    receipt: dict[str, Any], wire: Wire, dollar: FwUsd, chain: AnvilChain, facilitator: Running
) -> None:
    assert receipt["success"] and receipt["network"] == NETWORK
    assert receipt["payer"] == wire.payer.address
    mined = chain.receipt(bytes.fromhex(receipt["transaction"][2:]))
    assert mined is not None and mined.succeeded and mined.to == dollar.address
    assert dollar.balance_of(wire.payee) == PRICE
    assert dollar.balance_of(wire.payer.address) == START - PRICE
    assert chain.nonce(facilitator.signer.address) == 1


def test_the_official_httpx_client_pays(
    shop: tuple[str, Shop], wire: Wire, dollar: FwUsd, chain: AnvilChain, facilitator: Running
) -> None:
    url, seller = shop
    unpaid = httpx.get(f"{url}/weather")
    assert unpaid.status_code == 402 and "payment-required" in unpaid.headers
    assert seller.served == 0
    response = get_paid(f"{url}/weather", httpx_client(wire.payer, dollar))
    assert (response.status_code, response.json()) == (200, {"weather": "clear"})
    assert seller.served == 1
    assert_paid_once(
        receipt_of(response.headers["payment-response"]), wire, dollar, chain, facilitator
    )


def test_the_official_requests_client_pays(
    shop: tuple[str, Shop], wire: Wire, dollar: FwUsd, chain: AnvilChain, facilitator: Running
) -> None:
    client = x402ClientSync()
    register_exact_evm_client(client, _official_signer(wire.payer), NETWORK)
    client.set_spend_controls({"allowed_assets": [{"network": NETWORK, "asset": dollar.address}]})
    with x402_requests(client) as session:
        response = session.get(f"{shop[0]}/weather", timeout=30)
    assert (response.status_code, response.json()) == (200, {"weather": "clear"})
    assert_paid_once(
        receipt_of(response.headers["payment-response"]), wire, dollar, chain, facilitator
    )


@pytest.mark.skipif(
    shutil.which("node") is None
    or not (Path(__file__).resolve().parents[2] / "node_modules" / "@x402" / "fetch").is_dir(),
    reason="node and the npm packages are not installed",
)
def test_the_official_fetch_client_pays(
    shop: tuple[str, Shop], wire: Wire, dollar: FwUsd, chain: AnvilChain, facilitator: Running
) -> None:
    done = subprocess.run(
        ["node", str(Path(__file__).with_name("fetch_client.mjs"))],
        env={
            **os.environ,
            "EVM_PRIVATE_KEY": "0x" + wire.payer._secret.hex(),
            "EVM_NETWORK": NETWORK,
            "ASSET": dollar.address,
            "RESOURCE_URL": f"{shop[0]}/weather",
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["status"], told["body"]) == (200, {"weather": "clear"})
    assert_paid_once(told["receipt"], wire, dollar, chain, facilitator)


def test_a_failing_handler_is_not_paid(
    shop: tuple[str, Shop], wire: Wire, dollar: FwUsd, chain: AnvilChain, facilitator: Running
) -> None:
    response = get_paid(f"{shop[0]}/broken", httpx_client(wire.payer, dollar))
    assert response.status_code == 500
    assert dollar.balance_of(wire.payee) == 0
    assert chain.nonce(facilitator.signer.address) == 0


def test_a_payment_header_works_once(
    shop: tuple[str, Shop], wire: Wire, dollar: FwUsd, chain: AnvilChain, facilitator: Running
) -> None:
    """The very header of a paid request, sent again: refused before the handler runs."""
    url, seller = shop
    seen: list[str] = []

    class Recording(httpx.AsyncHTTPTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            if "payment-signature" in request.headers:
                seen.append(request.headers["payment-signature"])
            return await super().handle_async_request(request)

    async def run() -> httpx.Response:
        transport = x402_httpx_transport(httpx_client(wire.payer, dollar), Recording())
        async with httpx.AsyncClient(transport=transport, timeout=30) as http:
            return await http.get(f"{url}/weather")

    assert asyncio.run(run()).status_code == 200
    again = httpx.get(f"{url}/weather", headers={"PAYMENT-SIGNATURE": seen[0]})
    assert again.status_code == 402
    required = json.loads(base64.b64decode(again.headers["payment-required"]))
    assert required["error"] == reasons.NONCE_USED
    assert seller.served == 1
    assert dollar.balance_of(wire.payee) == PRICE
    assert chain.nonce(facilitator.signer.address) == 1


@pytest.mark.parametrize("header", ["%%%", "e30=", base64.b64encode(b'{"x402Version":2}').decode()])
def test_nonsense_in_the_header_is_the_buyers_error(
    shop: tuple[str, Shop], facilitator: Running, header: str
) -> None:
    response = httpx.get(f"{shop[0]}/weather", headers={"PAYMENT-SIGNATURE": header})
    assert response.status_code == 402
    assert facilitator.client.get("/health").status_code == 200
