"""The x402 scheme `vault`: verified against a reservation, settled by a commitment."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from harness.chain.anvil import AnvilChain
from harness.chain.keys import LocalSigner
from harness.chain.outbox import Outbox
from harness.diamond.economy import Economy
from harness.protocol import reasons

from .conftest import Running
from .vault_world import USD, Consumer, new_consumer, reserve_body

Start = Callable[..., Running]


@pytest.fixture
def consumer(chain: AnvilChain, economy: Economy) -> Consumer:
    return new_consumer(chain, economy)


@pytest.fixture
def operator() -> str:
    return LocalSigner.generate().address


@pytest.fixture
def facilitator(start_facilitator: Start, economy: Economy) -> Running:
    return start_facilitator(vault=economy.diamond.address, reserves_per_minute=100)


class Shop:
    """What an operator sends to a facilitator."""

    def __init__(self, consumer: Consumer, operator: str) -> None:
        self.consumer, self.operator = consumer, operator

    def required(self, **changes: Any) -> dict[str, Any]:
        economy = self.consumer.economy
        extra = {
            "vault": economy.diamond.address, "domain": {"name": "Halo", "version": "2"},
            "sessionScheme": "wallet", "creditWindow": str(2 * USD),
        } | changes.pop("extra", {})  # fmt: skip
        return {
            "scheme": "vault", "network": "eip155:31337", "amount": str(USD),
            "asset": economy.dollar.address, "payTo": self.operator, "maxTimeoutSeconds": 300,
            "extra": extra,
        } | changes  # fmt: skip

    def payload(self, owed: int = 0, cycle: int = 1, **changes: Any) -> dict[str, Any]:
        receipt = None
        if owed:
            signed = self.consumer.receipt(self.operator, owed, cycle)
            receipt = {"cumulative": str(owed), "signature": "0x" + signed.signature.hex()}
        return {
            "consumer": self.consumer.address, "operator": self.operator, "cycle": str(cycle),
            "keyEpoch": "0", "receipt": receipt, "reserve": None,
        } | changes  # fmt: skip

    def body(
        self,
        payload: dict[str, Any],
        name: str | None = None,
        settled: str = str(USD),
        **changes: Any,
    ) -> dict[str, Any]:
        accepted = self.required(**changes)
        wire: dict[str, Any] = {"x402Version": 2, "accepted": accepted, "payload": payload}
        if name is not None:
            wire["extensions"] = {"payment-identifier": {"info": {"id": name}}}
        required = self.required(**{**changes, "amount": settled})
        return {"x402Version": 2, "paymentPayload": wire, "paymentRequirements": required}


@pytest.fixture
def shop(consumer: Consumer, operator: str, economy: Economy, owner: Outbox) -> Shop:
    economy.diamond.by(owner).vault.reserve(*consumer.reservation(operator))
    return Shop(consumer, operator)


def test_it_is_supported(facilitator: Running, economy: Economy) -> None:
    kinds = facilitator.client.get("/supported").json()["kinds"]
    (found,) = [kind for kind in kinds if kind["scheme"] == "vault"]
    assert found["extra"] == {
        "vault": economy.diamond.address, "domain": {"name": "Halo", "version": "2"},
        "asset": economy.dollar.address, "facilitator": facilitator.signer.address,
    }  # fmt: skip


def test_served_work_adds_up(facilitator: Running, shop: Shop, chain: AnvilChain) -> None:
    first = shop.body(shop.payload(), "request-0000000001", settled="300000")
    verdict = facilitator.post("/verify", shop.body(shop.payload(), "request-0000000001")).json()
    assert verdict == {"isValid": True, "payer": shop.consumer.address}
    answer = facilitator.post("/settle", first).json()
    assert (answer["success"], answer["transaction"], answer["amount"]) == (True, "", "300000")
    extra = answer["extra"]
    assert (extra["mode"], extra["cumulative"], extra["cycle"]) == ("vault", "300000", "1")
    assert len(extra["commitment"]) == 66
    assert facilitator.post("/settle", first).json() == answer  # once, however often it is asked
    second = shop.body(shop.payload(300_000), "request-0000000002", settled="200000")
    assert facilitator.post("/settle", second).json()["extra"]["cumulative"] == "500000"
    changed = shop.body(shop.payload(), "request-0000000001", settled="300001")
    assert (
        facilitator.post("/settle", changed).json()["errorReason"] == reasons.INVALID_REQUIREMENTS
    )
    assert chain.nonce(facilitator.signer.address) == 0  # value moves when receipts are redeemed


def test_the_credit_window(facilitator: Running, shop: Shop) -> None:
    for number in range(2):
        body = shop.body(shop.payload(), f"request-000000000{number}")
        assert facilitator.post("/settle", body).json()["success"]
    third = shop.body(shop.payload(), "request-0000000003")
    verdict = facilitator.post("/verify", third).json()
    assert verdict["invalidReason"] == reasons.VAULT_CREDIT_WINDOW
    signed = shop.body(shop.payload(2 * USD), "request-0000000003")
    assert facilitator.post("/verify", signed).json()["isValid"]


@pytest.mark.parametrize(
    ("payload", "changes", "reason"),
    [
        ({}, {"amount": str(11 * USD)}, reasons.VAULT_RESERVATION),
        ({"cycle": "2"}, {}, reasons.VAULT_CYCLE),
        ({"keyEpoch": "1"}, {}, reasons.VAULT_SESSION_KEY),
        ({"receipt": {"cumulative": "5", "signature": "0x" + "11" * 64 + "1b"}}, {},
         reasons.VAULT_SESSION_KEY),
        ({"receipt": 5}, {}, reasons.INVALID_PAYLOAD),
        ({"consumer": "me"}, {}, reasons.INVALID_PAYLOAD),
        ({"operator": "0x" + "22" * 20}, {}, reasons.INVALID_REQUIREMENTS),
        ({}, {"extra": {"vault": "0x" + "22" * 20}}, reasons.VAULT_IDENTITY),
        ({}, {"extra": {"domain": {"name": "Halo", "version": "1"}}}, reasons.VAULT_IDENTITY),
        ({}, {"asset": "0x" + "22" * 20}, reasons.VAULT_IDENTITY),
        ({}, {"network": "eip155:1"}, reasons.INVALID_NETWORK),
    ],
)  # fmt: skip
def test_what_is_refused(
    facilitator: Running,
    shop: Shop,
    payload: dict[str, Any],
    changes: dict[str, Any],
    reason: str,
) -> None:
    amount = changes.get("amount", str(USD))
    body = shop.body(shop.payload(**payload), settled=amount, **changes)
    verdict = facilitator.post("/verify", body).json()
    assert (verdict["isValid"], verdict["invalidReason"]) == (False, reason)
    answer = facilitator.post("/settle", body).json()
    assert (answer["success"], answer["errorReason"]) == (False, reason)


def test_m3_what_was_accepted_is_what_is_required(facilitator: Running, shop: Shop) -> None:
    body = shop.body(shop.payload())
    body["paymentPayload"]["accepted"]["extra"]["creditWindow"] = "1"
    verdict = facilitator.post("/verify", body).json()
    assert verdict["invalidReason"] == reasons.INVALID_REQUIREMENTS
    dearer = shop.body(shop.payload(), settled=str(USD + 1))
    assert facilitator.post("/settle", dearer).json()["errorReason"] == reasons.AMOUNT_EXCEEDED


def test_a_reservation_may_come_along(
    facilitator: Running, consumer: Consumer, operator: str, chain: AnvilChain
) -> None:
    shop = Shop(consumer, operator)
    signed = reserve_body(*consumer.reservation(operator))
    reserve = {name: signed[name] for name in ("amount", "expiry", "nonce", "signature")}
    body = shop.body(shop.payload(reserve=reserve), settled="100000")
    assert facilitator.post("/verify", shop.body(shop.payload(reserve=reserve))).json()["isValid"]
    assert chain.nonce(facilitator.signer.address) == 0
    answer = facilitator.post("/settle", body).json()
    assert (answer["success"], answer["extra"]["cumulative"]) == (True, "100000"), answer
    assert consumer.vault.locked_total(consumer.address) == 10 * USD
    assert facilitator.post("/settle", body).json() == answer
    assert chain.nonce(facilitator.signer.address) == 1
