"""The first payment by Permit2 of a payer without gas: the token's own permit (EIP-2612) travels with it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from eth_account import Account
from x402 import x402Client
from x402.extensions.eip2612_gas_sponsoring import declare_eip2612_gas_sponsoring_extension
from x402.mechanisms.evm.exact import register_exact_evm_client
from x402.mechanisms.evm.signers import EthAccountSignerWithRPC
from x402.mechanisms.evm.upto.client import UptoEvmScheme
from x402.schemas import PaymentRequired

from harness.chain.anvil import Anvil, AnvilChain
from harness.diamond.tokens import FwUsd
from harness.protocol.permit2 import PERMIT2
from tests.services.conftest import PRICE, START, Running, Wire
from tests.services.test_x402_interop import NETWORK

from .permits import EXTRA

KEY = "eip2612GasSponsoring"


def payload_of(wire: Wire, anvil: Anvil, required: dict[str, Any]) -> dict[str, Any]:
    """What the official client sends when a server declares the extension."""
    signer = EthAccountSignerWithRPC(Account.from_key(wire.payer._secret), anvil.url)
    client = x402Client()
    register_exact_evm_client(client, signer, NETWORK)
    client.register(NETWORK, UptoEvmScheme(signer))
    client.set_spend_controls(
        {"allowed_assets": [{"network": NETWORK, "asset": wire.dollar.address}]}
    )
    told = PaymentRequired.model_validate({
        "x402Version": 2, "accepts": [required],
        "extensions": declare_eip2612_gas_sponsoring_extension(),
        "resource": {"url": "http://127.0.0.1/answer"},
    })  # fmt: skip
    made = asyncio.run(client.create_payment_payload(told))
    return dict(made.model_dump(by_alias=True, exclude_none=True))


@pytest.mark.parametrize(("scheme", "measured"), [("exact", PRICE), ("upto", PRICE - 800)])
def test_a_payer_without_gas_pays_by_permit2(
    facilitator: Running,
    wire: Wire,
    anvil: Anvil,
    dollar: FwUsd,
    chain: AnvilChain,
    scheme: str,
    measured: int,
) -> None:
    assert KEY in facilitator.client.get("/supported").json()["extensions"]
    extra = {**EXTRA, "facilitatorAddress": facilitator.signer.address}
    required = wire.requirements(scheme=scheme, extra=extra)
    payload = payload_of(wire, anvil, required)
    assert KEY in payload["extensions"]
    asked = {"x402Version": 2, "paymentPayload": payload, "paymentRequirements": required}
    assert facilitator.post("/verify", asked).json()["isValid"] is True
    asked["paymentRequirements"] = {**required, "amount": str(measured)}
    told = facilitator.post("/settle", asked).json()
    assert told["success"] is True, told
    assert facilitator.post("/settle", asked).json() == {**told, "extra": {"replayed": True}}
    assert dollar.balance_of(wire.payee) == measured
    assert dollar.balance_of(wire.payer.address) == START - measured
    assert chain.balance(wire.payer.address) == 0
    assert chain.nonce(facilitator.signer.address) == 1


def test_a_permit_of_the_token_for_something_else_is_refused(
    facilitator: Running, wire: Wire, anvil: Anvil, chain: AnvilChain
) -> None:
    """Another spender, another token, another owner: the standard's reasons, and no gas."""
    required = wire.requirements(extra=EXTRA)
    payload = payload_of(wire, anvil, required)
    stranger = "0x" + "a1" * 20
    for change, reason in (
        ({"spender": stranger}, "eip2612_spender_not_permit2"),
        ({"asset": stranger}, "eip2612_asset_mismatch"),
        ({"from": stranger}, "eip2612_from_mismatch"),
        ({"deadline": "1000"}, "eip2612_deadline_expired"),
    ):
        info = {**payload["extensions"][KEY]["info"], **change}
        wrong = {**payload, "extensions": {KEY: {**payload["extensions"][KEY], "info": info}}}
        asked = {"x402Version": 2, "paymentPayload": wrong, "paymentRequirements": required}
        assert facilitator.post("/verify", asked).json()["invalidReason"] == reason
        assert facilitator.post("/settle", asked).json()["success"] is False
    assert chain.nonce(facilitator.signer.address) == 0
    allowed = FwUsd(chain, wire.dollar.address).allowance(wire.payer.address, PERMIT2)
    assert allowed == 0
