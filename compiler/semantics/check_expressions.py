"""Expressions: names, literals, operators, indexing, assignment.

Checking goes bottom up. A sub-expression first gets the type it has by itself; where another type
is wanted the conversion becomes a node. A mistake unwinds to the enclosing statement, so one wrong
operand is reported once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from compiler.semantics import constants, typed
from compiler.semantics.check_names import named
from compiler.semantics.check_operators import SHIFTS, OperatorChecker, applies
from compiler.semantics.conversions import implicit
from compiler.semantics.symbols import VariableSymbol
from compiler.semantics.types import (
    BYTES1,
    UINT256,
    ArrayType,
    BytesType,
    ContractType,
    FixedBytesType,
    IntType,
    MappingType,
    RationalType,
    ReferenceType,
    TupleType,
    Type,
    UserType,
    array_of,
)
from compiler.source import Span
from compiler.syntax import ast


class ExpressionChecker(OperatorChecker):
    """Indexing, assignment, and the way from any syntax node to its check."""

    def expression(self, node: ast.Expr) -> typed.Expr:
        """Anything that can be written as an expression, values or not."""
        check: Callable[[Any, ast.Expr], typed.Expr] = _CHECKS[type(node)]
        return check(self, node)

    # -- indexing ----------------------------------------------------------------------------------

    def _index(self, node: ast.Index) -> typed.Expr:
        base = self.expression(node.base)
        if isinstance(base, typed.Named) and base.what == "type":
            return self._array_type(node, base.meaning)
        base = self.as_value(base)
        if node.index is None:
            self.fail("SL0308", node.span, "an index is missing between `[` and `]`")
        type_ = base.type
        self.note_storage(type_, node.span)
        if isinstance(type_, MappingType):
            key = self.convert(self.value(node.index), type_.key)
            return typed.Index(node.pos, node.end, type_.value.in_location("storage"), base, key)
        given = self.value(node.index)
        index = self.convert(given, UINT256)
        # Solc looks at literals only; `a[uint256(7)]` and constants are left to panic at run time.
        known = (
            index.word
            if isinstance(given.type, RationalType) and isinstance(index, typed.Const)
            else 0
        )
        if isinstance(type_, ArrayType):
            if type_.length is not None and known >= type_.length:
                self.fail(
                    "SL0318",
                    node.index.span,
                    f"index {known} is outside the array of {type_.length} elements",
                )
            return typed.Index(
                node.pos, node.end, type_.element.in_location(type_.location or ""), base, index
            )
        if isinstance(type_, BytesType) and not type_.is_string:
            return typed.Index(node.pos, node.end, BYTES1, base, index)
        if isinstance(type_, FixedBytesType):
            if known >= type_.size:
                self.fail("SL0318", node.index.span, f"index {known} is outside {type_.name}")
            return typed.Index(node.pos, node.end, BYTES1, base, index)
        hint = "convert it first: `bytes(s)[i]`" if isinstance(type_, BytesType) else None
        self.fail("SL0308", node.span, f"{type_.name} cannot be indexed", hint=hint)

    def _array_type(self, node: ast.Index, element: Type) -> typed.Expr:
        """`T[n]` where an expression stands. As in solc `n` is written with numbers alone, and may be 0: no value has such a type."""
        if isinstance(element, ContractType) and element.symbol.kind == "library":
            self.fail(
                "SL0314", node.base.span, f"library `{element.symbol.name}` cannot be used as a type"
            )  # fmt: skip
        length = None if node.index is None else self._written_length(node.index)
        return named(node.pos, node.end, "type", array_of(element, length, "memory"))

    def _written_length(self, node: ast.Expr) -> int:
        type_ = self.value(node).type
        if not isinstance(type_, RationalType) or not constants.whole(type_.value):
            self.fail(
                "SL0319", node.span, "the length of an array type in an expression must be a whole number",
                hint="write the number itself: constants count in declarations only"
                if isinstance(type_, IntType) else None,
            )  # fmt: skip
        return self.length_in_range(type_.value, node.span, least=0)

    def _slice(self, node: ast.Slice) -> typed.Expr:
        base = self.value(node.base)
        type_ = base.type
        sliceable = isinstance(type_, BytesType) or (
            isinstance(type_, ArrayType) and type_.length is None
        )
        if not sliceable or type_.location != "calldata":
            self.fail(
                "SL0308", node.span, f"{type_.name} cannot be sliced",
                hint="only dynamic arrays, bytes and strings in calldata can",
            )  # fmt: skip
        if isinstance(type_, ArrayType) and type_.element.dynamic:
            self.fail(
                "SL0308", node.span, f"{type_.name} cannot be sliced: its elements differ in size",
                hint="hand on the array and the numbers of its first and last element",
            )  # fmt: skip
        start = self.convert(self.value(node.start), UINT256) if node.start else None
        stop = self.convert(self.value(node.stop), UINT256) if node.stop else None
        return typed.Slice(node.pos, node.end, type_, base, start, stop)

    def step(self, node: ast.Unary) -> typed.Expr:
        target = self.place(node.operand)
        if not isinstance(target.type, IntType):
            self.fail("SL0304", node.span, f"`{node.op}` does not apply to {target.type.name}")
        return typed.Step(
            node.pos, node.end, target.type, node.op[0], target, node.prefix, self.checked
        )

    def delete(self, node: ast.Unary) -> typed.Expr:
        target = self.place(node.operand)
        if isinstance(target, typed.Tuple):
            self.fail(
                "SL0304", node.span, "`delete` does not apply to a tuple", hint="delete its parts one by one"
            )  # fmt: skip
        if isinstance(target.type, MappingType):
            self.fail(
                "SL0304",
                node.span,
                "a mapping cannot be deleted",
                hint="delete its entries one by one",
            )
        if isinstance(target.type, UserType):
            self.fail(
                "SL0304", node.span, f"`delete` does not apply to {target.type.name}",
                hint=f"assign `{target.type.name}.wrap(0)`, or what stands for nothing in that type",
            )  # fmt: skip
        if isinstance(target, typed.Local) and target.type.location in ("storage", "calldata"):
            self.fail(
                "SL0304", node.span, f"`delete` does not apply to a {target.type.location} pointer",
                hint="delete what it points to, member by member",
            )  # fmt: skip
        return typed.Delete(node.pos, node.end, TupleType(()), target)

    # -- places and assignment ---------------------------------------------------------------------

    def place(self, node: ast.Expr) -> typed.Expr:
        """An expression that can be assigned to."""
        while isinstance(node, ast.Tuple) and len(node.items) == 1 and node.items[0] is not None:
            node = node.items[0]
        if isinstance(node, ast.Tuple):
            items = [self.place(item) if item is not None else None for item in node.items]
            type_ = TupleType(tuple(i.type if i is not None else None for i in items))
            return typed.Tuple(node.pos, node.end, type_, items)
        target = self.value(node)
        if isinstance(node, ast.Name):
            self._not_constant(node)
        self._check_place(target, node.span, self._unassignable_hint(node))
        return target

    def _unassignable_hint(self, node: ast.Expr) -> str | None:
        """For members that read like places and are none."""
        if not isinstance(node, ast.Member):
            return None
        if node.member.name == "length":
            return "an array grows by `push` and shrinks by `pop`"
        if isinstance(node.base, ast.Name) and node.base.name == "this":
            return f"write `{node.member.name}` alone"
        return None

    def _not_constant(self, node: ast.Name) -> None:
        symbol = self.lookup(node.name, node.span)[0]
        if isinstance(symbol, VariableSymbol) and symbol.is_constant:
            self.fail(
                "SL0310", node.span, f"`{symbol.name}` is constant and cannot be assigned to",
                hint="a variable that changes is declared without `constant`",
                labels=((symbol.span, "declared here"),) if symbol.span else (),
            )  # fmt: skip

    def _check_place(self, target: typed.Expr, span: Span, hint: str | None = None) -> None:
        if isinstance(target, typed.Local):
            return
        if isinstance(target, typed.Immutable):
            self.check_immutable_write(target.symbol, span)
            return
        if isinstance(target, (typed.State, typed.Index, typed.Field, typed.Push)):
            root: typed.Expr = target
            while isinstance(root, (typed.Index, typed.Field)):
                location = root.base.type.location
                if location == "calldata":
                    self.fail(
                        "SL0310", span, "calldata cannot be written",
                        hint="declare the parameter `memory` to change a copy",
                    )  # fmt: skip
                if isinstance(root.base.type, FixedBytesType):
                    self.fail(
                        "SL0310", span, "single bytes of a fixed-bytes value cannot be written"
                    )
                if location == "storage":
                    self.require("nonpayable", span, "writing to storage")
                    return
                if location == "memory":
                    return
                root = root.base
            if isinstance(root, (typed.State, typed.Push)):
                self.require("nonpayable", span, "writing to storage")
            return
        what = (
            "a constant"
            if isinstance(target, (typed.Const, typed.Literal, typed.Convert))
            else "this"
        )
        self.fail("SL0310", span, f"{what} cannot be assigned to", hint=hint)

    def _assign(self, node: ast.Assign) -> typed.Expr:
        target = self.place(node.target)
        if node.op:
            return self._compound(node, target)
        value = self.value(node.value)
        if isinstance(target, typed.Tuple):
            return typed.Assign(
                node.pos, node.end, TupleType(()), target, self._spread(value, target)
            )
        self._copyable(target, node.span)
        converted = self.convert(value, target.type, into_state=_in_state(target))
        return typed.Assign(node.pos, node.end, target.type, target, converted)

    def _copyable(self, target: typed.Expr, span: Span) -> None:
        """Mappings have no end that could be copied; only pointers to them are assigned. What an external
        function of a library is given is no pointer of its own."""
        given = isinstance(target, typed.Local) and _is_given(target.symbol)
        pointer = isinstance(target, (typed.Local, typed.Tuple)) and not given
        if target.type.contains_mapping and not pointer:
            self.fail(
                "SL0310", span, f"{target.type.plain_name} is or holds a mapping and cannot be copied",
                hint="a local `storage` pointer can be pointed at it",
            )  # fmt: skip

    def _spread(self, value: typed.Expr, target: typed.Tuple) -> typed.Expr:
        """The value of a tuple assignment with each component converted to its target."""
        for place in target.items:
            if place is not None:
                self._copyable(place, (place.pos, place.end))
        types = value.type.items if isinstance(value.type, TupleType) else (value.type,)
        if len(types) != len(target.items):
            self.fail(
                "SL0305",
                (target.pos, value.end),
                f"{len(types)} values for {len(target.items)} places",
            )
        if isinstance(value, typed.Tuple):
            converted: list[typed.Expr | None] = []
            for item, place in zip(value.items, target.items, strict=True):
                assert item is not None
                if isinstance(place, typed.Tuple):
                    converted.append(self._spread(item, place))
                    continue
                wanted = place.type if place is not None else None
                into_state = place is not None and _in_state(place)
                converted.append(
                    self.settle(item)
                    if wanted is None
                    else self.convert(item, wanted, into_state=into_state)
                )
            type_ = TupleType(tuple(i.type for i in converted if i is not None))
            return typed.Tuple(value.pos, value.end, type_, converted)
        for have, place in zip(types, target.items, strict=True):
            if place is not None and have is not None:
                self._copyable(place, (value.pos, value.end))
                reason = implicit(have, place.type, assigning_state=_in_state(place))
                if reason is not None:
                    self.fail(
                        "SL0301",
                        (value.pos, value.end),
                        f"cannot convert {have.name} to {place.type.name}",
                    )
        return value

    def _compound(self, node: ast.Assign, target: typed.Expr) -> typed.Expr:
        op, type_ = node.op, target.type
        value = self.value(node.value)
        if op in SHIFTS:
            if not isinstance(type_, (IntType, FixedBytesType)):
                self.fail("SL0304", node.span, f"`{op}=` does not apply to {type_.name}")
            value = self._unsigned(value, "shift amount")
            return typed.Compound(node.pos, node.end, type_, op, target, value, False)
        if not applies(op, type_) or isinstance(type_, (RationalType, ReferenceType)):
            self.fail("SL0304", node.span, f"`{op}=` does not apply to {type_.name}")
        value = self.convert(value, type_)
        return typed.Compound(node.pos, node.end, type_, op, target, value, self.checked)


def _in_state(target: typed.Expr) -> bool:
    """Whether assigning to `target` copies into storage rather than moving a pointer."""
    return not isinstance(target, typed.Local) and target.type.location == "storage"


_CHECKS: dict[type[ast.Expr], Callable[[Any, Any], typed.Expr]] = {
    ast.Name: ExpressionChecker._name,
    ast.Number: ExpressionChecker._number,
    ast.String: ExpressionChecker._string,
    ast.Bool: ExpressionChecker._bool,
    ast.TypeExpr: ExpressionChecker._type_expression,
    ast.New: ExpressionChecker._new,
    ast.Unary: ExpressionChecker._unary,
    ast.Binary: ExpressionChecker._binary,
    ast.Conditional: ExpressionChecker._conditional,
    ast.Tuple: ExpressionChecker._tuple,
    ast.ArrayLiteral: ExpressionChecker._array_literal,
    ast.Index: ExpressionChecker._index,
    ast.Slice: ExpressionChecker._slice,
    ast.Assign: ExpressionChecker._assign,
    ast.Member: lambda self, node: self.member(node),
    ast.Call: lambda self, node: self.call(node),
    ast.CallOptions: lambda self, node: self.call_options(node),
}


def _is_given(variable: VariableSymbol) -> bool:
    """A parameter that came from outside."""
    function = variable.function
    outside = function is not None and function.visibility in ("public", "external")
    return outside and variable.role == "parameter"
