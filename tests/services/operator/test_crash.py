"""A real operator process, killed between any two steps: nobody pays twice, nothing paid for is lost."""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from harness.chain.keys import LocalSigner
from harness.protocol.frames import InferenceResponse

from .scripted_relay import Gone, ScriptedRelay
from .world import USD, Customer, World, question, settlement

ROOT = Path(__file__).resolve().parents[3]
ANSWER, PRICE = 80, 1_000
KILLED = 137

Line = Callable[[], Awaitable[str]]


class Nursery:
    """Where operators come from."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.services.operator.crash_operator"],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert self.line() == "ready"

    def line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def start(self, wanted: dict[str, Any]) -> int:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(wanted) + "\n")
        self.process.stdin.flush()
        return int(self.line())

    def close(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(20)


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    found = Nursery()
    yield found
    found.close()


class Stage:
    """One operator identity through several lives, and one consumer."""

    def __init__(self, world: World, nursery: Nursery, state: Path) -> None:
        self.world = world
        self.nursery = nursery
        self.state = state
        self.key = LocalSigner.generate()
        self.relay = ScriptedRelay()
        self.customer = Customer(world)
        self.marks = state / "marks"
        self.ended: int | None = None

    @property
    def calls(self) -> int:
        """How often the model was asked."""
        return len(self.marks.read_text()) if self.marks.exists() else 0

    @property
    def earned(self) -> int:
        return self.world.dollar.balance_of(self.key.address)

    @asynccontextmanager
    async def life(self, crash_at: str | None = None) -> AsyncIterator[None]:
        """An operator from its announcement to its end; `ended` is its exit status."""
        wanted = {
            "settings": {
                "relay": self.relay.url, "facilitator": self.world.url, "indexer": self.world.url,
                "chain_id": self.world.chain.chain_id, "usdc": self.world.dollar.address,
                "diamond": self.world.vault.address, "pricing_mode": "flat",
                "outbox_retry_base_ms": 100,
            },
            "key": "0x" + self.key._secret.hex(), "state": str(self.state / "state"),
            "rpc": f"{self.world.url}/rpc", "marks": str(self.marks), "crash_at": crash_at,
        }  # fmt: skip
        self.relay._announced.clear()
        child = await asyncio.to_thread(self.nursery.start, wanted)
        try:
            await self.relay.announced()
            yield
        finally:
            if crash_at is None:
                os.kill(child, signal.SIGTERM)
            self.ended = int(await asyncio.to_thread(self.nursery.line))

    async def dies(self, point: str, asked: Callable[[], Awaitable[Any]]) -> None:
        """Ask for something in a life that ends at this point."""
        async with self.life(point):
            with pytest.raises(Gone):
                await asked()
        assert self.ended == KILLED


def play(
    world: World,
    nursery: Nursery,
    state: Path,
    scene: Callable[[Stage], Awaitable[None]],
) -> None:
    stage = Stage(world, nursery, state)

    async def main() -> None:
        async with stage.relay:
            await scene(stage)

    asyncio.run(main())


def on_credit(stage: Stage) -> dict[str, str]:
    """A reservation, and the headers of a request with a key of its own."""
    stage.customer.deposit(USD)
    stage.customer.reserve(stage.key.address, USD // 2)
    return stage.customer.vault_headers(**{"idempotency-key": "key_" + secrets.token_hex(8)})


@pytest.mark.parametrize(
    ("point", "calls"),
    [
        ("operator.admitting", 1),
        ("operator.admitted", 1),
        ("operator.upstream", 2),
        ("operator.serving", 2),
        ("operator.served", 1),
        ("operator.responding", 1),
    ],
)
def test_vault_a_request_that_died_is_served_again_and_charged_once(
    world: World, nursery: Nursery, tmp_path: Path, point: str, calls: int
) -> None:
    async def scene(stage: Stage) -> None:
        headers = on_credit(stage)
        await stage.dies(point, lambda: stage.relay.ask(question(), headers))
        async with stage.life():
            answer = await stage.relay.ask(question(), headers)
            assert answer.status == 200
            assert settlement(answer)["cumulative"] == str(ANSWER)
            assert stage.calls == calls
            receipt = stage.customer.receipt(stage.key.address, ANSWER)
            assert (await stage.relay.receipt(receipt)).accepted
        assert stage.ended == 0
        assert stage.earned == ANSWER  # redeemed at shutdown
        assert [event["amountUsdc"] for event in world.hand.events] == [str(ANSWER)]

    play(world, nursery, tmp_path, scene)


@pytest.mark.parametrize(
    ("point", "calls"),
    [
        ("operator.locked", 1),
        ("operator.verified", 1),
        ("operator.upstream", 2),
        ("operator.settling", 1),
        ("operator.settle_answered", 1),
        ("operator.settled", 1),
        ("operator.responding", 1),
    ],
)
def test_exact_a_payment_that_died_on_its_way_buys_one_answer(
    world: World, nursery: Nursery, tmp_path: Path, point: str, calls: int
) -> None:
    async def scene(stage: Stage) -> None:
        world.dollar.mint(stage.customer.address, 10 * PRICE)
        paid: dict[str, str] = {}

        async def ask() -> InferenceResponse:
            challenge = await stage.relay.ask(question())
            paid.update(stage.customer.payment(challenge))
            return await stage.relay.ask(question(), paid)

        await stage.dies(point, ask)
        async with stage.life():
            answer = await stage.relay.ask(question(), paid)
            assert answer.status == 200, answer.body
            assert settlement(answer)["success"]
            assert (stage.calls, stage.earned) == (calls, PRICE)
        assert stage.earned == PRICE
        assert [event["mode"] for event in world.hand.events] == ["exact"]

    play(world, nursery, tmp_path, scene)


def test_exact_money_that_moved_in_the_dark_is_found_without_being_asked(
    world: World, nursery: Nursery, tmp_path: Path
) -> None:
    async def scene(stage: Stage) -> None:
        world.dollar.mint(stage.customer.address, PRICE)

        async def ask() -> InferenceResponse:
            challenge = await stage.relay.ask(question())
            return await stage.relay.ask(question(), stage.customer.payment(challenge))

        await stage.dies("operator.settle_answered", ask)
        assert stage.earned == PRICE and world.hand.events == []
        async with stage.life():
            pass
        assert [event["mode"] for event in world.hand.events] == ["exact"]

    play(world, nursery, tmp_path, scene)


@pytest.mark.parametrize("point", ["operator.receipt_keeping", "operator.receipt_kept"])
def test_a_receipt_is_on_disk_before_it_is_acknowledged(
    world: World, nursery: Nursery, tmp_path: Path, point: str
) -> None:
    async def scene(stage: Stage) -> None:
        headers = on_credit(stage)
        async with stage.life(point):
            assert (await stage.relay.ask(question(), headers)).status == 200
            await stage.relay.send(stage.customer.receipt(stage.key.address, ANSWER))
        assert stage.ended == KILLED and stage.earned == 0
        async with stage.life():
            if point == "operator.receipt_keeping":  # it was not acknowledged: it is sent again
                receipt = stage.customer.receipt(stage.key.address, ANSWER)
                assert (await stage.relay.receipt(receipt)).accepted
        assert stage.earned == ANSWER

    play(world, nursery, tmp_path, scene)


@pytest.mark.parametrize("point", ["operator.redeem_sending", "operator.redeem_sent"])
def test_a_redemption_cut_short_pays_once(
    world: World, nursery: Nursery, tmp_path: Path, point: str
) -> None:
    async def scene(stage: Stage) -> None:
        headers = on_credit(stage)
        async with stage.life(point):
            assert (await stage.relay.ask(question(), headers)).status == 200
            await stage.relay.send(stage.customer.receipt(stage.key.address, 60_000))
        assert stage.ended == KILLED
        assert stage.earned == (60_000 if point == "operator.redeem_sent" else 0)
        async with stage.life():
            pass
        assert stage.earned == 60_000

    play(world, nursery, tmp_path, scene)


def test_an_event_whose_answer_was_lost_is_told_again_and_counts_once(
    world: World, nursery: Nursery, tmp_path: Path
) -> None:
    async def scene(stage: Stage) -> None:
        headers = on_credit(stage)
        async with stage.life("operator.event_posted"):
            assert (await stage.relay.ask(question(), headers)).status == 200
        assert stage.ended == KILLED and len(world.hand.events) == 1
        async with stage.life():
            pass
        assert len(world.hand.events) == 1 and world.hand.calls["/v1/events"] == 2

    play(world, nursery, tmp_path, scene)
