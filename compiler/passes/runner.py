"""Runs the passes over a module; can stop after one of them, and verifies between them on request."""

from __future__ import annotations

from collections.abc import Iterable

from compiler.analysis.verifier import verify, verify_module
from compiler.ir.printer import print_function
from compiler.ir.values import Function, Module
from compiler.options import CompileOptions
from compiler.passes import free_memory, inlining, storage
from compiler.passes.order import (
    INLINING,
    LEVELS,
    MAX_ROUNDS,
    UNTIL_NOTHING_CHANGES,
    WITH_INLINING,
    Pass,
    after_inlining,
)


def optimize(module: Module, options: CompileOptions, goal: str) -> None:
    """Improve every function of a module in place, for "gas", "size" or "balanced". `options.after` names the
    last pass to run."""
    level, verify_each, after = options.optimize, options.verify_each, options.after
    before = LEVELS[level] if options.timing is None else options.timing.watched(LEVELS[level])
    stopped = after in [name for name, _ in before]
    for function in module.functions.values():
        _run(function, _until(before, after), verify_each)
    if level >= WITH_INLINING and not stopped:
        quiet = _inline(module, inlining.SMALL[goal], options)
        if level >= UNTIL_NOTHING_CHANGES and after is None:
            _go_on(module, quiet, verify_each)
    if after is None:
        free_memory.run(module)
    if verify_each:
        verify_module(module)


def _inline(module: Module, small: int, options: CompileOptions) -> set[str]:
    """Gives the functions that are known not to write storage."""
    quiet: set[str] = set()
    verify_each, after = options.verify_each, options.after
    passes = [] if after == INLINING else list(_until(after_inlining(quiet), after))
    if options.timing is not None:
        passes = list(options.timing.watched(tuple(passes)))

    def tidy(function: Function) -> None:
        _run(function, passes, verify_each)
        if storage.is_quiet(function, quiet):
            quiet.add(function.name)

    inlining.run(module, tidy, small)
    return quiet


def _go_on(module: Module, quiet: set[str], verify_each: bool) -> None:
    """What comes after inlining, again and again while it still changes something."""
    passes = after_inlining(quiet)
    for function in module.functions.values():
        before = ""
        for _ in range(MAX_ROUNDS):
            _run(function, passes, verify_each)
            now = print_function(function)
            if now == before:
                break
            before = now


def _run(function: Function, passes: Iterable[Pass], verify_each: bool) -> None:
    for _, run in passes:
        run(function)
        if verify_each:
            verify(function)


def _until(passes: tuple[Pass, ...], last: str | None) -> Iterable[Pass]:
    for step in passes:
        yield step
        if step[0] == last:
            return


def pass_names(level: int) -> list[str]:
    """The passes of a level, in order."""
    names = [name for name, _ in LEVELS[level]]
    return (
        [*names, INLINING, *(name for name, _ in after_inlining(()))]
        if level >= WITH_INLINING
        else names
    )
