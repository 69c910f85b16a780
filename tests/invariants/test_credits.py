"""L-I1 to L-I3: supply, balances and the strict rolling window, against brute force."""

from __future__ import annotations

from random import Random

from hypothesis.stateful import rule

from tests.contracts.economy import ACTORS, Economy
from tests.invariants.chain import shared
from tests.invariants.machine import DICE, ChainMachine, run

TIMELOCK = 2 * 86_400


class CreditsMachine(ChainMachine):
    """Mints under a window that tightens and loosens, burns and transfers in between."""

    def __init__(self) -> None:
        super().__init__()
        self.economy: Economy = shared()
        self.owner = self.economy.owner.address
        address = self.economy.create("FwCredits", self.owner, 1_000_000, 0, 0)
        self.token = self.economy.bound("FwCredits", address)
        self.issuer, *people = (self.economy.address(name) for name in ACTORS[:4])
        self.people = people
        role = self.token.call("ISSUER_ROLE")
        self.token.send("grantRole", role, self.issuer, sender=self.owner)
        self.balances = dict.fromkeys(people, 0)
        self.cap, self.window = 0, 0
        self.minted: list[tuple[int, int]] = []  # (time, amount) counted under this window
        self.pending: tuple[int, int, int] | None = None
        self.supply_cap = 1_000_000

    @property
    def now(self) -> int:
        return self.economy.now

    @rule(dice=DICE)
    def step(self, dice: Random) -> None:
        self.economy.later(dice.choice((0, 0, 1, 10, 11, 120, 239, 240, 241, 2_400)))
        action = dice.choice(
            (self.mint, self.mint, self.mint, self.move, self.burn, self.tighten, self.loosen)
        )
        action(dice)

    # -- the window, by brute force ----------------------------------------------------------------

    def counted(self) -> int:
        """What the window still counts: everything in the current 24th or the 24 before it."""
        if self.cap == 0:
            return 0
        sub = self.window // 24
        return sum(a for t, a in self.minted if t // sub >= self.now // sub - 24)

    def exactly_inside(self) -> int:
        """What was really minted in the last `window` seconds."""
        return sum(a for t, a in self.minted if t > self.now - self.window)

    # -- rules ---------------------------------------------------------------------------------

    def mint(self, dice: Random) -> None:
        to = dice.choice(self.people)
        room = self.cap - self.counted() if self.cap else 5_000
        amount = dice.choice((1, max(1, room // 3), max(1, room)))
        if self.cap and room <= 0 and dice.random() < 0.7:
            self.economy.later(self.window // 6)
            return
        if dice.random() < 0.1:
            amount = max(1, room + 1)
        who = self.issuer if dice.random() < 0.97 else dice.choice(self.people)
        expect = None
        if who != self.issuer:
            expect = "Unauthorized"  # L-I3
        elif amount > self.supply_cap - sum(self.balances.values()):
            expect = "SupplyCapExceeded"
        elif self.cap and self.counted() + amount > self.cap:
            expect = "MintWindowCapExceeded"
        if self.attempt(self.token, "mint", to, amount, sender=who, expect=expect):
            self.balances[to] += amount
            if self.cap:
                self.minted.append((self.now, amount))
                assert self.exactly_inside() <= self.cap  # L-I2

    def move(self, dice: Random) -> None:
        sender, to = dice.choice(self.people), dice.choice(self.people)
        amount = dice.choice((0, self.balances[sender] // 2, self.balances[sender]))
        if dice.random() < 0.05:
            amount = self.balances[sender] + 1
        expect = None if amount <= self.balances[sender] else "InsufficientBalance"
        if self.attempt(self.token, "transfer", to, amount, sender=sender, expect=expect):
            self.balances[sender] -= amount
            self.balances[to] += amount

    def burn(self, dice: Random) -> None:
        who = dice.choice(self.people)
        amount = self.balances[who] // 2
        if amount == 0:
            return
        self.attempt(self.token, "burn", amount, sender=who)
        self.balances[who] -= amount

    def tighten(self, dice: Random) -> None:
        if dice.random() < 0.5:
            return
        cap, window = dice.choice((50, 100, 2_000)), dice.choice((240, 480, 24_000))
        if self.cap and dice.random() < 0.8:
            cap, window = min(cap, self.cap), max(window, self.window)
        fine = self.cap == 0 or (cap <= self.cap and window >= self.window)
        expect = None if fine else "NotTightening"
        if self.attempt(
            self.token, "tightenMintWindow", cap, window, sender=self.owner, expect=expect
        ):
            self.pending = None
            self.configure(cap, window)

    def loosen(self, dice: Random) -> None:
        if self.pending is None:
            cap, window = dice.choice(((0, 0), (500, 240), (5_000, 480)))
            self.attempt(self.token, "proposeMintWindow", cap, window, sender=self.owner)
            self.pending = cap, window, self.now + TIMELOCK
            return
        cap, window, ready = self.pending
        choice = dice.random()
        if choice < 0.2:
            self.attempt(self.token, "cancelMintWindow", sender=self.owner)
            self.pending = None
            return
        if choice < 0.8:
            self.economy.later(max(0, ready - self.now))
        expect = None if self.now >= ready else "TimelockNotElapsed"
        if self.attempt(self.token, "applyMintWindow", sender=self.owner, expect=expect):
            self.pending = None
            self.configure(cap, window)

    def configure(self, cap: int, window: int) -> None:
        """Another length counts what was counted as if minted now; no window counts nothing."""
        if window != self.window:
            carried = self.counted()
            self.minted = [(self.now, carried)] if cap and carried else []
        self.cap, self.window = cap, window

    def check(self) -> None:
        super().check()
        supply = sum(self.balances.values())
        assert self.token.call("totalSupply") == supply <= self.supply_cap  # L-I1
        for who, balance in self.balances.items():
            assert self.token.call("balanceOf", who) == balance
        assert self.token.call("mintWindow") == (self.cap, self.window, self.counted())


def test_credits_token() -> None:
    run(CreditsMachine, examples=40, steps=50)
