"""The syntax tree. Every node has `pos` and `end`; its other fields are its `__slots__`, in order.

Nodes are built positionally, `Binary(pos, end, "+", left, right)`, and never change afterwards:
types, resolved names and everything else that is worked out later lives in other structures.
"""

from __future__ import annotations

from typing import Any

from compiler.source import Span


class Node:
    """Base of all nodes; `__slots__` of the subclass name the constructor's further arguments."""

    __slots__ = ("end", "pos")
    pos: int
    end: int
    _setters: tuple[Any, ...] = ()

    def __init_subclass__(cls) -> None:
        cls._setters = tuple(cls.__dict__[name].__set__ for name in cls.__slots__)

    def __init__(self, pos: int, end: int, *fields: Any) -> None:
        self.pos = pos
        self.end = end
        for store, value in zip(self._setters, fields, strict=True):
            store(self, value)

    @property
    def span(self) -> Span:
        """Start and end position."""
        return (self.pos, self.end)


class Identifier(Node):
    """A name in an expression, or a name with its place."""

    __slots__ = ("name",)
    name: str


# -- source unit level ---------------------------------------------------------------------------


class SourceUnit(Node):
    __slots__ = ("items", "path", "spdx")
    items: list[Node]
    path: str
    spdx: str | None


class Pragma(Node):
    """`pragma name text;`"""

    __slots__ = ("name", "text")
    name: str
    text: str


class Import(Node):
    """`alias` for `import "x" as a`; `symbols` (name, alias) for `import {a as b} from "x"`."""

    __slots__ = ("path", "alias", "symbols")
    path: str
    alias: Identifier | None
    symbols: list[tuple[Identifier, Identifier | None]] | None


class Base(Node):
    """One entry of an inheritance list; `arguments` None where no parentheses were written."""

    __slots__ = ("path", "arguments")
    path: list[Identifier]
    arguments: list[Expr] | None


class Contract(Node):
    """`kind` is contract, interface, library or facet."""

    __slots__ = ("kind", "name", "abstract", "bases", "layout", "members", "doc")
    kind: str
    name: Identifier
    abstract: bool
    bases: list[Base]
    layout: Expr | None
    members: list[Node]
    doc: str | None


class Parameter(Node):
    """A parameter, return value, local declaration, struct or event member."""

    __slots__ = ("type", "location", "name", "indexed")
    type: TypeName
    location: str | None
    name: Identifier | None
    indexed: bool


class Struct(Node):
    __slots__ = ("name", "members", "doc")
    name: Identifier
    members: list[Parameter]
    doc: str | None


class Enum(Node):
    __slots__ = ("name", "values", "doc")
    name: Identifier
    values: list[Identifier]
    doc: str | None


class Event(Node):
    __slots__ = ("name", "parameters", "anonymous", "doc")
    name: Identifier
    parameters: list[Parameter]
    anonymous: bool
    doc: str | None


class Error(Node):
    __slots__ = ("name", "parameters", "doc")
    name: Identifier
    parameters: list[Parameter]
    doc: str | None


class UserType(Node):
    """`type Name is underlying;`"""

    __slots__ = ("name", "underlying", "doc")
    name: Identifier
    underlying: TypeName
    doc: str | None


class Using(Node):
    """`using L for T`: `functions` holds (path, operator); a lone library path has operator None
    and `braces` False. `type` None means `*`."""

    __slots__ = ("functions", "braces", "type", "is_global")
    functions: list[tuple[list[Identifier], str | None]]
    braces: bool
    type: TypeName | None
    is_global: bool


class Variable(Node):
    """A state variable, or a constant at file level."""

    __slots__ = (
        "type", "name", "visibility", "constant", "immutable", "transient", "override", "value", "doc",
    )  # fmt: skip
    type: TypeName
    name: Identifier
    visibility: str | None
    constant: bool
    immutable: bool
    transient: bool
    override: list[list[Identifier]] | None
    value: Expr | None
    doc: str | None


class Invocation(Node):
    """A modifier, or a base constructor call, in a function header."""

    __slots__ = ("path", "arguments")
    path: list[Identifier]
    arguments: list[Expr] | None


class Function(Node):
    """`kind` is function, constructor, receive or fallback; `body` None without braces."""

    __slots__ = (
        "kind", "name", "parameters", "visibility", "mutability", "virtual", "override",
        "modifiers", "returns", "body", "doc",
    )  # fmt: skip
    kind: str
    name: Identifier
    parameters: list[Parameter]
    visibility: str | None
    mutability: str | None
    virtual: bool
    override: list[list[Identifier]] | None
    modifiers: list[Invocation]
    returns: list[Parameter]
    body: Block | None
    doc: str | None


class Modifier(Node):
    __slots__ = ("name", "parameters", "virtual", "override", "body", "doc")
    name: Identifier
    parameters: list[Parameter]
    virtual: bool
    override: list[list[Identifier]] | None
    body: Block | None
    doc: str | None


# -- type names ----------------------------------------------------------------------------------


class TypeName(Node):
    __slots__ = ()


class ElementaryTypeName(TypeName):
    """`name` with `address payable` as one name."""

    __slots__ = ("name",)
    name: str


class UserTypeName(TypeName):
    __slots__ = ("path",)
    path: list[Identifier]


class MappingTypeName(TypeName):
    __slots__ = ("key", "key_name", "value", "value_name")
    key: TypeName
    key_name: Identifier | None
    value: TypeName
    value_name: Identifier | None


class ArrayTypeName(TypeName):
    __slots__ = ("element", "length")
    element: TypeName
    length: Expr | None


class FunctionTypeName(TypeName):
    __slots__ = ("parameters", "visibility", "mutability", "returns")
    parameters: list[Parameter]
    visibility: str
    mutability: str
    returns: list[Parameter]


# -- statements ----------------------------------------------------------------------------------


class Statement(Node):
    __slots__ = ()


class Block(Statement):
    __slots__ = ("statements", "unchecked")
    statements: list[Statement]
    unchecked: bool


class VariableStatement(Statement):
    """`declarations` has None for a skipped component of a tuple."""

    __slots__ = ("declarations", "value")
    declarations: list[Parameter | None]
    value: Expr | None


class ExpressionStatement(Statement):
    __slots__ = ("expression",)
    expression: Expr


class If(Statement):
    __slots__ = ("condition", "then", "otherwise")
    condition: Expr
    then: Statement
    otherwise: Statement | None


class While(Statement):
    __slots__ = ("condition", "body")
    condition: Expr
    body: Statement


class DoWhile(Statement):
    __slots__ = ("body", "condition")
    body: Statement
    condition: Expr


class For(Statement):
    __slots__ = ("init", "condition", "step", "body")
    init: Statement | None
    condition: Expr | None
    step: Expr | None
    body: Statement


class Break(Statement):
    __slots__ = ()


class Continue(Statement):
    __slots__ = ()


class Return(Statement):
    __slots__ = ("value",)
    value: Expr | None


class Emit(Statement):
    __slots__ = ("call",)
    call: Call


class Revert(Statement):
    """`revert E(...);` — `revert();` and `revert("...")` are plain calls."""

    __slots__ = ("call",)
    call: Call


class Catch(Node):
    __slots__ = ("name", "parameters", "body")
    name: Identifier | None
    parameters: list[Parameter]
    body: Block


class Try(Statement):
    __slots__ = ("call", "returns", "body", "catches")
    call: Expr
    returns: list[Parameter]
    body: Block
    catches: list[Catch]


class Assembly(Statement):
    __slots__ = ("dialect", "flags", "body")
    dialect: str | None
    flags: list[str]
    body: YulBlock


# -- expressions ---------------------------------------------------------------------------------


class Expr(Node):
    __slots__ = ()


class Name(Expr):
    __slots__ = ("name",)
    name: str


class Number(Expr):
    """The literal as written, `_` included; `unit` is `ether`, `days`, …"""

    __slots__ = ("text", "unit")
    text: str
    unit: str | None


class String(Expr):
    """`kind` is string, hex or unicode; adjacent literals are joined."""

    __slots__ = ("value", "kind")
    value: bytes
    kind: str


class Bool(Expr):
    __slots__ = ("value",)
    value: bool


class TypeExpr(Expr):
    """An elementary type used as an expression: `uint8(x)`, `type(uint8)`."""

    __slots__ = ("type",)
    type: TypeName


class Member(Expr):
    __slots__ = ("base", "member")
    base: Expr
    member: Identifier


class Index(Expr):
    """`base[index]`; `index` None in a type such as `uint[]`."""

    __slots__ = ("base", "index")
    base: Expr
    index: Expr | None


class Slice(Expr):
    __slots__ = ("base", "start", "stop")
    base: Expr
    start: Expr | None
    stop: Expr | None


class Call(Expr):
    """`names` is None for positional arguments."""

    __slots__ = ("function", "arguments", "names")
    function: Expr
    arguments: list[Expr]
    names: list[Identifier] | None


class CallOptions(Expr):
    """`f{value: v, gas: g}`, before the call proper."""

    __slots__ = ("function", "options")
    function: Expr
    options: list[tuple[Identifier, Expr]]


class New(Expr):
    __slots__ = ("type",)
    type: TypeName


class Unary(Expr):
    __slots__ = ("op", "operand", "prefix")
    op: str
    operand: Expr
    prefix: bool


class Binary(Expr):
    __slots__ = ("op", "left", "right")
    op: str
    left: Expr
    right: Expr


class Assign(Expr):
    """`op` is "" for plain assignment and "+", "<<", … for the compound ones."""

    __slots__ = ("op", "target", "value")
    op: str
    target: Expr
    value: Expr


class Conditional(Expr):
    __slots__ = ("condition", "then", "otherwise")
    condition: Expr
    then: Expr
    otherwise: Expr


class Tuple(Expr):
    """A parenthesised list; None where a component is left out."""

    __slots__ = ("items",)
    items: list[Expr | None]


class ArrayLiteral(Expr):
    __slots__ = ("items",)
    items: list[Expr]


# -- inline assembly -----------------------------------------------------------------------------


class YulNode(Node):
    __slots__ = ()


class YulBlock(YulNode):
    __slots__ = ("statements",)
    statements: list[YulNode]


class YulLet(YulNode):
    __slots__ = ("names", "value")
    names: list[Identifier]
    value: YulExpr | None


class YulAssign(YulNode):
    __slots__ = ("targets", "value")
    targets: list[YulName]
    value: YulExpr


class YulIf(YulNode):
    __slots__ = ("condition", "body")
    condition: YulExpr
    body: YulBlock


class YulCase(Node):
    """`value` None for `default`."""

    __slots__ = ("value", "body")
    value: YulLiteral | None
    body: YulBlock


class YulSwitch(YulNode):
    __slots__ = ("value", "cases")
    value: YulExpr
    cases: list[YulCase]


class YulFor(YulNode):
    __slots__ = ("init", "condition", "step", "body")
    init: YulBlock
    condition: YulExpr
    step: YulBlock
    body: YulBlock


class YulFunction(YulNode):
    __slots__ = ("name", "parameters", "returns", "body")
    name: Identifier
    parameters: list[Identifier]
    returns: list[Identifier]
    body: YulBlock


class YulJump(YulNode):
    """`kind` is break, continue or leave."""

    __slots__ = ("kind",)
    kind: str


class YulExpression(YulNode):
    __slots__ = ("call",)
    call: YulExpr


class YulExpr(Node):
    __slots__ = ()


class YulName(YulExpr):
    """An identifier, or `x.slot`, `x.offset`, `x.length` with `suffix` set."""

    __slots__ = ("name", "suffix")
    name: str
    suffix: str | None


class YulLiteral(YulExpr):
    __slots__ = ("value",)
    value: int


class YulCall(YulExpr):
    __slots__ = ("function", "arguments")
    function: Identifier
    arguments: list[YulExpr]
