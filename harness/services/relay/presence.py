"""Operators of other nodes, as heard on the bus.

Every node tells all others, each third of the time to live, whom it has: address, connection, epoch,
revision, load. Who hears of an announcement it does not know asks that node for it. What is not heard
of for the time to live is forgotten. A higher epoch is a newer connection of the same operator: a node
that holds an older one lets go of it.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from harness.protocol.addresses import Address, to_address
from harness.protocol.frames import Announcement
from harness.services.relay.directory import Directory, FarSeat
from harness.services.relay.links import Link

BATCH = 200  # operators in one message of a heartbeat
MOST_BYTES = 512 * 1024  # of announcements in one answer

_log = logging.getLogger(__name__)


class Presence:
    """Reads and writes the messages about who is where."""

    def __init__(
        self, token: str, directory: Directory, supersede: Callable[[Link], Awaitable[None]]
    ) -> None:
        self._token = token
        self._directory = directory
        self._supersede = supersede

    # -- what this node says ---------------------------------------------------------------------

    def heartbeats(self) -> Iterable[bytes]:
        """At least one, so that a node without operators is known to live."""
        links = list(self._directory.links.values())
        for start in range(0, len(links) or 1, BATCH):
            rows = [_row(link) for link in links[start : start + BATCH]]
            yield _text({"node": self._token, "operators": rows})

    def announcement(self, link: Link) -> bytes:
        return _text({"node": self._token, "known": [_known(link)]})

    def withdrawal(self, link: Link) -> bytes:
        return _text({"node": self._token, "gone": [[link.address, link.epoch]]})

    def announcements(self, addresses: Iterable[str]) -> bytes:
        """As many of the asked ones as fit; the rest is asked for again."""
        known, size = [], 0
        for address in addresses:
            link = self._directory.links.get(address)
            if link is not None and size < MOST_BYTES:
                known.append(_known(link))
                size += len(json.dumps(known[-1]))
        return _text({"node": self._token, "known": known})

    # -- what others say -------------------------------------------------------------------------

    async def hear(self, data: bytes) -> tuple[str, list[Address]]:
        """Take a message in; the node it is from and whose announcements are missing.

        Raises ValueError for what is no message of ours.
        """
        told = json.loads(data)
        node = str(told["node"])
        if node == self._token:
            return node, []
        for known in told.get("known", ()):
            await self._know(node, known)
        for address, epoch in told.get("gone", ()):
            seat = self._directory.far.get(address)
            if seat is not None and seat.node == node and seat.epoch <= epoch:
                del self._directory.far[address]
        rows = told.get("operators", ())
        return node, [row[0] for row in rows if not await self._refresh(node, row)]

    async def _refresh(self, node: str, row: list[Any]) -> bool:
        """Whether the announcement behind a row of a heartbeat is known."""
        address, epoch, revision, inflight, draining = row
        if await self._older(address, epoch):
            return True
        seat = self._directory.far.get(address)
        if seat is None or (seat.node, seat.epoch, seat.revision) != (node, epoch, revision):
            return seat is not None and seat.epoch > epoch
        seat.heard_at = self._directory.clock()
        seat.inflight, seat.draining = int(inflight), bool(draining)
        return True

    async def _know(self, node: str, known: dict[str, Any]) -> None:
        announcement = Announcement.model_validate(known["announcement"])
        address = to_address(announcement.address)
        epoch, revision = int(known["epoch"]), int(known["revision"])
        if await self._older(address, epoch):
            return
        seat = self._directory.far.get(address)
        if seat is not None and (seat.epoch, seat.revision) > (epoch, revision):
            return
        self._directory.far[address] = FarSeat(
            node=node,
            address=address,
            peer_id=announcement.peer_id,
            epoch=epoch,
            revision=revision,
            announcement=announcement,
            connected_at=float(known["connectedAt"]),
            heard_at=self._directory.clock(),
            inflight=seat.inflight if seat is not None and seat.epoch == epoch else 0,
            draining=bool(known["draining"]),
        )

    async def _older(self, address: Address, epoch: int) -> bool:
        """Whether this node holds a newer connection; an older one of ours is let go."""
        link = self._directory.links.get(address)
        if link is None:
            return False
        if link.epoch >= epoch:
            return True
        _log.info("operator moved to another node", extra={"operator": address})
        await self._supersede(link)
        return False


def _row(link: Link) -> list[Any]:
    return [link.address, link.epoch, link.revision, link.inflight, link.draining]


def _known(link: Link) -> dict[str, Any]:
    return {
        "announcement": link.announcement.model_dump(by_alias=True),
        "epoch": link.epoch,
        "revision": link.revision,
        "connectedAt": link.connected_at,
        "draining": link.draining,
    }


def _text(told: dict[str, Any]) -> bytes:
    return json.dumps(told, separators=(",", ":")).encode()
