"""BS-I1: `next` is the minimum of a reference set, for keys near and far."""

from __future__ import annotations

from random import Random

from hypothesis.stateful import rule

from tests.contracts.economy import Economy, shared
from tests.invariants.machine import DICE, ChainMachine, run

LIMIT = 2**32
EDGES = [
    0,
    1,
    254,
    255,
    256,
    257,
    65_535,
    65_536,
    2**24 - 1,
    2**24,
    LIMIT - 257,
    LIMIT - 2,
    LIMIT - 1,
]


class BitsetMachine(ChainMachine):
    """Sets and clears, and asks for the next member from everywhere interesting."""

    def __init__(self) -> None:
        super().__init__()
        self.economy: Economy = shared()
        self.bits = self.economy.bound("BitsetProbe", self.economy.create("BitsetProbe"))
        self.members: set[int] = set()
        self.sender = self.economy.address("alice")

    def key(self, dice: Random) -> int:
        near = [m + d for m in self.members for d in (-1, 1, 255, 256)]
        pool = [*EDGES, *near, dice.randrange(LIMIT), dice.randrange(600)]
        return min(max(0, dice.choice(pool)), LIMIT - 1)

    @rule(dice=DICE)
    def change(self, dice: Random) -> None:
        for _ in range(3):
            if self.members and dice.random() < 0.4:
                key = dice.choice(sorted(self.members)) if dice.random() < 0.9 else self.key(dice)
                self.attempt(self.bits, "clear", key, sender=self.sender)
                self.members.discard(key)
            else:
                key = self.key(dice)
                self.attempt(self.bits, "set", key, sender=self.sender)
                self.members.add(key)
        if dice.random() < 0.05:
            name = dice.choice(("set", "clear"))
            key = dice.choice((LIMIT, 2**64, 2**256 - 1))
            self.attempt(self.bits, name, key, sender=self.sender, expect="CastOverflow")

    @rule(dice=DICE)
    def ask(self, dice: Random) -> None:
        self.asked(self.key(dice))

    def asked(self, key: int) -> None:
        later = [member for member in self.members if member >= key]
        expected = (True, min(later)) if later else (False, 0)
        assert self.bits.call("next", key) == expected
        assert self.bits.call("has", key) == (key in self.members)

    def check(self) -> None:
        super().check()
        walked, key = [], 0
        while True:
            found, member = self.bits.call("next", key)
            if not found:
                break
            walked.append(member)
            key = member + 1
        assert walked == sorted(self.members)
        for key in EDGES:
            self.asked(key)
        for key in (LIMIT, 2**256 - 1):
            assert self.bits.call("next", key) == (False, 0)
            assert self.bits.call("has", key) is False

    def teardown(self) -> None:
        """Emptied, it has left nothing behind."""
        super().teardown()
        for key in sorted(self.members):
            self.attempt(self.bits, "clear", key, sender=self.sender)
        assert self.bits.call("next", 0) == (False, 0)
        assert self.economy.evm.storage(self.bits.address) == {}


def test_bitset() -> None:
    run(BitsetMachine, examples=25, steps=30)
