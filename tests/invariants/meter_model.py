"""Credits, lots and receipts in Python: lists where the chain has a ring, names where it has places.

A lot remembers whose it is: every receipt has its own units in it. What the chain keeps per receipt and per
lot must add up to this.
"""

from __future__ import annotations

from dataclasses import dataclass, field

DAY = 86_400
MAX_LOTS, EXACT_LOTS, STEPS = 16, 8, 7


@dataclass(eq=False)
class Lot:
    """Purchases that unlock together."""

    unlock_at: int
    left: int = 0
    units: dict[str, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        return sum(self.units.values())


@dataclass
class Purchase:
    """One receipt."""

    to: bytes
    amount: int
    lot: Lot | None
    clawed: int = 0
    closed: bool = False


@dataclass
class Account:
    """One user."""

    credits: int = 0
    lots: list[Lot] = field(default_factory=list)
    cap: int = 0
    debited: int = 0
    day: int = 0

    @property
    def locked(self) -> int:
        return sum(lot.left for lot in self.lots)

    @property
    def free(self) -> int:
        return self.credits - self.locked

    def unlock(self, now: int) -> None:
        while self.lots and now >= self.lots[0].unlock_at:
            self.lots.pop(0)

    def debited_today(self, now: int) -> int:
        return self.debited if self.day == now // DAY else 0

    def cap_left(self, now: int) -> int:
        return max(0, self.cap - self.debited_today(now)) if self.cap else 2**256

    def debit(self, amount: int, now: int) -> None:
        """What is free first, then the oldest lots."""
        rest = max(0, amount - self.free)
        self.credits -= amount
        while rest:
            part = min(rest, self.lots[0].left)
            self.lots[0].left -= part
            rest -= part
            if self.lots[0].left == 0:
                self.lots.pop(0)
        if self.cap:
            self.debited, self.day = self.debited_today(now) + amount, now // DAY

    def buy(self, name: str, amount: int, lock: int, now: int) -> tuple[Purchase, int]:
        """The purchase and when it unlocks."""
        self.credits += amount
        unlock_at = now + lock
        if lock == 0:
            return Purchase(b"", amount, None), unlock_at
        if len(self.lots) >= EXACT_LOTS:
            step = lock // STEPS + 1
            unlock_at = -(-unlock_at // step) * step
        if self.lots:
            unlock_at = max(unlock_at, self.lots[-1].unlock_at)
        lot = self.lots[-1] if self.lots else None
        if lot is None or lot.unlock_at != unlock_at or lot.left != lot.total:
            if len(self.lots) == MAX_LOTS:
                self.lots.pop(0)
            lot = Lot(unlock_at)
            self.lots.append(lot)
        lot.left += amount
        lot.units[name] = amount
        return Purchase(b"", amount, lot), unlock_at

    def share(self, name: str, purchase: Purchase) -> int:
        """What the receipt still has in its lot. The account has been through `unlock`."""
        lot = purchase.lot
        if purchase.closed or lot not in self.lots or name not in lot.units:
            return 0
        return lot.units[name] * lot.left // lot.total

    def claw(self, name: str, purchase: Purchase, most: int) -> int:
        own = self.share(name, purchase)
        taken = min(own, most)
        if taken:
            lot = purchase.lot
            assert lot is not None
            used = lot.units[name]
            if taken != own:
                used = -(-taken * lot.total // lot.left)
            lot.units[name] -= used
            if not lot.units[name]:
                del lot.units[name]
            lot.left -= taken
            self.credits -= taken
            purchase.clawed += taken
        return taken
