"""The parts of the language that a source uses, and all there are: what the generator can write is measured by it."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

from compiler.diagnostics.errors import Reporter
from compiler.evm.opcodes import OPCODES
from compiler.semantics import builtins
from compiler.source import SourceSet
from compiler.syntax import ast
from compiler.syntax.expressions import PRECEDENCE
from compiler.syntax.lexer import tokenize
from compiler.syntax.parser import parse

UNITS = ("wei", "gwei", "ether", "seconds", "minutes", "hours", "days", "weeks")
_BASES = (ast.Node, ast.Statement, ast.Expr, ast.TypeName, ast.YulNode, ast.YulExpr)
_ENVIRONMENT = {f"{o}.{m}" for o, members in builtins.ENVIRONMENT.items() for m in members}
_MEMBERS = {
    *builtins.ADDRESS_MEMBERS,
    "selector", "address", "length", "push", "pop", "concat", "wrap", "unwrap",
    "min", "max", "name", "interfaceId", "creationCode", "runtimeCode",
}  # fmt: skip


def parts(text: str) -> set[str]:
    """What a source uses."""
    sources = SourceSet()
    file = sources.add("p.sol", text)
    reporter = Reporter(sources)
    return set(_parts(parse(tokenize(file, reporter), reporter)))


def every_part() -> set[str]:
    """Whatever the parser can make a node of, every operator, word and built-in name."""
    nodes = {
        name
        for name, cls in inspect.getmembers(ast, inspect.isclass)
        if issubclass(cls, ast.Node) and cls not in _BASES
    }
    compound = ("+", "-", "*", "/", "%", "&", "|", "^", "<<", ">>", ">>>")
    return {
        *nodes,
        *(f"Binary {op}" for op in PRECEDENCE),
        *(f"Assign {op}=" for op in ("", *compound)),
        *(f"Unary {op}" for op in ("!", "~", "-", "delete", "++x", "x++", "--x", "x--")),
        *(f"Contract {kind}" for kind in ("contract", "interface", "library", "abstract")),
        *(
            f"Function {kind}"
            for kind in ("function", "constructor", "receive", "fallback", "free")
        ),
        *(f"mutability {word}" for word in ("pure", "view", "payable")),
        *(f"visibility {word}" for word in ("external", "public", "internal", "private")),
        *("virtual", "override", "override of several", "anonymous", "indexed", "unchecked"),
        *(f"Variable {word}" for word in ("constant", "immutable", "transient")),
        *(f"location {word}" for word in ("memory", "storage", "calldata")),
        *("pointer internal", "pointer external"),
        *(f"option {word}" for word in ("value", "gas", "salt")),
        *(f"unit {word}" for word in UNITS),
        *("String string", "String hex", "String unicode"),
        *(f"Yul {name}" for name in OPCODES),
        *("Yul suffix slot", "Yul suffix offset", "Yul suffix length"),
        *("Yul suffix address", "Yul suffix selector", "YulJump break", "YulJump continue"),
        *("YulJump leave", "named arguments", "using operators", "using for *", "using global"),
        *("catch Error", "catch Panic", "catch data", "catch all", "overload"),
        *(f"call {name}" for name in (*builtins.FUNCTIONS, *builtins.SPECIAL_FUNCTIONS)),
        *(f"abi.{name}" for name in builtins.ABI_FUNCTIONS),
        *(f"member {name}" for name in _MEMBERS),
        *_ENVIRONMENT,
    }


def _children(node: ast.Node) -> Iterator[ast.Node]:
    work = [
        getattr(node, name, None)
        for cls in type(node).__mro__
        for name in getattr(cls, "__slots__", ())
    ]
    while work:
        item: Any = work.pop()
        if isinstance(item, ast.Node):
            yield item
        elif isinstance(item, (list, tuple)):
            work += item


def _parts(node: ast.Node) -> Iterator[str]:
    yield type(node).__name__
    yield from _words(node)
    for child in _children(node):
        yield from _parts(child)
    if isinstance(node, ast.SourceUnit):
        yield from ("Function free" for item in node.items if isinstance(item, ast.Function))


def _words(node: Any) -> Iterator[str]:
    match node:
        case ast.Contract():
            yield f"Contract {node.kind}"
            if node.abstract:
                yield "Contract abstract"
            names = [m.name.name for m in node.members if isinstance(m, ast.Function) and m.name]
            if any(name and names.count(name) > 1 for name in names):
                yield "overload"
        case ast.Function():
            yield f"Function {node.kind}"
            yield f"mutability {node.mutability}"
            yield f"visibility {node.visibility}"
            if node.virtual:
                yield "virtual"
            if node.override is not None:
                yield "override of several" if node.override else "override"
        case ast.Variable():
            for word in ("constant", "immutable", "transient"):
                if getattr(node, word):
                    yield f"Variable {word}"
        case ast.Event() if node.anonymous:
            yield "anonymous"
        case ast.Parameter():
            yield f"location {node.location}"
            if node.indexed:
                yield "indexed"
        case ast.Using():
            if any(operator for _, operator in node.functions):
                yield "using operators"
            if node.type is None:
                yield "using for *"
            if node.is_global:
                yield "using global"
        case ast.FunctionTypeName():
            yield f"pointer {node.visibility}"
        case ast.Block() if node.unchecked:
            yield "unchecked"
        case ast.Catch():
            yield f"catch {node.name.name if node.name else 'data' if node.parameters else 'all'}"
        case ast.Binary():
            yield f"Binary {node.op}"
        case ast.Assign():
            yield f"Assign {node.op}="
        case ast.Unary():
            steps = node.op in ("++", "--")
            yield (
                f"Unary {node.op}" + ("x" if steps and node.prefix else "")
                if node.prefix or not steps
                else f"Unary x{node.op}"
            )
        case ast.Number() if node.unit:
            yield f"unit {node.unit}"
        case ast.String():
            yield f"String {node.kind}"
        case ast.Call():
            if node.names is not None:
                yield "named arguments"
            if isinstance(node.function, ast.Name):
                yield f"call {node.function.name}"
        case ast.CallOptions():
            yield from (f"option {name.name}" for name, _ in node.options)
        case ast.Member():
            yield f"member {node.member.name}"
            if isinstance(node.base, ast.Name):
                yield f"{node.base.name}.{node.member.name}"
        case ast.YulCall():
            yield f"Yul {node.function.name}"
        case ast.YulJump():
            yield f"YulJump {node.kind}"
        case ast.YulName() if node.suffix:
            yield f"Yul suffix {node.suffix}"
