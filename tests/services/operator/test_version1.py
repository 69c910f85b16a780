"""x402 version 1 behind its switch: the same payment as version 2, once, and nothing at all when it is off."""

from __future__ import annotations

import asyncio
import base64
import json
import secrets
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from x402.schemas import PaymentRequired
from x402.schemas.v1 import PaymentRequiredV1

from harness.chain.keys import LocalSigner
from harness.errors import ConfigError
from harness.inference.mock import MockProvider
from harness.protocol.frames import InferenceResponse
from harness.services.operator.app import Operator

from .scripted_facilitator import REFUSED
from .scripted_relay import ScriptedRelay
from .test_exact import PRICE, Slow, code, play
from .world import Customer, World, header, question, sealed, settlement, version1

Scene = Callable[[ScriptedRelay, Operator, Customer], Awaitable[None]]


def speak(world: World, state: Path, scene: Scene, provider: Any = None, **changes: Any) -> None:
    """An operator with the switch on."""
    play(world, state, scene, provider, x402_v1=True, **changes)


def older_settlement(answer: InferenceResponse) -> dict[str, Any]:
    """X-PAYMENT-RESPONSE."""
    found: dict[str, Any] = json.loads(base64.b64decode(answer.headers["X-PAYMENT-RESPONSE"]))
    return found


def offered(answer: InferenceResponse) -> dict[str, Any]:
    """The first way of paying in PAYMENT-REQUIRED."""
    required = json.loads(base64.b64decode(answer.headers["PAYMENT-REQUIRED"]))
    found: dict[str, Any] = required["accepts"][0]
    return found


def both(customer: Customer, answer: InferenceResponse) -> tuple[dict[str, str], dict[str, str]]:
    """The header of either version for one and the same authorization."""
    accepted = offered(answer)
    signed = customer.pay(accepted["payTo"], int(accepted["amount"]))
    newer = {"x402Version": 2, "accepted": accepted, "payload": signed.to_wire()}
    return version1(signed), header(newer)


def test_a_version_1_payment_is_priced_paid_and_answered(
    named_world: World, tmp_path: Path
) -> None:
    async def scene(relay: ScriptedRelay, operator: Operator, customer: Customer) -> None:
        challenge = await relay.ask(question())
        demand = PaymentRequiredV1.model_validate(challenge.body)
        assert demand.error == "payment_required" and challenge.body["message"]
        (offer,) = demand.accepts  # the vault has no form in version 1
        assert (offer.scheme, offer.network) == ("exact", "base-sepolia")
        assert offer.max_amount_required == str(PRICE) and offer.pay_to == operator.address
        assert offer.asset == named_world.dollar.address and offer.max_timeout_seconds == 300
        assert offer.resource.endswith("/v1/chat/completions") and offer.description
        answer = await relay.ask(question(), version1(customer.pay(offer.pay_to, PRICE)))
        assert answer.status == 200
        assert answer.body["choices"][0]["message"]["content"] == "hello"
        newer, older = settlement(answer), older_settlement(answer)
        assert older == {
            "success": True,
            "transaction": newer["transaction"],
            "payer": customer.address,
            "network": "base-sepolia",
        }
        assert newer["network"] == "eip155:84532" and newer["amount"] == str(PRICE)
        assert named_world.hand.calls["/verify"] == named_world.hand.calls["/settle"] == 1
        assert named_world.dollar.balance_of(operator.address) == PRICE
        await operator.outbox.drain()
        (event,) = named_world.hand.events
        assert event["txHash"] == older["transaction"] and event["mode"] == "exact"

    speak(named_world, tmp_path, scene)


def test_clients_of_version_2_notice_nothing(named_world: World, tmp_path: Path) -> None:
    async def scene(relay: ScriptedRelay, operator: Operator, customer: Customer) -> None:
        challenge = await relay.ask(question())
        raw = base64.b64decode(challenge.headers["PAYMENT-REQUIRED"])
        required = PaymentRequired.model_validate_json(raw)
        assert [each.scheme for each in required.accepts] == ["exact", "vault"]
        assert {each.network for each in required.accepts} == {"eip155:84532"}
        probe = await relay.ask(question(), {"x-halo-probe": "1"})
        refused = await relay.ask(question(), customer.payment(challenge, value=PRICE + 1))
        for answer in (probe, refused):  # they have shown which version they read
            assert answer.body["x402Version"] == 2 and code(answer)
            assert [each["scheme"] for each in answer.body["accepts"]] == ["exact", "vault"]
        paid = await relay.ask(question(), customer.payment(challenge))
        assert paid.status == 200 and settlement(paid)["success"]
        assert "X-PAYMENT-RESPONSE" not in paid.headers

    speak(named_world, tmp_path, scene)


def test_off_means_off(named_world: World, tmp_path: Path) -> None:
    """A version-1 payment is as if it had not been sent: nothing is read, said or moved."""
    provider = MockProvider()

    async def scene(relay: ScriptedRelay, operator: Operator, customer: Customer) -> None:
        challenge = await relay.ask(question())
        assert challenge.body["x402Version"] == 2 and code(challenge) == "payment_required"
        older, newer = both(customer, challenge)
        for header_of in (older, {"x-payment": "!!!"}, {"x-payment": "x" * 15_000}):
            again = await relay.ask(question(), header_of)
            assert (again.status, again.body) == (402, challenge.body)
            assert again.headers == challenge.headers
        misplaced = {"payment-signature": older["x-payment"]}
        answer = await relay.ask(question(), misplaced)
        assert (answer.status, code(answer)) == (400, "invalid_x402_version")
        assert provider.calls == 0 and named_world.hand.calls["/verify"] == 0
        paid = await relay.ask(question(), older | newer)
        assert paid.status == 200 and "X-PAYMENT-RESPONSE" not in paid.headers

    play(named_world, tmp_path, scene, provider)


@pytest.mark.parametrize("first", [0, 1], ids=["version 1 first", "version 2 first"])
def test_one_authorization_is_one_payment_in_either_version(
    first: int, named_world: World, tmp_path: Path
) -> None:
    provider = MockProvider()

    async def scene(relay: ScriptedRelay, operator: Operator, customer: Customer) -> None:
        headers = both(customer, await relay.ask(question()))
        assert (await relay.ask(question(), headers[first])).status == 200
        for body in (question(), question("another question")):
            for again in headers:
                answer = await relay.ask(body, again)
                assert (answer.status, code(answer)) == (402, "replayed_payment")
        assert provider.calls == named_world.hand.calls["/settle"] == 1
        assert named_world.dollar.balance_of(operator.address) == PRICE

    speak(named_world, tmp_path, scene, provider)


def test_both_versions_at_once_are_one_answer_one_call_one_transfer(
    named_world: World, tmp_path: Path
) -> None:
    provider = Slow()

    async def scene(relay: ScriptedRelay, operator: Operator, customer: Customer) -> None:
        headers = both(customer, await relay.ask(question()))
        running = [await relay.begin(question(), headers[each % 2]) for each in range(8)]
        await provider.asked.wait()
        await asyncio.gather(*(each.until(lambda e=each: e.accepted) for each in running))
        provider.go.set()
        answers = await asyncio.gather(*(each.answer() for each in running))
        assert sorted(answer.status for answer in answers) == [200, *[402] * 7]
        assert {code(a) for a in answers if a.status == 402} == {"replayed_payment"}
        assert provider.calls == named_world.hand.calls["/settle"] == 1
        assert named_world.dollar.balance_of(operator.address) == PRICE

    speak(named_world, tmp_path, scene, provider)


def test_a_retry_may_come_in_the_other_version(named_world: World, tmp_path: Path) -> None:
    """What is kept is neither's: each retry is answered in the version that it speaks."""
    provider = MockProvider()

    async def scene(relay: ScriptedRelay, operator: Operator, customer: Customer) -> None:
        key = {"idempotency-key": "key_" + secrets.token_hex(10)}
        older, newer = both(customer, await relay.ask(question()))
        first = await relay.ask(question(), older | key)
        as_newer = await relay.ask(question(), newer | key)
        as_older = await relay.ask(question(), older | key)
        assert first.body == as_newer.body == as_older.body
        assert settlement(first) == settlement(as_newer) == settlement(as_older)
        assert "X-PAYMENT-RESPONSE" not in as_newer.headers
        assert older_settlement(as_older) == older_settlement(first)
        assert provider.calls == 1 and named_world.hand.calls["/settle"] == 1

    speak(named_world, tmp_path, scene, provider)


ELSEWHERE: list[dict[str, str]] = [
    {"network": "base"},
    {"network": "eip155:84532"},
    {"network": "Base-Sepolia"},
    {"network": "no such network"},
    {"network": ""},
    {"scheme": "upto"},
    {"scheme": "vault"},
    {"scheme": ""},
]


def test_another_network_or_scheme_is_refused_as_in_version_2(
    named_world: World, tmp_path: Path
) -> None:
    async def scene(relay: ScriptedRelay, operator: Operator, customer: Customer) -> None:
        signed = customer.pay(operator.address, PRICE)
        for changes in ELSEWHERE:
            answer = await relay.ask(question(), version1(signed, **changes))
            assert answer.status == 402, changes
            demand = PaymentRequiredV1.model_validate(answer.body)
            assert demand.error == answer.body["code"] == "invalid_payment_requirements", changes
        assert named_world.hand.calls["/verify"] == 0
        assert (await relay.ask(question(), version1(signed))).status == 200

    speak(named_world, tmp_path, scene)


def test_what_is_signed_is_checked_as_in_version_2(named_world: World, tmp_path: Path) -> None:
    """Each mistake is made in both versions; the reasons are the same."""
    forged = LocalSigner.generate()

    async def scene(relay: ScriptedRelay, operator: Operator, customer: Customer) -> None:
        accepted = offered(await relay.ask(question()))
        poor = Customer(named_world)
        theft = poor.pay(operator.address, PRICE).to_wire()
        theft["authorization"]["from"] = customer.address  # signed by somebody else
        wires = {
            "invalid_exact_evm_payload_recipient_mismatch":
                customer.pay(forged.address, PRICE).to_wire(),
            "invalid_exact_evm_payload_authorization_value_mismatch":
                customer.pay(operator.address, PRICE - 1).to_wire(),
            "invalid_exact_evm_payload_authorization_valid_before":
                customer.pay(operator.address, PRICE, valid_before=1).to_wire(),
            "invalid_exact_evm_payload_signature": theft,
            "invalid_exact_evm_insufficient_balance": poor.pay(operator.address, PRICE).to_wire(),
            "invalid_payload": {"signature": "0x", "authorization": {}},
        }  # fmt: skip
        for reason, wire in wires.items():
            newer = header({"x402Version": 2, "accepted": accepted, "payload": wire})
            answer = await relay.ask(question(), newer)
            assert (answer.status, code(answer)) == (402, reason)
            older = {"x402Version": 1, "scheme": "exact", "network": "base-sepolia"}
            sent = base64.b64encode(json.dumps(older | {"payload": wire}).encode()).decode()
            answer = await relay.ask(question(), {"x-payment": sent})
            assert (answer.status, answer.body["error"]) == (402, reason)
        assert named_world.hand.calls["/settle"] == 0

    speak(named_world, tmp_path, scene)


def test_headers_that_are_none_and_versions_in_the_wrong_place(
    named_world: World, tmp_path: Path
) -> None:
    provider = MockProvider()

    async def scene(relay: ScriptedRelay, operator: Operator, customer: Customer) -> None:
        older, newer = both(customer, await relay.ask(question()))
        text = base64.b64decode(older["x-payment"]).decode()
        version, payload = "invalid_x402_version", "invalid_payload"
        for headers, reason in (
            ({"x-payment": "!!!"}, payload),
            ({"x-payment": ""}, payload),
            ({"x-payment": older["x-payment"][:-7]}, payload),
            ({"x-payment": "x" * 20_000}, payload),
            ({"x-payment": "{" + " " * 20_000 + text[1:]}, payload),
            ({"x-payment": text[:-1] + ',"x402Version":1}'}, payload),
            ({"x-payment": '{"x402Version":1}'}, payload),
            ({"x-payment": '{"x402Version":1,"scheme":"exact","network":5,"payload":{}}'}, payload),
            (
                {"x-payment": '{"x402Version":1,"scheme":"exact","network":"","payload":[]}'},
                payload,
            ),
            ({"x-payment": "e30="}, version),
            ({"x-payment": "W10="}, version),
            ({"x-payment": '{"x402Version":"1"}'}, version),
            ({"x-payment": newer["payment-signature"]}, version),
            ({"payment-signature": older["x-payment"]}, version),
            (older | newer, "ambiguous_payment"),
            (older | {"payment-signature": "!!!"}, "ambiguous_payment"),
            (older | customer.vault_headers(), "ambiguous_payment"),
        ):
            answer = await relay.ask(question(), headers)
            assert (answer.status, code(answer)) == (400, reason), headers
        assert provider.calls == 0 and named_world.hand.calls["/verify"] == 0
        assert (await relay.ask(question(), {"x-payment": text})).status == 200  # JSON as it is

    speak(named_world, tmp_path, scene, provider)


def test_a_settlement_that_fails_is_told_in_both_versions(
    named_world: World, tmp_path: Path
) -> None:
    async def scene(relay: ScriptedRelay, operator: Operator, customer: Customer) -> None:
        older, _ = both(customer, await relay.ask(question("the words")))
        named_world.hand.script["/settle"] = [REFUSED]
        answer = await relay.ask(question("the words"), older)
        assert (answer.status, answer.body["error"]) == (402, "insufficient_funds")
        assert "the words" not in json.dumps(answer.body)
        told = older_settlement(answer)
        assert told["success"] is False and told["errorReason"] == "insufficient_funds"
        assert told["network"] == "base-sepolia" and settlement(answer)["success"] is False

    speak(named_world, tmp_path, scene)


def test_a_sealed_stream_is_paid_for_in_version_1(named_world: World, tmp_path: Path) -> None:
    async def scene(relay: ScriptedRelay, operator: Operator, customer: Customer) -> None:
        older, _ = both(customer, await relay.ask(question()))
        body, channel = sealed(question("a secret", stream=True), relay)
        exchange = await relay.begin(body, older)
        last = await exchange.answer()
        assert last.status == 200 and older_settlement(last)["success"]
        assert "secret" not in "".join(chunk.data for chunk in exchange.chunks)
        opened = [json.loads(channel.open_chunk(c.seq, c.data)) for c in exchange.chunks]
        text = "".join(c["choices"][0]["delta"].get("content", "") for c in opened if c["choices"])
        assert text == "a secret"

    speak(named_world, tmp_path, scene)


def test_a_chain_without_a_name_refuses_the_switch(world: World, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no name for chain 31337; start without --x402-v1"):
        world.settings("ws://127.0.0.1:1", tmp_path, x402_v1=True)
