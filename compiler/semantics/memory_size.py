"""`msize` asks how much memory was touched, and that is what an optimizer changes: it is refused where one runs.

A result kept on the stack, a failed check without its text, a hash in scratch memory: each gives another answer than the
program as it is written. Solc refuses it for the same reason, in whatever is compiled, called or not.
"""

from __future__ import annotations

from compiler.diagnostics.errors import Reporter
from compiler.semantics import typed
from compiler.semantics.symbols import UnitSymbol
from compiler.semantics.walk import bodies, nodes
from compiler.syntax import ast
from compiler.syntax import walk as syntax


def check_memory_size(units: list[UnitSymbol], reporter: Reporter) -> None:
    """Report every use; raises CompileError when there is one."""
    files = reporter.sources.by_path
    for unit in units:
        if "msize" not in files[unit.name].text:
            continue  # looking at every node of a program takes longer
        for body in bodies(unit):
            for node in nodes(body):
                if isinstance(node, typed.Assembly):
                    _check(node.body, reporter)
    reporter.stop_on_errors()


def _check(block: ast.YulBlock, reporter: Reporter) -> None:
    for node in syntax.nodes(block):
        if isinstance(node, ast.YulCall) and node.function.name == "msize":
            reporter.report(
                "SL0810", node.span, "`msize` cannot be used where code is optimized: what memory is touched changes",
                hint="free memory starts at `mload(0x40)`; `-O 0` keeps `msize`",
            )  # fmt: skip
