"""Every small stack to every small stack that can be made of it: it ends, soon, and it is the one that was wanted."""

from __future__ import annotations

from itertools import product

import pytest

from compiler.backend.shuffle import shuffle
from compiler.backend.stack import JUNK, Slot, Stack
from compiler.ir.values import Value

WORDS = [Value("calldataload", []), Value("sload", []), Value("caller", [])]  # the last is free


class Machine(Stack):
    """Does to words what the code it makes would do."""

    __slots__ = ("steps",)

    def __init__(self, slots: list[Slot]) -> None:
        super().__init__(slots)
        self.steps = 0

    def op(self, name: str) -> None:
        self.steps += 1
        assert self.steps <= 3 * 5 + 5, "it goes on and on"
        super().op(name)


def replayed(before: list[Slot], stack: Stack) -> list[Slot]:
    words = list(before)
    for item in stack.code:
        name = str(item.value)
        if name == "pop":
            words.pop()
        elif name.startswith("dup"):
            words.append(words[-int(name[3:])])
        elif name.startswith("swap"):
            depth = int(name[4:])
            words[-1], words[-1 - depth] = words[-1 - depth], words[-1]
        else:
            words.append(WORDS[2])
    return words


@pytest.mark.parametrize("size", range(6))
def test_it_ends_with_what_was_wanted(size: int) -> None:
    made = 0
    for target in product(WORDS, repeat=size):
        for length in range(4):
            for slots in product([*WORDS[:2], JUNK], repeat=length):
                if not {*target} <= {*slots, WORDS[2]}:
                    continue
                stack = Machine(list(slots))
                shuffle(stack, list(target))
                assert stack.slots == list(target) == replayed(list(slots), stack)
                made += 1
    assert made > 0


@pytest.mark.parametrize("length", range(7))
def test_dead_values_are_taken_from_between_living_ones(length: int) -> None:
    for slots in product([*WORDS[:2], JUNK], repeat=length):
        stack = Machine(list(slots))
        stack.compact()
        assert JUNK not in stack.slots
        assert sorted(map(id, stack.slots)) == sorted(id(s) for s in slots if s is not JUNK)
        assert stack.slots == replayed(list(slots), stack)


def test_what_is_out_of_reach_stays() -> None:
    stack = Machine([JUNK, WORDS[0], JUNK, *[WORDS[1]] * 16])
    stack.compact()
    assert stack.slots[:2] == [JUNK, WORDS[0]] and JUNK not in stack.slots[2:]
