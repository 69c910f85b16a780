"""The credit an operator gives: one tab per consumer and reservation cycle.

    collectable   what receipts of this cycle can take in all: redeemed + locked on chain
    served        value handed out, counted up while it is being handed out
    voided        of that, what was never delivered and will not be asked for
    inflight      the highest price of what is being worked on, less what of it is served already
    accruing      what of `served` belongs to streams that are still running
    held          the highest receipt kept
    redeemed      what receipts have taken on chain
    lost          handed out in streams that their consumer left or did not pay, and not asked for

    owed        = served - voided
    concluded   = owed - accruing
    covered     = min(max(held, redeemed), collectable)
    outstanding = owed + inflight - covered
    unpaid      = owed + lost - covered

Outstanding is what an operator would lose if the consumer walked away now. With what is lost already it
stays within the credit window, except that an idle tab may take one request of any size that the
reservation covers. Counters only grow; a new cycle begins a new tab, and whatever was admitted under an
old one stays there. Amounts in base units. Nothing here waits or reads: callers are on one event loop.
"""

from __future__ import annotations

from dataclasses import dataclass

from harness.diamond.vault import Pair
from harness.errors import HarnessError


class CreditRefused(HarnessError):
    """The base of the reasons why a tab takes no more."""


class StaleCycle(CreditRefused):
    """What was read belongs to an older cycle than the present one; read again."""


class ReservationTooSmall(CreditRefused):
    """The reservation does not cover this request."""

    def __init__(self, required: int, remaining: int) -> None:
        self.required = required
        self.remaining = remaining
        super().__init__(f"the request may cost {required}, the reservation has {remaining} left")


class WindowExceeded(CreditRefused):
    """Too much is served and not yet receipted."""

    def __init__(self, required: int, outstanding: int, window: int) -> None:
        self.required = required
        self.outstanding = outstanding
        self.window = window
        super().__init__(f"{outstanding} is not receipted yet, the credit window is {window}")


@dataclass
class Tab:
    """One consumer's tab in one cycle; times in seconds since the epoch."""

    cycle: int
    served: int = 0
    voided: int = 0
    inflight: int = 0
    held: int = 0
    redeemed: int = 0
    collectable: int = 0
    created: int = 0
    expiry: int = 0
    used_at: float = 0.0
    accruing: int = 0
    lost: int = 0
    limit: int = 0  # the credit there was when something was lost

    @property
    def owed(self) -> int:
        """What the consumer's next receipt should say."""
        return self.served - self.voided

    @property
    def concluded(self) -> int:
        """What answers that have ended come to: after each it marks off an interval of its own, however
        many streams add to `owed` in turns."""
        return max(0, self.owed - self.accruing)

    @property
    def covered(self) -> int:
        """What is paid, or can be collected with the receipts held."""
        return min(max(self.held, self.redeemed), max(self.collectable, self.redeemed))

    @property
    def outstanding(self) -> int:
        return max(0, self.owed + self.inflight - self.covered)

    @property
    def unreceipted(self) -> int:
        """Asked for and not covered by a receipt."""
        return max(0, self.owed - self.covered)

    @property
    def unpaid(self) -> int:
        """Handed out and not covered by a receipt, asked for or not: what a stream may let grow to the
        credit. What streams end with is not asked for, and must not be credit for the next one."""
        return max(0, self.owed + self.lost - self.covered)

    @property
    def defaulted(self) -> bool:
        """Whether its consumer, if nothing more comes, left it unpaid. A stream that is hung up on loses
        what is on its way, which is held against nobody until it is half of the credit."""
        return self.unreceipted > 0 or 2 * self.unpaid > self.limit > 0

    @property
    def remaining(self) -> int:
        """What the reservation can still take."""
        return max(0, self.collectable - max(self.owed + self.inflight, self.held, self.redeemed))

    @property
    def collectible_now(self) -> int:
        """What redeeming the newest receipt would bring."""
        return max(0, min(self.held, self.collectable) - self.redeemed)

    def observe(self, pair: Pair) -> None:
        """Take in what the chain says about this cycle; a reading older than ours is ignored."""
        if pair.cycle != self.cycle:
            raise StaleCycle(f"read cycle {pair.cycle}, the tab is of cycle {self.cycle}")
        if pair.redeemed < self.redeemed:
            return
        self.redeemed = pair.redeemed
        self.collectable = pair.redeemed + pair.locked
        self.created, self.expiry = pair.created, pair.expiry

    def admit(self, ceiling: int, window: int, *, trusted: bool = True) -> Admission:
        """Room for one request of at most `ceiling`. Raises ReservationTooSmall, WindowExceeded.

        `trusted` False takes away the idle tab's right to a request larger than the window.
        """
        if ceiling <= 0:
            raise ValueError(f"a request costs at least one base unit, got {ceiling}")
        remaining = self.remaining
        if remaining < ceiling:
            raise ReservationTooSmall(ceiling, remaining)
        alone = self.outstanding == 0 and trusted
        outstanding = max(0, self.owed + self.lost + self.inflight - self.covered)
        if not alone and outstanding + ceiling > window:
            raise WindowExceeded(ceiling, outstanding, window)
        self.inflight += ceiling
        return Admission(self, ceiling)

    def receive(self, cumulative: int) -> None:
        """Keep a receipt that was verified and written down; lower ones change nothing."""
        self.held = max(self.held, cumulative)

    def lose(self, amount: int, window: int) -> None:
        """A stream handed out `amount` more than it is charged, to a consumer that had `window` of credit."""
        self.lost += max(0, amount)
        self.limit = window

    def void(self, amount: int) -> None:
        """Ask no more for something that was served and never delivered."""
        self.voided += min(amount, self.owed)


class Admission:
    """One request's place on a tab, from admission until it is finished or released."""

    def __init__(self, tab: Tab, ceiling: int) -> None:
        self.tab = tab
        self.ceiling = ceiling
        self.accrued = 0
        self.kept: int | None = None

    @property
    def open(self) -> bool:
        return self.kept is None

    def accrue(self, total: int) -> int:
        """Count what was handed out so far, at most the ceiling; what this request has accrued."""
        if not self.open:
            raise RuntimeError("an admission that is closed cannot accrue")
        step = max(0, min(total, self.ceiling) - self.accrued)
        self.tab.served += step
        self.tab.inflight -= step
        self.tab.accruing += step
        self.accrued += step
        return self.accrued

    def receipted(self) -> int:
        """How much of what this request accrued is covered, counting it as the newest on the tab."""
        before = self.tab.owed - self.accrued
        return max(0, min(self.accrued, self.tab.covered - before))

    def finish(self, total: int) -> int:
        """Charge `total`, at most the ceiling, and free the rest; what is charged.

        Less than was accrued voids the difference. Finishing twice changes nothing.
        """
        if self.kept is not None:
            return self.kept
        charged = max(0, min(total, self.ceiling))
        self.accrue(charged)
        self.tab.void(self.accrued - charged)
        self.tab.inflight -= self.ceiling - self.accrued
        self.tab.accruing -= self.accrued
        self.kept = charged
        return charged

    def release(self) -> None:
        """Nothing was delivered: charge nothing."""
        self.finish(0)


class Tabs:
    """All tabs of one operator in one vault, by consumer; only the newest cycle admits."""

    def __init__(self) -> None:
        self._newest: dict[str, Tab] = {}
        self._defaults: dict[str, int] = {}

    def restore(self, consumer: str, tab: Tab, defaults: int = 0) -> None:
        """Put back what a journal knows."""
        present = self._newest.get(consumer)
        if present is None or tab.cycle > present.cycle:
            self._newest[consumer] = tab
        self._defaults[consumer] = max(defaults, self._defaults.get(consumer, 0))

    def newest(self, consumer: str) -> Tab | None:
        return self._newest.get(consumer)

    def all(self) -> list[tuple[str, Tab]]:
        return list(self._newest.items())

    def defaults(self, consumer: str) -> int:
        """How many cycles this consumer ended without a receipt for all that was served."""
        return self._defaults.get(consumer, 0)

    def window(self, consumer: str, window: int) -> int:
        """The credit this consumer gets: half for each cycle it left unpaid."""
        return window >> min(self.defaults(consumer), 16)

    def at(self, consumer: str, pair: Pair) -> Tab:
        """The tab of the cycle the chain is in, begun when it is new. Raises StaleCycle."""
        tab = self._newest.get(consumer)
        if tab is not None and pair.cycle < tab.cycle:
            raise StaleCycle(f"read cycle {pair.cycle}, cycle {tab.cycle} has begun")
        if tab is None or pair.cycle > tab.cycle:
            if tab is not None and tab.defaulted:
                self._defaults[consumer] = self.defaults(consumer) + 1
            tab = self._newest[consumer] = Tab(pair.cycle)
        tab.observe(pair)
        return tab
