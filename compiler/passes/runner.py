"""Runs the passes over a module; can stop after one of them, and verifies between them on request."""

from __future__ import annotations

from collections.abc import Iterable

from compiler.analysis.verifier import verify, verify_module
from compiler.ir.values import Function, Module
from compiler.options import CompileOptions
from compiler.passes import free_memory, inlining, storage
from compiler.passes.order import (
    FINAL,
    INLINING,
    LEVELS,
    MAX_ROUNDS,
    UNTIL_NOTHING_CHANGES,
    WITH_INLINING,
    Pass,
    after_inlining,
)

NO_INLINING = "none"


def optimize(module: Module, options: CompileOptions, goal: str) -> None:
    """Improve every function of a module in place, for "gas", "size" or "balanced"; or NO_INLINING, and then nothing
    that needs it. `options.after` names the last pass to run."""
    level, after = options.optimize, options.after
    if goal == NO_INLINING:
        level = min(level, WITH_INLINING - 1)
    watched = options.timing.watched if options.timing is not None else _as_they_are
    before = watched(LEVELS[level])
    stopped = after in [name for name, _ in before]
    runner = _Runner(options.verify_each)
    for function in module.functions.values():
        runner.run(function, _until(before, after))
    if level >= WITH_INLINING and not stopped:
        quiet: set[str] = set()
        passes = watched(after_inlining(quiet, module.unsafe_memory))
        _inline(module, inlining.SMALL[goal], runner, passes, quiet, after)
        if level >= UNTIL_NOTHING_CHANGES and after is None:
            _go_on(module, runner, passes)
        if after is None or after in [name for name, _ in FINAL]:
            for function in module.functions.values():
                runner.run(function, _until(watched(FINAL), after))
    if after is None:
        free_memory.run(module)
    if options.verify_each:
        verify_module(module)


def _inline(
    module: Module,
    small: int,
    runner: _Runner,
    passes: tuple[Pass, ...],
    quiet: set[str],
    after: str | None,
) -> None:
    chosen = [] if after == INLINING else list(_until(passes, after))

    def tidy(function: Function, grown: bool) -> None:
        if grown:
            runner.forget(function)
        runner.run(function, chosen)
        if storage.is_quiet(function, quiet):
            quiet.add(function.name)

    inlining.run(module, tidy, small)


def _go_on(module: Module, runner: _Runner, passes: tuple[Pass, ...]) -> None:
    """What comes after inlining, again and again while it still changes something."""
    for function in module.functions.values():
        for _ in range(MAX_ROUNDS):
            if not runner.run(function, passes):
                break


def _as_they_are(passes: tuple[Pass, ...]) -> tuple[Pass, ...]:
    return passes


class _Runner:
    """Runs passes, but not one that has looked at the function as it is.

    A pass that comes again later in the order has another number behind its name; what is left of
    the name says which pass it is. Only "storage-2", which knows more than "storage", is another."""

    def __init__(self, verify_each: bool) -> None:
        self.verify_each = verify_each
        self.seen: dict[Function, set[str]] = {}

    def forget(self, function: Function) -> None:
        """The function was changed by something else."""
        self.seen.pop(function, None)

    def run(self, function: Function, passes: Iterable[Pass]) -> bool:
        """Whether anything changed."""
        changed = False
        seen = self.seen.setdefault(function, set())
        for name, step in passes:
            kind = name if name == "storage-2" else name.rstrip("-0123456789")
            if kind in seen:
                continue
            if step(function):
                seen.clear()
                changed = True
            seen.add(kind)
            if self.verify_each:
                verify(function)
        return changed


def _until(passes: tuple[Pass, ...], last: str | None) -> Iterable[Pass]:
    for step in passes:
        yield step
        if step[0] == last:
            return


def pass_names(level: int) -> list[str]:
    """The passes of a level, in order."""
    names = [name for name, _ in LEVELS[level]]
    return (
        [*names, INLINING, *(name for name, _ in (*after_inlining(()), *FINAL))]
        if level >= WITH_INLINING
        else names
    )
