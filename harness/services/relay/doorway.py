"""The operators' WebSocket: from the handshake over the announcement to the last frame."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from harness import faults
from harness.http.limits import Buckets
from harness.protocol.addresses import Address, to_address
from harness.protocol.frames import (
    CLOSE_ANNOUNCE_FAILED,
    CLOSE_BAD_SIGNATURE,
    CLOSE_NORMAL,
    CLOSE_OVERLOAD,
    CLOSE_PROTOCOL,
    CLOSE_RATE_LIMITED,
    CLOSE_RESTART,
    CLOSE_SUPERSEDED,
    CLOSE_VERSION_FLOOR,
    Announce,
    Announced,
    Announcement,
    Connected,
    Drain,
    ErrorFrame,
    Frame,
    FrameError,
    InferenceAccepted,
    InferenceChunk,
    InferenceResponse,
    Ping,
    Pong,
    ReceiptAck,
    Warning_,
    announce_message,
    decode,
    encode,
    pubkey_message,
)
from harness.protocol.personal import recover_personal
from harness.services.relay.directory import Directory
from harness.services.relay.exchange import ExchangeEnded
from harness.services.relay.links import Link
from harness.services.relay.metrics import Metrics
from harness.services.relay.settings import RelaySettings
from harness.services.relay.versions import LOWEST, Version, parse_version

ANNOUNCE_SECONDS = 10.0
CLOSE_SECONDS = 2.0
CLOSE_GOING_AWAY = 1001
_PONG = encode(Pong())

_log = logging.getLogger(__name__)


class Refused(Exception):
    """The socket is closed with this code; the operator reads code and message first."""

    def __init__(self, close: int, code: str, message: str) -> None:
        super().__init__(message)
        self.close, self.code = close, code


class Watcher(Protocol):
    """Who wants to know that operators come, change and go."""

    async def arrived(self, link: Link) -> None: ...

    async def left(self, link: Link) -> None: ...


@dataclass
class Doorway:
    """Lets operators in and reads what they send."""

    settings: RelaySettings
    directory: Directory
    metrics: Metrics
    floor: Callable[[], Version]
    watcher: Watcher
    closing: bool = False

    def __post_init__(self) -> None:
        self._connects = Buckets(self.settings.connects_per_minute)
        self._announces = Buckets(self.settings.announces_per_minute)
        self._sockets = 0

    async def __call__(self, socket: WebSocket) -> None:
        """The whole life of one socket. Web pages, which send an Origin, are not operators."""
        if "origin" in socket.headers:
            await socket.close()
            return
        await socket.accept()
        self._sockets += 1
        self.metrics.sockets.set(self._sockets)
        link: Link | None = None
        try:
            link = await self._enter(socket)
            await self._seat(link)
            await self._listen(socket, link)
        except Refused as refusal:
            await self._refuse(socket, refusal)
        except (WebSocketDisconnect, ExchangeEnded, OSError) as gone:
            _log.debug("operator socket ended", extra={"reason": type(gone).__name__})
        except asyncio.CancelledError:
            if link is None or link.open:
                raise
        finally:
            self._sockets -= 1
            self.metrics.sockets.set(self._sockets)
            if link is not None:
                await self._leave(link)

    async def sweep(self) -> None:
        """Close sockets that have been silent for too long."""
        silent = time.monotonic() - self.settings.operator_idle_s
        for link in list(self.directory.links.values()):
            if link.last_heard < silent:
                self.metrics.closed("silent")
                await link.close(CLOSE_GOING_AWAY, "silent")
                await self._leave(link)

    async def shut(self) -> None:
        """Close every socket; operators come back at once, to whoever listens then."""
        self.closing = True
        for link in list(self.directory.links.values()):
            await link.close(CLOSE_RESTART, "relay restart")

    # -- entering --------------------------------------------------------------------------------

    async def _enter(self, socket: WebSocket) -> Link:
        caller = socket.client.host if socket.client else "unknown"
        if not self._connects.take(caller):
            raise Refused(CLOSE_RATE_LIMITED, "rate_limited", "too many connections; wait a minute")
        if self.closing:
            raise Refused(CLOSE_RESTART, "relay_restart", "the relay restarts; connect again")
        if self._sockets > self.settings.max_operators:
            raise Refused(CLOSE_OVERLOAD, "overloaded", "the relay is full; use another or wait")
        peer_id = secrets.token_hex(16)
        faults.reach("relay.greeting")
        await socket.send_text(
            encode(
                Connected(
                    peer_id=peer_id,
                    node=self.settings.node_id,
                    min_cli_version=str(self.floor()),
                    max_frame=self.settings.max_frame,
                )
            )
        )
        faults.reach("relay.greeted")
        frame, _ = await self._first(socket)
        while isinstance(frame, Ping):
            await socket.send_text(_PONG)
            frame, _ = await self._first(socket)
        if not isinstance(frame, Announce):
            raise Refused(CLOSE_ANNOUNCE_FAILED, "announce_expected", "announce yourself first")
        announcement = self._checked(frame.data, peer_id)
        task = asyncio.current_task()
        return Link(
            peer_id,
            self.directory.next_epoch(announcement.address),
            announcement,
            socket.send_text,
            lambda code, reason: _close(socket, code, reason, task),
        )

    async def _first(self, socket: WebSocket) -> tuple[Frame, int]:
        try:
            async with asyncio.timeout(ANNOUNCE_SECONDS):
                return await self._read(socket)
        except TimeoutError:
            raise Refused(
                CLOSE_ANNOUNCE_FAILED, "announce_expected", "no announcement came in time"
            ) from None

    def _checked(self, data: Announcement, peer_id: str) -> Announcement:
        """The announcement with its address spelt as ours. Raises Refused."""
        try:
            address = to_address(data.address)
        except ValueError as bad:
            raise Refused(CLOSE_ANNOUNCE_FAILED, "bad_announcement", str(bad)) from None
        if data.peer_id != peer_id:
            raise Refused(
                CLOSE_BAD_SIGNATURE, "bad_signature", "the peerId is not the one of this connection"
            )
        _require(data.signature, announce_message(address, peer_id), address, "announcement")
        if data.encryption_pubkey:
            message = pubkey_message(address, data.encryption_pubkey)
            _require(data.pubkey_attestation, message, address, "encryption key")
        if not self._announces.take(address):
            raise Refused(
                CLOSE_RATE_LIMITED, "rate_limited", "too many announcements; wait a minute"
            )
        allowed = self.settings.allow_operators
        if address in self.settings.deny_operators or (allowed and address not in allowed):
            raise Refused(
                CLOSE_ANNOUNCE_FAILED,
                "operator_not_allowed",
                "this relay does not take this operator",
            )
        self._check_version(data)
        return data.model_copy(update={"address": address})

    def _check_version(self, data: Announcement) -> None:
        floor = self.floor()
        if _version(data) < floor:
            raise Refused(
                CLOSE_VERSION_FLOOR,
                "upgrade_required",
                f"version {data.cli_version} is too old; upgrade to {floor} or newer",
            )

    async def _seat(self, link: Link) -> None:
        """Give the address's seat to this socket; who had it is told and closed."""
        former = self.directory.links.get(link.address)
        self.directory.links[link.address] = link
        if former is not None:
            await self.supersede(former)
        self.metrics.operators.set(len(self.directory.links))
        faults.reach("relay.seating")
        await link.send(encode(Announced(superseded=former is not None)))
        faults.reach("relay.seated")
        floor = self.floor()
        if floor > LOWEST and _version(link.announcement).near(floor):
            message = f"version {link.announcement.cli_version} is the oldest served; upgrade soon"
            await link.send(encode(Warning_(message=message)))
        _log.info("operator connected", extra={"operator": link.address, "epoch": link.epoch})
        await self.watcher.arrived(link)

    async def supersede(self, link: Link) -> None:
        """A newer socket of the address is open, here or on another node."""
        self.metrics.closed("superseded")
        if self.directory.links.get(link.address) is link:
            del self.directory.links[link.address]
            self.metrics.operators.set(len(self.directory.links))
        with contextlib.suppress(ExchangeEnded):  # it is closed in any case
            await link.send(
                encode(ErrorFrame(code="superseded", message="a newer connection took over"))
            )
        await link.close(CLOSE_SUPERSEDED, "superseded")

    # -- listening -------------------------------------------------------------------------------

    async def _listen(self, socket: WebSocket, link: Link) -> None:
        while True:
            frame, size = await self._read(socket)
            link.last_heard = time.monotonic()
            match frame:
                case InferenceChunk() | InferenceAccepted() | InferenceResponse():
                    await link.deliver(frame, size)
                case Ping():
                    await link.send(_PONG)
                case Pong():
                    continue
                case ReceiptAck():
                    link.acknowledged(frame)
                case Announce():
                    await self._announced_again(link, frame.data)
                case Drain():
                    link.draining = True
                    await self.watcher.arrived(link)
                case ErrorFrame():
                    _log.info("operator reports an error", extra={"operator": link.address})
                case _:
                    raise Refused(
                        CLOSE_PROTOCOL, "unexpected_frame", f"operators send no {frame.type}"
                    )

    async def _announced_again(self, link: Link, data: Announcement) -> None:
        announcement = self._checked(data, link.peer_id)
        if announcement.address != link.address:
            raise Refused(
                CLOSE_BAD_SIGNATURE, "bad_signature", "another address needs another connection"
            )
        link.announcement = announcement
        link.revision += 1
        await link.send(encode(Announced()))
        await self.watcher.arrived(link)

    async def _read(self, socket: WebSocket) -> tuple[Frame, int]:
        message = await socket.receive()
        if message["type"] != "websocket.receive":
            raise WebSocketDisconnect(message.get("code", CLOSE_NORMAL))
        text = message.get("text")
        if text is None:
            raise Refused(CLOSE_PROTOCOL, "bad_frame", "frames are text")
        if len(text) > self.settings.max_frame:
            raise Refused(
                1009, "frame_too_large", f"a frame has at most {self.settings.max_frame} bytes"
            )
        try:
            return decode(text), len(text)
        except FrameError as bad:
            raise Refused(CLOSE_PROTOCOL, "bad_frame", str(bad)[:300]) from None

    # -- leaving ---------------------------------------------------------------------------------

    async def _refuse(self, socket: WebSocket, refusal: Refused) -> None:
        self.metrics.closed(refusal.code)
        _log.info("operator refused", extra={"code": refusal.code, "close": refusal.close})
        try:
            await socket.send_text(encode(ErrorFrame(code=refusal.code, message=str(refusal))))
        except (WebSocketDisconnect, OSError, RuntimeError):
            return
        await _close(socket, refusal.close, refusal.code)

    async def _leave(self, link: Link) -> None:
        link.lost()
        if self.directory.links.get(link.address) is link:
            del self.directory.links[link.address]
            self.metrics.operators.set(len(self.directory.links))
            _log.info("operator left", extra={"operator": link.address, "epoch": link.epoch})
            await self.watcher.left(link)


async def _close(
    socket: WebSocket, code: int, reason: str, task: asyncio.Task[None] | None = None
) -> None:
    """Say goodbye; who does not listen is cut off by cancelling the task that serves the socket."""
    if socket.application_state is not WebSocketState.CONNECTED:
        return
    try:
        async with asyncio.timeout(CLOSE_SECONDS):
            await socket.close(code, reason)
    except TimeoutError:
        if task is not None:
            task.cancel()
    except (WebSocketDisconnect, OSError, RuntimeError):
        return


def _version(data: Announcement) -> Version:
    try:
        return parse_version(data.cli_version)
    except ValueError:
        return LOWEST


def _require(signature: str, message: str, address: Address, what: str) -> None:
    try:
        signed = recover_personal(message, signature) == address
    except ValueError:
        signed = False
    if not signed:
        raise Refused(
            CLOSE_BAD_SIGNATURE, "bad_signature", f"the {what} is not signed by {address}"
        )
