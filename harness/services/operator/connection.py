"""The operator's end of its one WebSocket to the relay.

    idle -> connecting -> connected -> announced -> (draining) -> closed
               ^______________|____________|  backoff: 1 s doubling to 30 s, a fifth more or less

Ten tries in a row that end before the relay said `announced` end the operator; each `announced` begins
the count anew. Time, chance and the network are handed in, so that tests need none of them.
"""

from __future__ import annotations

import asyncio
import logging
import random
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Protocol

from websockets.asyncio.client import connect as websockets_connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidURI, WebSocketException

from harness.errors import HarnessError
from harness.protocol import frames
from harness.protocol.frames import (
    Announce,
    Announced,
    Announcement,
    Connected,
    Drain,
    ErrorFrame,
    FrameError,
    InferenceRequest,
    Ping,
    Pong,
    ReceiptFrame,
    StreamAbort,
    StreamComplete,
    StreamPause,
    StreamResume,
    Warning_,
)

FIRST_PAUSE, LONGEST_PAUSE, JITTER = 1.0, 30.0, 0.2
HANDSHAKE_SECONDS = 10.0
PING_SECONDS, PONG_SECONDS = 5.0, 12.0
MAX_INCOMING = 20 * 1024 * 1024  # the relay bounds what it sends; this bounds the relay
KEEPALIVE_SECONDS = 3
MAX_REASON = 123  # bytes that a close frame has room for

_log = logging.getLogger(__name__)


class RelayLost(HarnessError):
    """The relay could not be reached often enough; the supervisor of the process may start it again."""


class RelayRefused(HarnessError):
    """The relay closed the connection for a reason that coming back does not change."""

    exit_code = 78


class State(Enum):
    IDLE = "idle"
    CONNECTING = "connecting"
    CONNECTED = "connected"
    ANNOUNCED = "announced"
    DRAINING = "draining"
    CLOSED = "closed"


class Socket(Protocol):
    """What is used of a WebSocket."""

    async def send(self, message: str) -> None: ...

    async def recv(self) -> str | bytes: ...

    async def close(self, code: int = 1000, reason: str = "") -> None: ...


Connector = Callable[[str], Awaitable[Any]]


@dataclass
class Timing:
    """Sleeping, the clock and chance, as one thing that tests replace. Seconds."""

    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    monotonic: Callable[[], float] = time.monotonic
    wall: Callable[[], float] = time.time
    chance: Callable[[], float] = random.random  # in [0, 1); spreads reconnects, decides nothing

    def pause(self, failures: int) -> float:
        """How long to wait after so many failures in a row."""
        whole = min(LONGEST_PAUSE, FIRST_PAUSE * float(1 << min(failures, 16)))
        return whole * (1 - JITTER + 2 * JITTER * self.chance())


class Link:
    """One live socket. Requests answer on the link that brought them, or not at all."""

    def __init__(self, socket: Socket, max_frame: int) -> None:
        self._socket = socket
        self.max_frame = max_frame
        self.open = True

    async def send(self, frame: Any) -> bool:
        """Whether the frame was handed to a socket that was open. Waits while the relay reads slowly."""
        if not self.open:
            return False
        try:
            await self._socket.send(frames.encode(frame))
        except (ConnectionClosed, OSError):
            self.open = False
        return self.open

    def fits(self, frame: Any) -> bool:
        """Whether the relay would take a frame of this size."""
        return len(frames.encode(frame).encode()) <= self.max_frame

    async def close(self, code: int = frames.CLOSE_NORMAL, reason: str = "") -> None:
        self.open = False
        await self._socket.close(code, reason)


class Listener(Protocol):
    """Who is told what the relay says. None of these may wait for the network."""

    def announced(self) -> None: ...

    def requested(self, request: InferenceRequest, link: Link) -> None: ...

    def receipted(self, receipt: ReceiptFrame, link: Link) -> None: ...

    def aborted(self, request_id: str, reason: str) -> None: ...

    def completed(self, request_id: str) -> None: ...

    def flow(self, request_id: str, flowing: bool) -> None: ...

    def disconnected(self, link: Link) -> None: ...


@dataclass
class Connection:
    """Keeps one announced link up. `announcement` makes what is announced for a relay's peer id."""

    url: str
    announcement: Callable[[str], Announcement]
    listener: Listener
    max_attempts: int = 10
    timing: Timing = field(default_factory=Timing)
    connect: Connector | None = None
    state: State = State.IDLE
    link: Link | None = None
    _peer_id: str = ""
    _stopping: bool = False

    @property
    def link_open(self) -> bool:
        return self.link is not None and self.link.open

    @property
    def announced(self) -> bool:
        """Whether the relay lists this operator."""
        return self.state is State.ANNOUNCED

    async def run(self) -> None:
        """Stay connected until stopped. Raises RelayLost, RelayRefused."""
        failures = 0
        try:
            while not self._stopping:
                reached, code = await self._session()
                if self._stopping:
                    return
                self._give_up_on(code)
                failures = 0 if reached else failures + 1
                if self.max_attempts and failures >= self.max_attempts:
                    raise RelayLost(f"exceeded {self.max_attempts} reconnect attempts; exiting")
                if code != frames.CLOSE_RESTART or not reached:
                    await self.timing.sleep(self.timing.pause(max(0, failures - 1)))
        finally:
            self.state = State.CLOSED

    async def announce_again(self) -> None:
        """What is announced has changed."""
        link = self.link
        if link is not None and link.open and self.state is State.ANNOUNCED:
            await link.send(Announce(data=self.announcement(self._peer_id)))

    async def drain(self) -> None:
        """Tell the relay to send no new work."""
        if self.state is State.ANNOUNCED and self.link is not None:
            self.state = State.DRAINING
            await self.link.send(Drain())

    async def stop(self) -> None:
        """Close for good; `run` returns."""
        self._stopping = True
        if self.link is not None:
            await self.link.close()

    # -- one connection ------------------------------------------------------------------------

    async def _session(self) -> tuple[bool, int | None]:
        """One try: whether it was announced, and the close code if there was one."""
        self.state = State.CONNECTING
        _log.info("connecting to relay: %s", self.url.replace("http", "ws", 1))
        try:
            async with asyncio.timeout(HANDSHAKE_SECONDS):
                socket = await (self.connect or dial)(self.url)
        except (OSError, InvalidHandshake, InvalidURI, WebSocketException, TimeoutError) as failure:
            _log.warning("cannot reach the relay", extra={"reason": _short(failure)})
            return False, None
        link = Link(socket, frames.MAX_FRAME)
        self.link = link
        reached, code, why = False, None, ""
        pinger: asyncio.Task[None] | None = None
        heard = [self.timing.monotonic()]
        try:
            await self._introduce(socket, link)
            pinger = asyncio.create_task(self._ping(link, heard))
            async for frame in _frames(socket):
                if isinstance(frame, Announced):
                    self._announced(frame)
                    reached = True
                else:
                    await self._take(frame, link, heard)
        except ConnectionClosed as closed:
            code = closed.rcvd.code if closed.rcvd is not None else None
            said = closed.rcvd.reason if closed.rcvd is not None else ""
            _log.warning("connection to the relay closed", extra={"code": code, "reason": said})
        except (OSError, TimeoutError, FrameError) as failure:
            why = _short(failure)
            _log.warning("connection to the relay failed", extra={"reason": why})
        except RelayRefused as refusal:
            why = str(refusal)
            raise
        finally:
            if pinger is not None:
                pinger.cancel()
            link.open = False
            if self.state is not State.DRAINING:
                self.state = State.IDLE
            self.listener.disconnected(link)
            await _close(socket, why)
        return reached, code

    async def _introduce(self, socket: Socket, link: Link) -> None:
        """The relay's first word, and ours."""
        async with asyncio.timeout(HANDSHAKE_SECONDS):
            first = frames.decode(await socket.recv())
        if not isinstance(first, Connected):
            raise FrameError(f"the relay began with {first.type}, not connected")
        if first.protocol != frames.PROTOCOL:
            raise RelayRefused(
                f"the relay speaks protocol {first.protocol}, this program {frames.PROTOCOL}; "
                "update halo"
            )
        self.state = State.CONNECTED
        self._peer_id, link.max_frame = first.peer_id, first.max_frame
        await link.send(Announce(data=self.announcement(first.peer_id)))

    def _announced(self, frame: Announced) -> None:
        if not frame.ok:
            raise FrameError("the relay did not take the announcement")
        if self.state is State.CONNECTED:
            self.state = State.ANNOUNCED
        self.listener.announced()

    async def _take(self, frame: Any, link: Link, heard: list[float]) -> None:
        match frame:
            case Pong():
                heard[0] = self.timing.monotonic()
            case Ping():
                await link.send(Pong())
            case InferenceRequest():
                self.listener.requested(frame, link)
            case ReceiptFrame():
                self.listener.receipted(frame, link)
            case StreamAbort():
                self.listener.aborted(frame.request_id, frame.reason)
            case StreamComplete():
                self.listener.completed(frame.request_id)
            case StreamPause():
                self.listener.flow(frame.request_id, False)
            case StreamResume():
                self.listener.flow(frame.request_id, True)
            case Warning_():
                _log.warning("the relay says: %s", frame.message[:500])
            case ErrorFrame():
                _log.error("the relay reports %s: %s", frame.code[:100], frame.message[:500])
            case _:
                _log.debug("ignored a frame", extra={"kind": frame.type})

    async def _ping(self, link: Link, heard: list[float]) -> None:
        """A relay that answers no ping is gone, whatever TCP believes."""
        while link.open:
            await link.send(Ping())
            await self.timing.sleep(PING_SECONDS)
            if self.timing.monotonic() - heard[0] > PONG_SECONDS:
                _log.warning("no pong from the relay for %d s; reconnecting", PONG_SECONDS)
                await link.close(frames.CLOSE_PROTOCOL, "no pong")

    def _give_up_on(self, code: int | None) -> None:
        reasons = {
            frames.CLOSE_BAD_SIGNATURE: "the relay refused the wallet's signature; check the "
            "clock and that ~/.halo/keystore.json belongs to config.json",
            frames.CLOSE_VERSION_FLOOR: "the relay wants a newer halo; update it",
            frames.CLOSE_SUPERSEDED: "another halo serve with this wallet took over the "
            "connection; stop one of the two",
        }
        if code in reasons:
            raise RelayRefused(reasons[code])


async def _frames(socket: Socket) -> AsyncIterator[Any]:
    """What arrives, until the socket closes; words of a newer protocol are passed over."""
    while True:
        text = await socket.recv()
        try:
            frame = frames.decode(text)
        except FrameError as bad:
            _log.warning("ignored a frame of the relay", extra={"reason": str(bad)[:200]})
            continue
        yield frame


async def dial(url: str) -> Any:
    """A WebSocket to the relay; proxies of the environment are used."""
    connected = await websockets_connect(
        websocket_url(url),
        compression=None,
        max_size=MAX_INCOMING,
        ping_interval=None,
        open_timeout=HANDSHAKE_SECONDS,
        close_timeout=2,
    )
    raw = connected.transport.get_extra_info("socket")
    if raw is not None:
        _keep_alive(raw)
    return connected


def websocket_url(relay: str) -> str:
    """The relay's URL with the WebSocket scheme."""
    for http, ws in (("https://", "wss://"), ("http://", "ws://")):
        if relay.startswith(http):
            relay = ws + relay.removeprefix(http)
    return relay if "/" in relay.partition("://")[2] else relay + "/v1/operator"


def _keep_alive(raw: socket.socket) -> None:
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name in ("TCP_KEEPIDLE", "TCP_KEEPINTVL"):
        option = getattr(socket, name, None)  # not every system has them
        if option is not None:
            raw.setsockopt(socket.IPPROTO_TCP, option, KEEPALIVE_SECONDS)


async def _close(socket: Socket, why: str) -> None:
    """`why` is what is wrong with the relay's words; empty when nothing is."""
    code = frames.CLOSE_PROTOCOL if why else frames.CLOSE_NORMAL
    try:
        await socket.close(code, why.encode("ascii", "replace").decode()[:MAX_REASON])
    except (ConnectionClosed, OSError):
        return


def _short(failure: BaseException) -> str:
    return (str(failure) or type(failure).__name__)[:200]
