"""The lite dialect: a file that defines a facet and states no Solidity version holds the v1 subset,
exactly. Everything else is refused here, each construct under a code of its own."""

from __future__ import annotations

from collections.abc import Iterator

from compiler.diagnostics.errors import Reporter
from compiler.source import Span
from compiler.syntax import ast

_HINT = "add `pragma solidity ^0.8.20;`: the Solidity dialect has it"
_TYPES = frozenset(("uint", "uint256", "address", "bool", "bytes32"))
_OPERATORS = frozenset(("+", "-", "*", "/", "%", "<", ">", "<=", ">=", "==", "!="))
_LOGICAL = frozenset(("&&", "||"))
_COMPOUND = frozenset(("", "+", "-", "*", "/", "%"))
_READABLE = frozenset((("msg", "sender"), ("block", "timestamp"), ("block", "number")))
_EXTRA_DEFINITIONS = {
    ast.Struct: "a struct",
    ast.Enum: "an enum",
    ast.Error: "a custom error",
    ast.UserType: "a user-defined type",
    ast.Using: "`using`",
}


def check_lite(unit: ast.SourceUnit, reporter: Reporter) -> None:
    """Report everything in a lite file that is outside the subset; other files pass untouched."""
    facets = [i for i in unit.items if isinstance(i, ast.Contract) and i.kind == "facet"]
    versioned = any(isinstance(i, ast.Pragma) and i.name == "solidity" for i in unit.items)
    if facets and not versioned:
        _LiteCheck(reporter).unit(unit, facets)


class _LiteCheck:
    def __init__(self, reporter: Reporter) -> None:
        self.reporter = reporter

    def no(self, code: str, span: Span, what: str, hint: str = _HINT) -> None:
        self.reporter.report(code, span, f"{what} not part of the lite dialect", hint)

    def unit(self, unit: ast.SourceUnit, facets: list[ast.Contract]) -> None:
        for item in unit.items:
            if isinstance(item, ast.Import):
                self.no("SL2014", item.span, "`import` is")
            elif isinstance(item, ast.Contract):
                if item is not facets[0]:
                    self.no("SL2025", item.name.span, "a second contract in the file is")
            elif not isinstance(item, ast.Pragma):
                self.definition(item)
        self.facet(facets[0])

    def definition(self, node: ast.Node) -> None:
        what = _EXTRA_DEFINITIONS.get(type(node), "a definition outside the facet")
        self.no("SL2024", node.span, f"{what} is")

    def facet(self, facet: ast.Contract) -> None:
        if facet.bases:
            self.no("SL2013", facet.bases[0].span, "inheritance is")
        for member in facet.members:
            if isinstance(member, ast.Variable):
                self.state(member)
            elif isinstance(member, ast.Function):
                self.function(member)
            elif isinstance(member, ast.Event):
                for parameter in member.parameters:
                    self.value_type(parameter.type, "an event parameter")
            elif isinstance(member, ast.Modifier):
                self.no("SL2016", member.name.span, "a modifier is")
            else:
                self.definition(member)

    # -- types -------------------------------------------------------------------------------------

    def value_type(self, node: ast.TypeName, what: str) -> None:
        if isinstance(node, ast.ElementaryTypeName):
            if node.name in ("string", "bytes"):
                self.no("SL2010", node.span, f"{what} of type `{node.name}` is")
            elif node.name not in _TYPES:
                self.no(
                    "SL2023",
                    node.span,
                    f"type `{node.name}` is",
                    "use uint256, address, bool or bytes32",
                )
        elif isinstance(node, ast.ArrayTypeName):
            self.no("SL2011", node.span, "an array is")
        else:
            self.no(
                "SL2023",
                node.span,
                f"{what} of this type is",
                "use uint256, address, bool or bytes32",
            )

    def state(self, node: ast.Variable) -> None:
        if node.constant or node.immutable or node.transient or node.value is not None:
            self.no("SL2029", node.name.span, "a constant, immutable or initialised variable is")
        if node.visibility == "public":
            self.no(
                "SL2029",
                node.name.span,
                "a public variable is",
                "write a getter: `function x() external view returns (…)`",
            )
        type_name = node.type
        while isinstance(type_name, ast.MappingTypeName):
            self.value_type(type_name.key, "a mapping key")
            type_name = type_name.value
        self.value_type(type_name, "a state variable")

    # -- functions ---------------------------------------------------------------------------------

    def function(self, node: ast.Function) -> None:
        if node.kind == "constructor":
            self.no("SL2015", node.name.span, "a constructor is")
            return
        if node.kind in ("receive", "fallback") or node.mutability == "payable":
            self.no("SL2017", node.name.span, "receiving value is")
            return
        if node.visibility not in (None, "external"):
            self.no(
                "SL2021",
                node.name.span,
                f"{_article(node.visibility)} {node.visibility} function is",
                "write `external`" if node.visibility == "public" else _HINT,
            )
        if node.modifiers:
            self.no("SL2016", node.modifiers[0].span, "a modifier is")
        if node.virtual or node.override is not None:
            self.no("SL2013", node.name.span, "inheritance is")
        for parameter in node.parameters:
            self.value_type(parameter.type, "a parameter")
        if self.constant_string(node):
            return
        if len(node.returns) > 1:
            self.no("SL2022", node.returns[1].span, "a second return value is")
        for parameter in node.returns:
            self.value_type(parameter.type, "a return value")
        self.body(node)

    def constant_string(self, node: ast.Function) -> bool:
        """`returns (string)` with a literal: the one place where a string may be."""
        if len(node.returns) != 1 or node.body is None:
            return False
        type_name = node.returns[0].type
        if not (isinstance(type_name, ast.ElementaryTypeName) and type_name.name == "string"):
            return False
        statements = node.body.statements
        if len(statements) == 1 and isinstance(statements[0], ast.Return):
            if isinstance(statements[0].value, ast.String):
                return True
        self.no("SL2010", type_name.span, "a string that is not one literal is")
        return True

    def body(self, node: ast.Function) -> None:
        if node.body is None:
            return
        statements = node.body.statements
        if node.returns or node.mutability in ("view", "pure"):
            if (
                len(statements) == 1
                and isinstance(statements[0], ast.Return)
                and statements[0].value is not None
            ):
                self.expression(statements[0].value)
            else:
                self.no(
                    "SL2027",
                    node.name.span,
                    "a function that returns a value and does more than `return …;` is",
                    f"split it in two, or {_HINT}"
                    if node.mutability not in ("view", "pure")
                    else _HINT,
                )
                self.statements(statements)
            return
        self.statements(statements)

    def statements(self, nodes: list[ast.Statement]) -> None:
        for node in nodes:
            self.statement(node)

    def statement(self, node: ast.Statement) -> None:
        if isinstance(node, ast.Block) and not node.unchecked:
            self.statements(node.statements)
        elif isinstance(node, ast.If):
            self.expression(node.condition)
            self.statement(node.then)
            if node.otherwise is not None:
                self.statement(node.otherwise)
        elif isinstance(node, ast.Emit):
            for argument in node.call.arguments:
                self.expression(argument)
        elif isinstance(node, ast.ExpressionStatement):
            self.effect(node.expression)
        elif isinstance(node, (ast.For, ast.While, ast.DoWhile)):
            self.no("SL2012", (node.pos, node.pos + 2), "a loop is")
        elif isinstance(node, ast.VariableStatement):
            self.no("SL2019", node.span, "a local variable is")
        elif isinstance(node, ast.Assembly):
            self.no("SL2018", (node.pos, node.pos + 8), "inline assembly is")
        elif isinstance(node, ast.Return) and node.value is not None:
            self.expression(node.value)
        else:
            self.no("SL2026", node.span, "this statement is")

    def effect(self, node: ast.Expr) -> None:
        """An expression statement: an assignment or `require`."""
        if (
            isinstance(node, ast.Assign)
            and node.op in _COMPOUND
            and not isinstance(node.target, ast.Tuple)
        ):
            self.expression(node.target)
            self.expression(node.value)
        elif (
            isinstance(node, ast.Call)
            and isinstance(node.function, ast.Name)
            and node.function.name == "require"
        ):
            for argument in node.arguments[:1]:
                self.expression(argument)
            for argument in node.arguments[1:]:
                if not isinstance(argument, ast.String):
                    self.no("SL2028", argument.span, "a message that is not a string literal is")
        elif isinstance(node, ast.Call):
            self.no("SL2021", node.span, "a call is")
        else:
            self.no(
                "SL2026",
                node.span,
                "this statement is",
                "statements are assignments, require, if and emit",
            )

    # -- expressions -------------------------------------------------------------------------------

    def expression(self, node: ast.Expr) -> None:
        for part in _flat(node):
            self._one(part)

    def _one(self, node: ast.Expr) -> None:
        if isinstance(node, (ast.Number, ast.Bool, ast.Name, ast.Index)):
            return
        if isinstance(node, ast.Binary):
            if node.op in _LOGICAL:
                self.no("SL2020", node.span, f"`{node.op}` is")
            elif node.op not in _OPERATORS:
                self.no("SL2028", node.span, f"`{node.op}` is")
        elif isinstance(node, ast.Unary):
            code = "SL2020" if node.op == "!" else "SL2026" if node.op in ("++", "--") else "SL2028"
            self.no(code, node.span, f"`{node.op}` is")
        elif isinstance(node, ast.Member):
            base = node.base.name if isinstance(node.base, ast.Name) else ""
            if (base, node.member.name) == ("msg", "value"):
                self.no("SL2017", node.span, "`msg.value` is")
            elif (base, node.member.name) not in _READABLE:
                self.no(
                    "SL2028",
                    node.span,
                    "this member is",
                    "readable are msg.sender, block.timestamp and block.number",
                )
        elif isinstance(node, ast.Call):
            self.no("SL2021", node.span, "a call is")
        elif isinstance(node, ast.Tuple) and len(node.items) == 1:
            return
        else:
            self.no("SL2028", node.span, "this expression is")


def _article(word: str) -> str:
    return "an" if word[0] in "aeiou" else "a"


def _flat(node: ast.Expr) -> Iterator[ast.Expr]:
    """The sub-expressions the subset allows, the node itself included."""
    todo: list[ast.Expr] = [node]
    while todo:
        current = todo.pop()
        yield current
        if isinstance(current, ast.Binary):
            todo += [current.right, current.left]
        elif isinstance(current, ast.Index) and current.index is not None:
            todo += [current.index, current.base]
        elif isinstance(current, ast.Unary):
            todo.append(current.operand)
        elif isinstance(current, ast.Tuple):
            todo += [item for item in current.items if item is not None]
