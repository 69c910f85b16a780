"""The typed program: what checking makes of the syntax tree, and all that lowering sees.

Every expression has its type, every implicit conversion is a `Convert` node, every name is a
symbol, every overload is decided, literals are words. Nodes are built positionally like syntax
nodes: `Binary(pos, end, type, "+", left, right, True)`.
"""

from __future__ import annotations

from typing import Any

from compiler.semantics.symbols import (
    ContractSymbol,
    ErrorSymbol,
    EventSymbol,
    FunctionSymbol,
    StructSymbol,
    VariableSymbol,
)
from compiler.semantics.types import Type
from compiler.syntax import ast


class Expr:
    """Base of typed expressions."""

    __slots__ = ("end", "pos", "type")
    pos: int
    end: int
    type: Type

    def __init__(self, pos: int, end: int, type_: Type, *fields: Any) -> None:
        self.pos = pos
        self.end = end
        self.type = type_
        for name, value in zip(self.__slots__, fields, strict=True):
            setattr(self, name, value)


class Const(Expr):
    """A word of a value type, in its clean stack form (bytesN left-aligned)."""

    __slots__ = ("word",)
    word: int


class Literal(Expr):
    """A number or string literal whose type has not been fixed by a conversion."""

    __slots__ = ()


class Local(Expr):
    __slots__ = ("symbol",)
    symbol: VariableSymbol


class State(Expr):
    __slots__ = ("symbol",)
    symbol: VariableSymbol


class Immutable(Expr):
    __slots__ = ("symbol",)
    symbol: VariableSymbol


class Index(Expr):
    """`base[index]` of a mapping, array, `bytes` or fixed bytes."""

    __slots__ = ("base", "index")
    base: Expr
    index: Expr


class Field(Expr):
    """A member of a struct."""

    __slots__ = ("base", "struct", "member")
    base: Expr
    struct: StructSymbol
    member: str


class Length(Expr):
    __slots__ = ("base",)
    base: Expr


class Slice(Expr):
    """`base[start:stop]` of calldata."""

    __slots__ = ("base", "start", "stop")
    base: Expr
    start: Expr | None
    stop: Expr | None


class Environment(Expr):
    """A word of the call or the block, by opcode name."""

    __slots__ = ("opcode",)
    opcode: str


class Convert(Expr):
    """`value` as `type`; both differ. An external function becomes its address or its selector."""

    __slots__ = ("value",)
    value: Expr


class Unary(Expr):
    """`op` is `-`, `~` or `!`."""

    __slots__ = ("op", "operand", "checked")
    op: str
    operand: Expr
    checked: bool


class Binary(Expr):
    """Operands have one common type, except for shifts and `**`. `checked` arithmetic reverts."""

    __slots__ = ("op", "left", "right", "checked")
    op: str
    left: Expr
    right: Expr
    checked: bool


class Step(Expr):
    """`++` and `--`; `prefix` decides which value the expression has."""

    __slots__ = ("op", "target", "prefix", "checked")
    op: str
    target: Expr
    prefix: bool
    checked: bool


class Assign(Expr):
    """`target = value`; a `Tuple` target takes the values apart. The expression has the target's value."""

    __slots__ = ("target", "value")
    target: Expr
    value: Expr


class Compound(Expr):
    """`target op= value`"""

    __slots__ = ("op", "target", "value", "checked")
    op: str
    target: Expr
    value: Expr
    checked: bool


class Delete(Expr):
    __slots__ = ("target",)
    target: Expr


class Conditional(Expr):
    __slots__ = ("condition", "then", "otherwise")
    condition: Expr
    then: Expr
    otherwise: Expr


class Tuple(Expr):
    __slots__ = ("items",)
    items: list[Expr | None]


class Call(Expr):
    """An internal call. `bound` is the first argument of an attached function, ready before the others are
    evaluated. `dispatch` is "virtual" (resolved from the most derived contract), "exact", or the
    contract whose `super` is meant."""

    __slots__ = ("function", "bound", "arguments", "dispatch")
    function: FunctionSymbol
    bound: Expr | None
    arguments: list[Expr]
    dispatch: str | ContractSymbol


class FunctionPointer(Expr):
    """An internal function as a value; `dispatch` as in `Call`."""

    __slots__ = ("function", "dispatch")
    function: FunctionSymbol
    dispatch: str | ContractSymbol


class ExternalPointer(Expr):
    """A function of the contract at `address` as a value."""

    __slots__ = ("address", "function")
    address: Expr
    function: FunctionSymbol


class PointerCall(Expr):
    """An internal call of the function that `pointer` holds, which is evaluated first."""

    __slots__ = ("pointer", "arguments")
    pointer: Expr
    arguments: list[Expr]


class CallOption(Expr):
    """One of `{value: v, gas: g, salt: s}`."""

    __slots__ = ("name", "value")
    name: str
    value: Expr


class ExternalCall(Expr):
    """A call of a known function of another contract. `address` is evaluated first, then the
    options as they are written, then the arguments. Of a function pointer, `address` is the pointer
    itself and `function` stands for what it may hold."""

    __slots__ = ("address", "function", "options", "arguments")
    address: Expr
    function: FunctionSymbol
    options: list[CallOption]
    arguments: list[Expr]


class LibraryCall(Expr):
    """A delegatecall of an external function of a library."""

    __slots__ = ("function", "arguments")
    function: FunctionSymbol
    arguments: list[Expr]


class LibraryAddress(Expr):
    """`address(L)`"""

    __slots__ = ("library",)
    library: ContractSymbol


class Builtin(Expr):
    """A built-in operation by name; see `semantics/builtins.py`."""

    __slots__ = ("name", "arguments")
    name: str
    arguments: list[Expr]


class LowLevelCall(Expr):
    """`call`, `staticcall` or `delegatecall` on an address; gives (bool, bytes memory)."""

    __slots__ = ("kind", "address", "options", "data")
    kind: str
    address: Expr
    options: list[CallOption]
    data: Expr


class AbiEncode(Expr):
    """`kind` is encode or packed; `selector` is what stands in front of it, if anything: a word, or the
    text of a signature, which is hashed after the arguments."""

    __slots__ = ("kind", "selector", "arguments")
    kind: str
    selector: Expr | None
    arguments: list[Expr]


class AbiDecode(Expr):
    __slots__ = ("data", "types")
    data: Expr
    types: list[Type]


class StructNew(Expr):
    __slots__ = ("struct", "arguments")
    struct: StructSymbol
    arguments: list[Expr]


class ArrayNew(Expr):
    """`new T[](length)`, `new bytes(length)`"""

    __slots__ = ("length",)
    length: Expr


class ArrayLiteral(Expr):
    __slots__ = ("items",)
    items: list[Expr]


class ContractNew(Expr):
    __slots__ = ("contract", "options", "arguments")
    contract: ContractSymbol
    options: list[CallOption]
    arguments: list[Expr]


class ContractCode(Expr):
    """`type(C).creationCode` or `.runtimeCode`."""

    __slots__ = ("contract", "runtime")
    contract: ContractSymbol
    runtime: bool


class Push(Expr):
    """`array.push(value)`, or `array.push()` with value None."""

    __slots__ = ("base", "value")
    base: Expr
    value: Expr | None


class Pop(Expr):
    __slots__ = ("base",)
    base: Expr


class Require(Expr):
    """`require`, `assert` and `revert()`: `kind` is empty, message, error or assert; without a
    condition it always fails."""

    __slots__ = ("condition", "kind", "error", "arguments")
    condition: Expr | None
    kind: str
    error: ErrorSymbol | None
    arguments: list[Expr]


# -- names that are not values; they never reach lowering ----------------------------------------


class Named(Expr):
    """A type, module, event, error, built-in or set of functions, on its way to being used.

    `what` says which; `bound` is the value a member function or library function applies to."""

    __slots__ = ("what", "meaning", "bound", "options")
    what: str
    meaning: Any
    bound: Expr | None
    options: dict[str, Expr]


# -- statements ----------------------------------------------------------------------------------


class Statement:
    """Base of typed statements."""

    __slots__ = ("end", "pos")
    pos: int
    end: int

    def __init__(self, pos: int, end: int, *fields: Any) -> None:
        self.pos = pos
        self.end = end
        for name, value in zip(self.__slots__, fields, strict=True):
            setattr(self, name, value)


class Block(Statement):
    __slots__ = ("statements",)
    statements: list[Statement]


class Declare(Statement):
    """Local variables; None for a skipped component. Without a value they start as zero."""

    __slots__ = ("variables", "value")
    variables: list[VariableSymbol | None]
    value: Expr | None


class Evaluate(Statement):
    __slots__ = ("expression",)
    expression: Expr


class If(Statement):
    __slots__ = ("condition", "then", "otherwise")
    condition: Expr
    then: list[Statement]
    otherwise: list[Statement]


class Loop(Statement):
    """`for`, `while` and `do`: `step` runs after the body and after `continue`."""

    __slots__ = ("condition", "body", "step", "test_first")
    condition: Expr | None
    body: list[Statement]
    step: list[Statement]
    test_first: bool


class Break(Statement):
    __slots__ = ()


class Continue(Statement):
    __slots__ = ()


class Return(Statement):
    __slots__ = ("value",)
    value: Expr | None


class Catch(Statement):
    """A clause of `try`: `kind` is Error, Panic or empty, for whatever else came back."""

    __slots__ = ("kind", "variable", "body")
    kind: str
    variable: VariableSymbol | None
    body: list[Statement]


class Try(Statement):
    """`call` is an `ExternalCall`, `LibraryCall` or `ContractNew`; `returns` has None for a result nobody names."""

    __slots__ = ("call", "returns", "body", "catches")
    call: Expr
    returns: list[VariableSymbol | None]
    body: list[Statement]
    catches: list[Catch]


class Emit(Statement):
    __slots__ = ("event", "arguments")
    event: EventSymbol
    arguments: list[Expr]


class Revert(Statement):
    """`revert E(...)`"""

    __slots__ = ("error", "arguments")
    error: ErrorSymbol
    arguments: list[Expr]


class Placeholder(Statement):
    """`_` in a modifier: where the function goes."""

    __slots__ = ()


class Assembly(Statement):
    """`bindings` maps each assembly name that means a Solidity symbol to it."""

    __slots__ = ("body", "bindings", "memory_safe")
    body: ast.YulBlock
    bindings: dict[ast.YulName, VariableSymbol]
    memory_safe: bool
