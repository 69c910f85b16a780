"""The cumulative ceiling of a run: spent + held never exceeds it, whatever happens in parallel.

A hold is taken before the first wait of a request, and ends exactly once: charged or released.
Base units of the dollar. Safe to use from several threads.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass

from harness.protocol.amounts import DOLLARS


class OverBudget(Exception):
    """The ceiling does not leave that much."""


@dataclass(frozen=True)
class BudgetView:
    """One consistent look. A limit of 0 is no ceiling, and then `remaining` is None."""

    limit: int
    spent: int
    reserved: int

    @property
    def capped(self) -> bool:
        return self.limit > 0

    @property
    def remaining(self) -> int | None:
        return max(self.limit - self.spent - self.reserved, 0) if self.capped else None


class Budget:
    """The one lock."""

    def __init__(self, limit: int = 0, spent: int = 0, warn: float = 0.8) -> None:
        self._lock = threading.Lock()
        self._limit = limit
        self._spent = spent
        self._reserved = 0
        self._warn = warn

    def view(self) -> BudgetView:
        with self._lock:
            return BudgetView(self._limit, self._spent, self._reserved)

    def move(self, limit: int) -> None:
        """Only the ceiling; what is spent stays spent."""
        with self._lock:
            self._limit = limit

    def hold(self, amount: int) -> Hold:
        """Set `amount` aside. Raises OverBudget."""
        with self._lock:
            if not self._fits(amount):
                raise OverBudget
            self._reserved += amount
        return Hold(self, amount)

    def hold_up_to(self, amount: int) -> Hold:
        """As much of `amount` as is left, at least one unit. Raises OverBudget."""
        with self._lock:
            if self._limit:
                amount = min(amount, self._limit - self._spent - self._reserved)
            if amount <= 0:
                raise OverBudget
            self._reserved += amount
        return Hold(self, amount)

    def restore(self, amount: int) -> Hold:
        """Hold again what an earlier life of this process may still owe, ceiling or not."""
        with self._lock:
            self._reserved += amount
        return Hold(self, amount)

    def headers(self) -> dict[str, str]:
        """What every reply carries while there is a ceiling; USD with four decimals."""
        view = self.view()
        if not view.capped:
            return {}
        found = {
            "X-Halo-Budget-Limit": usd4(view.limit),
            "X-Halo-Budget-Spent": usd4(view.spent),
            "X-Halo-Budget-Remaining": usd4(view.remaining or 0),
        }
        if view.spent >= view.limit * self._warn:
            found["X-Halo-Budget-Warning"] = "true"
            found["X-Halo-Budget-Message"] = (
                f"{usd4(view.spent)} of {usd4(view.limit)} USD spent in this run; ask the user whether "
                'to raise it, then POST /v1/budget {"limitUsd": <new total>}'
            )
        return found

    def _fits(self, amount: int) -> bool:
        return not self._limit or self._spent + self._reserved + amount <= self._limit

    def _change(self, reserved: int, spent: int, must_fit: bool) -> None:
        with self._lock:
            if must_fit and reserved > 0 and not self._fits(reserved):
                raise OverBudget
            self._reserved += reserved
            self._spent += spent


class Hold:
    """Money set aside for one request. `charge` and `release` end it; a second end changes nothing."""

    def __init__(self, budget: Budget, amount: int) -> None:
        self._budget = budget
        self.amount = amount
        self.charged = 0
        self.kept = False  # a stream or a watched payment ends it, not the request that took it
        self._open = True

    @property
    def open(self) -> bool:
        return self._open

    @property
    def ceiling(self) -> int:
        """The most this request may cost: what was charged so far, and what is still held."""
        return self.charged + (self.amount if self._open else 0)

    def resize(self, amount: int) -> None:
        """Hold more or less. Raises OverBudget, and then holds what it held."""
        if not self._open:
            raise ValueError("this hold has ended")
        self._budget._change(amount - self.amount, 0, must_fit=True)
        self.amount = amount

    def charge_part(self, amount: int) -> None:
        """Spend some of what is held and keep holding the rest."""
        if not self._open or amount > self.amount:
            raise ValueError("more than is held")
        self._budget._change(-amount, amount, must_fit=False)
        self.amount -= amount
        self.charged += amount

    def charge(self, amount: int) -> None:
        """Spend `amount` and give back the rest. At most what is held."""
        if not self._open:
            return
        if amount > self.amount:
            raise ValueError("more than is held")
        self._open = False
        self._budget._change(-self.amount, amount, must_fit=False)
        self.charged += amount

    def release(self) -> None:
        """Give everything back that is not spent."""
        self.charge(0)


def usd4(amount: int) -> str:
    """Base units -> USD with four decimals, rounded to nearest."""
    tenths = (amount + 50) // 100
    return f"{tenths // 10_000}.{tenths % 10_000:04d}"


def usd(amount: int) -> str:
    """Base units -> the shortest exact USD text."""
    return DOLLARS.show(amount).removesuffix(" USD")
