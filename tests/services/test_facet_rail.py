"""The seed's own PaymentAuthorization, settled by X402Facet through the facilitator."""

from __future__ import annotations

import asyncio
import base64
import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Request
from x402 import x402Client, x402ResourceServer
from x402.http import FacilitatorConfig, HTTPFacilitatorClient
from x402.http.clients.httpx import PaymentError, x402_httpx_transport
from x402.http.constants import SETTLEMENT_OVERRIDES_HEADER
from x402.http.middleware.fastapi import payment_middleware

from harness.chain.anvil import AnvilChain
from harness.chain.journal import MemoryJournal
from harness.chain.keys import LocalSigner
from harness.chain.outbox import Outbox
from harness.diamond.economy import Economy
from harness.diamond.tokens import FwCredits
from harness.protocol import reasons
from harness.protocol.authorization import (
    PAYMENT,
    SignedAuthorization,
    facet_domain,
    sign,
)
from harness.x402.payer import PayerScheme
from harness.x402.seller import SellerScheme, facet_price

from .conftest import WEI, Running, ThreadedServer

NETWORK = "eip155:31337"
PRICE = 10**16
PURSE = 10**18


@pytest.fixture
def saver(economy: Economy, chain: AnvilChain) -> LocalSigner:
    """Holds $LH and has approved the Diamond."""
    key = LocalSigner.generate()
    chain.set_balance(key.address, WEI)
    economy.credits.mint(key.address, PURSE)
    FwCredits(chain, economy.credits.address, Outbox(chain, key, MemoryJournal())).approve(
        economy.diamond.address, 2**256 - 1
    )
    return key


@pytest.fixture
def facilitator(start_facilitator: Callable[..., Running], economy: Economy) -> Running:
    return start_facilitator(diamond=economy.diamond.address, credits=economy.credits.address)


@dataclass
class Wire:
    economy: Economy
    payer: LocalSigner
    payee: str

    def authorise(self, **changes: Any) -> SignedAuthorization:
        separator = facet_domain(31337, self.economy.diamond.address).separator
        values = {
            "payee": self.payee,
            "value": PRICE,
            "valid_before": int(time.time()) + 120,
        } | changes
        return sign(self.payer, PAYMENT, separator, **values)  # type: ignore[arg-type]

    def requirements(self, **changes: Any) -> dict[str, Any]:
        return {
            "scheme": "exact",
            "network": NETWORK,
            "payTo": self.payee,
            "maxTimeoutSeconds": 120,
            **facet_price(self.economy.diamond.address, self.economy.credits.address, PRICE),
        } | changes

    def body(
        self,
        signed: SignedAuthorization | None = None,
        accepted: dict[str, Any] | None = None,
        **changes: Any,
    ) -> dict[str, Any]:
        required = self.requirements(**changes)
        return {
            "x402Version": 2,
            "paymentPayload": {
                "x402Version": 2,
                "accepted": accepted or required,
                "payload": (signed or self.authorise()).to_wire(),
            },
            "paymentRequirements": required,
        }


@pytest.fixture
def wire(economy: Economy, saver: LocalSigner, payee: str) -> Wire:
    return Wire(economy, saver, payee)


def test_a_payment_authorization_is_verified_and_settled_once(
    facilitator: Running, wire: Wire, economy: Economy, chain: AnvilChain
) -> None:
    body = wire.body()
    assert facilitator.post("/verify", body).json() == {
        "isValid": True, "payer": wire.payer.address,
    }  # fmt: skip
    with ThreadPoolExecutor(6) as pool:
        answers = [
            r.json() for r in pool.map(lambda _: facilitator.post("/settle", body), range(6))
        ]
    assert all(a["success"] for a in answers), answers
    assert len({a["transaction"] for a in answers}) == 1
    assert economy.credits.balance_of(wire.payee) == PRICE
    assert chain.nonce(facilitator.signer.address) == 1
    receipt = chain.receipt(bytes.fromhex(answers[0]["transaction"][2:]))
    assert receipt is not None and receipt.to == economy.diamond.address
    assert facilitator.post("/verify", body).json()["invalidReason"] == reasons.FACET_NONCE_USED


def test_the_price_lock_is_a_tenth(facilitator: Running, wire: Wire, economy: Economy) -> None:
    def reason(value: int) -> str | None:
        answer = facilitator.post("/settle", wire.body(wire.authorise(value=value))).json()
        return answer.get("errorReason")

    assert reason(PRICE - 1) == reasons.FACET_UNDERPAY
    assert reason(PRICE * 11 // 10 + 1) == reasons.FACET_OVERPAY
    assert reason(PRICE * 11 // 10) is None
    assert economy.credits.balance_of(wire.payee) == PRICE * 11 // 10


def test_upto_moves_what_was_measured(facilitator: Running, wire: Wire, economy: Economy) -> None:
    offered = wire.requirements(scheme="upto")
    measured = {**offered, "amount": str(PRICE // 3)}
    body = wire.body(accepted=offered, **measured)
    assert facilitator.post("/verify", wire.body(scheme="upto")).json()["isValid"]
    answer = facilitator.post("/settle", body).json()
    assert answer["success"] and answer["amount"] == str(PRICE // 3)
    assert economy.credits.balance_of(wire.payee) == PRICE // 3
    again = facilitator.post("/settle", body).json()
    assert again == {**answer, "extra": {"replayed": True}}
    nothing = wire.body(accepted=offered, **{**offered, "amount": "0"})
    free = facilitator.post("/settle", nothing).json()
    assert (free["success"], free["transaction"], free["amount"]) == (True, "", "0")
    much = wire.body(accepted=offered, **{**offered, "amount": str(PRICE + 1)})
    assert facilitator.post("/settle", much).json()["errorReason"] == reasons.AMOUNT_EXCEEDED


CASES: dict[str, str] = {
    "other signer": reasons.FACET_BAD_SIGNATURE,
    "high s": reasons.FACET_BAD_SIGNATURE,
    "other payee": reasons.FACET_RECIPIENT_MISMATCH,
    "other diamond": reasons.FACET_DOMAIN_MISMATCH,
    "other asset": reasons.INVALID_REQUIREMENTS,
    "expired": reasons.EXPIRED,
    "not yet valid": reasons.NOT_YET_VALID,
    "no allowance": reasons.FACET_ALLOWANCE,
    "no money": reasons.INSUFFICIENT_BALANCE,
    "used": reasons.FACET_NONCE_USED,
    "cancelled": reasons.FACET_NONCE_USED,
    "to the diamond": reasons.INVALID_REQUIREMENTS,
}


def bend(wire: Wire, how: str, chain: AnvilChain, owner: Outbox) -> dict[str, Any]:
    now = int(time.time())
    economy = wire.economy
    if how == "other signer":
        other = LocalSigner.generate()
        signed = wire.authorise()
        forged = Wire(economy, other, wire.payee).authorise().signature
        return wire.body(SignedAuthorization(signed.authorization, forged))
    if how == "high s":
        signed = wire.authorise()
        order = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
        r, s, v = signed.signature[:32], signed.signature[32:64], signed.signature[64]
        twin = r + (order - int.from_bytes(s, "big")).to_bytes(32, "big") + bytes([55 - v])
        return wire.body(SignedAuthorization(signed.authorization, twin))
    if how == "other payee":
        return wire.body(wire.authorise(payee=LocalSigner.generate().address))
    if how == "other diamond":
        extra = {**wire.requirements()["extra"], "verifyingContract": economy.dollar.address}
        return wire.body(extra=extra)
    if how == "other asset":
        return wire.body(asset=economy.dollar.address)
    if how == "expired":
        return wire.body(wire.authorise(valid_before=now - 60))
    if how == "not yet valid":
        return wire.body(wire.authorise(valid_after=now + 3600, valid_before=now + 7200))
    if how == "no allowance":
        poor = Wire(economy, LocalSigner.generate(), wire.payee)
        economy.credits.mint(poor.payer.address, PRICE)
        return poor.body()
    if how == "no money":
        return Wire(economy, LocalSigner.generate(), wire.payee).body()
    if how == "used":
        signed = wire.authorise()
        economy.diamond.x402.settle(signed)
        return wire.body(signed)
    if how == "cancelled":
        signed = wire.authorise()
        hers = Outbox(chain, wire.payer, MemoryJournal())
        economy.diamond.by(hers).x402.cancel_authorization(
            wire.payer.address, signed.authorization.nonce
        )
        return wire.body(signed)
    if how == "to the diamond":
        here = economy.diamond.address
        return wire.body(wire.authorise(payee=here), payTo=here)
    raise AssertionError(how)


@pytest.mark.parametrize("how", CASES)
def test_what_is_wrong_has_a_reason_code(
    facilitator: Running, wire: Wire, chain: AnvilChain, owner: Outbox, how: str
) -> None:
    body = bend(wire, how, chain, owner)
    verdict = facilitator.post("/verify", body).json()
    assert (verdict["isValid"], verdict["invalidReason"]) == (False, CASES[how])
    answer = facilitator.post("/settle", body).json()
    assert (answer["success"], answer["errorReason"]) == (False, CASES[how])
    assert answer["transaction"] == ""
    assert chain.nonce(facilitator.signer.address) == 0


def test_an_identitys_account_can_be_the_payer(
    facilitator: Running, wire: Wire, economy: Economy, chain: AnvilChain
) -> None:
    """ERC-1271: the account of an identity pays, its holder signs."""
    holder = Outbox(chain, wire.payer, MemoryJournal())
    hers = economy.diamond.by(holder)
    identity = hers.registry.register(f"payer-{wire.payer.address[2:12].lower()}")
    hers.tba.create_token_bound_account(identity)
    account = hers.account_of(identity)
    economy.credits.mint(account.address, PRICE)
    approve = economy.credits.calldata("approve", economy.diamond.address, PRICE)
    account.execute(economy.credits.address, 0, approve, 0)

    class AccountSigner:
        address = account.address

        def sign_digest(self, digest: bytes) -> bytes:
            return wire.payer.sign_digest(digest)

    paying = Wire(economy, AccountSigner(), wire.payee)  # type: ignore[arg-type]
    answer = facilitator.post("/settle", paying.body()).json()
    assert answer["success"] and answer["payer"] == account.address, answer
    assert economy.credits.balance_of(wire.payee) == PRICE


def test_supported_tells_how_to_ask_for_it(facilitator: Running, economy: Economy) -> None:
    kinds = {k["scheme"]: k for k in facilitator.client.get("/supported").json()["kinds"]}
    assert set(kinds) == {"exact", "upto", "vault"}
    facet = kinds["exact"]["extra"]["x402facet"]
    assert facet["verifyingContract"] == economy.diamond.address
    assert kinds["upto"]["extra"]["facilitatorAddress"] == facilitator.signer.address


def shop(facilitator: Running, economy: Economy, payee: str, scheme: str, used: int) -> FastAPI:
    """The official middleware with our server scheme; a handler that measures what it used."""
    app = FastAPI()
    server = x402ResourceServer(HTTPFacilitatorClient(FacilitatorConfig(url=facilitator.url)))
    server.register(NETWORK, SellerScheme(scheme))
    price = facet_price(economy.diamond.address, economy.credits.address, PRICE)
    option = {"scheme": scheme, "network": NETWORK, "payTo": payee, "price": price}
    pay = payment_middleware({"GET /answer": {"accepts": option}}, server)  # type: ignore[arg-type]

    @app.middleware("http")
    async def gate(request: Request, call_next: Callable[..., Any]) -> Any:
        return await pay(request, call_next)

    @app.get("/answer")
    async def answer() -> Any:
        from fastapi.responses import JSONResponse

        headers = {SETTLEMENT_OVERRIDES_HEADER: json.dumps({"amount": str(used)})}
        return JSONResponse({"answer": 42}, headers=headers if scheme == "upto" else None)

    return app


@pytest.mark.parametrize(("scheme", "charged"), [("exact", PRICE), ("upto", PRICE // 4)])
def test_the_official_client_and_middleware_carry_it(
    facilitator: Running, wire: Wire, economy: Economy, scheme: str, charged: int
) -> None:
    domain = facet_domain(31337, economy.diamond.address)
    client = x402Client()
    client.register(NETWORK, PayerScheme(scheme, wire.payer, [domain]))
    client.set_spend_controls(
        {
            "allowed_assets": [
                {
                    "network": NETWORK,
                    "asset": economy.credits.address,
                    "max_amount_per_payment": str(PRICE),
                }
            ]
        }
    )
    app = shop(facilitator, economy, wire.payee, scheme, charged)

    async def run(url: str) -> httpx.Response:
        async with httpx.AsyncClient(transport=x402_httpx_transport(client), timeout=30) as http:
            return await http.get(url)

    with ThreadedServer(app) as url:
        response = asyncio.run(run(f"{url}/answer"))
    assert (response.status_code, response.json()) == (200, {"answer": 42})
    receipt = json.loads(base64.b64decode(response.headers["payment-response"]))
    assert receipt["success"] and receipt["payer"] == wire.payer.address
    assert economy.credits.balance_of(wire.payee) == charged


def test_a_payer_signs_for_known_diamonds_only(
    facilitator: Running, wire: Wire, economy: Economy
) -> None:
    client = x402Client()
    client.register(NETWORK, PayerScheme("exact", wire.payer, []))
    client.set_spend_controls(False)
    app = shop(facilitator, economy, wire.payee, "exact", PRICE)

    async def run(url: str) -> httpx.Response:
        async with httpx.AsyncClient(transport=x402_httpx_transport(client), timeout=30) as http:
            return await http.get(url)

    with ThreadedServer(app) as url, pytest.raises(PaymentError, match="asks to sign for"):
        asyncio.run(run(f"{url}/answer"))
    assert economy.credits.balance_of(wire.payee) == 0
