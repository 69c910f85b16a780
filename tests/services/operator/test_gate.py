"""Reservations that were read a moment ago: what they may be used for, and when not."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from harness.diamond.vault import Pair
from harness.services.operator import gate as module
from harness.services.operator.app import Operator
from harness.services.operator.gate import READING_SECONDS, Gate, Reading, SessionKey
from harness.services.operator.office import Office

from .scripted_relay import ScriptedRelay
from .test_vault import code, play, served
from .world import USD, Customer, World, question

CONSUMER, OPERATOR = "0x" + "c1" * 20, "0x" + "0b" * 20
LASTS = 100  # the chain's time at which the scripted reservation ends


class ScriptedVault:
    """A vault whose chain is at second 70."""

    def __init__(self, locked: int) -> None:
        self.locked = locked
        self.reads = 0
        self.chain = self

    def ops(self, consumer: str, operator: str) -> Pair:
        self.reads += 1
        return Pair(self.locked, 0, LASTS, 1, 1)

    def block(self) -> Any:
        class Newest:
            timestamp = 70

        return Newest


def after(seconds: float, locked: int = 5) -> Reading | None:
    """What is kept so many seconds after a reading that was begun at the operator's second 1,000."""

    async def read() -> Reading | None:
        now = [1_000.0]
        office = Office()
        try:
            vault: Any = ScriptedVault(locked)
            gate = Gate(vault, OPERATOR, office, monotonic=lambda: now[0])
            assert gate.kept(CONSUMER) is None
            await gate.read(CONSUMER)
            now[0] += seconds
            return gate.kept(CONSUMER)
        finally:
            office.close()

    return asyncio.run(read())


def test_a_reading_is_kept_for_some_seconds_and_ages() -> None:
    at_once, later = after(0), after(READING_SECONDS - 0.5)
    assert at_once is not None and at_once.now == 70
    assert later is not None and later.now == 70 + READING_SECONDS
    assert after(READING_SECONDS + 0.1) is None


def test_a_reading_is_as_old_as_the_question() -> None:
    """The chain may have answered at once and the answer taken its time."""

    class Slow(ScriptedVault):
        def ops(self, consumer: str, operator: str) -> Pair:
            now[0] += READING_SECONDS + 1
            return super().ops(consumer, operator)

    async def read() -> Reading | None:
        office = Office()
        vault: Any = Slow(5)
        try:
            gate = Gate(vault, OPERATOR, office, monotonic=lambda: now[0])
            await gate.read(CONSUMER)
            return gate.kept(CONSUMER)
        finally:
            office.close()

    now = [1_000.0]
    assert asyncio.run(read()) is None


def test_a_key_that_changes_while_it_is_read_is_read_again() -> None:
    class Changing(ScriptedVault):
        epochs = [0, 1, 1, 1]

        def key_epoch(self, consumer: str) -> int:
            return self.epochs.pop(0)

        def session_key(self, consumer: str) -> str:
            return CONSUMER if len(self.epochs) == 3 else OPERATOR

    async def read() -> SessionKey:
        async def sleep(_seconds: float) -> None:
            return

        office = Office()
        vault: Any = Changing(5)
        try:
            return await Gate(vault, OPERATOR, office, sleep=sleep).session_key(CONSUMER)
        finally:
            office.close()

    assert asyncio.run(read()) == SessionKey(OPERATOR, 1)


def test_a_reading_that_is_not_open_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    assert after(0, locked=0) is None
    monkeypatch.setattr(module, "READING_SECONDS", 1_000.0)
    assert after(LASTS - 70 - 1) is not None
    assert after(LASTS - 70) is None  # it expires although nobody looked


def test_the_chain_is_not_asked_again_at_once(world: World, tmp_path: Path) -> None:
    async def scene(relay: ScriptedRelay, operator: Operator, customer: Customer) -> None:
        await served(relay, customer)
        asked: list[Any] = []
        world.chain.failing = lambda call: bool(asked.append(call))
        await served(relay, customer)
        assert asked == []

    play(world, tmp_path, scene)


def test_what_was_read_refuses_nothing(world: World, tmp_path: Path) -> None:
    """A reservation that was raised counts at once."""

    async def scene(relay: ScriptedRelay, operator: Operator, customer: Customer) -> None:
        customer.reserve(operator.address, 1_100)
        await served(relay, customer)
        answer = await relay.ask(question(), customer.vault_headers())
        assert (answer.status, code(answer)) == (402, "vault_reservation_insufficient")
        customer.reserve(operator.address, USD // 2)
        await served(relay, customer)

    play(world, tmp_path, scene, reserved=0)
