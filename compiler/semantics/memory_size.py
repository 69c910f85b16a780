"""`msize` asks how much memory was touched, and that is what an optimizer changes: it is refused where one runs.

A result kept on the stack, a failed check without its text, a hash in scratch memory: each gives another answer than the
program as it is written. Solc refuses it for the same reason, in whatever is compiled, called or not.
"""

from __future__ import annotations

from collections.abc import Iterator

from compiler.diagnostics.errors import Reporter
from compiler.semantics import typed
from compiler.semantics.symbols import UnitSymbol
from compiler.semantics.walk import bodies, nodes
from compiler.syntax import ast


def check_memory_size(units: list[UnitSymbol], reporter: Reporter) -> None:
    """Report every use; raises CompileError when there is one."""
    files = reporter.sources.by_path
    for unit in units:
        if "msize" not in files[unit.name].text:
            continue  # looking at every node of a program takes longer
        for body in bodies(unit):
            for node in nodes(body):
                if isinstance(node, typed.Assembly):
                    for call in _uses(node.body):
                        reporter.report(
                            "SL0810", call.span, "`msize` cannot be used where code is optimized: what memory is touched changes",
                            hint="free memory starts at `mload(0x40)`; `-O 0` keeps `msize`",
                        )  # fmt: skip
    reporter.stop_on_errors()


def _uses(block: ast.YulBlock) -> Iterator[ast.YulCall]:
    todo: list[object] = [block]
    while todo:
        node = todo.pop()
        if isinstance(node, list):
            todo += node
        elif isinstance(node, ast.Node):
            if isinstance(node, ast.YulCall) and node.function.name == "msize":
                yield node
            todo += [getattr(node, name) for name in node.__slots__]
