"""INV-SOLV and the bucket walls, with a token that misbehaves half of the time."""

from __future__ import annotations

from random import Random

from hypothesis.stateful import rule

from tests.contracts.economy import ACTORS, OWED, TREASURY, Economy
from tests.invariants.chain import shared
from tests.invariants.machine import DICE, ChainMachine, run

NORMAL, NO_RETURN, FALSE, FEE, BLOCK, WRONG = 0, 1, 2, 5, 7, 10
BUCKETS = (TREASURY, 3, 4, 9)
FEE_BPS = 100


class LedgerMachine(ChainMachine):
    """Pulls, payouts, moves, surplus and claims of one token whose mode keeps changing."""

    def __init__(self) -> None:
        super().__init__()
        self.economy: Economy = shared()
        self.probe = self.economy.add_facet("LedgerProbeFacet")
        self.token = self.economy.bound("HostileToken", self.economy.create("HostileToken"))
        self.actors = [self.economy.address(name) for name in ACTORS[:3]]
        self.balances = dict.fromkeys(self.actors, 10_000)
        for actor in self.actors:
            self.token.send("mint", actor, 10_000, sender=actor)
            self.token.send("approve", self.economy.diamond, 2**200, sender=actor)
        self.token.send("setFee", FEE_BPS, sender=self.actors[0])
        self.held = dict.fromkeys((*BUCKETS, OWED), 0)
        self.owed = dict.fromkeys(self.actors, 0)
        self.diamond = 0
        self.mode, self.blocked = NORMAL, self.actors[0]

    @rule(dice=DICE)
    def step(self, dice: Random) -> None:
        if dice.random() < 0.3:
            self.misbehave(dice)
        action = dice.choice(
            (self.pull, self.pull, self.pay, self.pay, self.move, self.donate, self.claim)
        )
        action(dice)

    def misbehave(self, dice: Random) -> None:
        modes = (NORMAL, NORMAL, NORMAL, NO_RETURN, FALSE, FEE, BLOCK, WRONG)
        self.mode, self.blocked = dice.choice(modes), dice.choice(self.actors)
        self.token.send("setMode", self.mode, sender=self.actors[0])
        self.token.send("setBlocked", self.blocked, sender=self.actors[0])

    # -- the token's model -----------------------------------------------------------------------

    def refuses(self, who: bytes) -> bool:
        return self.mode == FALSE or (self.mode == BLOCK and who == self.blocked)

    def fee(self, amount: int) -> int:
        return amount * FEE_BPS // 10_000 if self.mode == FEE else 0

    # -- rules ---------------------------------------------------------------------------------

    def pull(self, dice: Random) -> None:
        who, bucket = dice.choice(self.actors), dice.choice(BUCKETS)
        amount = min(dice.choice((1, 60, 500)), self.balances[who])
        if amount == 0:
            return
        if self.refuses(who) and dice.random() < 0.6:
            return
        exact = dice.random() < 0.6
        if self.mode in (FEE, WRONG) and dice.random() < 0.7:
            exact = False
        arriving = amount - self.fee(amount) - (self.mode == WRONG)
        leaving = amount - (self.mode == WRONG)
        expect = None
        if self.refuses(who):
            expect = "TokenCallFailed"
        elif exact and arriving != amount:
            expect = "TokenDelta"
        elif arriving == 0:
            expect = "ZeroAmount"
        name = "probePullExact" if exact else "probePullDelta"
        receipt = self.send(name, who, amount, bucket, expect=expect)
        if receipt is not None:
            self.balances[who] -= leaving
            self.diamond += arriving
            self.held[bucket] += arriving

    def pay(self, dice: Random) -> None:
        who, bucket = dice.choice(self.actors), dice.choice(BUCKETS)
        amount = dice.choice((1, self.held[bucket] // 2, self.held[bucket]))
        if dice.random() < 0.05:
            amount = self.held[bucket] + 1
        if amount == 0:
            return
        owe = dice.random() < 0.6 or (self.refuses(who) and dice.random() < 0.7)
        if self.mode == WRONG and dice.random() < 0.7:
            return
        expect = None
        if amount > self.held[bucket]:
            expect = "BucketUnderflow"
        elif self.refuses(who):
            expect = None if owe else "TokenCallFailed"
        elif self.mode == WRONG:
            expect = "TokenDelta"
        name = "probePushOrOwe" if owe else "probePush"
        receipt = self.send(name, who, amount, bucket, expect=expect)
        if receipt is None:
            return
        self.held[bucket] -= amount
        if self.refuses(who):
            assert receipt.value is False
            self.held[OWED] += amount
            self.owed[who] += amount
        else:
            self.paid(who, amount)

    def paid(self, who: bytes, amount: int) -> None:
        self.diamond -= amount
        self.balances[who] += amount - self.fee(amount)

    def move(self, dice: Random) -> None:
        source, target = dice.choice(BUCKETS), dice.choice(BUCKETS)
        amount = dice.choice((0, 1, self.held[source]))
        expect = None if amount <= self.held[source] else "BucketUnderflow"
        receipt = self.send("probeMove", source, target, amount, expect=expect)
        if receipt is not None:
            self.held[source] -= amount
            self.held[target] += amount

    def donate(self, dice: Random) -> None:
        if self.mode == WRONG:
            return  # it would not even mint what it is told
        surplus = self.diamond - sum(self.held.values())
        assert surplus == 0
        gift = dice.choice((0, 1, 77))
        self.token.send("mint", self.economy.diamond, gift, sender=self.actors[0])
        args = (self.token.address,)
        facet = self.economy.treasury
        receipt = self.attempt(facet, "skim", *args, sender=dice.choice(self.actors))
        assert receipt is not None and receipt.value == gift
        self.diamond += gift
        self.held[TREASURY] += gift

    def claim(self, dice: Random) -> None:
        waiting = [a for a in self.actors if self.owed[a]]
        who = dice.choice(waiting) if waiting and dice.random() < 0.95 else self.actors[0]
        to = dice.choice(self.actors)
        amount = self.owed[who]
        if self.mode == WRONG or (amount == 0 and dice.random() < 0.9):
            return
        expect = "TokenCallFailed" if self.refuses(to) else None
        if amount == 0:
            expect = "ZeroAmount"
        facet = self.economy.treasury
        args = (self.token.address, to)
        if self.attempt(facet, "claimOwedTo", *args, sender=who, expect=expect) is None:
            return
        self.owed[who] = 0
        self.held[OWED] -= amount
        self.paid(to, amount)

    def send(self, name: str, *args: object, expect: str | None):
        sender = self.actors[0]
        return self.attempt(
            self.probe, name, self.token.address, *args, sender=sender, expect=expect
        )

    def check(self) -> None:
        super().check()
        treasury, token = self.economy.treasury, self.token
        total = 0
        for bucket in range(1, 17):
            held = treasury.call("bucketOf", token.address, bucket)
            assert held == self.held.get(bucket, 0)
            total += held
        backing = token.call("balanceOf", self.economy.diamond)
        assert backing == self.diamond
        assert backing >= total  # INV-SOLV
        for actor in self.actors:
            assert token.call("balanceOf", actor) == self.balances[actor]
            assert treasury.call("owedOf", token.address, actor) == self.owed[actor]
        assert sum(self.owed.values()) == self.held[OWED]


def test_ledger() -> None:
    run(LedgerMachine, examples=20, steps=50)
