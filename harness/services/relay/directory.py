"""Who is connected where, and how each operator has done of late."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from harness.protocol.addresses import Address
from harness.protocol.frames import Announcement
from harness.services.relay.links import Link

FAILURES, REST_SECONDS = 3, 30.0  # so many failures in a row, and an operator is left alone so long
_WEIGHT = 0.2  # of the newest value in a moving average
_REMEMBERED = 20_000


@dataclass
class Record:
    """One operator's latency (seconds to the first frame) and error rate, as moving averages."""

    clock: Callable[[], float] = time.monotonic
    latency: float | None = None
    error_rate: float = 0.0
    _row: int = 0
    _until: float = 0.0

    def trusted(self) -> bool:
        return self._row < FAILURES or self.clock() >= self._until

    def served(self, latency: float) -> None:
        self._row = 0
        self.error_rate *= 1 - _WEIGHT
        old = latency if self.latency is None else self.latency
        self.latency = old + _WEIGHT * (latency - old)

    def failed(self) -> None:
        self._row += 1
        self.error_rate += _WEIGHT * (1 - self.error_rate)
        if self._row >= FAILURES:
            self._until = self.clock() + REST_SECONDS


@dataclass
class FarSeat:
    """An operator on another node. `heard_at` is this machine's clock."""

    node: str
    address: Address
    peer_id: str
    epoch: int
    revision: int
    announcement: Announcement
    connected_at: float
    heard_at: float
    inflight: int = 0
    draining: bool = False


@dataclass
class Directory:
    """Operators of this node (`links`) and of others (`far`), by address."""

    clock: Callable[[], float] = time.monotonic
    links: dict[Address, Link] = field(default_factory=dict)
    far: dict[Address, FarSeat] = field(default_factory=dict)
    _records: OrderedDict[Address, Record] = field(default_factory=OrderedDict)
    _epoch: int = 0

    def record(self, address: Address) -> Record:
        """How an operator has done; a fresh one for a stranger."""
        found = self._records.pop(address, None) or Record(self.clock)
        self._records[address] = found
        if len(self._records) > _REMEMBERED:
            self._records.popitem(last=False)
        return found

    def seats(self) -> list[Link | FarSeat]:
        """Everyone who can be asked, each address once."""
        return [*self.links.values(), *(s for a, s in self.far.items() if a not in self.links)]

    def find(self, address: Address) -> Link | FarSeat | None:
        return self.links.get(address) or self.far.get(address)

    def next_epoch(self, address: Address) -> int:
        """Larger than any epoch of this address that was heard of; clocks of nodes agree to seconds."""
        known = self.far.get(address)
        self._epoch = max(time.time_ns() // 1_000, self._epoch + 1, known.epoch + 1 if known else 0)
        return self._epoch

    def forget_far(self, node: str | None = None, older_than: float | None = None) -> None:
        """Drop the operators of a node, those not heard of since `older_than`, or all."""
        for address, seat in list(self.far.items()):
            of_node = node is None or seat.node == node
            silent = older_than is None or seat.heard_at < older_than
            if of_node and silent:
                del self.far[address]

    def announcements(self) -> Iterable[tuple[Announcement, Link | FarSeat]]:
        return ((seat.announcement, seat) for seat in self.seats())
