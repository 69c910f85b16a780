"""What is reserved for one operator in one cycle, and who of our requests counts on it.

    total      what receipts of this cycle can take in all: redeemed + locked on chain
    cumulative the newest receipt we signed, so what is owed in all
    acked      the newest receipt that the operator has on its disk
    inflight   ceilings of requests under way, less what of them is in `cumulative`
    orphans    requests that a crash interrupted: the operator may have served them
    unseen     what the operator counts against us and we do not know why

Base units; times in seconds since the epoch. Of one event loop: nothing here waits, except for `room`.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from harness.diamond.vault import Pair
from harness.protocol.addresses import Address


@dataclass(frozen=True)
class Orphan:
    """What of its ceiling an interrupted request may still cost, and what it has cost already."""

    remaining: int
    charged: int = 0


@dataclass
class Purse:
    """One (operator, cycle)."""

    operator: Address
    epoch: int
    cycle: int
    locked: int
    redeemed: int
    expiry: int
    created: int
    cumulative: int = 0
    acked: int = 0
    inflight: int = 0
    unseen: int = 0
    window: int | None = None  # the operator's credit window, once it has shown itself
    orphans: dict[str, Orphan] = field(default_factory=dict)
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    pressing: asyncio.Event = field(default_factory=asyncio.Event)  # a receipt is waited for

    @property
    def total(self) -> int:
        return self.locked + self.redeemed

    @property
    def available(self) -> int:
        """What a further request may take."""
        owed = self.cumulative + self.inflight + sum(o.remaining for o in self.orphans.values())
        return max(self.total - owed - self.unseen, 0)

    @property
    def outstanding(self) -> int:
        """What the operator risks on us now, as far as we know."""
        return self.inflight + max(self.cumulative - self.acked, 0)

    def has_room(self, need: int) -> bool:
        """Whether the operator's window, as far as it is known, lets one more request in."""
        return (
            self.window is None or self.outstanding == 0 or self.outstanding + need <= self.window
        )

    @property
    def at_ease(self) -> bool:
        """Whether nobody waits for the operator to have a receipt, nor will soon."""
        tight = self.window is not None and self.outstanding * 2 > self.window
        return not tight and not self.pressing.is_set()

    def take(self, need: int) -> None:
        self.inflight += need

    def give_back(self, amount: int) -> None:
        self.inflight = max(self.inflight - amount, 0)
        self.stir()

    def owe(self, amount: int) -> int:
        """Count delivered value; the cumulative to sign."""
        self.cumulative += amount
        return self.cumulative

    def disown(self, cumulative: int, amount: int) -> None:
        """The receipt of this sum could not be written, so it does not exist.

        A higher one that was signed since has the amount in it and is the one that counts.
        """
        if self.cumulative == cumulative:
            self.cumulative -= amount

    def acknowledged(self, cumulative: int) -> None:
        if cumulative > self.acked:
            self.acked = cumulative
            self.unseen = 0
            self.stir()

    def refresh(self, pair: Pair) -> None:
        """What the chain has of this same cycle."""
        self.locked, self.redeemed = pair.locked, pair.redeemed
        self.expiry, self.created = pair.expiry, pair.created
        self.acked = max(self.acked, pair.redeemed)
        self.cumulative = max(self.cumulative, pair.redeemed)
        self.stir()

    def stir(self) -> None:
        """Wake whoever waits for room."""
        self.changed.set()
        self.changed = asyncio.Event()

    async def room(self, need: int, seconds: float) -> bool:
        """Wait until the window has room; False when it has none in time."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + seconds
        while not self.has_room(need):
            left = deadline - loop.time()
            if left <= 0:
                return False
            self.pressing.set()
            try:
                await asyncio.wait_for(self.changed.wait(), left)
            except TimeoutError:
                return False
        return True
