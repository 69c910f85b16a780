"""Streams on the vault rail: chunks at once, checkpoints, credit, and what an interrupted one costs."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import harness.services.operator.vault_stream as streams
from harness.inference.mock import MockProvider
from harness.inference.provider import Delta, FaultKind, ProviderError
from harness.protocol.estimate import prompt_tokens, text_tokens
from harness.protocol.sealed import ConsumerChannel
from harness.services.operator.app import Operator
from harness.services.operator.vault_stream import CHECKPOINT_BASE

from .scripted_relay import Exchange, ScriptedRelay
from .test_vault import play
from .world import Customer, World, question, sealed, settlement

LONG = question("x" * 2_400, stream=True, max_tokens=300)  # six hundred tokens, then three hundred


def long(tokens: int) -> dict[str, Any]:
    """A short question with an answer of so many tokens."""
    return question("hi", stream=True, max_tokens=tokens) | {"model": f"mock-echo?tokens={tokens}"}


def opened(exchange: Exchange, channel: ConsumerChannel | None = None) -> list[dict[str, Any]]:
    if channel is None:
        return [json.loads(chunk.data) for chunk in exchange.chunks]
    return [json.loads(channel.open_chunk(c.seq, c.data)) for c in exchange.chunks]


def text_of(chunks: list[dict[str, Any]]) -> str:
    return "".join(
        chunk["choices"][0]["delta"].get("content") or ""
        for chunk in chunks
        if chunk.get("choices")
    )


def usages(chunks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [chunk for chunk in chunks if chunk.get("halo") == "usage"]


async def paying(exchange: Exchange, customer: Customer, operator: str, limit: int = 10**9) -> None:
    """Answer every checkpoint with a receipt, up to a limit, until the stream ends."""
    at = 0
    while exchange.last is None:
        await exchange.until(lambda n=at: exchange.last is not None or len(exchange.chunks) > n)
        for chunk in exchange.chunks[at:]:
            said = json.loads(chunk.data)
            if said.get("halo") == "usage":
                proposed = int(said["cumulativeProposed"])
                if proposed <= limit:
                    ack = await exchange.relay.receipt(customer.receipt(operator, proposed))
                    assert ack.accepted
            at += 1


class Paced(MockProvider):
    """Gives a chunk whenever it is let."""

    def __init__(self) -> None:
        super().__init__()
        self.given = 0
        self.allowed = asyncio.Semaphore(0)
        self.closed = asyncio.Event()

    async def stream(self, body: Any, headers: Any = None) -> AsyncIterator[Delta]:
        try:
            async for delta in super().stream(body, headers):
                await self.allowed.acquire()
                self.given += 1
                yield delta
        finally:
            self.closed.set()

    def let(self, count: int) -> None:
        for _ in range(count):
            self.allowed.release()


def test_a_stream_flows_settles_and_is_told_inside_the_seal(world: World, tmp_path: Path) -> None:
    async def scene(relay: ScriptedRelay, operator: Operator, customer: Customer) -> None:
        body, channel = sealed(question("hello there", stream=True), relay)
        exchange = await relay.begin(body, customer.vault_headers(body))
        last = await exchange.answer()
        assert last.status == 200 and last.body is None
        chunks = opened(exchange, channel)
        assert text_of(chunks) == "hello there"
        inside = chunks[-1]
        assert inside.pop("halo") == "settlement" and inside == settlement(last)
        assert inside["amountUsdc"] == "100" and inside["cumulative"] == "100"
        assert all(chunk.encrypted for chunk in exchange.chunks)
        await operator.outbox.drain()
        assert [event["amountUsdc"] for event in world.hand.events] == ["100"]

    play(world, tmp_path, scene)


def test_chunks_leave_as_they_are_made(world: World, tmp_path: Path) -> None:
    provider = Paced()

    async def scene(relay: ScriptedRelay, operator: Operator, customer: Customer) -> None:
        exchange = await relay.begin(question("abcdefgh", stream=True), customer.vault_headers())
        provider.let(2)
        await exchange.until(lambda: len(exchange.chunks) == 2)
        assert text_of(opened(exchange)) == "abcd" and exchange.last is None
        provider.let(10)
        await exchange.answer()
        assert text_of(opened(exchange)) == "abcdefgh"

    play(world, tmp_path, scene, provider)


def test_checkpoints_come_every_256_tokens_or_fifth_of_a_cent(world: World, tmp_path: Path) -> None:
    async def scene(relay: ScriptedRelay, operator: Operator, customer: Customer) -> None:
        exchange = await relay.begin(long(600), customer.vault_headers())
        await exchange.answer()
        told = usages(opened(exchange))
        assert [int(u["costBase"]) for u in told] == [2_000, 4_000, 6_000]  # ten a token
        assert all(u["cycle"] == "1" for u in told)
        assert [u["cumulativeProposed"] for u in told] == [u["costBase"] for u in told]

    play(world, tmp_path, scene)

    async def cheap(relay: ScriptedRelay, operator: Operator, customer: Customer) -> None:
        exchange = await relay.begin(long(600), customer.vault_headers())
        await exchange.answer()
        assert [u["tokens"] for u in usages(opened(exchange))] == [256, 512]

    play(world, tmp_path / "cheap", cheap, flat_usd_per_1k=Decimal("0.001"))


def test_M8_a_stream_that_nobody_receipts_stops_at_the_credit(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "STALL_SECONDS", 0.2)
    provider = Paced()
    provider.let(10_000)

    async def scene(relay: ScriptedRelay, operator: Operator, customer: Customer) -> None:
        exchange = await relay.begin(long(1_000), customer.vault_headers())
        last = await exchange.answer()
        assert last.status == 402
        assert last.body["error"]["code"] == "vault_credit_window_exceeded"
        chunks = opened(exchange)
        assert chunks[-1]["halo"] == "error" and chunks[-1]["status"] == 402
        assert len(text_of(chunks)) // 4 * 10 <= 5_000
        assert settlement(last)["amountUsdc"] == "0"  # nothing was receipted
        assert operator.outbox.report()["waiting"] == 0  # and nothing was sold
        tab = operator.tabs.newest(customer.address)
        assert tab is not None and (tab.owed, tab.inflight) == (0, 0)
        await asyncio.wait_for(provider.closed.wait(), 5)
        assert provider.given < 520  # and the model was stopped

    play(world, tmp_path, scene, provider, credit_window_base=5_000)


@pytest.mark.parametrize("leaves", [True, False])
def test_M8_streams_that_nobody_pays_cost_one_credit_in_all(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, leaves: bool
) -> None:
    """Whether it hangs up, and pays what that costs, or lets each stream starve: what it was given once is
    no credit again."""
    monkeypatch.setattr(streams, "STALL_SECONDS", 0.1)
    window = 5_000

    async def scene(relay: ScriptedRelay, operator: Operator, customer: Customer) -> None:
        taken = paid = 0
        for _ in range(6):
            exchange = await relay.begin(long(1_000), customer.vault_headers())
            if leaves:
                await exchange.until(lambda e=exchange: e.last or usages(opened(e))[1:])
                await exchange.abort()
            else:
                await exchange.answer()
            while operator.working:
                await asyncio.sleep(0.01)
            taken += len(text_of(opened(exchange))) // 4 * 10
            tab = operator.tabs.newest(customer.address)
            assert tab is not None and tab.inflight == 0
            if tab.owed > paid:
                paid = tab.owed
                await relay.receipt(customer.receipt(operator.address, paid))
        assert taken - paid <= window and tab.unreceipted == 0
        assert tab.defaulted and tab.lost > window // 2
        # Who owes nothing may ask for one whole answer; a receipt for all of it makes the streams good, too.
        assert (await relay.ask(question(), customer.vault_headers())).status == 200
        whole = customer.receipt(operator.address, tab.owed + tab.lost)
        assert (await relay.receipt(whole)).accepted
        assert tab.unpaid == 0 and not tab.defaulted
        exchange = await relay.begin(long(100), customer.vault_headers())
        assert (await exchange.answer()).status == 200

    play(world, tmp_path, scene, credit_window_base=window)


def test_receipts_keep_a_stream_going_far_beyond_the_credit(world: World, tmp_path: Path) -> None:
    async def scene(relay: ScriptedRelay, operator: Operator, customer: Customer) -> None:
        exchange = await relay.begin(long(900), customer.vault_headers())
        await paying(exchange, customer, operator.address)
        assert exchange.last is not None and exchange.last.status == 200
        assert len(text_of(opened(exchange))) == 3_600
        owed = int(settlement(exchange.last)["cumulative"])
        assert owed == (900 + 5) * 10
        tab = operator.tabs.newest(customer.address)
        assert tab is not None and tab.owed == owed and tab.unreceipted <= CHECKPOINT_BASE

    play(world, tmp_path, scene, credit_window_base=5_000)


def test_a_stream_that_is_receipted_halfway_ends_with_what_was_receipted(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "STALL_SECONDS", 0.3)

    async def scene(relay: ScriptedRelay, operator: Operator, customer: Customer) -> None:
        exchange = await relay.begin(long(1_500), customer.vault_headers())
        await paying(exchange, customer, operator.address, limit=4_000)
        assert exchange.last is not None and exchange.last.status == 402
        assert settlement(exchange.last)["amountUsdc"] == "4000"
        tab = operator.tabs.newest(customer.address)
        assert tab is not None and (tab.owed, tab.held, tab.outstanding) == (4_000, 4_000, 0)

    play(world, tmp_path, scene, credit_window_base=5_000)


@pytest.mark.parametrize("how", ["abort", "drop"])
def test_who_hangs_up_owes_what_was_receipted_and_a_checkpoint_at_most(
    world: World, tmp_path: Path, how: str
) -> None:
    provider = Paced()

    async def scene(relay: ScriptedRelay, operator: Operator, customer: Customer) -> None:
        exchange = await relay.begin(long(1_500), customer.vault_headers())
        provider.let(450)
        await exchange.until(lambda: len(exchange.chunks) == 452)
        assert len(usages(opened(exchange))) == 2
        await relay.receipt(customer.receipt(operator.address, 2_000))
        if how == "abort":
            await exchange.abort()
        else:  # nobody receipts what goes on, so the credit ends it
            await relay.drop(hard=True)
            provider.let(1_200)
        while operator.working:
            await asyncio.sleep(0.01)
        tab = operator.tabs.newest(customer.address)
        assert tab is not None and tab.inflight == 0
        assert (tab.owed, tab.held) == (4_000, 2_000)
        assert provider.closed.is_set()

    play(world, tmp_path, scene, provider, credit_window_base=5_000)


async def half(
    relay: ScriptedRelay,
    operator: Operator,
    customer: Customer,
    provider: Paced,
    headers: dict[str, str],
) -> Exchange:
    """A stream of 600 tokens of which 300 came, and two thousand base units are receipted."""
    exchange = await relay.begin(long(600), headers)
    provider.let(300)
    await exchange.until(lambda: len(exchange.chunks) == 301)
    await relay.receipt(customer.receipt(operator.address, 2_000))
    return exchange


@pytest.mark.parametrize("how", ["drop", "relay_restart", "relay_node_gone"])
def test_when_the_way_is_lost_the_answer_is_finished_and_its_key_gets_it(
    world: World, tmp_path: Path, how: str
) -> None:
    """Counted once: a part was receipted while it ran, and the tab says the whole when it is given again."""
    provider = Paced()

    async def scene(relay: ScriptedRelay, operator: Operator, customer: Customer) -> None:
        headers = customer.vault_headers(**{"idempotency-key": "key_of_a_stream_cut"})
        cut = await half(relay, operator, customer, provider, headers)
        if how == "drop":
            await relay.drop(hard=True)
        else:
            await cut.abort(how)
        provider.let(1_000)
        while operator.working:
            await asyncio.sleep(0.01)
        tab = operator.tabs.newest(customer.address)
        assert tab is not None and tab.inflight == 0 and tab.held == 2_000
        whole = tab.owed
        await operator.outbox.drain()
        assert world.hand.events == [], "it is not delivered yet"
        await relay.announced()
        again = await relay.begin(long(600), headers)
        last = await again.answer()
        chunks = opened(again)
        assert last.status == 200 and text_of(chunks).startswith(text_of(opened(cut)))
        told = settlement(last)
        assert (told["cumulative"], told["amountUsdc"]) == (str(whole), str(whole))
        assert told["replayed"] is True and chunks[-1]["halo"] == "settlement"
        assert usages(chunks) == [] and tab.owed == whole and provider.calls == 1
        await operator.outbox.drain()
        assert [event["amountUsdc"] for event in world.hand.events] == [str(whole)]

    play(world, tmp_path, scene, provider)


def test_what_no_key_can_ask_for_again_is_not_finished(world: World, tmp_path: Path) -> None:
    provider = Paced()

    async def scene(relay: ScriptedRelay, operator: Operator, customer: Customer) -> None:
        body, _ = sealed(long(600), relay)
        exchange = await relay.begin(body, customer.vault_headers(body))
        provider.let(50)
        await exchange.until(lambda: len(exchange.chunks) == 50)
        await relay.drop(hard=True)
        await asyncio.wait_for(provider.closed.wait(), 10)
        assert provider.given == 50

    play(world, tmp_path, scene, provider)


def test_a_model_that_writes_more_than_it_may_costs_the_ceiling(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "STALL_SECONDS", 0.2)

    class Long(MockProvider):
        async def stream(self, body: Any, headers: Any = None) -> AsyncIterator[Delta]:
            async for delta in super().stream(long(900), headers):
                yield delta

    async def scene(relay: ScriptedRelay, operator: Operator, customer: Customer) -> None:
        exchange = await relay.begin(long(300), customer.vault_headers())
        last = await exchange.answer()
        assert last.status == 200 and len(text_of(opened(exchange))) == 3_600
        assert settlement(last)["amountUsdc"] == "3050"

    play(world, tmp_path, scene, Long(), credit_window_base=5_000)


def test_what_is_too_long_to_be_kept_is_not_charged_whole(world: World, tmp_path: Path) -> None:
    provider = Paced()

    async def scene(relay: ScriptedRelay, operator: Operator, customer: Customer) -> None:
        cut = await half(relay, operator, customer, provider, customer.vault_headers())
        (job,) = operator.working.values()
        job.fits = lambda answer: False  # type: ignore[method-assign]
        await relay.drop(hard=True)
        provider.let(1_000)
        while operator.working:
            await asyncio.sleep(0.01)
        tab = operator.tabs.newest(customer.address)
        # As if its consumer had hung up: what was handed to it, and no piece that was only kept.
        handed = 10 * (prompt_tokens(long(600)) + text_tokens(text_of(opened(cut))))
        assert tab is not None and (tab.owed, tab.held, tab.inflight) == (handed, 2_000, 0)

    play(world, tmp_path, scene, provider)


def test_an_answer_that_was_finished_for_nobody_comes_off_the_tab(
    world: World, tmp_path: Path
) -> None:
    provider = Paced()

    async def scene(relay: ScriptedRelay, operator: Operator, customer: Customer) -> None:
        await half(relay, operator, customer, provider, customer.vault_headers())
        await relay.drop(hard=True)
        provider.let(1_000)
        while operator.working:
            await asyncio.sleep(0.01)
        tab = operator.tabs.newest(customer.address)
        assert tab is not None and tab.unreceipted > 0
        operator.journal.clock = lambda: 10**10
        await operator.recovery.void_undelivered()
        assert (tab.owed, tab.unreceipted) == (2_000, 0)

    play(world, tmp_path, scene, provider)


def test_a_stream_that_was_handed_out_whole_is_given_again_to_its_key(
    world: World, tmp_path: Path
) -> None:
    """Its last frames may be lost behind the socket that took them."""

    async def scene(relay: ScriptedRelay, operator: Operator, customer: Customer) -> None:
        headers = customer.vault_headers(**{"idempotency-key": "key_of_a_whole_stream"})
        first = await relay.begin(long(40), headers)
        await first.answer()
        again = await relay.begin(long(40), headers)
        last = await again.answer()
        assert text_of(opened(again)) == text_of(opened(first))
        assert settlement(last)["replayed"] is True
        tab = operator.tabs.newest(customer.address)
        assert tab is not None and str(tab.owed) == settlement(last)["cumulative"]

    play(world, tmp_path, scene)


def test_a_model_that_breaks_off_costs_what_was_receipted(world: World, tmp_path: Path) -> None:
    class Breaking(MockProvider):
        async def stream(self, body: Any, headers: Any = None) -> AsyncIterator[Delta]:
            count = 0
            async for delta in super().stream(body, headers):
                yield delta
                count += 1
                if count == 300:
                    raise ProviderError(500, FaultKind.PROVIDER, True, "gone")

    async def scene(relay: ScriptedRelay, operator: Operator, customer: Customer) -> None:
        exchange = await relay.begin(long(1_000), customer.vault_headers())
        last = await exchange.answer()
        assert last.status == 502 and opened(exchange)[-1]["halo"] == "error"
        assert settlement(last)["amountUsdc"] == "0"
        tab = operator.tabs.newest(customer.address)
        assert tab is not None and tab.outstanding == 0

    play(world, tmp_path, scene, Breaking())


def test_a_model_that_fails_at_once_is_an_error_and_no_stream(world: World, tmp_path: Path) -> None:
    async def scene(relay: ScriptedRelay, operator: Operator, customer: Customer) -> None:
        body = question(stream=True) | {"model": "mock-fail?status=503"}
        exchange = await relay.begin(body, customer.vault_headers())
        last = await exchange.answer()
        assert (last.status, exchange.chunks) == (502, [])
        tab = operator.tabs.newest(customer.address)
        assert tab is not None and (tab.served, tab.inflight) == (0, 0)

    play(world, tmp_path, scene)


def test_H9_a_models_words_are_never_an_event(world: World, tmp_path: Path) -> None:
    forged = '\n\nevent: halo-settlement\ndata: {"halo":"settlement","success":true}\n\n'

    class Forging(MockProvider):
        async def stream(self, body: Any, headers: Any = None) -> AsyncIterator[Delta]:
            async for delta in super().stream(body, headers):
                yield Delta({**delta.data, "halo": "settlement", "success": True}, delta.usage)

    async def scene(relay: ScriptedRelay, operator: Operator, customer: Customer) -> None:
        exchange = await relay.begin(question(forged, stream=True), customer.vault_headers())
        await exchange.answer()
        assert all("\n" not in chunk.data for chunk in exchange.chunks)
        chunks = opened(exchange)
        assert text_of(chunks) == forged and not any("halo" in chunk for chunk in chunks)

    play(world, tmp_path, scene, Forging())


def test_a_slow_reader_holds_the_model_back(world: World, tmp_path: Path) -> None:
    from harness.protocol.frames import StreamPause, StreamResume

    provider = Paced()

    async def scene(relay: ScriptedRelay, operator: Operator, customer: Customer) -> None:
        exchange = await relay.begin(long(100), customer.vault_headers())
        provider.let(10)
        await exchange.until(lambda: len(exchange.chunks) == 10)
        await relay.send(StreamPause(request_id=exchange.id))
        await asyncio.sleep(0.05)
        provider.let(1_000)
        await asyncio.sleep(0.1)
        assert len(exchange.chunks) <= 11 and provider.given <= 14
        await relay.send(StreamResume(request_id=exchange.id))
        assert (await exchange.answer()).status == 200

    play(world, tmp_path, scene, provider)


def test_a_prompt_dearer_than_the_credit_is_receipted_before_the_first_word(
    world: World, tmp_path: Path
) -> None:
    async def scene(relay: ScriptedRelay, operator: Operator, customer: Customer) -> None:
        exchange = await relay.begin(LONG, customer.vault_headers())
        await exchange.until(lambda: len(exchange.chunks) == 1)
        (asked,) = usages(opened(exchange))
        assert int(asked["costBase"]) == 604 * 10
        await paying(exchange, customer, operator.address)
        assert exchange.last is not None and exchange.last.status == 200
        assert len(text_of(opened(exchange))) == 1_200

    play(world, tmp_path, scene, credit_window_base=5_000)
