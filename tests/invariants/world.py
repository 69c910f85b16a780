"""The part of the model every economy machine shares: who has how much $LH, held for what.

Domain rules are mixins over `World`; a machine is `World` with one mixin, and the global machine is
`World` with all of them.
"""

from __future__ import annotations

from collections import defaultdict
from random import Random

from tests.contracts.economy import (
    ACTORS,
    BOUNTY,
    BUCKETS,
    PURSE,
    SCHEDULE,
    TREASURY,
    Economy,
)
from tests.invariants.chain import shared
from tests.invariants.machine import ChainMachine

IDENTITIES = 4


class World(ChainMachine):
    """Six actors with a purse each, four identities held by the first three."""

    def __init__(self) -> None:
        super().__init__()
        self.economy: Economy = shared()
        self.actors = [self.economy.address(name) for name in ACTORS]
        self.balances = dict.fromkeys(self.actors, PURSE)
        self.held = dict.fromkeys(BUCKETS, 0)
        self.supply = self.economy.credits.call("totalSupply")
        self.holder: dict[int, bytes] = {}
        self.account: dict[int, bytes] = {}
        self.transfers: dict[int, int] = defaultdict(int)
        for n in range(IDENTITIES):
            name = ACTORS[n % 3]
            id_ = self.economy.register(name, f"identity-{n}")
            self.holder[id_] = self.economy.address(name)
            self.account[id_] = self.economy.account_of(id_)
            self.balances[self.account[id_]] = 0

    @property
    def now(self) -> int:
        return self.economy.now

    def within_purse(self, who: bytes, amount: int) -> int:
        """As much of `amount` as the account has."""
        return min(amount, self.balances[who])

    def escrow(self, who: bytes, amount: int, bucket: int) -> None:
        """The model of a pull."""
        self.balances[who] -= amount
        self.held[bucket] += amount

    def release(self, who: bytes, amount: int, bucket: int) -> None:
        """The model of a payout."""
        self.balances[who] += amount
        self.held[bucket] -= amount

    def hand_over(self, id_: int, to: bytes) -> None:
        """The model of an identity's transfer."""
        self.holder[id_] = to
        self.transfers[id_] += 1

    def time_passes(self, dice: Random) -> None:
        """Now and then, by seconds, by minutes, by a day."""
        if dice.random() < 0.3:
            self.economy.later(dice.choice((1, 59, 60, 61, 600, 601, 3_600, 3_601, 86_400)))

    def check(self) -> None:
        super().check()
        for account, balance in self.balances.items():
            assert self.economy.balance(account) == balance
        for bucket in (TREASURY, SCHEDULE, BOUNTY):
            assert self.economy.held(bucket) == self.held[bucket], bucket
        backing = self.economy.balance(self.economy.diamond)
        assert backing == sum(self.held.values())  # INV-SOLV
        assert sum(self.balances.values()) + backing == self.supply
        assert self.economy.treasury.call("treasuryBalance") == self.held[TREASURY]

    def teardown(self) -> None:
        super().teardown()
        for bucket in BUCKETS:  # the ones no rule of this machine owns never moved (INV-ISOL)
            assert self.economy.held(bucket) == self.held[bucket], bucket
