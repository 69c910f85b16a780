"""Tithes beside a Python model: what came in since the last look, and the share of it."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from hypothesis.stateful import rule

from tests.contracts.economy import ETHER, GUILD
from tests.invariants.machine import DICE
from tests.invariants.world import World

DAY = 86_400


@dataclass
class Tithe:
    """One account's, with everything it ever received and gave while it stood."""

    bps: int
    checkpoint: int
    cap: int = 0
    income: int = 0
    given: int = 0


class TitheRules(World):
    """One guild, six accounts that give, and anybody to collect."""

    def __init__(self) -> None:
        super().__init__()
        receipt = self.attempt(self.economy.guild, "createGuild", "guild", sender=self.actors[0])
        assert receipt is not None
        self.guild_id = int(receipt.value)
        self.tithes: dict[bytes, Tithe] = {}
        self.last_look: dict[bytes, int] = {}

    @rule(dice=DICE)
    def tithe_step(self, dice: Random) -> None:
        self.time_passes(dice)
        who = dice.choice(self.actors)
        giving = sorted(self.tithes)
        move = dice.random()
        if move < 0.35:
            self.transfer(who, dice.choice(giving or self.actors), dice.choice((1, 999, ETHER)))
        elif move < 0.5:
            self.set(who, dice.choice((0, 1, 1_000, 1_000, 10_000, 10_001)))
        elif move < 0.6:
            self.change(dice.choice(giving) if giving and dice.random() < 0.9 else who, dice)
        else:
            if dice.random() < 0.5:
                self.economy.later(DAY)
            account = dice.choice(giving) if giving and dice.random() < 0.95 else who
            self.collect(account, who, tries=dice.random() < 0.3)

    def transfer(self, who: bytes, to: bytes, amount: int) -> None:
        self.attempt(self.economy.credits, "transfer", to, amount, sender=who)
        self.balances[who] -= amount
        self.balances[to] += amount
        if to in self.tithes and to != who:
            self.tithes[to].income += amount

    def set(self, who: bytes, bps: int) -> None:
        expect = None if 1 <= bps <= 10_000 else "InvalidBps"
        facet, args = self.economy.tithe, (self.guild_id, bps)
        if self.attempt(facet, "setTithe", *args, sender=who, expect=expect):
            before = self.tithes.get(who)
            self.tithes[who] = Tithe(bps, self.balances[who], before.cap if before else 0)

    def change(self, who: bytes, dice: Random) -> None:
        expect = None if who in self.tithes else "NoTithe"
        if dice.random() < 0.4:
            if self.attempt(self.economy.tithe, "revokeTithe", sender=who, expect=expect):
                del self.tithes[who]
            return
        cap = dice.choice((0, 7, ETHER // 20))
        if self.attempt(self.economy.tithe, "setTitheCap", cap, sender=who, expect=expect):
            self.tithes[who].cap = cap

    def collect(self, account: bytes, who: bytes, *, tries: bool) -> None:
        """`tries`: also when the model says that it cannot work."""
        tithe, balance = self.tithes.get(account), self.balances[account]
        expect, share = None, 0
        if tithe is None:
            expect = "NoTithe"
        elif self.now < self.last_look.get(account, 0) + DAY:
            expect = "TooSoon"
        elif balance >= tithe.checkpoint:
            share = (balance - tithe.checkpoint) * tithe.bps // 10_000
            share = min(share, tithe.cap) if tithe.cap else share
            expect = None if share else "NothingToCollect"
        if expect and not tries:
            return
        facet = self.economy.tithe
        receipt = self.attempt(facet, "collectTithe", account, sender=who, expect=expect)
        if receipt is None or tithe is None:
            return
        assert receipt.value == share
        self.escrow(account, share, GUILD)
        self.last_look[account], tithe.checkpoint = self.now, balance - share
        tithe.given += share
        assert tithe.given * 10_000 <= tithe.income * tithe.bps  # TI-I2

    def check(self) -> None:
        super().check()
        facet = self.economy.tithe
        for who in self.actors:
            tithe = self.tithes.get(who)
            expected = (self.guild_id, tithe.bps) if tithe else (0, 0)
            assert facet.call("titheOf", who) == expected
            measure = (tithe.checkpoint, tithe.cap) if tithe else (0, 0)
            details = facet.call("titheDetailsOf", who)
            assert details == (*measure, self.last_look.get(who, 0))  # TI-I1: the measure follows
        assert self.economy.guild.call("treasuryBalanceOf", self.guild_id) == self.held[GUILD]
