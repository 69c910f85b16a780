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
