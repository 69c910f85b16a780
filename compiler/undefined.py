"""Storage pointers must be assigned before they are used: a second look, at the code that is made.

`semantics/assignment.py` follows each function as it is written. Where a function's paths depend on which modifier is
in force, only the code of a contract shows it: lowering gives the pointer an `undefined` value, and one that is
still needed after dead code is gone was used on some path before it was assigned.
"""

from __future__ import annotations

from compiler.diagnostics.errors import Reporter
from compiler.ir.values import Module, Value


def check_undefined(module: Module, reporter: Reporter) -> None:
    """Report every use of an unassigned pointer."""
    for function in module.functions.values():
        for block in function.blocks:
            for inst in (*block.insts, *([block.term] if block.term else ())):
                _check(inst.args, inst, reporter)
            for edge in block.edges:
                if block.term is not None:
                    _check(edge.args, block.term, reporter)
    reporter.stop_on_errors()


def _check(args: list[Value], inst: Value, reporter: Reporter) -> None:
    for arg in args:
        if arg.op == "undefined":
            reporter.report(
                "SL0602", (inst.pos, inst.end), "a storage or calldata pointer is used here before it is assigned on every path",
                hint="give it a value where it is declared",
            )  # fmt: skip
