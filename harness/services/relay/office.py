"""Everything behind the routes of one relay: who is connected, what is under way, what is kept."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from typing import TYPE_CHECKING, Any

from harness.http.limits import Buckets
from harness.protocol.frames import ReceiptAck, ReceiptFrame
from harness.services.relay.archive import Archive
from harness.services.relay.attestation import Reports
from harness.services.relay.directory import Directory
from harness.services.relay.dispatch import Dispatcher, Unanswered, request_id
from harness.services.relay.doorway import Doorway
from harness.services.relay.exchange import ExchangeEnded
from harness.services.relay.links import Link
from harness.services.relay.metrics import Metrics
from harness.services.relay.settings import RelaySettings
from harness.services.relay.versions import Version
from harness.store.relay import Passage, RelayRecords

if TYPE_CHECKING:
    from harness.services.relay.nodes import NatsNodes

VERSION = "0.1.0"
SWEEP_SECONDS = 1.0

_log = logging.getLogger(__name__)


class Office:
    """One relay. Started and stopped inside an event loop; made outside of any."""

    def __init__(self, settings: RelaySettings, records: RelayRecords) -> None:
        self.settings = settings
        self.metrics = Metrics()
        self.directory = Directory()
        self.archive = Archive(records, self.metrics, settings.min_cli_version, settings.audit_days)
        self.reports = Reports(settings.tee_bases)
        self.doorway = Doorway(settings, self.directory, self.metrics, self._floor, self)
        self.nodes: NatsNodes | None = None
        if settings.bus_url is not None:
            from harness.services.relay.nodes import NatsNodes

            self.nodes = NatsNodes(settings, self.directory, self.metrics, self.doorway.supersede)
        self.dispatcher = Dispatcher(settings, self.directory, self.nodes, self.metrics)
        self.inflight = 0
        self.draining = False
        self._callers = Buckets(settings.requests_per_minute)
        self._sweeper: asyncio.Task[None] | None = None

    def _floor(self) -> Version:
        return self.archive.floor

    # -- requests --------------------------------------------------------------------------------

    def admits(self, caller: str) -> bool:
        """Whether this network address may ask again now."""
        return self._callers.take(caller)

    def enter(self) -> bool:
        """Count a request in; False while there are too many."""
        if self.inflight >= self.settings.max_inflight:
            return False
        self.inflight += 1
        self.metrics.inflight.set(self.inflight)
        return True

    def leave(self) -> None:
        self.inflight -= 1
        self.metrics.inflight.set(self.inflight)

    async def receipt(self, frame: ReceiptFrame) -> ReceiptAck:
        """Deliver a receipt to its operator. Raises Unanswered."""
        started = time.monotonic()
        outcome = "failed"
        try:
            ack = await self._deliver(frame)
            outcome = "accepted" if ack.accepted else "rejected"
            return ack
        finally:
            self.metrics.receipt(outcome)
            self.note(
                "receipt",
                frame.receipt_id,
                operator=frame.operator,
                outcome=outcome,
                seconds=time.monotonic() - started,
            )

    async def _deliver(self, frame: ReceiptFrame) -> ReceiptAck:
        seat = self.directory.find(frame.operator)
        gone = Unanswered(
            404,
            "operator_not_connected",
            "the operator is not connected; keep the receipt and send it again later",
            frame.operator,
        )
        if seat is None:
            raise gone
        try:
            if isinstance(seat, Link):
                return await seat.receipt(frame, self.settings.receipt_timeout_s)
            if self.nodes is None:
                raise gone
            return await self.nodes.receipt(seat, frame, self.settings.receipt_timeout_s)
        except ExchangeEnded:
            raise gone from None
        except TimeoutError:
            raise Unanswered(
                504,
                "receipt_timeout",
                "the operator did not acknowledge the receipt; send the same one again",
                frame.operator,
            ) from None

    # -- watching --------------------------------------------------------------------------------

    async def arrived(self, link: Link) -> None:
        """An operator came, or announced something new."""
        if link.revision == 1 and not link.draining:
            self.note("connected", operator=link.address)
        if self.nodes is not None:
            await self.nodes.announce(link)

    async def left(self, link: Link) -> None:
        self.note("left", operator=link.address)
        if self.nodes is not None:
            await self.nodes.withdraw(link)

    def note(
        self,
        kind: str,
        request: str = "",
        *,
        operator: str = "",
        model: str = "",
        status: int = 0,
        outcome: str = "",
        seconds: float = 0.0,
    ) -> None:
        """One audit row: who and how long, never what was said."""
        self.archive.note(
            Passage(
                time.time(),
                self.settings.node_id[:120],
                kind,
                request,
                operator,
                model[:200],
                status,
                outcome[:60],
                int(seconds * 1000),
            )
        )

    def health(self) -> dict[str, Any]:
        report: dict[str, Any] = {
            "status": "draining" if self.draining else "ok",
            "operators": len(self.directory.seats()),
            "inflight": self.inflight,
            "node": self.settings.node_id,
            "version": VERSION,
        }
        if self.nodes is not None:
            report["bus"] = "connected" if self.nodes.connected else "disconnected"
        return report

    # -- life ------------------------------------------------------------------------------------

    async def start(self) -> None:
        await self.archive.start()
        await self.reports.start()
        if self.nodes is not None:
            await self.nodes.start()
        self._sweeper = asyncio.create_task(self._sweep())

    async def drain(self) -> None:
        """Take nothing new, and return when nothing is under way any more."""
        self.draining = True
        self.doorway.closing = True
        while self.inflight:
            await asyncio.sleep(0.05)

    async def stop(self) -> None:
        self.draining = True
        if self._sweeper is not None:
            self._sweeper.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._sweeper
        await self.doorway.shut()
        if self.nodes is not None:
            await self.nodes.stop()
        await self.reports.stop()
        await self.archive.stop()

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            try:
                await self.doorway.sweep()
            except Exception:
                _log.exception("sweeping failed")


def receipt_id() -> str:
    """Unguessable, so that an acknowledgement can only come from who got the receipt."""
    return "rcp_" + request_id().removeprefix("req_")
