"""Inline assembly."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from compiler.ast_json.program import Program
from compiler.ast_json.texts import Text
from compiler.diagnostics.errors import Reporter
from compiler.semantics.symbols import Scope, UnitSymbol
from compiler.source import SourceSet
from compiler.syntax import ast
from compiler.syntax.lexer import hex_string_value, string_value
from compiler.syntax.walk import nodes

Json = dict[str, Any]


class YulWriter:
    """Writes the code of one assembly block. It has no numbers: nothing refers to it."""

    def __init__(self, text: Text) -> None:
        self.text = text

    def write(self, node: ast.YulNode | ast.YulExpr | ast.YulCase) -> Json:
        writer: Callable[..., Json] = getattr(self, f"_{_NAMES[type(node)]}")
        return writer(node)

    def _make(self, kind: str, node: ast.Node, /, **fields: Any) -> Json:
        src = self.text.src(node.span)
        made: Json = {"nodeType": kind, "src": src, "nativeSrc": src}
        made.update((key, value) for key, value in fields.items() if value is not None)
        return dict(sorted(made.items()))

    def _all(self, nodes: Sequence[Any]) -> list[Json]:
        return [self.write(node) for node in nodes]

    def _typed_names(self, names: Sequence[ast.Identifier]) -> list[Json] | None:
        return [self._make("YulTypedName", n, name=n.name, type="") for n in names] or None

    def _block(self, node: ast.YulBlock) -> Json:
        return self._make("YulBlock", node, statements=self._all(node.statements))

    def _let(self, node: ast.YulLet) -> Json:
        value = self.write(node.value) if node.value is not None else None
        return self._make(
            "YulVariableDeclaration", node, variables=self._typed_names(node.names), value=value
        )

    def _assign(self, node: ast.YulAssign) -> Json:
        return self._make(
            "YulAssignment", node,
            variableNames=self._all(node.targets), value=self.write(node.value),
        )  # fmt: skip

    def _if(self, node: ast.YulIf) -> Json:
        return self._make(
            "YulIf", node, condition=self.write(node.condition), body=self.write(node.body)
        )

    def _switch(self, node: ast.YulSwitch) -> Json:
        return self._make(
            "YulSwitch", node, expression=self.write(node.value), cases=self._all(node.cases)
        )

    def _case(self, node: ast.YulCase) -> Json:
        value = self.write(node.value) if node.value is not None else "default"
        return self._make("YulCase", node, value=value, body=self.write(node.body))

    def _for(self, node: ast.YulFor) -> Json:
        return self._make(
            "YulForLoop", node, pre=self.write(node.init), condition=self.write(node.condition),
            post=self.write(node.step), body=self.write(node.body),
        )  # fmt: skip

    def _function(self, node: ast.YulFunction) -> Json:
        return self._make(
            "YulFunctionDefinition", node, name=node.name.name,
            parameters=self._typed_names(node.parameters),
            returnVariables=self._typed_names(node.returns), body=self.write(node.body),
        )  # fmt: skip

    def _jump(self, node: ast.YulJump) -> Json:
        return self._make(f"Yul{node.kind.capitalize()}", node)

    def _expression(self, node: ast.YulExpression) -> Json:
        return self._make("YulExpressionStatement", node, expression=self.write(node.call))

    def _name(self, node: ast.YulName) -> Json:
        return self._make("YulIdentifier", node, name=full_name(node))

    def _call(self, node: ast.YulCall) -> Json:
        called = self._make("YulIdentifier", node.function, name=node.function.name)
        return self._make(
            "YulFunctionCall", node, functionName=called, arguments=self._all(node.arguments)
        )

    def _literal(self, node: ast.YulLiteral) -> Json:
        written = self.text.written(node.span)
        if written in ("true", "false"):
            return self._make("YulLiteral", node, kind="bool", type="", value=written)
        if written[0] not in "\"'h":
            return self._make("YulLiteral", node, kind="number", type="", value=written)
        raw = _string(written, node)
        try:
            shown: str | None = raw.decode()
        except UnicodeDecodeError:
            shown = None
        return self._make(
            "YulLiteral", node, kind="string", type="", value=shown, hexValue=raw.hex()
        )


def _string(written: str, node: ast.Node) -> bytes:
    if written.startswith("hex"):
        return hex_string_value(written[3:].strip()) or b""
    return string_value(written, node.span, Reporter(SourceSet()))


_NAMES: dict[type[ast.Node], str] = {
    ast.YulBlock: "block",
    ast.YulLet: "let",
    ast.YulAssign: "assign",
    ast.YulIf: "if",
    ast.YulSwitch: "switch",
    ast.YulCase: "case",
    ast.YulFor: "for",
    ast.YulFunction: "function",
    ast.YulJump: "jump",
    ast.YulExpression: "expression",
    ast.YulName: "name",
    ast.YulLiteral: "literal",
    ast.YulCall: "call",
}


def full_name(node: ast.YulName) -> str:
    return f"{node.name}.{node.suffix}" if node.suffix else node.name


# -- what assembly says of the Solidity around it ------------------------------------------------------


def external_references(
    body: ast.YulBlock, scope: Scope, unit: UnitSymbol, program: Program, text: Text
) -> list[Json]:
    """The names that mean Solidity variables. Assembly cannot declare a name that is known outside."""
    found: list[tuple[str, int, str, Json]] = []
    for node in names(body):
        meanings = program.find(node.name, scope, unit)
        if not meanings or not isinstance(meanings[0], (ast.Variable, ast.Parameter)):
            continue
        entry: Json = {
            "declaration": program.of(meanings[0]),
            "isOffset": node.suffix == "offset",
            "isSlot": node.suffix == "slot",
            "src": text.src(node.span),
        }
        if node.suffix:
            entry["suffix"] = node.suffix
        entry["valueSize"] = 1
        found.append((full_name(node), entry["declaration"], entry["src"], entry))
    return [entry for _, _, _, entry in sorted(found, key=lambda item: item[:3])]


def names(root: ast.Node) -> Iterator[ast.YulName]:
    """Every name that is used as a value or assigned to."""
    return (node for node in nodes(root) if isinstance(node, ast.YulName))


def assigned(root: ast.Node) -> Iterator[str]:
    """Names that an assignment in assembly changes."""
    for node in nodes(root):
        if isinstance(node, ast.YulAssign):
            yield from (full_name(target) for target in node.targets)
