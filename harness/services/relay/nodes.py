"""Several relays as one: requests go over NATS to the node that holds the operator's socket.

    relay.presence          heartbeats, announcements, withdrawals        to all
    relay.hello             a new node asks for heartbeats                to all
    relay.node.<t>.req      a request or a receipt, answered on an inbox  to one
    relay.node.<t>.ctl      credit, abort, complete                       to one
    relay.node.<t>.ann      announcements that were missed                to one

An answering node may be 64 messages ahead of what was taken at the other end. While the bus is away a
node knows its own operators only, and what was under way across it ends.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import re
import secrets
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import nats
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error as NatsError

from harness import faults
from harness.protocol.frames import (
    FrameError,
    InferenceRequest,
    ReceiptAck,
    ReceiptFrame,
    decode,
    encode,
)
from harness.services.relay.directory import Directory, FarSeat
from harness.services.relay.errands import Errands, FarExchange
from harness.services.relay.exchange import DISCONNECTED, NOT_HERE, ExchangeEnded
from harness.services.relay.links import Link
from harness.services.relay.metrics import Metrics
from harness.services.relay.presence import Presence
from harness.services.relay.settings import RelaySettings
from harness.services.relay.wire import message, pieces, read

_TOKEN = re.compile(r"[^A-Za-z0-9_-]+")

_log = logging.getLogger(__name__)


class NatsNodes:
    """This node among the others. `connected` while the bus is."""

    def __init__(
        self,
        settings: RelaySettings,
        directory: Directory,
        metrics: Metrics,
        supersede: Callable[[Link], Awaitable[None]],
    ) -> None:
        name = _TOKEN.sub("-", settings.node_id)[:60] or "node"
        self.token = f"{name}-{secrets.token_hex(4)}"  # a node that restarts is another one
        self.connected = False
        self._settings = settings
        self._directory = directory
        self._metrics = metrics
        self._presence = Presence(self.token, directory, supersede)
        self._errands = Errands(settings, directory, self.publish)
        self._heard: dict[str, float] = {}  # by node, this machine's clock
        self._asked: dict[str, FarExchange] = {}  # what this node waits for, by inbox
        self._client: Client | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    # -- life ------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Connect in the background, for as long as it takes; the relay works meanwhile."""
        self._spawn(self._connect())
        self._spawn(self._beat())

    async def stop(self) -> None:
        for link in list(self._directory.links.values()):
            await self.withdraw(link)
        for task in list(self._tasks):
            task.cancel()
        if self._client is not None:
            with contextlib.suppress(NatsError, OSError, TimeoutError):
                await self._client.close()

    async def _connect(self) -> None:
        client = Client()
        while True:
            try:
                await client.connect(
                    self._settings.bus_url or "",
                    name=self.token,
                    max_reconnect_attempts=-1,
                    reconnect_time_wait=1,
                    connect_timeout=5,
                    ping_interval=5,
                    max_outstanding_pings=2,
                    pending_size=0,  # while away nothing is kept to be sent later
                    error_cb=self._on_error,
                    disconnected_cb=self._on_lost,
                    reconnected_cb=self._on_back,
                )
                break
            except (NatsError, OSError, TimeoutError) as failure:
                _log.warning("no bus yet", extra={"reason": type(failure).__name__})
                await asyncio.sleep(1)
        self._client = client
        await client.subscribe("relay.presence", cb=self._on_presence)
        await client.subscribe("relay.hello", cb=self._on_hello)
        own = f"relay.node.{self.token}"
        await client.subscribe(f"{own}.req", cb=self._on_request)
        await client.subscribe(f"{own}.ctl", cb=self._on_control)
        await client.subscribe(f"{own}.ann", cb=self._on_announcements)
        await self._on_back()

    async def _on_back(self) -> None:
        self.connected = True
        self._metrics.bus.set(1)
        _log.info("bus connected", extra={"node": self.token})
        await self.publish("relay.hello", self.token.encode())
        await self._tell_all()

    async def _on_lost(self) -> None:
        self.connected = False
        self._metrics.bus.set(0)
        _log.warning("bus lost; routing to own operators only")
        self._directory.forget_far()
        self._metrics.far_operators.set(0)
        for exchange in list(self._asked.values()):
            exchange.inbox.end(DISCONNECTED)
        await self._errands.end_all()

    async def _on_error(self, failure: Exception) -> None:
        _log.info("bus error", extra={"reason": type(failure).__name__})

    # -- presence --------------------------------------------------------------------------------

    async def announce(self, link: Link) -> None:
        await self.publish("relay.presence", self._presence.announcement(link))

    async def withdraw(self, link: Link) -> None:
        await self.publish("relay.presence", self._presence.withdrawal(link))

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(self._settings.presence_ttl_s / 3)
            await self._tell_all()
            await self._forget()

    async def _tell_all(self) -> None:
        for heartbeat in self._presence.heartbeats():
            await self.publish("relay.presence", heartbeat)

    async def _forget(self) -> None:
        old = self._directory.clock() - self._settings.presence_ttl_s
        self._directory.forget_far(older_than=old)
        for node in [node for node, heard in self._heard.items() if heard < old]:
            del self._heard[node]
            self._directory.forget_far(node)
            for exchange in [e for e in self._asked.values() if e.node == node]:
                exchange.inbox.end(DISCONNECTED)
            await self._errands.end_all(node)
        self._metrics.far_operators.set(len(self._directory.far))

    async def _on_presence(self, msg: Msg) -> None:
        try:
            node, missing = await self._presence.hear(msg.data)
        except (ValueError, KeyError, TypeError) as bad:
            _log.warning("not a presence", extra={"reason": type(bad).__name__})
            return
        self._heard[node] = self._directory.clock()
        if missing:
            self._spawn(self._ask_for(node, missing))
        self._metrics.far_operators.set(len(self._directory.far))

    async def _ask_for(self, node: str, missing: list[str]) -> None:
        if self._client is None:
            return
        try:
            answer = await self._client.request(
                f"relay.node.{node}.ann", json.dumps(missing).encode(), timeout=5
            )
            await self._presence.hear(answer.data)
        except (NatsError, TimeoutError, ValueError, KeyError, TypeError) as failure:
            _log.info("announcements not had", extra={"reason": type(failure).__name__})

    async def _on_hello(self, msg: Msg) -> None:
        if msg.data.decode("ascii", "replace") != self.token:
            await self._tell_all()

    async def _on_announcements(self, msg: Msg) -> None:
        try:
            asked = json.loads(msg.data)
        except ValueError:
            return
        await self.publish(msg.reply, self._presence.announcements(asked))

    # -- asking other nodes ----------------------------------------------------------------------

    async def begin(self, seat: FarSeat, frame: InferenceRequest, text: str) -> FarExchange:
        """Send a request to the operator's node. Raises ExchangeEnded."""
        client = self._client
        if client is None or not self.connected:
            raise ExchangeEnded(NOT_HERE)
        inbox = client.new_inbox()
        exchange = FarExchange(frame.request_id, seat.node, self.token, self.publish, self._done)
        subscription = await client.subscribe(inbox, cb=exchange.on_message)
        exchange.subscription = subscription
        self._asked[frame.request_id] = exchange
        line = {
            "from": self.token, "id": frame.request_id, "to": seat.address, "epoch": seat.epoch,
        }  # fmt: skip
        subject = f"relay.node.{seat.node}.req"
        for told, part in pieces(line, text.encode(), client.max_payload):
            await self.publish(subject, message(told, part), inbox)
        return exchange

    async def receipt(self, seat: FarSeat, frame: ReceiptFrame, seconds: float) -> ReceiptAck:
        """Send a receipt to the operator's node. Raises ExchangeEnded, TimeoutError."""
        if self._client is None or not self.connected:
            raise ExchangeEnded(NOT_HERE)
        line = {"from": self.token, "to": seat.address, "epoch": seat.epoch, "receipt": True}
        try:
            answer = await self._client.request(
                f"relay.node.{seat.node}.req",
                message(line, encode(frame).encode()),
                timeout=seconds + 1,
            )
            told, part = read(answer.data)
            if told.get("failed") == "timeout":
                raise TimeoutError
            ack = decode(part)
        except nats.errors.TimeoutError:
            raise TimeoutError from None
        except (NatsError, FrameError, ValueError):
            raise ExchangeEnded(NOT_HERE) from None
        if not isinstance(ack, ReceiptAck):
            raise ExchangeEnded(NOT_HERE)
        return ack

    async def _done(self, exchange: FarExchange) -> None:
        self._asked.pop(exchange.request_id, None)
        if exchange.subscription is not None:
            with contextlib.suppress(NatsError, OSError):
                await exchange.subscription.unsubscribe()

    # -- serving other nodes ---------------------------------------------------------------------

    async def _on_request(self, msg: Msg) -> None:
        try:
            line, part = read(msg.data)
            if line.get("receipt"):
                self._spawn(self._errands.receipt(line, part, msg.reply))
                return
            whole = self._errands.gather(line, part)
        except (ValueError, KeyError, TypeError) as bad:
            _log.warning("not a request of a node", extra={"reason": type(bad).__name__})
            return
        if whole is not None:
            self._spawn(self._errands.serve(line, whole, msg.reply, self._limit()))

    async def _on_control(self, msg: Msg) -> None:
        try:
            line, _ = read(msg.data)
            await self._errands.control(line)
        except (ValueError, KeyError, TypeError) as bad:
            _log.warning("not a word of a node", extra={"reason": type(bad).__name__})

    # -- the bus ---------------------------------------------------------------------------------

    def _limit(self) -> int:
        return 1024 * 1024 if self._client is None else self._client.max_payload

    async def publish(self, subject: str, data: bytes, reply: str = "") -> None:
        """Send, or not: what is lost is noticed by what does not come back."""
        if self._client is None or not self.connected:
            return
        faults.reach("bus.publishing")
        with contextlib.suppress(NatsError, OSError, ValueError):
            await self._client.publish(subject, data, reply)
        faults.reach("bus.published")

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
