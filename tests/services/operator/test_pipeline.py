"""What happens to every request before money is talked about, and around it."""

from __future__ import annotations

import asyncio
import json
import logging
import secrets
from pathlib import Path
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from harness.chain.keys import LocalSigner
from harness.errors import ConfigError, StateLocked
from harness.inference.mock import MockProvider
from harness.inference.provider import Completion, FaultKind, ProviderError
from harness.protocol.sealed import OperatorKey, seal_request
from harness.services.operator import envelope
from harness.services.operator.answers import Answer
from harness.services.operator.app import Operator
from harness.services.operator.keepsake import Keepsakes
from harness.services.operator.settings import OperatorSettings
from harness.services.operator.status import build_status

from .scripted_relay import ScriptedRelay
from .test_exact import Slow, code, play
from .test_vault import play as on_credit
from .world import Customer, World, question, sealed


def test_mixed_plaintext_is_refused(world: World, tmp_path: Path) -> None:
    async def scene(relay: ScriptedRelay, operator: Operator, customer: Customer) -> None:
        body, _ = sealed(question(), relay)
        answer = await relay.ask({**body, "messages": [{"role": "user", "content": "leak"}]})
        assert (answer.status, code(answer)) == (400, "mixed_plaintext")

    play(world, tmp_path, scene)


def test_envelopes_that_do_not_open(world: World, tmp_path: Path) -> None:
    async def scene(relay: ScriptedRelay, operator: Operator, customer: Customer) -> None:
        body, _ = sealed(question(), relay)
        other, _ = seal_request(b"{}", OperatorKey.generate().public_hex, operator.address)
        key = relay.announcements[-1].encryption_pubkey
        empty, _ = seal_request(b"no JSON", key, operator.address)
        swapped = {**body, "model": "mock-fast"}
        for wrong, reason in (
            ({**body, "_enc": {**body["_enc"], "ct": "00" * 40}}, "seal_error"),
            ({**body, "_enc": other}, "seal_error"),
            ({**body, "_enc": "text"}, "seal_error"),
            ({**body, "_enc": empty}, "bad_request"),
            (swapped, "model_mismatch"),
        ):
            answer = await relay.ask(wrong)
            assert (answer.status, code(answer)) == (400, reason)

    play(world, tmp_path, scene)


def test_another_key_is_another_key_and_remembers_no_exchange(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(envelope, "MAX_EXCHANGES", 1)
    envelopes = envelope.Envelopes(OperatorKey.generate(), LocalSigner.generate().address)
    envelopes._used.add("an exchange")
    assert envelopes.worn
    fresh = OperatorKey.generate()
    envelopes.renew(fresh)
    assert envelopes.key is fresh and not envelopes.worn


def test_controls_that_would_change_the_price_are_refused(world: World, tmp_path: Path) -> None:
    async def scene(relay: ScriptedRelay, operator: Operator, customer: Customer) -> None:
        for changes in (
            {"max_tokens": 0},
            {"max_tokens": "many"},
            {"max_completion_tokens": -5},
            {"n": 2},
        ):
            answer = await relay.ask(question() | changes)
            assert (answer.status, code(answer)) == (400, "vault_invalid_generation_control")
            assert [answer.body["error"]["field"]] == list(changes)

    play(world, tmp_path, scene)


def test_what_an_enclave_decrypts_costs_what_its_text_would(world: World, tmp_path: Path) -> None:
    text = "how long is a piece of string? " * 400
    ciphertext = "04" + secrets.token_hex(64 + 12 + len(text.encode()) + 16)
    enclosed = {"x-client-pub-key": "ab" * 64}

    async def scene(relay: ScriptedRelay, operator: Operator, customer: Customer) -> None:
        plain = await relay.ask(question(text))
        closed = await relay.ask(question(ciphertext), enclosed)
        amounts = [
            [offer["amount"] for offer in answer.body["accepts"]] for answer in (plain, closed)
        ]
        assert amounts[0] == amounts[1]
        longer = await relay.ask(question(ciphertext))  # nobody says that it is encrypted
        assert int(longer.body["accepts"][1]["amount"]) > int(amounts[0][1])

    play(world, tmp_path, scene)


def test_who_asks_does_not_reach_the_provider(world: World, tmp_path: Path) -> None:
    class Seeing(MockProvider):
        seen: dict[str, Any] = {}

        async def complete(self, body: Any, headers: Any = None) -> Completion:
            self.seen = body
            return await super().complete(body, headers)

    provider = Seeing()

    async def scene(relay: ScriptedRelay, operator: Operator, customer: Customer) -> None:
        body = question(user="ann", metadata={"a": "b"}, store=True)
        del body["max_tokens"]
        body["messages"][0]["name"] = "ann"
        assert (await relay.ask(body, customer.vault_headers())).status == 200
        assert set(provider.seen) == {"model", "messages", "max_tokens", "stream"}
        assert provider.seen["messages"] == [{"role": "user", "content": "hello"}]
        assert provider.seen["max_tokens"] == 1_024  # what was priced bounds what is made

    on_credit(world, tmp_path, scene, provider)


def test_paths_and_methods_other_than_completions(world: World, tmp_path: Path) -> None:
    async def scene(relay: ScriptedRelay, operator: Operator, customer: Customer) -> None:
        assert (await relay.ask(question(), path="/v1/embeddings")).status == 404
        assert (await relay.ask(question(), method="GET")).status == 404

    play(world, tmp_path, scene)


def test_more_than_was_announced_is_too_much(world: World, tmp_path: Path) -> None:
    provider = Slow()

    async def scene(relay: ScriptedRelay, operator: Operator, customer: Customer) -> None:
        assert (await relay.announced()).max_concurrency == 2
        running = [
            await relay.begin(question(f"number {n}"), customer.vault_headers()) for n in range(2)
        ]
        await asyncio.gather(*(each.until(lambda e=each: e.accepted) for each in running))
        answer = await relay.ask(question(), customer.vault_headers())
        assert (answer.status, code(answer)) == (503, "operator_saturated")
        again = await relay.ask_again(running[0], question("number 0"))
        assert (again.status, again.body["error"]["code"]) == (409, "in_progress")
        provider.go.set()

    on_credit(world, tmp_path, scene, provider, max_concurrency=2)


def test_an_answer_larger_than_a_frame_is_not_charged(world: World, tmp_path: Path) -> None:
    async def main() -> None:
        async with (
            ScriptedRelay(max_frame=6_000) as relay,
            world.operator(relay, tmp_path) as operator,
        ):
            customer = world.customer()
            body = question(max_tokens=3_000) | {"model": "mock-echo?tokens=2000"}
            answer = await relay.ask(body, customer.payment(await relay.ask(body)))
            assert (answer.status, code(answer)) == (502, "answer_too_large")
            assert world.hand.calls["/settle"] == 0 and operator.connection.link_open

    asyncio.run(main())


@pytest.mark.parametrize("kind", [FaultKind.AUTH, FaultKind.CREDIT])
def test_H10_a_shut_provider_is_withdrawn_and_nothing_of_it_is_told(
    world: World, tmp_path: Path, kind: FaultKind, caplog: pytest.LogCaptureFixture
) -> None:
    class Shut(MockProvider):
        async def complete(self, body: Any, headers: Any = None) -> Completion:
            self.calls += 1
            raise ProviderError(401, kind, False, "key sk-0123456789 was rejected")

    provider = Shut()
    caplog.set_level(logging.DEBUG)

    async def scene(relay: ScriptedRelay, operator: Operator, customer: Customer) -> None:
        assert (await relay.announced()).models
        headers = customer.payment(await relay.ask(question()))
        answer = await relay.ask(question(), headers)
        assert (answer.status, code(answer)) == (502, str(kind))
        assert answer.body["error"]["type"] == "upstream_provider_error"
        assert "sk-0123" not in json.dumps(answer.body)
        while relay.announcements[-1].models:
            await asyncio.sleep(0.01)
        calls = provider.calls
        for each in (headers, {}):
            again = await relay.ask(question(), each)
            assert (again.status, code(again)) == (502, str(kind))
        assert provider.calls == calls and world.hand.calls["/settle"] == 0

    play(world, tmp_path, scene, provider)
    assert "sk-0123" not in caplog.text


def test_a_bug_of_ours_is_500_and_charges_nothing(world: World, tmp_path: Path) -> None:
    class Wrong(MockProvider):
        async def complete(self, body: Any, headers: Any = None) -> Completion:
            raise AssertionError("a prompt with secrets")

    async def scene(relay: ScriptedRelay, operator: Operator, customer: Customer) -> None:
        answer = await relay.ask(question(), customer.vault_headers())
        assert (answer.status, code(answer)) == (500, "operator_error")
        assert "secrets" not in json.dumps(answer.body)
        tab = operator.tabs.newest(customer.address)
        assert tab is not None and (tab.served, tab.inflight) == (0, 0)

    on_credit(world, tmp_path, scene, Wrong())


def test_draining_finishes_what_is_under_way_and_takes_no_more(
    world: World, tmp_path: Path
) -> None:
    provider = Slow()

    async def scene(relay: ScriptedRelay, operator: Operator, customer: Customer) -> None:
        exchange = await relay.begin(question(), customer.vault_headers())
        await provider.asked.wait()
        stopping = asyncio.create_task(operator.stop())
        await asyncio.wait_for(relay.drained.wait(), 5)
        refused = await relay.ask(question(), customer.vault_headers())
        assert (refused.status, code(refused)) == (503, "operator_shutting_down")
        assert not stopping.done()
        provider.go.set()
        assert (await exchange.answer()).status == 200
        await relay.receipt(customer.receipt(operator.address, 80))
        await stopping

    on_credit(world, tmp_path, scene, provider)
    (event,) = world.hand.events  # it left before the operator did
    assert event["amountUsdc"] == "80"


def test_the_announcement_tells_what_is_sold(world: World, tmp_path: Path) -> None:
    async def scene(relay: ScriptedRelay, operator: Operator, customer: Customer) -> None:
        while not (await relay.announced()).context_length:  # known a moment later
            await asyncio.sleep(0.01)
        said = await relay.announced()
        assert said.address == operator.address and said.label == "my-operator"
        assert said.providers == ["mock"] and "mock-echo" in said.models
        assert said.pricing["mock-echo"] == "0.01" and said.context_length["mock-echo"] > 0
        assert said.data_retention == "none" and said.max_concurrency == 8
        assert (said.streaming, said.stream_receipts, said.flow_control) == (True, True, True)

    play(world, tmp_path, scene, label="my-operator", data_retention="none")


def test_heartbeats_health_and_metrics(world: World, tmp_path: Path) -> None:
    async def scene(relay: ScriptedRelay, operator: Operator, customer: Customer) -> None:
        await operator._heartbeat()
        assert world.hand.heartbeats == 1
        await relay.ask(question())
        report = operator.health()
        assert (report["status"], report["relay"], report["vault"]) == ("ok", "announced", True)
        while operator.working:
            await asyncio.sleep(0.01)
        operator.measure()
        samples = {
            (s.name, s.labels.get("outcome", "")): s.value
            for family in text_string_to_metric_families(operator.metrics.text().decode())
            for s in family.samples
        }
        assert samples["halo_operator_answers_total", "payment_required"] == 1
        assert samples["halo_operator_announced", ""] == 1

    play(world, tmp_path, scene)


def test_watchers_are_answered_on_loopback(world: World, tmp_path: Path) -> None:
    async def scene(relay: ScriptedRelay, operator: Operator, customer: Customer) -> None:
        app = build_status(operator, ("127.0.0.1",))
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            assert (await client.get("/ready")).status_code == 200
            assert (await client.get("/health")).json()["relay"] == "announced"
            assert "halo_operator_announced 1.0" in (await client.get("/metrics")).text
            assert "/ready" in (await client.get("/openapi.json")).json()["paths"]
            rebound = await client.get("/health", headers={"host": "evil.example"})
            assert rebound.status_code == 421
            await relay.drop()
            while operator.connection.announced:
                await asyncio.sleep(0.01)
            assert (await client.get("/ready")).status_code == 503

    play(world, tmp_path, scene)


def test_a_refused_key_is_told_at_the_start_and_not_sold(
    world: World, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    class Refused(MockProvider):
        async def probe(self) -> None:
            raise ProviderError(401, FaultKind.AUTH, False, "no")

    async def scene(relay: ScriptedRelay, operator: Operator, customer: Customer) -> None:
        assert (await relay.announced()).models == []
        assert (await relay.ask(question())).status == 502

    play(world, tmp_path, scene, Refused(slug="openrouter"))
    assert "✖ openrouter: upstream REJECTED the stored key" in caplog.text


def test_a_second_operator_on_the_same_state_is_refused(world: World, tmp_path: Path) -> None:
    async def scene(relay: ScriptedRelay, operator: Operator, customer: Customer) -> None:
        with pytest.raises(StateLocked):
            async with world.operator(relay, tmp_path):
                pass

    play(world, tmp_path, scene)


def test_kept_answers_tell_nothing_to_who_reads_the_disk(world: World, tmp_path: Path) -> None:
    async def scene(relay: ScriptedRelay, operator: Operator, customer: Customer) -> None:
        words = "words-that-must-not-be-on-disk"
        assert (await relay.ask(question(words), customer.vault_headers())).status == 200

    on_credit(world, tmp_path, scene)
    kept = b"".join(path.read_bytes() for path in tmp_path.iterdir() if path.is_file())
    assert kept and b"words-that-must-not" not in kept
    mine, other = Keepsakes(LocalSigner.generate()), Keepsakes(LocalSigner.generate())
    sealed_answer = mine.seal("req_1", Answer(200, {"a": 1}, {"h": "v"}, b"\xff\x00"))
    assert mine.open("req_1", sealed_answer) == Answer(200, {"a": 1}, {"h": "v"}, b"\xff\x00")
    assert mine.open("req_2", sealed_answer) is None and other.open("req_1", sealed_answer) is None


def test_settings_that_cannot_be_meant(world: World) -> None:
    for changes, word in (
        ({"pricing_mode": "guess"}, "margin or flat"),
        ({"pricing_mode": "flat", "flat_usd_per_1k": None}, "--flat"),
        ({"data_retention": "forever"}, "none, 24h, 7d or unknown"),
        ({"outbox_concurrency": 33}, "HALO_EVENT_OUTBOX_CONCURRENCY"),
        ({"outbox_retry_cap_ms": 500}, "HALO_EVENT_OUTBOX_RETRY_CAP_MS"),
    ):
        values = {"pricing_mode": "flat", "flat_usd_per_1k": 1} | changes
        with pytest.raises(ConfigError, match=word):
            OperatorSettings("ws://x", "http://x", "http://x", 1, "0x" + "0" * 40, **values)
