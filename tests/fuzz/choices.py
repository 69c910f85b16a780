"""The source of every decision: hypothesis draws it, so a failing program can be made smaller.

Smaller numbers lead to simpler programs: lists of alternatives begin with the plainest.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, TypeVar

from hypothesis import strategies as st

T = TypeVar("T")


@cache
def _below(count: int) -> st.SearchStrategy[int]:
    return st.integers(0, count - 1)


class Choices:
    """What a generator asks. `spent` counts the questions, so that a program can be kept small."""

    def __init__(self, draw: Callable[[st.SearchStrategy[int]], int]) -> None:
        self._draw = draw
        self.spent = 0

    def below(self, count: int) -> int:
        """From 0 to `count - 1`."""
        self.spent += 1
        return self._draw(_below(count)) if count > 1 else 0

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


def from_random(generator: Any) -> Choices:
    """Choices of `random.Random`, for looking at programs without hypothesis."""

    def draw(strategy: st.SearchStrategy[int]) -> int:
        raise AssertionError("unused")

    choices = Choices(draw)
    choices.below = lambda count: generator.randrange(count)  # type: ignore[method-assign]
    return choices
