"""Runs the passes over a module; can stop after one of them, and verifies between them on request."""

from __future__ import annotations

from compiler.analysis.verifier import verify, verify_module
from compiler.ir.values import Module
from compiler.passes import free_memory
from compiler.passes.order import LEVELS


def optimize(
    module: Module, level: int, verify_each: bool = False, after: str | None = None
) -> None:
    """Improve every function of a module in place. `after` names the last pass to run."""
    for function in module.functions.values():
        for name, run in LEVELS[level]:
            run(function)
            if verify_each:
                verify(function)
            if name == after:
                break
    if after is None:
        free_memory.run(module)
    if verify_each:
        verify_module(module)


def pass_names(level: int) -> list[str]:
    """The passes of a level, in order."""
    return [name for name, _ in LEVELS[level]]
