"""The typed program as stable text, for `--emit typed` and golden tests."""

from __future__ import annotations

from typing import Any

from compiler.semantics.check_members import function_signature
from compiler.semantics.storage_layout import layout_contract, layout_transient
from compiler.semantics.symbols import (
    ContractSymbol,
    FunctionSymbol,
    Symbol,
    UnitSymbol,
    VariableSymbol,
)
from compiler.semantics.typed import Expr, Statement
from compiler.semantics.types import Type
from compiler.syntax import ast


def dump_unit(unit: UnitSymbol) -> str:
    """Everything the checker knows about one file."""
    lines = [f"unit {unit.name} {unit.dialect}{' wrapping' if unit.wrapping else ''}"]
    for function in unit.functions:
        _function(function, lines, 1)
    for contract in unit.contracts:
        _contract(contract, lines)
    return "\n".join(lines) + "\n"


def _contract(contract: ContractSymbol, lines: list[str]) -> None:
    order = " < ".join(c.name for c in contract.linearized)
    lines.append(f"  {contract.kind} {contract.name} [{order}]")
    for variable, place in layout_contract(contract).items():
        lines.append(
            f"    slot {place.slot:#x}+{place.offset} {variable.name}: {variable.type.plain_name}"
        )
    for variable, place in layout_transient(contract).items():
        lines.append(
            f"    transient {place.slot:#x}+{place.offset} {variable.name}: {variable.type.plain_name}"
        )
    for function in (
        *contract.functions,
        contract.constructor,
        contract.receive,
        contract.fallback,
    ):
        if function is not None and function.getter_of is None:
            _function(function, lines, 2)


def _function(function: FunctionSymbol, lines: list[str], depth: int) -> None:
    name = function_signature(function) if function.name else "constructor"
    results = ", ".join(r.type.name for r in function.returns)
    lines.append(
        f"{'  ' * depth}{function.visibility} {function.mutability} {name}"
        + (f" -> {results}" if results else "")
    )
    for statement in function.body:
        _node(statement, lines, depth + 1, "")


def _node(node: Expr | Statement, lines: list[str], depth: int, label: str) -> None:
    plain: list[str] = []
    nested: list[tuple[str, Any]] = []
    for name in node.__slots__:
        value = getattr(node, name)
        if isinstance(value, (Expr, Statement)) or (isinstance(value, list) and value):
            nested.append((name, value))
        elif value is not None and value != [] and not isinstance(value, dict):
            plain.append(_plain(name, value))
    shown = f" : {node.type.name}" if isinstance(node, Expr) else ""
    head = f"{label}: " if label else ""
    fields = f" {' '.join(plain)}" if plain else ""
    lines.append(f"{'  ' * depth}{head}{type(node).__name__}{fields}{shown}")
    for name, value in nested:
        _nested(name, value, lines, depth + 1)


def _nested(name: str, value: Any, lines: list[str], depth: int) -> None:
    if isinstance(value, (Expr, Statement)):
        _node(value, lines, depth, name)
    elif isinstance(value, list):
        for item in value:
            _nested(name, item, lines, depth)
    elif isinstance(value, VariableSymbol):
        lines.append(f"{'  ' * depth}{name}: {value.name} : {value.type.name}")
    elif isinstance(value, Type):
        lines.append(f"{'  ' * depth}{name}: {value.name}")
    elif value is None:
        lines.append(f"{'  ' * depth}{name}: -")


def _plain(name: str, value: Any) -> str:
    if isinstance(value, Symbol):
        return f"{name}={value.name}"
    if isinstance(value, ast.Node):
        return name
    if name == "word":
        return f"{value:#x}" if value > 9 else str(value)
    return f"{name}={value}"
