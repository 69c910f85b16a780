"""`--time-passes`: how long each stage and pass took, and how many operations there were before and behind it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, TypeVar

from compiler.ir.values import Function
from compiler.passes.order import Pass

Result = TypeVar("Result")


class Row:
    """One line of the table."""

    __slots__ = ("after", "before", "runs", "seconds")

    def __init__(self) -> None:
        self.runs = 0
        self.seconds = 0.0
        self.before = 0
        self.after = 0


class Timing:
    """Collects while it is handed to a build as `CompileOptions.timing`."""

    def __init__(self) -> None:
        self.stages: dict[str, Row] = {}
        self.passes: dict[str, Row] = {}

    def stage(self, name: str, run: Callable[..., Result], *arguments: Any) -> Result:
        """What the stage gives, with its time written down."""
        row = self.stages.setdefault(name, Row())
        started = time.perf_counter()
        try:
            return run(*arguments)
        finally:
            row.runs += 1
            row.seconds += time.perf_counter() - started

    def watched(self, passes: tuple[Pass, ...]) -> tuple[Pass, ...]:
        """The same passes, each of them timed."""
        return tuple((name, self._timed(name, run)) for name, run in passes)

    def _timed(self, name: str, run: Callable[[Function], bool]) -> Callable[[Function], bool]:
        row = self.passes.setdefault(name, Row())

        def timed(function: Function) -> bool:
            row.before += _operations(function)
            started = time.perf_counter()
            changed = run(function)
            row.seconds += time.perf_counter() - started
            row.after += _operations(function)
            row.runs += 1
            return changed

        return timed

    def table(self) -> str:
        """Everything that was timed, in the order it first happened."""
        lines = [f"{'stage or pass':<22}{'ms':>10}{'runs':>8}  operations"]
        for name, row in self.stages.items():
            lines.append(f"{name:<22}{1000 * row.seconds:>10.1f}{row.runs:>8}")
            if name == "passes":
                for inner, part in self.passes.items():
                    change = f"{part.before} -> {part.after}"
                    lines.append(
                        f"  {inner:<20}{1000 * part.seconds:>10.1f}{part.runs:>8}  {change}"
                    )
        return "\n".join(lines)


class _NoTiming(Timing):
    """For builds that nobody watches."""

    def stage(self, name: str, run: Callable[..., Result], *arguments: Any) -> Result:
        return run(*arguments)

    def watched(self, passes: tuple[Pass, ...]) -> tuple[Pass, ...]:
        return passes


UNTIMED = _NoTiming()


def _operations(function: Function) -> int:
    return sum(len(block.insts) + 1 for block in function.blocks)
