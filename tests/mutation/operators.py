"""The small mistakes: every way one source text can be made wrong by one edit.

Edits are found on the syntax tree and made on the text, so a mutant differs from its source in one
place and reads like something a person could have written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from compiler.diagnostics.errors import Reporter
from compiler.source import SourceSet
from compiler.syntax import ast
from compiler.syntax.lexer import tokenize
from compiler.syntax.parser import parse

NOTHING = "{}"
LOOSER = {"<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "!=", "!=": "=="}
OTHER_SIGN = {"+": "-", "-": "+"}
OTHER_JOIN = {"&&": "||", "||": "&&"}
ORDERED = ("-", "/", "<", ">", "<=", ">=")
ASSEMBLY = {"add": "sub", "sub": "add", "lt": "gt", "gt": "lt", "and": "or", "or": "and"}


@dataclass(frozen=True)
class Mutant:
    """`text[start:end]` of the source at `path` becomes `after`."""

    path: str
    line: int
    function: str
    operator: str
    start: int
    end: int
    before: str
    after: str

    def applied(self, text: str) -> str:
        """The mutated source."""
        assert text[self.start : self.end] == self.before
        return text[: self.start] + self.after + text[self.end :]

    @property
    def place(self) -> str:
        return f"{self.path}:{self.line}"

    def __str__(self) -> str:
        before, after = (" ".join(t.split()) for t in (self.before, self.after))
        return f"{self.place} {self.operator}: `{before}` -> `{after}`"


Source = Callable[[ast.Node], str]
Edit = tuple[str, int, int, str]  # operator, first position, one past the last, new text


def mutants(path: str, text: str) -> list[Mutant]:
    """All mutants of one source, in the order of their places."""
    sources = SourceSet()
    reporter = Reporter(sources)
    file = sources.add(path, text)
    tree = parse(tokenize(file, reporter), reporter)
    reporter.stop_on_errors()
    found = []

    def source(node: ast.Node) -> str:
        return text[node.pos - file.base : node.end - file.base]

    for function, node in _nodes(tree, ""):
        for operator, start, end, after in _edits(node, source):
            first, last = start - file.base, end - file.base
            line = file.line_column(start)[0]
            before = text[first:last]
            found.append(Mutant(path, line, function, operator, first, last, before, after))
    return sorted(found, key=lambda m: (m.start, m.end, m.operator, m.after))


def _nodes(node: ast.Node, function: str) -> Iterator[tuple[str, ast.Node]]:
    """Every node that may be mutated, with the function it stands in."""
    if isinstance(node, (ast.Import, ast.Pragma, ast.Using, ast.TypeName)):
        return
    if isinstance(node, (ast.Function, ast.Modifier)):
        function = node.name.name if node.name else getattr(node, "kind", "")
    yield function, node
    for name in type(node).__slots__:
        value = getattr(node, name)
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.Node):
                yield from _nodes(child, function)
            elif isinstance(child, tuple):  # call options
                for part in child:
                    if isinstance(part, ast.Node):
                        yield from _nodes(part, function)


def _edits(node: ast.Node, source: Source) -> Iterator[Edit]:
    for kind, edits in _BY_KIND.items():
        if isinstance(node, kind):
            yield from edits(node, source)


def _whole(operator: str, node: ast.Node, after: str = NOTHING) -> Edit:
    return operator, node.pos, node.end, after


def _if(node: ast.If, source: Source) -> Iterator[Edit]:
    if node.otherwise is None and _reverts(node.then):
        yield _whole("drop check", node)
    elif node.otherwise is None:
        yield _whole("drop branch", node)
        yield _whole("take branch always", node.condition, "true")


def _reverts(node: ast.Statement) -> bool:
    if isinstance(node, ast.Block):
        return len(node.statements) == 1 and _reverts(node.statements[0])
    if isinstance(node, ast.ExpressionStatement):
        return _called(node.expression) == "revert"
    return isinstance(node, ast.Revert)


def _called(node: ast.Expr) -> str:
    if isinstance(node, ast.Call) and isinstance(node.function, ast.Name):
        return node.function.name
    return ""


def _statement(node: ast.ExpressionStatement, source: Source) -> Iterator[Edit]:
    inner = node.expression
    if _called(inner) in ("require", "assert"):
        yield _whole("drop check", node)
    elif isinstance(inner, ast.Call):
        yield _whole("drop call", node)
    elif isinstance(inner, (ast.Assign, ast.Unary)):
        yield _whole("drop write", node)


def _assign(node: ast.Assign, source: Source) -> Iterator[Edit]:
    if node.op in OTHER_SIGN:
        after = f"{source(node.target)} {OTHER_SIGN[node.op]}= {source(node.value)}"
        yield _whole("swap + and -", node, after)
    elif node.op == "" and not isinstance(node.target, ast.Tuple):
        # The value is still worked out, so only the write is lost.
        if isinstance(node.value, ast.Call):
            yield _whole("drop assignment, keep call", node, source(node.value))


def _binary(node: ast.Binary, source: Source) -> Iterator[Edit]:
    left, right = source(node.left), source(node.right)
    if node.op in LOOSER:
        yield _whole("change comparison", node, f"{left} {LOOSER[node.op]} {right}")
    if node.op in OTHER_SIGN:
        yield _whole("swap + and -", node, f"{left} {OTHER_SIGN[node.op]} {right}")
    if node.op in OTHER_JOIN:
        yield _whole("swap && and ||", node, f"({left} {OTHER_JOIN[node.op]} {right})")
    if node.op in ORDERED:
        yield _whole("swap operands", node, f"{right} {node.op} {left}")


def _unary(node: ast.Unary, source: Source) -> Iterator[Edit]:
    if node.op == "!":
        yield _whole("drop not", node, source(node.operand))


def _conditional(node: ast.Conditional, source: Source) -> Iterator[Edit]:
    after = f"{source(node.condition)} ? {source(node.otherwise)} : {source(node.then)}"
    yield _whole("swap choice", node, after)


def _number(node: ast.Number, source: Source) -> Iterator[Edit]:
    yield _whole("constant + 1", node, f"({source(node)} + 1)")
    if node.text.strip("0x_"):
        yield _whole("constant - 1", node, f"({source(node)} - 1)")


def _function(node: ast.Function, source: Source) -> Iterator[Edit]:
    for modifier in node.modifiers:
        yield _whole("drop modifier", modifier, "")


def _return(node: ast.Return, source: Source) -> Iterator[Edit]:
    if node.value is not None:
        yield _whole("drop return", node)
    if isinstance(node.value, ast.Bool):
        yield _whole("other answer", node.value, "false" if node.value.value else "true")


def _emit(node: ast.Emit, source: Source) -> Iterator[Edit]:
    yield _whole("drop emit", node)


def _yul_if(node: ast.YulIf, source: Source) -> Iterator[Edit]:
    yield _whole("drop check", node)


def _yul_statement(node: ast.YulExpression, source: Source) -> Iterator[Edit]:
    yield _whole("drop call", node)


def _yul_assign(node: ast.YulAssign, source: Source) -> Iterator[Edit]:
    yield _whole("drop write", node)


def _yul_call(node: ast.YulCall, source: Source) -> Iterator[Edit]:
    if node.function.name in ASSEMBLY:
        yield _whole("change instruction", node.function, ASSEMBLY[node.function.name])
    if node.function.name == "iszero":
        yield _whole("drop not", node, source(node.arguments[0]))


def _yul_literal(node: ast.YulLiteral, source: Source) -> Iterator[Edit]:
    yield _whole("constant + 1", node, str(node.value + 1))


_BY_KIND: dict[type[ast.Node], Callable[..., Iterator[Edit]]] = {
    ast.If: _if,
    ast.ExpressionStatement: _statement,
    ast.Assign: _assign,
    ast.Binary: _binary,
    ast.Unary: _unary,
    ast.Conditional: _conditional,
    ast.Number: _number,
    ast.Function: _function,
    ast.Return: _return,
    ast.Emit: _emit,
    ast.YulIf: _yul_if,
    ast.YulExpression: _yul_statement,
    ast.YulAssign: _yul_assign,
    ast.YulCall: _yul_call,
    ast.YulLiteral: _yul_literal,
}
