"""The operator's socket: backoff, giving up, ping and pong, what each close code means."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosedError
from websockets.frames import Close

from harness.chain.keys import LocalSigner
from harness.protocol import frames
from harness.protocol.frames import Announced, Announcement, Connected, InferenceRequest, Pong
from harness.services.operator.connection import (
    PING_SECONDS,
    PONG_SECONDS,
    Connection,
    Link,
    RelayLost,
    RelayRefused,
    State,
    Timing,
    websocket_url,
)

from .scripted_relay import ScriptedRelay

ME = LocalSigner.from_phrase("connection tests").address


class Listener:
    """Writes down what it is told."""

    def __init__(self) -> None:
        self.heard: list[Any] = []

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *arguments: self.heard.append((name, *arguments))

    def names(self) -> list[str]:
        return [entry[0] for entry in self.heard]


class Clock:
    """Time that passes only by sleeping."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds
        await asyncio.sleep(0)

    @property
    def waits(self) -> list[float]:
        """Sleeps between connections; those of the ping are left out."""
        return [seconds for seconds in self.slept if seconds != PING_SECONDS]

    def timing(self, chance: float = 0.5) -> Timing:
        return Timing(self.sleep, lambda: self.now, lambda: self.now, lambda: chance)


class Script:
    """A socket that says what it was given and then closes with a code, or stays silent."""

    def __init__(self, *says: Any, close: int | None = 1001) -> None:
        self.says = list(says)
        self.code = close
        self.sent: list[Any] = []
        self.closed = asyncio.Event()
        self.closed_with = (0, "")

    async def send(self, message: str) -> None:
        self.sent.append(frames.decode(message))

    async def recv(self) -> str:
        await asyncio.sleep(0)
        if self.says:
            said = self.says.pop(0)
            return said if isinstance(said, str) else frames.encode(said)
        if self.code is None:
            await self.closed.wait()
            raise ConnectionClosedError(None, None)
        raise ConnectionClosedError(Close(self.code, ""), None)

    async def close(self, code: int = 1000, reason: str = "") -> None:
        self.closed_with = self.closed_with if self.closed.is_set() else (code, reason)
        self.closed.set()


HELLO = Connected(peer_id="peer", max_frame=1000)


def run(*sockets: Any, attempts: int = 10, chance: float = 0.5, stop_after: int = 99) -> Any:
    """A connection fed with these sockets (or exceptions), then refused; what came of it."""
    clock, listener, waiting = Clock(), Listener(), list(sockets)
    tried: list[str] = []

    async def connect(url: str) -> Any:
        tried.append(url)
        if len(tried) > stop_after:
            await connection.stop()
        found = waiting.pop(0) if waiting else OSError("refused")
        if isinstance(found, Exception):
            raise found
        return found

    connection = Connection(
        "ws://relay", lambda peer: Announcement(address=ME, peer_id=peer), listener, attempts,
        clock.timing(chance), connect,
    )  # fmt: skip
    outcome: list[BaseException | None] = []

    async def main() -> None:
        try:
            await connection.run()
            outcome.append(None)
        except (RelayLost, RelayRefused) as end:
            outcome.append(end)

    asyncio.run(main())
    return clock, listener, tried, outcome[0]


def test_ten_failures_in_a_row_end_it_in_the_words_of_the_manual() -> None:
    clock, _, tried, end = run()
    assert isinstance(end, RelayLost)
    assert str(end) == "exceeded 10 reconnect attempts; exiting"
    assert len(tried) == 10
    assert clock.waits == [1, 2, 4, 8, 16, 30, 30, 30, 30]


@pytest.mark.parametrize(("chance", "first"), [(0.0, 0.8), (0.999, 1.2)])
def test_waits_differ_by_a_fifth(chance: float, first: float) -> None:
    clock, _, _, _ = run(chance=chance)
    assert clock.waits[0] == pytest.approx(first, abs=0.001)


def test_an_announcement_begins_the_count_anew() -> None:
    refused = [OSError("no")] * 9
    clock, listener, tried, end = run(*refused, Script(HELLO, Announced()), *refused)
    assert len(tried) == 20 and isinstance(end, RelayLost)
    assert listener.names().count("announced") == 1
    assert clock.waits[9] == 1  # the wait after a session that was announced is the shortest


def test_a_session_that_was_never_announced_counts_as_a_failure() -> None:
    _, _, tried, end = run(*(Script(HELLO) for _ in range(10)))
    assert len(tried) == 10 and isinstance(end, RelayLost)


def test_zero_attempts_never_gives_up() -> None:
    _, _, tried, end = run(attempts=0, stop_after=40)
    assert end is None and len(tried) == 41


@pytest.mark.parametrize(
    ("code", "word"),
    [
        (frames.CLOSE_BAD_SIGNATURE, "signature"),
        (frames.CLOSE_VERSION_FLOOR, "newer halo"),
        (frames.CLOSE_SUPERSEDED, "stop one of the two"),
    ],
)
def test_some_closings_are_final(code: int, word: str) -> None:
    _, _, tried, end = run(Script(HELLO, Announced(), close=code))
    assert isinstance(end, RelayRefused) and word in str(end) and len(tried) == 1


def test_a_relay_that_restarts_is_met_again_at_once() -> None:
    clock, _, _, _ = run(
        Script(HELLO, Announced(), close=frames.CLOSE_RESTART), Script(HELLO, Announced()),
        stop_after=2,
    )  # fmt: skip
    assert clock.waits == [1]  # after the second session, not after the first


@pytest.mark.parametrize("code", [frames.CLOSE_OVERLOAD, frames.CLOSE_RATE_LIMITED, 1006])
def test_other_closings_are_waited_out(code: int) -> None:
    _, _, tried, end = run(Script(HELLO, Announced(), close=code))
    assert len(tried) == 11 and isinstance(end, RelayLost)


def test_the_relay_must_begin_and_speak_our_protocol() -> None:
    _, listener, _, _ = run(Script(Announced()), stop_after=1)
    assert "announced" not in listener.names()
    _, _, _, end = run(Script(Connected(peer_id="p", protocol=2)))
    assert isinstance(end, RelayRefused) and "update halo" in str(end)


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (Announced(), "began with announced"),
        (Connected(peer_id="p", protocol=2), "update halo"),
        ('{"type":"connected","peerId":"' + "p" * 129 + '"}', "at most 128"),
        ('{"type":"connected","peerId":"p","maxFrame":0}', "greater than or equal to 1"),
        ('{"type":"connected","peerId":"\\ud800"}', "surrogate"),
        ("\x00", "not JSON"),
    ],
)
def test_a_relay_that_greets_wrongly_is_told_what_is_wrong(said: Any, reason: str) -> None:
    script = Script(said, close=None)
    run(script, stop_after=1)
    assert script.closed.is_set() and script.closed_with[0] == frames.CLOSE_PROTOCOL
    assert reason in script.closed_with[1] and len(script.closed_with[1]) <= 123


def test_frames_reach_the_listener_and_nonsense_is_passed_over() -> None:
    request = InferenceRequest(request_id="req_1", body={})
    _, listener, _, _ = run(
        Script(HELLO, Announced(), "no JSON", '{"type":"from-the-future"}', request), stop_after=1
    )
    assert listener.names() == ["announced", "requested", "disconnected"]
    assert listener.heard[1][1].request_id == "req_1"


def test_no_pong_for_twelve_seconds_is_a_lost_relay() -> None:
    silent = Script(HELLO, Announced(), close=None)
    clock, listener, _, _ = run(silent, stop_after=1)
    pings = [frame for frame in silent.sent if frame.type == "ping"]
    assert 3 <= len(pings) <= 4 and "disconnected" in listener.names()
    assert sum(s for s in clock.slept if s == 5.0) > PONG_SECONDS


def test_pongs_keep_it_alive() -> None:
    class Answering(Script):
        async def send(self, message: str) -> None:
            await super().send(message)
            if self.sent[-1].type == "ping" and len(self.sent) < 12:
                self.says.append(Pong())

        async def recv(self) -> str:
            while not self.says and not self.closed.is_set():
                await asyncio.sleep(0)
            if self.closed.is_set():
                raise ConnectionClosedError(None, None)
            return await super().recv()

    answering = Answering(HELLO, Announced())
    run(answering, stop_after=1)
    assert len([frame for frame in answering.sent if frame.type == "ping"]) > 10


def test_a_closed_link_takes_nothing() -> None:
    async def main() -> None:
        link = Link(Script(), 1000)
        assert await link.send(Pong())
        link.open = False
        assert not await link.send(Pong())

    asyncio.run(main())


@pytest.mark.parametrize(
    ("relay", "url"),
    [
        ("https://relay.example", "wss://relay.example/v1/operator"),
        ("http://127.0.0.1:8787", "ws://127.0.0.1:8787/v1/operator"),
        ("wss://relay.example/v1/operator", "wss://relay.example/v1/operator"),
        ("https://relay.example/", "wss://relay.example/"),
    ],
)
def test_the_relays_address_becomes_a_websockets(relay: str, url: str) -> None:
    assert websocket_url(relay) == url


def test_over_a_real_socket_a_lost_connection_is_made_again() -> None:
    listener = Listener()

    async def main() -> None:
        async with ScriptedRelay() as relay:
            key = LocalSigner.from_phrase("connection tests")
            quick = Timing(sleep=lambda seconds: asyncio.sleep(seconds / 100))
            announcer = _announcer(key)
            connection = Connection(relay.url, announcer, listener, timing=quick)
            running = asyncio.create_task(connection.run())
            first = await relay.announced()
            while not connection.announced:
                await asyncio.sleep(0.01)
            await relay.drop(hard=True)
            second = await relay.announced()
            assert first.peer_id != second.peer_id  # signed anew for each connection
            while not connection.announced:
                await asyncio.sleep(0.01)
            await connection.drain()
            assert connection.state is State.DRAINING
            await asyncio.wait_for(relay.drained.wait(), 5)
            await connection.stop()
            await running

    asyncio.run(main())
    assert listener.names().count("announced") == 2


def _announcer(key: LocalSigner) -> Callable[[str], Announcement]:
    from harness.protocol.sealed import OperatorKey
    from harness.services.operator.announcement import Announcer, Offer
    from harness.services.operator.settings import OperatorSettings

    settings = OperatorSettings("ws://x", "http://x", "http://x", 1, ME)
    announcer = Announcer(settings, key, OperatorKey.generate())
    return lambda peer: announcer.announce(peer, Offer(models=("m",)), vault=False)
