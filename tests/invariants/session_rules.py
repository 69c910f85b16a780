"""Sessions beside a Python model of them."""

from __future__ import annotations

from random import Random

from hypothesis.stateful import rule

from tests.contracts.economy import ETHER, TREASURY
from tests.invariants.machine import DICE
from tests.invariants.world import World

HOUR = 3_600
MONTH = 30 * 86_400


class SessionRules(World):
    """Users open and extend; now and then the owner changes the terms."""

    def __init__(self) -> None:
        super().__init__()
        self.price, self.duration = 10 * ETHER, HOUR
        self.expiries = dict.fromkeys(self.actors, 0)

    @rule(dice=DICE)
    def session_step(self, dice: Random) -> None:
        self.time_passes(dice)
        if dice.random() < 0.15:
            self.new_terms(dice)
        else:
            self.buy(dice)

    def new_terms(self, dice: Random) -> None:
        facet, owner = self.economy.session, self.economy.owner.address
        if dice.random() < 0.5:
            price = dice.choice((0, 1, ETHER, 10 * ETHER, 2**128))
            expect = "CastOverflow" if price == 2**128 else None
            if self.attempt(facet, "setSessionPrice", price, sender=owner, expect=expect):
                self.price = price
            return
        duration = dice.choice((0, 60, HOUR, HOUR, 86_400, MONTH, MONTH + 1))
        expect = "DurationTooLong" if duration > MONTH else None
        if self.attempt(facet, "setSessionDuration", duration, sender=owner, expect=expect):
            self.duration = duration

    def buy(self, dice: Random) -> None:
        """Mostly what works; where nothing does, now and then the refusal."""
        tries = [
            (name, who)
            for name in ("openSessionMax", "extendSessionMax", "openSession", "extendSession")
            for who in self.actors
        ]
        good = [pair for pair in tries if self.session_verdict(*pair, self.price) is None]
        if not good and dice.random() < 0.8:
            return
        name, who = dice.choice(good if good and dice.random() < 0.9 else tries)
        most = self.price if dice.random() < 0.9 else max(0, self.price - 1)
        bounded = name.endswith("Max")
        receipt = self.attempt(
            self.economy.session,
            name,
            *((most,) if bounded else ()),
            sender=who,
            expect=self.session_verdict(name, who, most if bounded else self.price),
        )
        if receipt is None:
            return
        start = self.now if name.startswith("open") else max(self.now, self.expiries[who])
        assert receipt.value == start + self.duration >= self.expiries[who]  # SS-I1
        self.expiries[who] = receipt.value
        self.escrow(who, self.price, TREASURY)

    def session_verdict(self, name: str, who: bytes, most: int) -> str | None:
        """The error the facet must raise, in its documented order."""
        running = self.expiries[who]
        if self.duration == 0:
            return "SessionsDisabled"
        if name.startswith("open") and running >= self.now + self.duration:
            return "SessionRunning"
        if name.startswith("extend") and max(running, self.now) + self.duration > self.now + MONTH:
            return "TooFar"
        if self.price > most:
            return "PriceTooHigh"
        return "TokenCallFailed" if self.balances[who] < self.price else None

    def check(self) -> None:
        super().check()
        facet = self.economy.session
        terms = facet.call("sessionPrice"), facet.call("sessionDuration")
        assert terms == (self.price, self.duration)
        for actor in self.actors:
            assert facet.call("sessionExpiryOf", actor) == self.expiries[actor]  # SS-I1
