"""The vault rail: the gate on chain, credit, receipts, redeeming."""

from __future__ import annotations

import asyncio
import base64
import json
import secrets
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from harness.inference.mock import MockProvider
from harness.inference.provider import Completion, FaultKind, ProviderError
from harness.protocol.frames import InferenceResponse
from harness.services.operator import gate
from harness.services.operator.app import Operator
from harness.services.operator.connection import Timing
from harness.services.operator.receipts import OfferedReceipt
from harness.store.database import DatabaseFailure

from .scripted_relay import Exchange, Gone, ScriptedRelay
from .world import USD, Customer, World, header, question, sealed, settlement

Scene = Callable[[ScriptedRelay, Operator, Customer], Awaitable[None]]
ANSWER = 80  # base units: six tokens asked, two answered, ten base units each
QUICK = Timing(sleep=lambda seconds: asyncio.sleep(seconds / 100))


def play(
    world: World,
    state: Path,
    scene: Scene,
    provider: Any = None,
    *,
    reserved: int = USD // 2,
    **changes: Any,
) -> None:
    """A consumer with a reservation, an operator, and what happens between them."""

    async def main() -> None:
        async with (
            ScriptedRelay() as relay,
            world.operator(relay, state, provider=provider, **changes) as operator,
        ):
            customer = Customer(world)
            customer.deposit(USD)
            if reserved:
                customer.reserve(operator.address, reserved)
            await scene(relay, operator, customer)

    asyncio.run(main())


def code(answer: InferenceResponse) -> str:
    return str(answer.body["error"]["code"])


async def served(relay: ScriptedRelay, customer: Customer, text: str = "hello") -> int:
    """One answer on the tab; what is owed in all."""
    answer = await relay.ask(question(text), customer.vault_headers())
    assert answer.status == 200, answer.body
    return int(settlement(answer)["cumulative"])


def test_served_receipted_redeemed(world: World, tmp_path: Path) -> None:
    async def scene(relay: ScriptedRelay, operator: Operator, customer: Customer) -> None:
        said = await relay.announced()
        assert said.vault_payments and said.streaming and said.stream_receipts
        body, channel = sealed(question(), relay)
        answer = await relay.ask(body, customer.vault_headers(body))
        assert json.loads(channel.open_response(answer.body))["choices"]
        told = settlement(answer)
        assert told["success"] and told["mode"] == told["extra"]["mode"] == "vault"
        assert (told["amountUsdc"], told["tokens"], told["transaction"]) == (str(ANSWER), 8, "")
        assert (told["operator"], told["payer"]) == (operator.address, customer.address)
        assert (told["cumulative"], told["cycle"]) == (str(ANSWER), "1")
        ack = await relay.receipt(customer.receipt(operator.address, ANSWER))
        assert ack.accepted and not ack.provisional
        await operator.redeemer.flush()
        assert world.dollar.balance_of(operator.address) == ANSWER
        assert world.vault.ops(customer.address, operator.address).redeemed == ANSWER
        await operator.outbox.drain()
        (event,) = world.hand.events
        assert (event["mode"], event["amountUsdc"]) == ("vault", str(ANSWER))
        assert (event["vaultCycle"], event["cumulativeCheckpoint"]) == (1, str(ANSWER))

    play(world, tmp_path, scene)


def test_no_reservation_no_service(world: World, tmp_path: Path) -> None:
    provider = MockProvider()

    async def scene(relay: ScriptedRelay, operator: Operator, customer: Customer) -> None:
        customer.operator = operator.address
        answer = await relay.ask(question(), customer.vault_headers())
        assert (answer.status, code(answer)) == (402, "vault_reservation_insufficient")
        error = answer.body["error"]
        assert (error["requiredUsdcBase"], error["remainingUsdcBase"]) == ("1060", "0")
        assert error["vault"] == world.vault.address and error["type"] == error["code"]
        assert "no active reservation" in error["message"]
        nobody = Customer(world, operator=operator.address)
        answer = await relay.ask(question(), nobody.vault_headers())
        assert (answer.status, code(answer)) == (402, "vault_reservation_insufficient")
        assert "deposit first" in answer.body["error"]["message"]
        assert provider.calls == 0

    play(world, tmp_path, scene, provider, reserved=0)


def test_a_reservation_must_cover_the_ceiling_and_may_grow(world: World, tmp_path: Path) -> None:
    async def scene(relay: ScriptedRelay, operator: Operator, customer: Customer) -> None:
        answer = await relay.ask(question(), customer.vault_headers())
        assert code(answer) == "vault_reservation_insufficient"
        assert answer.body["error"]["remainingUsdcBase"] == "1000"
        customer.reserve(operator.address, 60)
        assert await served(relay, customer) == ANSWER

    play(world, tmp_path, scene, reserved=1_000)


def test_an_expired_reservation_admits_nothing(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gate, "READING_SECONDS", 0.0)  # a minute passes on the chain alone

    async def scene(relay: ScriptedRelay, operator: Operator, customer: Customer) -> None:
        customer.reserve(operator.address, USD // 2, seconds=30)
        assert await served(relay, customer) == ANSWER
        world.chain.advance(60)
        answer = await relay.ask(question(), customer.vault_headers())
        assert (answer.status, code(answer)) == (402, "vault_reservation_insufficient")
        assert "expired" in answer.body["error"]["message"]
        ack = await relay.receipt(customer.receipt(operator.address, ANSWER))
        assert ack.accepted  # what was served is still paid for
        await operator.redeemer.flush()
        assert world.dollar.balance_of(operator.address) == ANSWER

    play(world, tmp_path, scene, reserved=0)


def test_M8_unreceipted_work_stops_at_the_window(world: World, tmp_path: Path) -> None:
    provider = MockProvider()

    async def scene(relay: ScriptedRelay, operator: Operator, customer: Customer) -> None:
        owed = 0
        for _ in range(40):
            answer = await relay.ask(question(), customer.vault_headers())
            if answer.status != 200:
                break
            owed = int(settlement(answer)["cumulative"])
        assert (answer.status, code(answer)) == (402, "vault_credit_window_exceeded")
        error = answer.body["error"]
        assert error["outstandingUsdcBase"] == str(owed) and owed <= 2_000
        assert error["creditWindowUsdcBase"] == "2000"
        calls = provider.calls
        assert (await relay.receipt(customer.receipt(operator.address, owed))).accepted
        assert await served(relay, customer) == owed + ANSWER
        assert provider.calls == calls + 1

    play(world, tmp_path, scene, provider, credit_window_base=2_000)


def test_an_idle_tab_takes_one_large_request(world: World, tmp_path: Path) -> None:
    async def scene(relay: ScriptedRelay, operator: Operator, customer: Customer) -> None:
        large = question("x" * 4_000)
        answer = await relay.ask(large, customer.vault_headers())
        assert answer.status == 200
        refused = await relay.ask(large, customer.vault_headers())
        assert code(refused) == "vault_credit_window_exceeded"

    play(world, tmp_path, scene, credit_window_base=2_000)


def test_a_receipt_in_the_header_counts_for_the_same_request(world: World, tmp_path: Path) -> None:
    async def scene(relay: ScriptedRelay, operator: Operator, customer: Customer) -> None:
        large = question("x" * 4_000)
        owed = int(settlement(await relay.ask(large, customer.vault_headers()))["cumulative"])
        signed = customer.signed(operator.address, owed)
        wire = {"cumulative": str(owed), "signature": "0x" + signed.signature.hex()}
        receipt = base64.b64encode(json.dumps(wire).encode()).decode()
        answer = await relay.ask(large, customer.vault_headers(**{"x-halo-receipt": receipt}))
        assert answer.status == 200
        broken = customer.vault_headers(**{"x-halo-receipt": "nonsense"})
        assert code(await relay.ask(large, broken)) == "vault_credit_window_exceeded"

    play(world, tmp_path, scene, credit_window_base=2_000)


def test_parallel_requests_never_pass_window_or_reservation(world: World, tmp_path: Path) -> None:
    async def scene(relay: ScriptedRelay, operator: Operator, customer: Customer) -> None:
        asked = [relay.ask(question(), customer.vault_headers()) for _ in range(12)]
        answers = await asyncio.gather(*asked)
        good = [answer for answer in answers if answer.status == 200]
        assert 1 <= len(good) < 12
        cumulative = sorted(int(settlement(answer)["cumulative"]) for answer in good)
        assert cumulative == [ANSWER * n for n in range(1, len(good) + 1)]
        assert {code(a) for a in answers if a.status != 200} == {"vault_credit_window_exceeded"}

    play(world, tmp_path, scene, credit_window_base=2_200, max_concurrency=20)


# -- retries, failures -----------------------------------------------------------------------------


def test_a_failed_model_is_not_charged(world: World, tmp_path: Path) -> None:
    class Failing(MockProvider):
        async def complete(self, body: Any, headers: Any = None) -> Completion:
            raise ProviderError(503, FaultKind.PROVIDER, True, "away")

    async def scene(relay: ScriptedRelay, operator: Operator, customer: Customer) -> None:
        for _ in range(5):
            answer = await relay.ask(question(), customer.vault_headers())
            assert (answer.status, code(answer)) == (502, "provider_error")
        tab = operator.tabs.newest(customer.address)
        assert tab is not None and (tab.served, tab.inflight) == (0, 0)

    play(world, tmp_path, scene, Failing(), credit_window_base=1_100)


def test_the_charge_is_at_most_the_ceiling(world: World, tmp_path: Path) -> None:
    async def scene(relay: ScriptedRelay, operator: Operator, customer: Customer) -> None:
        answer = await relay.ask(question(), customer.vault_headers())
        assert settlement(answer)["amountUsdc"] == "1060"  # and not ten thousand tokens

    play(world, tmp_path, scene, MockProvider(skew=10_000))


def test_the_same_request_again_is_answered_from_what_is_kept(world: World, tmp_path: Path) -> None:
    provider = MockProvider()

    async def scene(relay: ScriptedRelay, operator: Operator, customer: Customer) -> None:
        headers = customer.vault_headers(**{"idempotency-key": "key_" + secrets.token_hex(8)})
        first = await relay.ask(question(), headers, "req_one")
        by_key = await relay.ask(question(), headers, "req_two")
        assert by_key.body == first.body
        assert settlement(by_key) == {**settlement(first), "replayed": True}
        while operator.working:
            await asyncio.sleep(0.01)
        del relay.exchanges["req_one"]
        by_id = await relay.ask(question(), customer.vault_headers(), "req_one")
        assert by_id.body == first.body
        while operator.working:
            await asyncio.sleep(0.01)
        del relay.exchanges["req_one"]
        other = await relay.ask(question("else"), customer.vault_headers(), "req_one")
        assert (other.status, code(other)) == (409, "request_id_conflict")
        other = await relay.ask(question("else"), headers)
        assert (other.status, code(other)) == (409, "idempotency_conflict")
        assert provider.calls == 1
        tab = operator.tabs.newest(customer.address)
        assert tab is not None and (tab.owed, tab.inflight) == (ANSWER, 0)

    play(world, tmp_path, scene, provider)


def test_an_envelope_that_passed_by_buys_no_work_on_somebodys_tab(
    world: World, tmp_path: Path
) -> None:
    provider = MockProvider()

    async def scene(relay: ScriptedRelay, operator: Operator, customer: Customer) -> None:
        body, _ = sealed(question(), relay)
        assert (await relay.ask(body, customer.vault_headers(body))).status == 200
        for _ in range(2):  # nor by being refused
            while operator.working:
                await asyncio.sleep(0.01)
            replayed = await relay.ask(body, customer.vault_headers(body))
            assert (replayed.status, code(replayed)) == (409, "replayed_envelope")
        assert provider.calls == 1

    play(world, tmp_path, scene, provider)


def test_a_lost_answer_waits_for_its_key_and_is_then_not_asked_for(
    world: World, tmp_path: Path
) -> None:
    async def scene(relay: ScriptedRelay, operator: Operator, customer: Customer) -> None:
        async def lost(job: Any, answer: Any) -> bool:
            return False

        import harness.services.operator.vault as rail

        kept, rail.send = rail.send, lost
        key = {"idempotency-key": "key_" + secrets.token_hex(8)}
        try:
            exchange = await relay.begin(question(), customer.vault_headers(**key))
            while not exchange.accepted or operator.working:
                await asyncio.sleep(0.01)
        finally:
            rail.send = kept
        tab = operator.tabs.newest(customer.address)
        assert tab is not None and tab.owed == ANSWER
        operator.journal.clock = lambda: 10**10
        delivered = await relay.begin(question("other"), customer.vault_headers())
        assert (await delivered.answer()).status == 200
        await operator.recovery.void_undelivered()
        assert (tab.served, tab.voided, tab.owed) == (2 * ANSWER, ANSWER, ANSWER)
        await operator.outbox.drain()
        assert [event["id"] for event in world.hand.events] == [delivered.id]
        late = await relay.ask(question(), customer.vault_headers(**key))
        assert late.status == 200  # it was not charged, so it is simply served

    play(world, tmp_path, scene)


# -- the scheme form, identity ---------------------------------------------------------------------


def scheme_payment(
    customer: Customer, accepted: dict[str, Any], operator: str, **more: Any
) -> dict[str, str]:
    key = "key_" + secrets.token_hex(8)
    payload = {
        "consumer": customer.address, "operator": operator, "cycle": "1", "keyEpoch": "0",
        "proof": customer.proof(key, operator=operator), "receipt": None, "reserve": None,
    } | more  # fmt: skip
    paid = header({"x402Version": 2, "accepted": accepted, "payload": payload})
    return {**paid, "idempotency-key": key}


def test_any_client_of_x402_can_use_the_vault(world: World, tmp_path: Path) -> None:
    async def scene(relay: ScriptedRelay, operator: Operator, customer: Customer) -> None:
        challenge = await relay.ask(question())
        accepted = challenge.body["accepts"][1]
        assert accepted["scheme"] == "vault" and accepted["amount"] == "1060"
        expiry = world.chain.block().timestamp + 3_600
        from harness.protocol.vault import Reservation

        wanted = Reservation(customer.address, operator.address, 5_000, expiry, 0, 0)
        signature = wanted.sign(customer.session, world.vault.vault_domain_separator())
        reserve = {
            "amount": "5000", "expiry": str(expiry), "nonce": "0",
            "signature": "0x" + signature.hex(),
        }  # fmt: skip
        paid = scheme_payment(customer, accepted, operator.address, reserve=reserve)
        answer = await relay.ask(question(), paid)
        assert answer.status == 200, answer.body
        told = settlement(answer)
        assert told["extra"]["cumulative"] == str(ANSWER)
        assert len(told["extra"]["commitment"]) == 66
        signed = customer.signed(operator.address, ANSWER)
        receipt = {"cumulative": str(ANSWER), "signature": "0x" + signed.signature.hex()}
        paid = scheme_payment(customer, accepted, operator.address, receipt=receipt)
        assert (await relay.ask(question("a longer one"), paid)).status == 402  # another ceiling
        assert (await relay.ask(question(), paid)).status == 200
        tab = operator.tabs.newest(customer.address)
        assert tab is not None and tab.held == ANSWER
        for broken in ({"consumer": "0x12"}, {"keyEpoch": None}, {"reserve": {"amount": "1"}}):
            refused = await relay.ask(
                question(), scheme_payment(customer, accepted, operator.address, **broken)
            )
            assert (refused.status, code(refused)) == (402, "invalid_payload")

    play(world, tmp_path, scene, reserved=0)


def test_M11_another_vault_than_the_configured_one_is_not_served(
    world: World, tmp_path: Path
) -> None:
    info = {
        "vault": world.vault.address, "chainId": 31337, "token": world.dollar.address,
        "domain": {"name": "Halo", "version": "2"}, "redeemGrace": 1, "maxReserveTtl": 1,
        "withdrawTimelock": 1, "feeBps": 0,
    }  # fmt: skip
    changes: list[Any] = [
        info | {"vault": "0x" + "33" * 20},
        info | {"chainId": 1},
        info | {"token": "0x" + "44" * 20},
        info | {"domain": {"name": "Other", "version": "2"}},
        "down",
    ]
    world.hand.script["/vault/info"] = list(changes)

    async def scene(relay: ScriptedRelay, operator: Operator, customer: Customer) -> None:
        for _ in changes:
            assert not (await relay.announced()).vault_payments
            answer = await relay.ask(question(), customer.vault_headers())
            assert (answer.status, code(answer)) == (503, "vault_identity_unverified")
            offers = (await relay.ask(question())).body["accepts"]
            assert [offer["scheme"] for offer in offers] == ["exact"]
            known = len(relay.announcements)
            await operator._verify_vault()  # as it does every minute
        assert (await relay.announced_times(known + 1)).vault_payments
        assert await served(relay, customer) == ANSWER

    play(world, tmp_path, scene)


def test_headers_that_name_nobody_are_refused(world: World, tmp_path: Path) -> None:
    async def scene(relay: ScriptedRelay, operator: Operator, customer: Customer) -> None:
        for headers, reason in (
            ({"x-halo-payment-mode": "vault"}, "bad_request"),
            ({"x-halo-payment-mode": "vault", "x-halo-vault-consumer": "0x1"}, "bad_request"),
            ({"x-halo-payment-mode": "barter"}, "unsupported_payment_mode"),
        ):
            answer = await relay.ask(question(), headers)
            assert (answer.status, code(answer)) == (400, reason)

    play(world, tmp_path, scene, reserved=0)


def test_an_operator_without_a_vault_serves_the_exact_rail_alone(
    world: World, tmp_path: Path
) -> None:
    async def scene(relay: ScriptedRelay, operator: Operator, customer: Customer) -> None:
        assert not (await relay.announced()).vault_payments
        answer = await relay.ask(question(), customer.vault_headers())
        assert (answer.status, code(answer)) == (400, "unsupported_payment_mode")
        ack = await relay.receipt(customer.receipt(operator.address, 5))
        assert not ack.accepted

    play(world, tmp_path, scene, vault_payments=False)


def full(*_arguments: Any, **_named: Any) -> None:
    raise DatabaseFailure("the disk is full")


@pytest.mark.parametrize("step", ["admit", "answered"])
def test_what_cannot_be_written_down_is_on_no_tab(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    async def scene(relay: ScriptedRelay, operator: Operator, customer: Customer) -> None:
        with monkeypatch.context() as disk:
            disk.setattr(operator.journal, step, full)
            answer = await relay.ask(question(), customer.vault_headers())
        assert (answer.status, code(answer)) == (503, "storage_unavailable")
        tab = operator.tabs.newest(customer.address)
        assert tab is not None and (tab.owed, tab.inflight) == (0, 0)
        assert await served(relay, customer) == ANSWER

    play(world, tmp_path, scene)


def test_a_receipt_that_cannot_be_written_down_counts_for_nothing(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scene(relay: ScriptedRelay, operator: Operator, customer: Customer) -> None:
        await served(relay, customer)
        tab = operator.tabs.newest(customer.address)
        assert tab is not None
        monkeypatch.setattr(operator.journal, "keep_tab", full)
        frame = customer.receipt(operator.address, ANSWER)
        signature = bytes.fromhex(frame.signature[2:])
        offered = OfferedReceipt(customer.address, ANSWER, signature, 1)
        with pytest.raises(DatabaseFailure):
            await operator.desk.take(offered)
        assert (tab.held, tab.unreceipted) == (0, ANSWER)
        monkeypatch.undo()
        assert await operator.desk.take(offered) is False and tab.held == ANSWER

    play(world, tmp_path, scene)


def test_who_leaves_as_the_model_ends_owes_nothing(world: World, tmp_path: Path) -> None:
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
        await relay.begin(question(), customer.vault_headers())
        await asyncio.wait_for(asked.wait(), 10)
        while operator.working:
            await asyncio.sleep(0.01)
        tab = operator.tabs.newest(customer.address)
        assert tab is not None and (tab.served, tab.inflight) == (0, 0)

    play(world, tmp_path, scene, Left())


def test_a_broken_socket_charges_nothing(world: World, tmp_path: Path) -> None:
    class Waiting(MockProvider):
        asked = False

        async def complete(self, body: Any, headers: Any = None) -> Completion:
            self.asked = True
            await asyncio.sleep(30)
            return await super().complete(body, headers)

    provider = Waiting()

    async def scene(relay: ScriptedRelay, operator: Operator, customer: Customer) -> None:
        exchange: Exchange = await relay.begin(question(), customer.vault_headers())
        while not provider.asked:
            await asyncio.sleep(0.01)
        await relay.drop(hard=True)
        with pytest.raises(Gone):
            await exchange.answer()
        while operator.working:
            await asyncio.sleep(0.01)
        tab = operator.tabs.newest(customer.address)
        assert tab is not None and (tab.served, tab.inflight) == (0, 0)

    play(world, tmp_path, scene, provider)
