"""Whatever is called in whatever order while the tokens turn hostile: nobody's money moves but by their own doing.

`test_economy.py` predicts each call with an honest token. Here nothing is predicted but safety: calls may
fail, by the names their documentation allows, and then these hold (HO-I1 to HO-I7 in invariants.md).
"""

from __future__ import annotations

from collections import Counter
from random import Random
from typing import Any, ClassVar

from hypothesis.stateful import rule

from tests.contracts.calls import Bound, Reverted
from tests.contracts.economy import BUCKETS
from tests.invariants.hostile import market, money, people
from tests.invariants.hostile.allowed import HOSTILE, LEDGER, OUT_OF_GAS, documented
from tests.invariants.hostile.books import escrowed
from tests.invariants.hostile.exits import Exits
from tests.invariants.hostile.ground import COUNTERS, ground, guarded_names, leaks, readings
from tests.invariants.hostile.moves import OWN_BUCKETS, SHARED_BUCKETS, Chooser, Move, Scene
from tests.invariants.machine import DICE, MAX_REVERT_SHARE, ChainMachine, drive

HONEST = 0
MODES = range(12)
GREEDY = (4, 9)  # a megabyte of answer, all the gas
CHOOSERS: dict[str, Chooser] = {
    "bounty": market.bounty,
    "schedule": market.schedule,
    "party": market.party,
    "validation": market.validation,
    "invite": money.invite,
    "redeem": money.redeem,
    "meter": money.meter,
    "session": money.session,
    "vault": money.vault,
    "x402": money.x402,
    "treasury": money.treasury,
    "guild": people.guild,
    "social": people.social,
}
PAUSES = (1, 61, 601, 3_601, 7_201, 86_401, 3 * 86_400 + 1, 7 * 86_400 + 1)
PER_STEP = 4


class HostileMachine(ChainMachine):
    """Every domain at once, on tokens that lie and call back, with a trap that enters every door."""

    # Calls and failures while both tokens are honest: what the revert share is taken of.
    honest_calls: ClassVar[Counter[str]] = Counter()
    honest_failures: ClassVar[Counter[str]] = Counter()
    successes: ClassVar[Counter[str]] = Counter()
    springs: ClassVar[int] = 0

    def __init__(self) -> None:
        super().__init__()
        self.economy = ground()
        self.economy.fresh()
        self.scene = Scene(self.economy)
        self.readings = readings(self.economy)
        self.modes = [HONEST, HONEST]
        self.done: set[tuple[Any, ...]] = set()
        self.numbers = self.read()
        self.chosen: list[str] = []

    # -- rules ---------------------------------------------------------------------------------

    @rule(dice=DICE)
    def some_calls(self, dice: Random) -> None:
        """A few calls of the domains this example has chosen (each has a few, so that stories get told)."""
        if not self.chosen:
            self.chosen = dice.sample(sorted(CHOOSERS), dice.choice((2, 4, len(CHOOSERS))))
        if dice.random() < 0.25:
            self.turn(dice)
        if dice.random() < 0.3:
            self.economy.later(dice.choice(PAUSES))
        for _ in range(PER_STEP):
            move = CHOOSERS[dice.choice(self.chosen)](self.scene, dice)
            if move is not None:
                self.make(move, dice)

    @rule(dice=DICE)
    def a_guest_comes(self, dice: Random) -> None:
        """What the trap will also try inside the next callbacks: calls that no lock refuses."""
        guarded = {name for names in guarded_names().values() for name in names}
        calls = []
        for _ in range(6):
            move = CHOOSERS[dice.choice(sorted(CHOOSERS))](self.scene, dice)
            if move is not None and move.name.partition("(")[0] not in guarded:
                calls.append(getattr(self.economy, move.facet).data(move.name, *move.args))
        self.economy.trap.send("setGuests", calls, sender=self.scene.people[0])

    @rule(dice=DICE)
    def somebody_donates(self, dice: Random) -> None:
        """Straight to the diamond, or a rebase in its favour: nobody's until it is skimmed."""
        token = dice.choice(self.economy.tokens)
        balance = token.call("balanceOf", self.economy.diamond)
        token.send(
            "setBalance",
            self.economy.diamond,
            balance + dice.choice((1, 999)),
            sender=self.scene.people[0],
        )

    def turn(self, dice: Random) -> None:
        """Both honest half of the time, else each as it likes."""
        honest = dice.random() < 0.5
        for place, token in enumerate(self.economy.tokens):
            mode = HONEST if honest or dice.random() < 0.3 else dice.choice(MODES)
            self.modes[place] = mode
            token.send("setMode", mode, sender=self.scene.people[0])
            blocked = dice.choice([*self.scene.actors, self.economy.diamond])
            token.send("setBlocked", blocked, sender=self.scene.people[0])

    # -- one call ------------------------------------------------------------------------------

    def make(self, move: Move, dice: Random) -> None:
        handle: Bound = getattr(self.economy, move.facet)
        data = handle.data(move.name, *move.args)
        error = self.send(handle, move, data, dice.random() < 0.2)
        self.count(move, error)
        if error is None:
            if move.once is not None:
                assert move.once not in self.done, f"twice: {move}"  # HO-I6
                self.done.add(move.once)
                again = self.send(handle, move, data, False)
                assert again is not None, f"twice: {move}"  # HO-I6
            if move.name == "createGuild":
                self.scene.guilds.append(self.newest_guild(move.sender))
        else:
            self.allowed(move, error)
        self.safe(move)

    def send(self, handle: Bound, move: Move, data: bytes, followed: bool) -> str | None:
        """The error's name, or None. When `followed`, another guarded call comes in the same transaction."""
        economy, trap = self.economy, self.economy.trap
        if move.sender == trap.address and followed:
            calls = [data, economy.treasury.data("skim", economy.usd.address)]
            outcome = economy.evm.call(
                trap.address, trap.data("acts", economy.diamond, calls), sender=self.scene.people[0]
            )
            if not outcome.success:
                return ""
            oks, answers = trap.interface.decode("acts", outcome.output)
            error = None if oks[0] else handle.interface.error(answers[0])[0]
            second = economy.treasury.interface.error(answers[1])[0]
            assert oks[1] or second != "Reentrancy", f"the lock stayed closed after {move}"  # HO-I5
            return error
        if move.sender == trap.address:
            call = trap.data("act", economy.diamond, data)
            outcome = economy.evm.call(trap.address, call, sender=self.scene.people[0])
        else:
            outcome = economy.evm.call(economy.diamond, data, sender=move.sender)
        return None if outcome.success else handle.interface.error(outcome.output)[0]

    def count(self, move: Move, error: str | None) -> None:
        cls = type(self)
        cls.calls[move.name] += 1
        cls.failures[move.name] += error is not None
        cls.successes[move.domain] += error is None
        if self.modes == [HONEST, HONEST]:
            cls.honest_calls[move.name] += 1
            cls.honest_failures[move.name] += error is not None

    def allowed(self, move: Move, error: str) -> None:
        names = documented()[move.name.partition("(")[0]] | LEDGER
        if self.modes != [HONEST, HONEST]:
            names |= HOSTILE
        if any(mode in GREEDY for mode in self.modes):
            names |= OUT_OF_GAS
        assert error in names, (
            f"{move.name} answered {error or 'nothing'}: {move}, modes {self.modes}"
        )

    # -- what holds after every call -------------------------------------------------------------

    def read(self) -> list[int]:
        return self.economy.read(self.economy.diamond, self.readings)

    def safe(self, move: Move) -> None:
        before, self.numbers = self.numbers, self.read()
        kinds = len(BUCKETS)
        for place, token in enumerate(self.economy.tokens):
            buckets = self.numbers[place * kinds : place * kinds + kinds]
            backing = token.call("balanceOf", self.economy.diamond)
            assert sum(buckets) <= backing, f"{move}: {sum(buckets)} of {backing}"  # HO-I1
            own = OWN_BUCKETS[move.domain] | SHARED_BUCKETS
            for bucket, held in zip(BUCKETS, buckets, strict=True):
                was = before[place * kinds + bucket - 1]
                assert held == was or bucket in own, f"{move} changed bucket {bucket}"  # HO-I3
        counters = 2 * kinds
        for place, facet in enumerate(COUNTERS):
            assert self.numbers[counters + place] >= before[counters + place], facet  # HO-I4
        assert leaks(self.economy) == []  # HO-I5

    def newest_guild(self, founder: bytes) -> int:
        return int(self.economy.guild.call("guildsOf", founder)[-1])

    def check(self) -> None:
        super().check()
        for token, expected in zip(self.economy.tokens, escrowed(self.scene), strict=True):
            for bucket, amount in expected.items():
                assert self.economy.held(bucket, token.address) == amount, bucket  # HO-I2

    def teardown(self) -> None:
        super().teardown()
        type(self).springs += self.economy.trap.call("report")[0]
        try:
            Exits(self.scene).run()  # HO-I7
        except Reverted as failure:
            raise AssertionError(f"an escrow cannot leave: {failure}") from failure


def run_hostile(examples: int, steps: int) -> None:
    machine = HostileMachine
    for counter in (machine.honest_calls, machine.honest_failures, machine.successes):
        counter.clear()
    machine.springs = 0
    drive(machine, examples, steps)
    calls, failures = machine.calls.total(), machine.failures.total()
    honest, refused = machine.honest_calls.total(), machine.honest_failures.total()
    share = refused / max(1, honest)
    print(
        f"\nHostileMachine: {calls} calls, {failures} reverted; of {honest} with honest tokens {share:.1%}"
    )
    print(f"  {machine.springs} callbacks into every door; successes {dict(machine.successes)}")
    for name, count in machine.calls.most_common():
        print(f"  {name}: {count}, {machine.failures[name]} reverted")
    assert share < MAX_REVERT_SHARE
    assert machine.springs > 0
    for domain in CHOOSERS:
        assert machine.successes[domain] > 0, domain


def test_hostile() -> None:
    run_hostile(examples=120, steps=25)
