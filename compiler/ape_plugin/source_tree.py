"""What ape's tracebacks and coverage look at: functions with their statements, and for each program
counter the statement it belongs to.

ape understands the shape of Vyper's tree only, so the contract is given in that shape: a module with
one FunctionDef for each of its functions, statements flattened into one list.
"""

from __future__ import annotations

from typing import Any

from compiler.artifact import CompiledContract
from compiler.diagnostics.errors import Reporter
from compiler.source import SourceFile, SourceSet
from compiler.syntax import ast
from compiler.syntax.lexer import tokenize
from compiler.syntax.parser import parse

Location = tuple[int, int, int, int]  # first line, column, last line, column
Statements = list[tuple[int, int, Location]]  # start, end, location


def source_tree(
    contract: CompiledContract, sources: SourceSet
) -> tuple[dict[str, Any], Statements]:
    """The tree of one contract, and its statements by position."""
    file = sources.by_path[contract.path]
    reporter = Reporter(sources)
    unit = parse(tokenize(file, reporter), reporter)
    node = next(
        i for i in unit.items if isinstance(i, ast.Contract) and i.name.name == contract.name
    )
    statements: Statements = []
    functions = [
        _function(member, file, statements)
        for member in node.members
        if isinstance(member, ast.Function) and member.body is not None
    ]
    tree = {
        "ast_type": "Module",
        "src": _src(node, file),
        "name": contract.name,
        **_lines(_location(node.pos, node.end, file)),
        "body": functions,
    }
    return tree, sorted(statements)


def _function(node: ast.Function, file: SourceFile, found: Statements) -> dict[str, Any]:
    assert node.body is not None
    flat: list[ast.Node] = []
    _flatten(node.body, flat)
    body = []
    for statement in flat:
        location = _location(statement.pos, statement.end, file)
        found.append((statement.pos, statement.end, location))
        body.append({"ast_type": "Expr", "src": _src(statement, file), **_lines(location)})
    return {
        "ast_type": "FunctionDef",
        "name": node.name.name or "__init__",
        "src": _src(node, file),
        **_lines(_location(node.pos, node.end, file)),
        "body": body,
    }


def _flatten(node: ast.Node, found: list[ast.Node]) -> None:
    """Statements in source order; of `if` and loops, their condition and what is inside."""
    if isinstance(node, ast.Block):
        for statement in node.statements:
            _flatten(statement, found)
    elif isinstance(node, ast.If):
        found.append(node.condition)
        _flatten(node.then, found)
        if node.otherwise is not None:
            _flatten(node.otherwise, found)
    elif isinstance(node, (ast.While, ast.DoWhile)):
        found.append(node.condition)
        _flatten(node.body, found)
    elif isinstance(node, ast.For):
        found.extend(part for part in (node.init, node.condition, node.step) if part is not None)
        _flatten(node.body, found)
    else:
        found.append(node)


def counter_map(
    contract: CompiledContract, sources: SourceSet, statements: Statements
) -> dict[str, dict[str, Location | None]]:
    """Program counter -> location of the smallest statement around it."""
    result: dict[str, dict[str, Location | None]] = {}
    for offset, pos, end in contract.runtime_source_map:
        best: tuple[int, Location] | None = None
        for start, stop, location in statements:
            if start > pos:
                break
            if pos >= start and end <= stop and (best is None or stop - start < best[0]):
                best = (stop - start, location)
        if best is not None:
            result[str(offset)] = {"location": best[1]}
    return result


def _location(pos: int, end: int, file: SourceFile) -> Location:
    first, column = file.line_column(pos)
    last, last_column = file.line_column(end)
    return first, column - 1, last, last_column - 1


def _lines(location: Location) -> dict[str, int]:
    names = ("lineno", "col_offset", "end_lineno", "end_col_offset")
    return dict(zip(names, location, strict=True))


def _src(node: ast.Node, file: SourceFile) -> str:
    start = file.byte_offset(node.pos)
    return f"{start}:{file.byte_offset(node.end) - start}:{file.index}"
