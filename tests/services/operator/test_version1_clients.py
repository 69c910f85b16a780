"""The official clients pay in x402 version 1, over HTTP, through the real relay.

official client --402, X-PAYMENT--> relay --> operator --/verify, /settle--> facilitator --> embedded chain
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import shutil
from pathlib import Path
from typing import Any

import httpx
import pytest
from eth_account import Account
from x402 import x402Client
from x402.http.clients.httpx import PaymentError, x402_httpx_transport
from x402.http.utils import decode_payment_response_header
from x402.mechanisms.evm import EthAccountSigner
from x402.mechanisms.evm.exact import register_exact_evm_client
from x402.mechanisms.evm.exact.v1 import ExactEvmSchemeV1

from harness.services.operator.app import Operator
from tests.services.relay.conftest import Running

from .test_with_relay import CHAT, events, play
from .test_with_relay import relay as relay
from .world import USD, Customer, World, header, question

NAME = "base-sepolia"
PRICE = 1_000
HERE = Path(__file__).parent


class Older(httpx.AsyncHTTPTransport):
    """A client of version 1 does not know PAYMENT-REQUIRED; the SDK's would follow it."""

    def __init__(self) -> None:
        super().__init__(verify=False)
        self.payments: list[str] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        assert "payment-signature" not in request.headers
        if "x-payment" in request.headers:
            self.payments.append(request.headers["x-payment"])
        answer = await super().handle_async_request(request)
        answer.headers.pop("payment-required", None)
        return answer


def payer(customer: Customer) -> x402Client:
    """The SDK's client with nothing but its version-1 scheme."""
    signer = EthAccountSigner(Account.from_key(customer.key._secret))
    client = x402Client().register_v1(NAME, ExactEvmSchemeV1(signer))
    asset = customer.world.dollar.address
    client.set_spend_controls({"allowed_assets": [{"network": NAME, "asset": asset}]})
    return client


async def pay(
    url: str, customer: Customer, body: dict[str, Any]
) -> tuple[httpx.Response, list[str]]:
    older = Older()
    transport = x402_httpx_transport(payer(customer), older)
    async with httpx.AsyncClient(transport=transport, base_url=url, timeout=30) as http:
        return await http.post(CHAT, json=body), older.payments


def assert_paid_once(
    receipt: dict[str, Any], world: World, operator: Operator, customer: Customer
) -> None:
    assert receipt["success"] and receipt["network"] == NAME
    assert receipt["payer"] == customer.address
    mined = world.chain.receipt(bytes.fromhex(receipt["transaction"][2:]))
    assert mined is not None and mined.succeeded and mined.to == world.dollar.address
    assert world.dollar.balance_of(operator.address) == PRICE
    assert world.dollar.balance_of(customer.address) == USD - PRICE


def test_the_official_python_client_pays_in_version_1(
    named_world: World, relay: Running, tmp_path: Path
) -> None:
    world = named_world

    async def scene(client: httpx.AsyncClient, operator: Operator, customer: Customer) -> None:
        answer, (sent,) = await pay(relay.url, customer, question())
        assert answer.status_code == 200, answer.text
        assert answer.json()["choices"][0]["message"]["content"] == "hello"
        assert answer.headers["x-halo-operator"] == operator.address
        told = decode_payment_response_header(answer.headers["x-payment-response"])
        receipt = told.model_dump(by_alias=True, exclude_none=True)
        assert_paid_once(receipt, world, operator, customer)
        newer = json.loads(base64.b64decode(answer.headers["payment-response"]))
        assert newer["transaction"] == receipt["transaction"]
        assert newer["network"] == "eip155:84532"

        wire = json.loads(base64.b64decode(sent))
        assert wire["x402Version"] == 1 and wire["network"] == NAME
        challenge = await client.post(CHAT, json=question("more"))
        required = json.loads(base64.b64decode(challenge.headers["PAYMENT-REQUIRED"]))
        translated = {
            "x402Version": 2, "accepted": required["accepts"][0], "payload": wire["payload"],
        }  # fmt: skip
        for again in ({"X-PAYMENT": sent}, header(translated)):
            refused = await client.post(CHAT, json=question("more"), headers=again)
            assert refused.status_code == 402
            assert refused.json()["error"]["code"] == "replayed_payment"
        together = await client.post(
            CHAT, json=question(), headers={"X-PAYMENT": sent} | header(translated)
        )
        assert together.status_code == 400
        assert together.json()["error"]["code"] == "ambiguous_payment"
        too_long = await client.post(CHAT, json=question(), headers={"X-PAYMENT": "x" * 17_000})
        assert too_long.json()["error"]["code"] == "header_too_large"
        assert world.hand.calls["/settle"] == 1
        assert_paid_once(receipt, world, operator, customer)

    play(world, relay, tmp_path, scene, x402_v1=True)


def test_a_client_that_knows_both_versions_pays_in_the_newer(
    named_world: World, relay: Running, tmp_path: Path
) -> None:
    async def scene(_client: httpx.AsyncClient, operator: Operator, customer: Customer) -> None:
        signer = EthAccountSigner(Account.from_key(customer.key._secret))
        client = register_exact_evm_client(x402Client(), signer)
        asset = named_world.dollar.address
        known = [{"network": network, "asset": asset} for network in (NAME, "eip155:84532")]
        client.set_spend_controls({"allowed_assets": known})
        transport = x402_httpx_transport(client, httpx.AsyncHTTPTransport(verify=False))
        async with httpx.AsyncClient(transport=transport, timeout=30) as http:
            answer = await http.post(relay.url + CHAT, json=question())
        assert answer.status_code == 200 and "x-payment-response" not in answer.headers
        told = json.loads(base64.b64decode(answer.headers["payment-response"]))
        assert told["success"] and told["network"] == "eip155:84532"
        assert named_world.dollar.balance_of(operator.address) == PRICE

    play(named_world, relay, tmp_path, scene, x402_v1=True)


def test_a_stream_is_paid_for_in_version_1(
    named_world: World, relay: Running, tmp_path: Path
) -> None:
    async def scene(_client: httpx.AsyncClient, operator: Operator, customer: Customer) -> None:
        answer, _ = await pay(relay.url, customer, question("hello there", stream=True))
        assert answer.status_code == 200
        found = events(answer.text)
        chunks = [json.loads(data) for name, data in found if name == "" and data != "[DONE]"]
        text = "".join(
            c["choices"][0]["delta"].get("content") or "" for c in chunks if c["choices"]
        )
        assert text == "hello there"
        (told,) = [json.loads(data) for name, data in found if name == "halo-settlement"]
        receipt = json.loads(base64.b64decode(told["x-payment-response"]))
        assert_paid_once(receipt, named_world, operator, customer)

    play(named_world, relay, tmp_path, scene, x402_v1=True)


def test_an_operator_without_the_switch_offers_version_1_nothing(
    named_world: World, relay: Running, tmp_path: Path
) -> None:
    async def scene(_client: httpx.AsyncClient, operator: Operator, customer: Customer) -> None:
        with pytest.raises(PaymentError):
            await pay(relay.url, customer, question())
        assert named_world.dollar.balance_of(customer.address) == USD
        assert named_world.hand.calls["/verify"] == 0

    play(named_world, relay, tmp_path, scene)


@pytest.mark.skipif(
    shutil.which("node") is None
    or not (HERE.parents[2] / "node_modules" / "@x402" / "fetch").is_dir(),
    reason="node and the npm packages are not installed",
)
def test_the_official_fetch_client_pays_in_version_1(
    named_world: World, relay: Running, tmp_path: Path
) -> None:
    async def scene(_client: httpx.AsyncClient, operator: Operator, customer: Customer) -> None:
        process = await asyncio.create_subprocess_exec(
            "node", str(HERE / "fetch_version1.mjs"),
            env={
                **os.environ,
                "EVM_PRIVATE_KEY": "0x" + customer.key._secret.hex(),
                "ASSET": named_world.dollar.address,
                "RESOURCE_URL": relay.url + CHAT,
                "BODY": json.dumps(question()),
            },
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        out, err = await asyncio.wait_for(process.communicate(), 60)
        assert process.returncode == 0, err.decode()
        told = json.loads(out)
        assert told["status"] == 200, told
        assert told["body"]["choices"][0]["message"]["content"] == "hello"
        assert [name for names in told["sent"] for name in names] == ["x-payment"]
        assert_paid_once(told["receipt"], named_world, operator, customer)

    play(named_world, relay, tmp_path, scene, x402_v1=True)
