"""From the stack there is to the stack a block wants.

First every missing copy is pushed, then slots are exchanged through the top until each is in its
place; what is too many ends up on top and is popped. Each exchange outside a cycle's start puts one
slot right for good, so this ends.
"""

from __future__ import annotations

from compiler.backend.stack import JUNK, Slot, Stack, is_free
from compiler.ir.values import Value


def shuffle(stack: Stack, target: list[Value]) -> None:
    """Turn `stack` into exactly `target`: values on the stack, or free values."""
    slots = stack.slots
    spare = _spare(slots, target)
    _pop_spare(stack, spare)
    for value in target:
        if spare.get(value, 0) < 0:
            _push_copy(stack, value)
            spare[value] += 1
    while True:
        if len(slots) > len(target):
            _pop_spare(stack, spare)
        goal = _place_for_top(slots, target)
        if goal is None:
            goal = _first_wrong(slots, target)
            if goal is None:
                return
        stack.swap(len(slots) - 1 - goal)


def _spare(slots: list[Slot], target: list[Value]) -> dict[Slot, int]:
    """Copies of each value beyond those wanted; negative where some are missing."""
    spare: dict[Slot, int] = {}
    for slot in slots:
        spare[slot] = spare.get(slot, 0) + 1
    for value in target:
        spare[value] = spare.get(value, 0) - 1
    return spare


def _pop_spare(stack: Stack, spare: dict[Slot, int]) -> None:
    slots = stack.slots
    while slots and (slots[-1] is JUNK or spare.get(slots[-1], 0) > 0):
        spare[slots[-1]] = spare.get(slots[-1], 0) - 1
        stack.pop()


def _push_copy(stack: Stack, value: Value) -> None:
    depth = stack.depth_of(value)
    if depth is not None:
        stack.dup(depth, value)
    else:
        assert is_free(value), f"{value!r} is not on the stack"
        stack.push_free(value, value)


def _place_for_top(slots: list[Slot], target: list[Value]) -> int | None:
    """A wrong slot below the top where the top belongs."""
    if not slots:
        return None
    top, position = slots[-1], len(slots) - 1
    if position < len(target) and target[position] is top:
        return None
    for index in range(min(position, len(target))):
        if target[index] is top and slots[index] is not top:
            return index
    return None


def _first_wrong(slots: list[Slot], target: list[Value]) -> int | None:
    """The deepest wrong slot; the top itself is right when this is asked. A slot with the same value as the top would
    change nothing; not all wrong ones can be such, or their places would want that value, and they were right."""
    for index in range(len(slots) - 1):
        if slots[index] is not target[index] and slots[index] is not slots[-1]:
            return index
    return None
