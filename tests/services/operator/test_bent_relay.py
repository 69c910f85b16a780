"""An operator hears anything at all from its relay: it answers, or closes with a code that says why.

Nothing is charged that was not answered, nothing stays admitted, and the next good request is served.
`FRAMES=20000` tries as many as one likes.
"""

from __future__ import annotations

import asyncio
import base64
import json
import logging
import os
import random
import secrets
from collections.abc import AsyncGenerator, Mapping
from pathlib import Path
from typing import Any

import pytest

from harness.chain.keys import LocalSigner
from harness.inference.mock import MockProvider
from harness.inference.provider import Completion, Delta, FaultKind, Json, ProviderError
from harness.protocol import frames
from harness.protocol.frames import (
    Announcement,
    Connected,
    FrameError,
    InferenceRequest,
    InferenceResponse,
    ReceiptFrame,
    StreamAbort,
    decode,
)
from harness.protocol.sealed import seal_request
from harness.services.operator.app import Operator
from harness.services.operator.connection import Connection, RelayRefused, Timing
from harness.store.operator import ADMITTED
from tests.fuzz_http.bends import bend, mangled, odd, to_bytes

from .bent_relay import MEANT, BentRelay, bent_header, stray_frames, written, wrong
from .scripted_relay import PATIENCE, Exchange, Gone
from .world import USD, Customer, World, question, sealed, settlement

FRAMES = int(os.environ.get("FRAMES", "400"))
SEED = 20261130
QUICK = Timing(sleep=lambda seconds: asyncio.sleep(seconds / 100))
ME = LocalSigner.from_phrase("bent relay tests")


# -- before it is announced ---------------------------------------------------------------------------


class Quiet:
    """A listener that does nothing, and must not be asked for work by a relay that did not greet."""

    def __init__(self) -> None:
        self.count = 0

    def announced(self) -> None:
        self.count += 1

    def __getattr__(self, name: str) -> Any:
        return lambda *arguments: None


def first_words(rng: random.Random, peer_id: str) -> list[str | bytes]:
    """What a relay may begin with that is none, and what it adds."""
    greeting = Connected(peer_id=peer_id)
    strays = stray_frames("req_none", ME.address)
    said: list[str | bytes] = []
    if rng.random() < 0.3:
        said.append(frames.encode(greeting))
    else:
        said.append(wrong(greeting if rng.random() < 0.6 else rng.choice(strays), rng))
    said += [wrong(rng.choice(strays), rng) for _ in range(rng.randrange(4))]
    return said


def test_whatever_a_relay_begins_with_the_operator_comes_back(
    caplog: pytest.LogCaptureFixture,
) -> None:
    listener, said, number = Quiet(), 0, 0

    def announcement(peer_id: str) -> Announcement:
        return Announcement(address=ME.address, peer_id=peer_id)

    async def one(relay: BentRelay) -> int:
        """One connection that begins badly; how many messages it heard."""
        words: list[str | bytes] = []

        def before(peer_id: str) -> list[str | bytes]:
            words[:] = first_words(random.Random(f"{SEED}:{number}"), peer_id)
            return words  # the same for each connection of this one, however many there are

        relay.before = before
        connection = Connection(relay.url, announcement, listener, 0, QUICK)  # type: ignore[arg-type]
        running = asyncio.create_task(connection.run())
        ended = sum(relay.codes.values())
        calm = listener.count
        try:
            async with asyncio.timeout(15):
                while sum(relay.codes.values()) == ended and listener.count == calm:
                    if running.done():
                        break
                    await asyncio.sleep(0.001)
        finally:
            await connection.stop()
            await asyncio.wait((running,))
        try:
            running.result()
        except RelayRefused as refused:
            assert "protocol" in str(refused)
        return len(words)

    async def main() -> BentRelay:
        nonlocal said, number
        async with BentRelay() as relay:
            while said < FRAMES // 2:
                said += await one(relay)
                number += 1
        return relay

    with caplog.at_level(logging.WARNING):
        relay = asyncio.run(main())
    print(dict(relay.codes), dict(relay.reasons.most_common(12)), listener.count)
    assert [record for record in caplog.records if record.exc_info] == []
    assert set(relay.codes) <= MEANT | {1000}, relay.codes  # 1000: the test itself stopped it
    assert relay.codes[1002] > 0 and listener.count > 0


# -- while it serves ----------------------------------------------------------------------------------


class Moody(MockProvider):
    """Fails now and then, after work was admitted; `calm` ends that."""

    def __init__(self, rng: random.Random) -> None:
        super().__init__()
        self.calm = False
        self._rng = rng

    def _sigh(self) -> None:
        if not self.calm and self._rng.random() < 0.3:
            raise ProviderError(400, FaultKind.INVALID, False, "not today")  # opens no breaker

    async def complete(self, body: Json, headers: Mapping[str, str] | None = None) -> Completion:
        self._sigh()
        return await super().complete(body, headers)

    async def stream(
        self, body: Json, headers: Mapping[str, str] | None = None
    ) -> AsyncGenerator[Delta, None]:
        self._sigh()
        async for delta in super().stream(body, headers):
            yield delta


class Market:
    """One operator, its relay and its consumers; what was answered for money."""

    def __init__(
        self, relay: BentRelay, operator: Operator, world: World, rng: random.Random
    ) -> None:
        self.relay = relay
        self.operator = operator
        self.rng = rng
        self.payer = world.customer(100 * USD)
        self.creditor, self.leaver = Customer(world), Customer(world)
        for each in (self.creditor, self.leaver):  # one's streams are aborted; what it owes varies
            each.deposit(100 * USD)
            each.reserve(operator.address, 90 * USD)
        self.paid = 0  # exact, as answers say
        self.owed = 0  # on the creditor's tab, the sum of what answers say they cost
        self.said = 0

    # -- requests ---------------------------------------------------------------------------------

    async def request(
        self, rail: str, body: dict[str, Any]
    ) -> tuple[dict[str, Any], dict[str, str]]:
        """Body and headers that are right."""
        if rail == "exact":
            challenge = await self.ask(body, {})
            return body, self.payer.payment(challenge)
        if rail == "vault":
            return body, self.creditor.vault_headers()
        if rail == "sealed":
            outer, _ = sealed(body, self.relay)
            return outer, self.creditor.vault_headers(outer)
        if rail == "sealed nonsense":
            return self.nonsense(body)
        if rail == "charge":
            return body, {**self.creditor.vault_headers(), "x-halo-probe": "charge"}
        if rail == "receipted":
            return body, {
                **self.creditor.vault_headers(),
                "x-halo-receipt": self.inline(self.owed),
            }
        return body, {}

    def nonsense(self, body: dict[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
        """An envelope that opens, and holds what it should not."""
        said = self.relay.announcements[-1]
        inside = to_bytes(bend(body, self.rng))
        if self.rng.random() < 0.5:
            inside = mangled(inside, self.rng)
        envelope, _ = seal_request(inside, said.encryption_pubkey, said.address)
        outer = {"model": body["model"], "stream": body.get("stream", False), "_enc": envelope}
        return outer, self.creditor.vault_headers(outer)

    def inline(self, cumulative: int) -> str:
        signed = self.creditor.signed(self.operator.address, cumulative)
        told = {
            "cumulative": str(cumulative),
            "signature": "0x" + signed.signature.hex(),
            "cycle": "1",
        }
        return base64.b64encode(json.dumps(told).encode()).decode()

    async def ask(self, body: dict[str, Any], headers: dict[str, str]) -> InferenceResponse:
        """A good request; what was answered is counted."""
        await self.relay.announced()
        frame = InferenceRequest(
            request_id="req_" + secrets.token_hex(8), headers=headers, body=body
        )
        exchange = await self.relay.asks(frames.encode(frame))
        assert exchange is not None
        answer = await exchange.answer()
        self.count(answer)
        return answer

    def count(self, answer: InferenceResponse) -> None:
        if "PAYMENT-RESPONSE" not in answer.headers:
            return
        told = settlement(answer)
        if answer.status == 200 and told.get("success"):
            if told.get("mode") == "vault":
                self.owed += int(told["amountUsdc"]) * (told["payer"] == self.creditor.address)
            else:
                self.paid += int(told["amount"])

    def bent(self, body: dict[str, Any], headers: dict[str, str]) -> str:
        """The frame with body, headers or the rest of it bent."""
        rng = self.rng
        frame = {
            "type": "inference-request", "requestId": "req_" + secrets.token_hex(8), "method": "POST",
            "path": "/v1/chat/completions", "headers": headers, "body": body, "deadlineMs": 60_000, "attempt": 1,
        }  # fmt: skip
        how = rng.random() * 1.25  # one in five is right, and meets a model that may fail
        if how < 0.4:
            frame["body"] = bend(body, rng)
        elif how < 0.75 and headers:
            name = rng.choice(list(headers))
            frame["headers"] = {**headers, name: bent_header(headers[name], rng)}
        elif how < 0.9:
            name = rng.choice(("deadlineMs", "attempt", "path", "method", "requestId", "headers"))
            frame[name] = odd(rng)
        elif how < 1:
            frame = bend(frame, rng)
        return written(frame, rng)

    async def bent_request(self) -> None:
        rng = self.rng
        rail = rng.choice(
            ("none", "exact", "vault", "vault", "sealed", "sealed nonsense", "charge", "receipted")
        )
        body = question(stream=True) if rng.random() < 0.3 else question()
        exchange = await self.relay.asks(self.bent(*await self.request(rail, body)))
        self.said += 1
        await self.relay.heard()
        if exchange is not None:
            answer = await exchange.answer()
            assert answer.status != 500, answer
            self.count(answer)

    # -- what is no request ---------------------------------------------------------------------------

    async def bent_receipt(self) -> None:
        right = self.creditor.receipt(self.operator.address, self.owed)
        text = written(bend(json.loads(frames.encode(right)), self.rng), self.rng)
        await self.relay.say(text)
        self.said += 1
        try:
            frame = decode(text)
        except FrameError:
            frame = None
        await self.relay.heard()
        if isinstance(frame, ReceiptFrame):
            await self.relay._until(lambda: frame.receipt_id in self.relay.acknowledged)

    async def stray(self) -> None:
        """Words about nothing, or about a request that is under way."""
        rng, ids = self.rng, ["req_none"]
        exchange: Exchange | None = None
        if rng.random() < 0.4:
            body, headers = question(stream=True), self.leaver.vault_headers()
            identity = "req_" + secrets.token_hex(8)
            frame = InferenceRequest(request_id=identity, headers=headers, body=body)
            exchange = await self.relay.asks(frames.encode(frame))
            ids = [identity]
        aborted = False
        for _ in range(rng.randrange(1, 4)):
            message = wrong(rng.choice(stray_frames(ids[0], self.operator.address)), rng)
            aborted = aborted or aborts(message)
            await self.relay.say(message)
            self.said += 1
        await self.relay.say(frames.encode(frames.StreamResume(request_id=ids[0])))
        await self.relay.heard()
        if exchange is not None and not aborted:
            try:
                self.count(await exchange.answer())
            except Gone:
                return
        elif exchange is not None:
            while exchange.id in self.operator.working:
                await asyncio.sleep(0.001)


def aborts(message: str | bytes) -> bool:
    try:
        return isinstance(decode(message), StreamAbort)
    except FrameError:
        return False


def test_whatever_a_relay_says_the_operator_goes_on(
    world: World, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    rng = random.Random(SEED)
    moody = Moody(random.Random(SEED + 1))  # its own: when it is asked is decided by the event loop

    async def main() -> BentRelay:
        async with (
            BentRelay() as relay,
            world.operator(relay, tmp_path, provider=moody, timing=QUICK) as operator,
        ):
            market = Market(relay, operator, world, rng)
            before = world.dollar.balance_of(market.payer.address)
            while market.said < FRAMES:
                await relay.announced()
                how = rng.random()
                if how < 0.6:
                    await market.bent_request()
                elif how < 0.75:
                    await market.bent_receipt()
                else:
                    await market.stray()
            await relay.announced()
            moody.calm = True
            for rail in ("exact", "vault"):
                answer = await market.ask(*await market.request(rail, question("after all")))
                assert answer.status == 200, answer
            async with asyncio.timeout(PATIENCE):
                while operator.working:  # the last answers are being written down
                    await asyncio.sleep(0.01)
            assert operator.journal.in_state(ADMITTED) == [] and operator.journal.unsettled() == []
            spent = before - world.dollar.balance_of(market.payer.address)
            assert spent == market.paid > 0
            for _, tab in operator.tabs.all():
                assert (tab.inflight, tab.accruing) == (0, 0)
            tab = operator.tabs.newest(market.creditor.address)
            assert tab is not None
            assert tab.owed == market.owed > 0 and tab.held <= tab.owed
            return relay

    with caplog.at_level(logging.WARNING):
        relay = asyncio.run(main())
    print(dict(relay.codes), dict(relay.reasons.most_common(5)), dict(relay.statuses))
    assert [record for record in caplog.records if record.exc_info] == []
    assert relay.wrongs == []
    assert set(relay.codes) <= MEANT | {1000}, relay.codes
    assert {200, 400, 401, 402} <= set(relay.statuses)


def test_what_is_said_is_mostly_wrong() -> None:
    """Else the tests above would try nothing."""
    rng, kept = random.Random(SEED), 0
    for _ in range(300):
        try:
            decode(wrong(rng.choice(stray_frames("req_1", ME.address)), rng))
            kept += 1
        except FrameError:
            continue
    assert 30 < kept < 200
