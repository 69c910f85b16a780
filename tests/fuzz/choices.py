"""The source of every decision: a seeded generator, or what is left of a program that was made smaller.

Smaller numbers lead to simpler programs: lists of alternatives begin with the plainest.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import TypeVar

T = TypeVar("T")


class Choices:
    """What a generator asks. `draw(count)` answers from 0 to `count - 1`."""

    def __init__(self, draw: Callable[[int], int]) -> None:
        self._draw = draw

    def below(self, count: int) -> int:
        """From 0 to `count - 1`."""
        return self._draw(count) if count > 1 else 0

    def between(self, low: int, high: int) -> int:
        return low + self.below(high - low + 1)

    def chance(self, one_in: int) -> bool:
        """True once in so many times."""
        return self.below(one_in) == one_in - 1

    def pick(self, items: Sequence[T]) -> T:
        return items[self.below(len(items))]

    def weighted(self, *items: tuple[int, T]) -> T:
        """One of the items that have a weight."""
        left = self.below(sum(weight for weight, _ in items))
        for weight, item in items:
            if left < weight:
                return item
            left -= weight
        raise AssertionError("the weights add up")

    def bytes(self, count: int) -> bytes:
        return self.below(256**count).to_bytes(count, "big")


def from_random(generator: random.Random) -> Choices:
    """The same choices for the same seed."""
    return Choices(generator.randrange)
