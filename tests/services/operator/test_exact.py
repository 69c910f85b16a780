"""The exact rail: priced, verified, inferred, settled, answered; each only once and in this order."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from harness.chain.keys import LocalSigner
from harness.clients.facilitator import FacilitatorClient
from harness.inference.mock import MockProvider
from harness.inference.provider import Completion, FaultKind, ProviderError
from harness.protocol.frames import InferenceResponse
from harness.protocol.league import event_from_wire
from harness.services.operator.app import Operator
from harness.services.operator.connection import Timing
from harness.store.database import DatabaseFailure

from .scripted_facilitator import PENDING, REFUSED
from .scripted_relay import Gone, ScriptedRelay
from .world import Customer, World, header, question, sealed, settlement

PRICE = 1_000  # a hundred tokens at ten base units

Scene = Callable[[ScriptedRelay, Operator, Customer], Awaitable[None]]


class Slow(MockProvider):
    """Answers when it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = asyncio.Event()
        self.go = asyncio.Event()

    async def complete(self, body: Any, headers: Any = None) -> Completion:
        self.asked.set()
        await self.go.wait()
        return await super().complete(body, headers)


def play(world: World, state: Path, scene: Scene, provider: Any = None, **changes: Any) -> None:
    async def main() -> None:
        async with (
            ScriptedRelay() as relay,
            world.operator(relay, state, provider=provider, **changes) as operator,
        ):
            await scene(relay, operator, world.customer())

    asyncio.run(main())


def code(answer: InferenceResponse) -> str:
    return str(answer.body["error"]["code"])


def test_a_request_is_priced_then_paid_then_answered(world: World, tmp_path: Path) -> None:
    async def scene(relay: ScriptedRelay, operator: Operator, customer: Customer) -> None:
        challenge = await relay.ask(question())
        assert challenge.status == 402 and code(challenge) == "payment_required"
        offers = challenge.body["accepts"]
        assert [offer["scheme"] for offer in offers] == ["exact", "vault"]
        assert offers[0]["amount"] == str(PRICE) and offers[0]["payTo"] == operator.address
        assert offers[0]["maxTimeoutSeconds"] == 300
        assert world.hand.calls["/verify"] == 0
        answer = await relay.ask(question(), customer.payment(challenge))
        assert answer.status == 200
        assert answer.body["choices"][0]["message"]["content"] == "hello"
        told = settlement(answer)
        assert told["success"] and told["payer"] == customer.address
        assert told["amount"] == str(PRICE)
        assert world.dollar.balance_of(operator.address) == PRICE
        await operator.outbox.drain()
        (event,) = world.hand.events
        assert event["txHash"] == told["transaction"] and event["mode"] == "exact"
        assert event_from_wire(event).amount_usdc == PRICE

    play(world, tmp_path, scene)


def test_a_sealed_request_is_answered_sealed(world: World, tmp_path: Path) -> None:
    async def scene(relay: ScriptedRelay, operator: Operator, customer: Customer) -> None:
        challenge = await relay.ask({"model": "mock-echo", "max_tokens": 100, "stream": False})
        body, channel = sealed(question("a secret"), relay)
        answer = await relay.ask(body, customer.payment(challenge))
        assert answer.status == 200 and "a secret" not in json.dumps(answer.body)
        opened = json.loads(channel.open_response(answer.body))
        assert opened["choices"][0]["message"]["content"] == "a secret"

    play(world, tmp_path, scene)


def test_a_probe_is_only_quoted(world: World, tmp_path: Path) -> None:
    provider = MockProvider()

    async def scene(relay: ScriptedRelay, operator: Operator, customer: Customer) -> None:
        challenge = await relay.ask(question(), {"x-halo-probe": "1"})
        assert challenge.status == 402
        paid = {**customer.payment(challenge), "x-halo-probe": "1"}
        assert (await relay.ask(question(), paid)).status == 402
        assert provider.calls == 0 and world.hand.calls["/settle"] == 0

    play(world, tmp_path, scene, provider)


def test_a_free_model_is_quoted_204_and_served_unpaid(world: World, tmp_path: Path) -> None:
    async def scene(relay: ScriptedRelay, operator: Operator, customer: Customer) -> None:
        probe = {"model": "mock-echo", "max_tokens": 5, "stream": False}
        quoted = await relay.ask(probe, {"x-halo-probe": "1"})
        assert (quoted.status, quoted.headers) == (204, {"X-Halo-Free": "true"})
        served = await relay.ask(question())
        assert served.status == 200 and served.headers["X-Halo-Free"] == "true"
        streamed = await relay.begin(question(stream=True))
        assert (await streamed.answer()).status == 200 and streamed.chunks

    play(world, tmp_path, scene, flat_usd_per_1k=0)


def test_M1_fifty_at_once_are_one_answer_one_call_one_transfer(
    world: World, tmp_path: Path
) -> None:
    provider = Slow()

    async def scene(relay: ScriptedRelay, operator: Operator, customer: Customer) -> None:
        headers = customer.payment(await relay.ask(question()))
        running = [await relay.begin(question(), headers) for _ in range(50)]
        await provider.asked.wait()
        await asyncio.gather(*(each.until(lambda e=each: e.accepted) for each in running))
        provider.go.set()
        answers = await asyncio.gather(*(each.answer() for each in running))
        statuses = sorted(answer.status for answer in answers)
        assert statuses == [200, *[402] * 49]
        assert {code(a) for a in answers if a.status == 402} == {"replayed_payment"}
        assert provider.calls == 1
        assert world.hand.calls["/verify"] == world.hand.calls["/settle"] == 1
        assert world.dollar.balance_of(operator.address) == PRICE

    play(world, tmp_path, scene, provider, max_concurrency=64)


def test_M1_a_spent_payment_buys_nothing_more(world: World, tmp_path: Path) -> None:
    provider = MockProvider()

    async def scene(relay: ScriptedRelay, operator: Operator, customer: Customer) -> None:
        headers = customer.payment(await relay.ask(question()))
        assert (await relay.ask(question(), headers)).status == 200
        for body in (question(), question("another question")):
            again = await relay.ask(body, headers)
            assert (again.status, code(again)) == (402, "replayed_payment")
        assert provider.calls == 1

    play(world, tmp_path, scene, provider)


def test_an_answer_is_given_again_for_its_idempotency_key(world: World, tmp_path: Path) -> None:
    provider = MockProvider()

    async def scene(relay: ScriptedRelay, operator: Operator, customer: Customer) -> None:
        key = {"idempotency-key": "key_" + secrets.token_hex(10)}
        headers = customer.payment(await relay.ask(question())) | key
        first = await relay.ask(question(), headers)
        again = await relay.ask(question(), headers)
        assert (again.status, again.body) == (200, first.body)
        assert settlement(again) == settlement(first)
        other = await relay.ask(question("something else"), headers)
        assert (other.status, code(other)) == (402, "replayed_payment")
        fresh = customer.payment(await relay.ask(question())) | key
        conflict = await relay.ask(question(), fresh)
        assert (conflict.status, code(conflict)) == (409, "idempotency_conflict")
        assert provider.calls == 1 and world.hand.calls["/settle"] == 1

    play(world, tmp_path, scene, provider)


def test_the_payment_identifier_extension_is_such_a_key(world: World, tmp_path: Path) -> None:
    async def scene(relay: ScriptedRelay, operator: Operator, customer: Customer) -> None:
        challenge = await relay.ask(question())
        accepted = challenge.body["accepts"][0]
        signed = customer.pay(operator.address, PRICE)
        payload = {
            "x402Version": 2, "accepted": accepted, "payload": signed.to_wire(),
            "extensions": {"payment-identifier": {"info": {"id": "pay_" + "a" * 20}}},
        }  # fmt: skip
        first = await relay.ask(question(), header(payload))
        again = await relay.ask(question(), header(payload))
        assert first.status == again.status == 200
        payload["extensions"] = {"payment-identifier": {"info": {"id": "short"}}}
        assert (await relay.ask(question(), header(payload))).status == 400

    play(world, tmp_path, scene)


def test_who_seals_the_question_again_gets_the_answer_again(world: World, tmp_path: Path) -> None:
    provider = MockProvider()

    async def scene(relay: ScriptedRelay, operator: Operator, customer: Customer) -> None:
        headers = customer.payment(await relay.ask(question()))
        body, _ = sealed(question(), relay)
        assert (await relay.ask(body, headers)).status == 200
        replayed = await relay.ask(body, headers)  # by somebody who saw the envelope pass
        assert (replayed.status, code(replayed)) == (402, "replayed_payment")
        anew, channel = sealed(question(), relay)
        again = await relay.ask(anew, headers)
        assert again.status == 200
        assert json.loads(channel.open_response(again.body))["choices"]
        assert provider.calls == 1

    play(world, tmp_path, scene, provider)


CHANGES: list[tuple[str, Any]] = [
    ("scheme", "upto"),
    ("network", "eip155:1"),
    ("asset", "0x" + "11" * 20),
    ("amount", str(PRICE - 1)),
    ("amount", str(PRICE + 1)),
    ("payTo", "0x" + "22" * 20),
    ("maxTimeoutSeconds", 301),
    ("extra", {"name": "USD Coin", "version": "3"}),
]


def test_M3_what_is_accepted_must_be_what_is_required(world: World, tmp_path: Path) -> None:
    async def scene(relay: ScriptedRelay, operator: Operator, customer: Customer) -> None:
        required = (await relay.ask(question())).body["accepts"][0]
        for member, value in CHANGES:
            accepted = required | {member: value}
            signed = customer.pay(accepted["payTo"], int(accepted["amount"]))
            payload = {"x402Version": 2, "accepted": accepted, "payload": signed.to_wire()}
            answer = await relay.ask(question(), header(payload))
            assert (answer.status, code(answer)) == (402, "invalid_payment_requirements"), member
        elsewhere = {"resource": {"url": "https://relay.example/v1/else"}, "accepted": required}
        signed = customer.pay(required["payTo"], int(required["amount"])).to_wire()
        payload = {"x402Version": 2, "payload": signed} | elsewhere
        answer = await relay.ask(question(), header(payload))
        assert (answer.status, code(answer)) == (402, "invalid_payment_requirements")
        assert world.hand.calls["/verify"] == 0

    play(world, tmp_path, scene)


def test_H8_a_payment_for_another_operator_is_refused(world: World, tmp_path: Path) -> None:
    async def scene(relay: ScriptedRelay, operator: Operator, customer: Customer) -> None:
        challenge = await relay.ask(question())
        other = LocalSigner.generate().address
        accepted = challenge.body["accepts"][0]
        for payee, reason in ((other, "invalid_exact_evm_payload_recipient_mismatch"),):
            signed = customer.pay(payee, PRICE)
            payload = {"x402Version": 2, "accepted": accepted, "payload": signed.to_wire()}
            answer = await relay.ask(question(), header(payload))
            assert (answer.status, code(answer)) == (402, reason)
        pinned = customer.payment(challenge) | {"x-halo-operator": other}
        answer = await relay.ask(question(), pinned)
        assert (answer.status, code(answer)) == (409, "operator_mismatch")
        assert world.hand.calls["/verify"] == world.hand.calls["/settle"] == 0

    play(world, tmp_path, scene)


def test_what_is_signed_must_be_the_price_and_last_long_enough(
    world: World, tmp_path: Path
) -> None:
    async def scene(relay: ScriptedRelay, operator: Operator, customer: Customer) -> None:
        challenge = await relay.ask(question())
        for changes, reason in (
            ({"value": PRICE + 1}, "invalid_exact_evm_payload_authorization_value_mismatch"),
            ({"valid_before": 1}, "invalid_exact_evm_payload_authorization_valid_before"),
        ):
            answer = await relay.ask(question(), customer.payment(challenge, **changes))
            assert (answer.status, code(answer)) == (402, reason)
        assert world.hand.calls["/verify"] == 0

    play(world, tmp_path, scene)


def test_a_payment_header_that_is_none(world: World, tmp_path: Path) -> None:
    async def scene(relay: ScriptedRelay, operator: Operator, customer: Customer) -> None:
        version = "invalid_x402_version"
        for value, reason in (
            ("!!!", "invalid_payload"),
            ("e30=", version),
            ("W10=", version),
            ('{"x402Version":1}', version),
            ('{"x402Version":2}', "invalid_payload"),
            ('{"x402Version":2,"x402Version":2}', "invalid_payload"),
            ("x" * 20_000, "invalid_payload"),
        ):
            answer = await relay.ask(question(), {"payment-signature": value})
            assert (answer.status, code(answer)) == (400, reason), value[:40]
        required = (await relay.ask(question())).body["accepts"][0]
        signed = customer.pay(required["payTo"], int(required["amount"])).to_wire()
        payload = {"x402Version": 2, "accepted": required, "payload": signed}
        answer = await relay.ask(question(), header(payload | {"extensions": {"a": "x" * 20_000}}))
        assert (answer.status, code(answer)) == (400, "invalid_payload")

    play(world, tmp_path, scene)


def test_H2_two_ways_of_paying_at_once_are_refused(world: World, tmp_path: Path) -> None:
    async def scene(relay: ScriptedRelay, operator: Operator, customer: Customer) -> None:
        headers = customer.payment(await relay.ask(question())) | customer.vault_headers()
        answer = await relay.ask(question(), headers)
        assert (answer.status, code(answer)) == (400, "ambiguous_payment")
        assert world.hand.calls["/verify"] == 0

    play(world, tmp_path, scene)


def test_who_has_no_money_is_told_before_the_model_is_asked(world: World, tmp_path: Path) -> None:
    provider = MockProvider()

    async def scene(relay: ScriptedRelay, operator: Operator, customer: Customer) -> None:
        challenge = await relay.ask(question())
        poor = Customer(world)
        answer = await relay.ask(question(), poor.payment(challenge))
        assert answer.status == 402 and "insufficient" in code(answer)
        assert provider.calls == 0 and world.hand.calls["/settle"] == 0
        headers = poor.payment(challenge)
        world.dollar.mint(poor.address, PRICE)
        assert (await relay.ask(question(), headers)).status == 200

    play(world, tmp_path, scene, provider)


def test_a_failed_model_settles_nothing_and_frees_the_payment(world: World, tmp_path: Path) -> None:
    class Failing(MockProvider):
        broken = True

        async def complete(self, body: Any, headers: Any = None) -> Completion:
            if self.broken:
                raise ProviderError(500, FaultKind.PROVIDER, True, "sk-secret-of-the-provider")
            return await super().complete(body, headers)

    provider = Failing()

    async def scene(relay: ScriptedRelay, operator: Operator, customer: Customer) -> None:
        headers = customer.payment(await relay.ask(question()))
        answer = await relay.ask(question(), headers)
        assert (answer.status, code(answer)) == (502, "provider_error")
        assert "secret" not in json.dumps(answer.body)  # H10
        assert world.hand.calls["/settle"] == 0
        provider.broken = False
        assert (await relay.ask(question(), headers)).status == 200

    play(world, tmp_path, scene, provider)


def test_a_settlement_that_fails_for_good_withholds_the_answer(
    world: World, tmp_path: Path
) -> None:
    async def scene(relay: ScriptedRelay, operator: Operator, customer: Customer) -> None:
        world.hand.script["/settle"] = [REFUSED]
        headers = customer.payment(await relay.ask(question("the words")))
        answer = await relay.ask(question("the words"), headers)
        assert (answer.status, code(answer)) == (402, "insufficient_funds")
        assert "the words" not in json.dumps(answer.body)
        assert settlement(answer)["success"] is False
        again = await relay.ask(question("the words"), headers)
        assert (again.status, code(again)) == (402, "replayed_payment")
        await operator.outbox.drain()
        assert world.hand.events == []

    play(world, tmp_path, scene)


def test_a_facilitator_that_reads_another_payer_is_not_believed(
    world: World, tmp_path: Path
) -> None:
    provider = MockProvider()

    async def scene(relay: ScriptedRelay, operator: Operator, customer: Customer) -> None:
        world.hand.script["/verify"] = [{"isValid": True, "payer": operator.address}]
        headers = customer.payment(await relay.ask(question()))
        answer = await relay.ask(question(), headers)
        assert (answer.status, code(answer)) == (402, "invalid_payload")
        assert provider.calls == 0

    play(world, tmp_path, scene, provider)


def test_a_refusal_after_an_answer_was_lost_does_not_say_that_nothing_moved(
    world: World, tmp_path: Path
) -> None:
    async def scene(relay: ScriptedRelay, operator: Operator, customer: Customer) -> None:
        world.hand.script["/settle"] = ["lose", 400]
        headers = customer.payment(await relay.ask(question()))
        answer = await relay.ask(question(), headers)
        assert answer.status == 200 and settlement(answer)["success"]
        assert world.dollar.balance_of(operator.address) == PRICE

    quick = Timing(sleep=lambda seconds: asyncio.sleep(seconds / 50))
    play(world, tmp_path, scene, timing=quick)


def test_an_answer_that_cannot_be_written_down_frees_its_payment(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_arguments: Any, **_named: Any) -> None:
        raise DatabaseFailure("the disk is full")

    async def scene(relay: ScriptedRelay, operator: Operator, customer: Customer) -> None:
        headers = customer.payment(await relay.ask(question()))
        with monkeypatch.context() as disk:
            disk.setattr(operator.journal, "settling", full)
            answer = await relay.ask(question(), headers)
        assert (answer.status, code(answer)) == (503, "storage_unavailable")
        assert world.hand.calls["/settle"] == 0
        assert (await relay.ask(question(), headers)).status == 200

    play(world, tmp_path, scene)


def test_who_leaves_as_the_model_ends_is_not_settled_with(world: World, tmp_path: Path) -> None:
    class Left(MockProvider):
        async def complete(self, body: Any, headers: Any = None) -> Completion:
            completion = await super().complete(body, headers)
            for job in here[0].working.values():
                job.gone.set()
            asked.set()
            return completion

    here: list[Operator] = []
    asked = asyncio.Event()

    async def scene(relay: ScriptedRelay, operator: Operator, customer: Customer) -> None:
        here.append(operator)
        headers = customer.payment(await relay.ask(question()))
        await relay.begin(question(), headers)
        await asyncio.wait_for(asked.wait(), 10)
        while operator.working:
            await asyncio.sleep(0.01)
        assert world.hand.calls["/settle"] == 0

    play(world, tmp_path, scene, Left())


def test_a_pending_settlement_is_waited_for(world: World, tmp_path: Path) -> None:
    async def scene(relay: ScriptedRelay, operator: Operator, customer: Customer) -> None:
        world.hand.script["/settle"] = [PENDING, "lose", "down"]
        headers = customer.payment(await relay.ask(question()))
        answer = await relay.ask(question(), headers)
        assert answer.status == 200 and settlement(answer)["success"]
        assert world.dollar.balance_of(operator.address) == PRICE

    quick = Timing(sleep=lambda seconds: asyncio.sleep(seconds / 50))
    play(world, tmp_path, scene, timing=quick)


def test_a_settlement_that_stays_pending_keeps_the_answer_for_the_same_payment(
    world: World, tmp_path: Path
) -> None:
    provider = MockProvider()

    async def scene(relay: ScriptedRelay, operator: Operator, customer: Customer) -> None:
        world.hand.script["/settle"] = [PENDING] * 100
        headers = customer.payment(await relay.ask(question()))
        answer = await relay.ask(question(), headers, deadline_ms=1_500)
        assert (answer.status, code(answer)) == (503, "settlement_pending")
        assert answer.headers["Retry-After"] == "5"
        world.hand.script.clear()
        again = await relay.ask(question(), headers)
        assert again.status == 200 and settlement(again)["success"]
        assert provider.calls == 1
        assert world.dollar.balance_of(operator.address) == PRICE

    play(world, tmp_path, scene, provider)


@pytest.mark.parametrize("how", ["abort", "drop"])
def test_nobody_listens_nothing_is_settled(world: World, tmp_path: Path, how: str) -> None:
    provider = Slow()

    async def scene(relay: ScriptedRelay, operator: Operator, customer: Customer) -> None:
        headers = customer.payment(await relay.ask(question()))
        exchange = await relay.begin(question(), headers)
        await provider.asked.wait()
        if how == "abort":
            await exchange.abort()
        else:
            await relay.drop(hard=True)
            with pytest.raises(Gone):
                await exchange.answer()
        while operator.working:
            await asyncio.sleep(0.01)
        assert world.hand.calls["/settle"] == 0
        provider.go.set()
        answer = await relay.ask(question(), headers)  # the payment is as good as before
        assert answer.status == 200

    play(world, tmp_path, scene, provider)


def test_a_stream_is_paid_for_first_and_then_sent_in_pieces(world: World, tmp_path: Path) -> None:
    async def scene(relay: ScriptedRelay, operator: Operator, customer: Customer) -> None:
        headers = customer.payment(await relay.ask(question()))
        world.hand.script["/settle"] = [REFUSED]
        refused = await relay.begin(question(stream=True), headers)
        assert (await refused.answer()).status == 402 and refused.chunks == []
        headers = customer.payment(await relay.ask(question()))
        exchange = await relay.begin(question(stream=True), headers)
        last = await exchange.answer()
        assert last.status == 200 and last.body is None
        assert last.headers["X-Halo-Stream"] == "buffered" and settlement(last)["success"]
        chunks = [json.loads(chunk.data) for chunk in exchange.chunks]
        text = "".join(c["choices"][0]["delta"].get("content", "") for c in chunks if c["choices"])
        assert text == "hello" and chunks[-1]["usage"]["total_tokens"] > 0

    play(world, tmp_path, scene)


def test_a_facilitator_that_is_away_costs_nobody_anything(world: World, tmp_path: Path) -> None:
    provider = MockProvider()

    async def scene(relay: ScriptedRelay, operator: Operator, customer: Customer) -> None:
        world.hand.script["/verify"] = ["down"]
        headers = customer.payment(await relay.ask(question()))
        answer = await relay.ask(question(), headers)
        assert (answer.status, code(answer)) == (502, "facilitator_unavailable")
        assert provider.calls == 0
        assert (await relay.ask(question(), headers)).status == 200

    play(world, tmp_path, scene, provider)


def test_a_quote_holds_for_its_five_minutes(world: World, tmp_path: Path) -> None:
    from decimal import Decimal

    from harness.inference.provider import Price

    price = Price(Decimal("0.00001"), Decimal("0.00002"))
    provider = MockProvider(price=price)

    async def scene(relay: ScriptedRelay, operator: Operator, customer: Customer) -> None:
        challenge = await relay.ask(question())
        assert challenge.body["accepts"][0]["amount"] == str(2_500)  # 2000 and a quarter
        provider._price = Price(Decimal("0.1"), Decimal("0.2"))
        answer = await relay.ask(question(), customer.payment(challenge))
        assert answer.status == 200 and settlement(answer)["amount"] == "2500"

    play(world, tmp_path, scene, provider, pricing_mode="margin", flat_usd_per_1k=None)


def test_the_client_agrees_with_the_facilitator_about_a_digest(world: World) -> None:
    """What `settlement` is asked for after a crash is what the facilitator calls the payment."""

    async def main() -> None:
        client = FacilitatorClient(world.url)
        try:
            assert await client.settlement(b"\x01" * 32) is None
        finally:
            await client.close()

    asyncio.run(main())
