"""ST-I1: `next` is the smallest id in state 0, across words that fill up and empty; marks never move."""

from __future__ import annotations

from random import Random

from hypothesis.stateful import rule

from tests.contracts.economy import Economy
from tests.invariants.chain import shared
from tests.invariants.machine import DICE, ChainMachine, run

WORD = 64


class StatesMachine(ChainMachine):
    """Ids come in numbers, change state singly and by the word, and are asked for from everywhere."""

    def __init__(self) -> None:
        super().__init__()
        self.economy: Economy = shared()
        self.probe = self.economy.bound("StatesProbe", self.economy.create("StatesProbe"))
        self.states: list[int] = [7]  # id 0 is nobody's
        self.sender = self.economy.address("alice")
        self.take_up(2 * WORD - 2)  # one word full, one all but full

    @property
    def count(self) -> int:
        return len(self.states) - 1

    @rule(dice=DICE)
    def admit(self, dice: Random) -> None:
        to_the_edge = WORD - len(self.states) % WORD
        many = dice.choice((1, 3, to_the_edge, to_the_edge + 1, 40))
        if self.count + many <= 400:
            self.take_up(many)

    def take_up(self, many: int) -> None:
        self.attempt(self.probe, "admit", many, sender=self.sender)
        self.states += [0] * many

    @rule(dice=DICE)
    def change(self, dice: Random) -> None:
        for _ in range(6):
            id_, state = dice.randint(1, self.count), dice.choice((0, 1, 2, 3, 5, 7))
            self.attempt(self.probe, "set", id_, state, sender=self.sender)
            self.states[id_] = state

    @rule(dice=DICE)
    def change_a_word(self, dice: Random) -> None:
        page = dice.randint(0, self.count // WORD)
        first, last = max(1, page * WORD), min(self.count, page * WORD + WORD - 1)
        state = dice.choice((0, 1, 4))
        self.attempt(self.probe, "setRange", first, last, state, sender=self.sender)
        self.states[first : last + 1] = [state] * (last + 1 - first)

    def check(self) -> None:
        super().check()
        open_ids = [id_ for id_, state in enumerate(self.states) if state == 0]
        for start in {
            1,
            63,
            64,
            65,
            *(o + d for o in open_ids[::17] for d in (0, 1)),
            self.count + 1,
        }:
            found, id_ = self.probe.call("next", start)
            later = [o for o in open_ids if o >= start]
            if later:
                assert (found, id_) == (True, later[0])
            else:  # a number that was not given out yet, or none
                assert not found or id_ > self.count
        for id_ in range(1, self.count + 1, 13):
            assert self.probe.call("get", id_) == (self.states[id_], id_ % 3 == 0)


def test_states() -> None:
    run(StatesMachine, examples=14, steps=20)
    assert StatesMachine.calls["set"] > 200 and StatesMachine.calls["setRange"] > 20
