"""The vault as a table of people and cycles, with the error each call has to end in.

Written from the specification and not from the contract: a request is a snapshot lowered by reservations
(the contract keeps what came late), totals are summed where the contract reads a bucket.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.contracts.economy import DAY
from tests.contracts.payments.tab import FEE_TIMELOCK, GRACE, PAUSE, TIMELOCK, TTL


@dataclass
class Person:
    """A consumer."""

    key: int | None = None
    epoch: int = 0
    nonce: int = 0
    free: int = 0
    locked: int = 0
    requested_at: int = 0
    authorized: int = 0
    snapshot: int = 0
    frozen: bool = False
    max_locked: int = 0
    daily: int = 0
    day: int = 0
    reserved_today: int = 0


@dataclass
class Pair:
    """A consumer and an operator; everything below `number` is of the present cycle."""

    number: int = 0
    locked: int = 0
    redeemed: int = 0
    created: int = 0
    expiry: int = 0
    fee_bps: int = 0
    remainder: int = 0
    reserved: int = 0
    released: int = 0
    highest: int = 0
    fees: int = 0


@dataclass
class Vault:
    """Everything, keyed by address."""

    people: dict[bytes, Person] = field(default_factory=dict)
    pairs: dict[tuple[bytes, bytes], Pair] = field(default_factory=dict)
    fee_bps: int = 0
    fees: int = 0
    paused_until: int = 0
    pause_end: int = 0
    proposed: tuple[int, int] | None = None

    def person(self, who: bytes) -> Person:
        return self.people.setdefault(who, Person())

    def pair(self, consumer: bytes, operator: bytes) -> Pair:
        return self.pairs.setdefault((consumer, operator), Pair())

    def total(self) -> int:
        return sum(p.free + p.locked for p in self.people.values())

    # -- what must happen ------------------------------------------------------------------

    def deposit_error(self, who: bytes, amount: int, now: int, *, own: bool) -> str | None:
        if now <= self.paused_until:
            return "Paused"
        if amount == 0:
            return "BadAmount"
        return "NoSessionKey" if not own and self.person(who).key is None else None

    def reserve_error(
        self, who: bytes, amount: int, expiry: int, nonce: int, key: int, now: int
    ) -> str | None:
        person = self.person(who)
        if now <= self.paused_until:
            return "Paused"
        if person.frozen:
            return "ReservesAreFrozen"
        if amount == 0:
            return "BadAmount"
        if nonce != person.nonce:
            return "BadNonce"
        if not now < expiry <= now + TTL:
            return "BadExpiry"
        if person.key is None:
            return "NoSessionKey"
        if key != person.key:
            return "BadSignature"
        if amount > person.free:
            return "InsufficientFree"
        if person.max_locked and person.locked + amount > person.max_locked:
            return "PolicyExceeded"
        today = person.reserved_today if person.day == now // DAY else 0
        return "PolicyExceeded" if person.daily and today + amount > person.daily else None

    def redeem_error(
        self, who: bytes, operator: bytes, cumulative: int, key: int, epoch: int, cycle: int
    ) -> str | None:
        person, pair = self.person(who), self.pair(who, operator)
        if person.key is None:
            return "NoSessionKey"
        if (key, epoch, cycle) != (person.key, person.epoch, pair.number):
            return "BadSignature"
        if cumulative <= pair.redeemed:
            return "StaleReceipt"
        return "ExceedsReservation" if pair.locked == 0 else None

    def withdraw_error(self, who: bytes, amount: int, now: int) -> str | None:
        person = self.person(who)
        if not person.requested_at:
            return "WithdrawNotRequested"
        if now < person.requested_at + TIMELOCK:
            return "TimelockActive"
        if amount == 0:
            return "BadAmount"
        most = min(person.authorized, person.free)
        return "InsufficientWithdrawable" if amount > most else None

    def is_due(self, pair: Pair, now: int) -> bool:
        return pair.locked > 0 and now > pair.expiry + GRACE

    def pause_error(self, on: bool, now: int) -> str | None:
        return "PauseCooldown" if on and self.pause_end and now <= self.pause_end + PAUSE else None

    def apply_error(self, now: int) -> str | None:
        if self.proposed is None:
            return "NothingPending"
        return "TimelockActive" if now < self.proposed[1] else None

    # -- what then is ----------------------------------------------------------------------

    def deposit(self, who: bytes, amount: int, key: int | None, *, own: bool) -> bool:
        """Whether a request ended."""
        person = self.person(who)
        if person.key is None:
            person.key = key
        person.free += amount
        cancelled = own and person.requested_at != 0
        if cancelled:
            person.requested_at = person.authorized = 0
        return cancelled

    def reserve(self, who: bytes, operator: bytes, amount: int, expiry: int, now: int) -> None:
        person, pair = self.person(who), self.pair(who, operator)
        if pair.locked == 0:
            fresh = Pair(pair.number + 1, created=now, expiry=expiry, fee_bps=self.fee_bps)
            pair = self.pairs[who, operator] = fresh
        else:
            pair.expiry = max(pair.expiry, min(expiry, pair.created + TTL))
        person.nonce += 1
        person.free -= amount
        person.locked += amount
        pair.locked += amount
        pair.reserved += amount
        if person.requested_at:
            person.authorized = min(person.authorized, person.free)
            if person.authorized == 0:
                person.requested_at = 0
        if person.daily:
            today = person.reserved_today if person.day == now // DAY else 0
            person.day, person.reserved_today = now // DAY, today + amount

    def redeem(self, who: bytes, operator: bytes, cumulative: int) -> tuple[int, int]:
        """What was spent, and the fee in it."""
        person, pair = self.person(who), self.pair(who, operator)
        paid = min(cumulative - pair.redeemed, pair.locked)
        accrued = pair.remainder + paid * min(self.fee_bps, pair.fee_bps)
        fee, pair.remainder = divmod(accrued, 10_000)
        pair.locked -= paid
        pair.redeemed += paid
        pair.highest = max(pair.highest, cumulative)
        pair.fees += fee
        person.locked -= paid
        self.fees += fee
        return paid, fee

    def release(self, who: bytes, operator: bytes, amount: int) -> None:
        person, pair = self.person(who), self.pair(who, operator)
        pair.locked -= amount
        pair.released += amount
        person.locked -= amount
        person.free += amount

    def request(self, who: bytes, now: int) -> None:
        person = self.person(who)
        person.requested_at, person.authorized, person.snapshot = now, person.free, person.free

    def withdraw(self, who: bytes, amount: int, now: int) -> None:
        person = self.person(who)
        assert now >= person.requested_at + TIMELOCK  # V-I7
        person.snapshot -= amount
        assert person.snapshot >= 0  # V-I7: no more than was free when it was requested
        person.authorized -= amount
        person.free -= amount
        if person.authorized == 0:
            person.requested_at = 0

    def pause(self, on: bool, now: int) -> bool:
        """Whether anything changed."""
        if not on and now > self.paused_until:
            return False
        self.paused_until, self.pause_end = (now + PAUSE, now + PAUSE) if on else (0, now)
        return True

    def propose(self, bps: int, now: int) -> None:
        self.proposed = bps, now + FEE_TIMELOCK

    # -- what must always be true ----------------------------------------------------------

    def check(self) -> None:
        for who, person in self.people.items():
            locked = sum(p.locked for (consumer, _), p in self.pairs.items() if consumer == who)
            assert person.locked == locked  # V-I2
            assert 0 <= person.authorized <= person.free
        for pair in self.pairs.values():
            assert pair.redeemed + pair.locked == pair.reserved - pair.released  # V-I4
            assert pair.redeemed <= pair.highest  # V-I6
            assert pair.fees <= -(-pair.redeemed * pair.fee_bps // 10_000)  # V-I8
            assert pair.expiry <= pair.created + TTL  # V-I10
