"""Operators: which types they apply to and what they give."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from compiler.semantics import constants, typed
from compiler.semantics.advice import plus_hint
from compiler.semantics.check_function_pointers import FunctionPointerChecker
from compiler.semantics.conversions import common, mobile
from compiler.semantics.types import (
    BOOL,
    INT256,
    UINT256,
    AddressType,
    ContractType,
    EnumType,
    FixedBytesType,
    FunctionType,
    IntType,
    MappingType,
    RationalType,
    StringLiteralType,
    TupleType,
    Type,
    UserType,
    array_of,
    base_of,
)
from compiler.semantics.using import in_force
from compiler.syntax import ast

_ARITHMETIC = frozenset(("+", "-", "*", "/", "%", "**"))
_BITWISE = frozenset(("&", "|", "^"))
SHIFTS = frozenset(("<<", ">>", ">>>"))
_EQUALITY = frozenset(("==", "!="))
_ORDER = frozenset(("<", ">", "<=", ">="))


class OperatorChecker(FunctionPointerChecker):
    """Unary and binary operators, `?`, tuples and array literals."""

    # -- operators ---------------------------------------------------------------------------------

    def _unary(self, node: ast.Unary) -> typed.Expr:
        op = node.op
        if op in ("++", "--"):
            return self.step(node)
        if op == "delete":
            return self.delete(node)
        operand = self.value(node.operand)
        type_ = operand.type
        if op == "!":
            return typed.Unary(node.pos, node.end, BOOL, "!", self.convert(operand, BOOL), False)
        if isinstance(type_, RationalType):
            return self._literal(node, lambda: constants.unary(op, type_.value))
        if isinstance(type_, UserType):
            defined = self._defined_operator(node, op, type_, [operand])
            if defined is not None:
                return defined
        if op == "-" and isinstance(type_, IntType):
            if not type_.signed:
                self.fail(
                    "SL0304", node.span, f"unary `-` does not apply to the unsigned type {type_.name}",
                    hint="write `0 - x`, or use a signed type",
                )  # fmt: skip
            return typed.Unary(node.pos, node.end, type_, "-", operand, self.checked)
        if op == "~" and isinstance(type_, (IntType, FixedBytesType)):
            return typed.Unary(node.pos, node.end, type_, "~", operand, False)
        self.fail("SL0304", node.span, f"unary `{op}` does not apply to {type_.name}")

    def _literal(self, node: ast.Node, compute: Callable[[], Any]) -> typed.Expr:
        """A constant expression of literals, computed now."""
        try:
            value = compute()
        except constants.LiteralError as reason:
            self.fail("SL0307", node.span, str(reason))
        if isinstance(value, bool):
            return typed.Const(node.pos, node.end, BOOL, int(value))
        return typed.Literal(node.pos, node.end, RationalType(value))

    def _binary(self, node: ast.Binary) -> typed.Expr:
        # A long chain leans to the left; walking it in a loop keeps the depth flat.
        chain = [node]
        while isinstance(chain[-1].left, ast.Binary):
            chain.append(chain[-1].left)
        left = self.value(chain[-1].left)
        for link in reversed(chain):
            left = self._combine(link, left, self.value(link.right))
        return left

    def _combine(self, node: ast.Binary, left: typed.Expr, right: typed.Expr) -> typed.Expr:
        op = node.op
        if op in ("&&", "||"):
            return typed.Binary(
                node.pos,
                node.end,
                BOOL,
                op,
                self.convert(left, BOOL),
                self.convert(right, BOOL),
                False,
            )
        a, b = left.type, right.type
        if isinstance(a, RationalType) and isinstance(b, RationalType) and op != ">>>":
            if (op in _EQUALITY or op in _ORDER) and not _comparable(a, b):
                self.fail(
                    "SL0304", node.span, f"`{op}` does not apply to {a.name} and {b.name}",
                    hint="convert one of them to a type that holds both",
                )  # fmt: skip
            return self._literal(node, lambda: constants.binary(op, a.value, b.value))
        if isinstance(a, UserType):
            defined = self._defined_operator(node, op, a, [left, right])
            if defined is not None:
                return defined
        if op in SHIFTS:
            return self._shift(node, left, right)
        if op == "**":
            return self._power(node, left, right)
        type_ = common(a, b)
        if isinstance(a, _LITERALS) and isinstance(b, FixedBytesType):
            type_ = None  # as in solc, where a literal in front is a number or a text
        if type_ is None and self.unit.dialect == "lite":
            type_ = self._lite_address_zero(left, right)
        if type_ is None or not applies(op, type_):
            labels = (
                ((left.pos, left.end), f"this is {a.name}"),
                ((right.pos, right.end), f"this is {b.name}"),
            )
            self.fail(
                "SL0304", node.span, f"`{op}` does not apply to {a.name} and {b.name}", labels=labels,
                hint=plus_hint(op, a, b) or self._operator_hint(a, b),
            )  # fmt: skip
        result = BOOL if op in _EQUALITY or op in _ORDER else type_
        left, right = self.convert(left, type_), self.convert(right, type_)
        if op in ("/", "%") and self.constant(right) == 0 and self.constant(left) is not None:
            # As solc, which does not look through conversions: `x / uint8(0)` is left to fail at run time.
            if self.is_plain_constant(node.left) and self.is_plain_constant(node.right):
                self.fail("SL0307", node.span, "division by zero")
        return typed.Binary(node.pos, node.end, result, op, left, right, self.checked)

    def _defined_operator(
        self, node: ast.Node, op: str, type_: UserType, operands: list[typed.Expr]
    ) -> typed.Expr | None:
        """The call of the function that defines an operator for a type; None if nobody does."""
        for attachment in in_force(type_, self.unit, self.contract):
            for key, function, _ in attachment.operators:
                if key != (op, len(operands)):
                    continue
                other = operands[-1].type
                if other is not type_:
                    self.fail(
                        "SL0304", node.span, f"`{op}` of {type_.name} takes no {other.name}",
                        labels=(((operands[-1].pos, operands[-1].end), f"this is {other.name}"),),
                    )  # fmt: skip
                self.not_in_constant(node.span, f"a call of `{function.name}`")
                self.uses.calls[function, "exact"] = None
                return typed.Call(
                    node.pos, node.end, function.return_type, function, None, operands, "exact"
                )
        return None

    def _lite_address_zero(self, left: typed.Expr, right: typed.Expr) -> Type | None:
        if self._lite_zero_address(left, right.type):
            return right.type
        if self._lite_zero_address(right, left.type):
            return left.type
        return None

    def _operator_hint(self, a: Type, b: Type) -> str | None:
        if isinstance(a, _LITERALS) and isinstance(b, FixedBytesType) and common(a, b) is b:
            return f"write the literal behind the operator, or convert it: `{b.name}(…)`"
        kinds = {type(a), type(b)}
        if FunctionType in kinds and len(kinds) > 1:
            return "add the call's parentheses, `(…)`"
        if kinds == {AddressType, IntType} or kinds == {AddressType, RationalType}:
            return "convert explicitly: `uint160(…)` makes a number of an address, `address(…)` the reverse"
        if isinstance(a, IntType) and isinstance(b, IntType) and a.signed != b.signed:
            return "one is signed and the other is not: convert one explicitly"
        for one, other in ((a, b), (b, a)):
            if isinstance(one, EnumType) and isinstance(
                other, (IntType, RationalType, StringLiteralType)
            ):
                return f"name the value: `{one.symbol.name}.{one.symbol.values[0]}` and the like"
            if isinstance(one, FixedBytesType) and isinstance(other, (IntType, RationalType)):
                return f"calculate with numbers: `uint{8 * one.size}(…)`"
        return None

    def _shift(self, node: ast.Binary, left: typed.Expr, right: typed.Expr) -> typed.Expr:
        left = self._literal_to_word(left)
        type_ = left.type
        if not isinstance(type_, (IntType, FixedBytesType)):
            self.fail("SL0304", node.span, f"`{node.op}` does not apply to {type_.name}")
        if node.op == ">>>":
            self.fail(
                "SL0304",
                node.span,
                "`>>>` does not exist",
                hint="convert to an unsigned type and use `>>`",
            )
        amount = self._unsigned(right, "shift amount")
        return typed.Binary(node.pos, node.end, type_, node.op, left, amount, False)

    def _power(self, node: ast.Binary, left: typed.Expr, right: typed.Expr) -> typed.Expr:
        left = self._literal_to_word(left)
        if not isinstance(left.type, IntType):
            self.fail("SL0304", node.span, f"`**` does not apply to {left.type.name}")
        exponent = self._unsigned(right, "exponent")
        return typed.Binary(node.pos, node.end, left.type, "**", left, exponent, self.checked)

    def _literal_to_word(self, expression: typed.Expr) -> typed.Expr:
        """The literal base of a shift or power with a variable right side counts as 256 bits."""
        if isinstance(expression.type, RationalType):
            value = expression.type.value
            return self.convert(expression, INT256 if value < 0 else UINT256)
        return expression

    def _unsigned(self, expression: typed.Expr, what: str) -> typed.Expr:
        if isinstance(expression.type, RationalType):
            expression = self.settle(expression)
        if not isinstance(expression.type, IntType) or expression.type.signed:
            self.fail(
                "SL0304", (expression.pos, expression.end),
                f"the {what} is {expression.type.name}; it must be unsigned",
            )  # fmt: skip
        return expression

    def _conditional(self, node: ast.Conditional) -> typed.Expr:
        condition = self.condition(node.condition)
        then, otherwise = self.value(node.then), self.value(node.otherwise)
        a, b = mobile(then.type), mobile(otherwise.type)
        type_ = common(a, b) if a is not None and b is not None else None
        if type_ is None:
            self.fail(
                "SL0304",
                node.span,
                f"the two values of `?` have no common type: {then.type.name} and {otherwise.type.name}",
            )
        return typed.Conditional(
            node.pos,
            node.end,
            type_,
            condition,
            self.convert(then, type_),
            self.convert(otherwise, type_),
        )

    def _tuple(self, node: ast.Tuple) -> typed.Expr:
        if len(node.items) == 1 and node.items[0] is not None:
            return self.expression(node.items[0])
        items: list[typed.Expr | None] = []
        for item in node.items:
            if item is None:
                self.fail("SL0305", node.span, "a tuple with an empty component has no value")
            part = self.expression(item)
            function = isinstance(part, typed.Named) and part.what == "functions"
            part = self.as_value(part) if function else part
            if isinstance(part.type, TupleType) and not part.type.items:
                self.fail("SL0305", item.span, "this has no value and cannot be a component")
            items.append(part)
        type_ = TupleType(tuple(i.type for i in items if i is not None))
        return typed.Tuple(node.pos, node.end, type_, items)

    def _array_literal(self, node: ast.ArrayLiteral) -> typed.Expr:
        if not node.items:
            self.fail("SL0306", node.span, "an array literal needs at least one element")
        items = [self.value(item) for item in node.items]
        type_: Type | None = self.settle(items[0]).type
        for item in items[1:]:
            type_ = common(type_, item.type) if type_ is not None else None
        if isinstance(type_, (MappingType, TupleType)):
            self.fail("SL0306", node.span, f"{type_.name} cannot be an element in memory")
        if type_ is None:
            self.fail(
                "SL0306", node.span, "the elements have no common type",
                hint="convert the first one: `[uint256(1), 2]`",
            )  # fmt: skip
        type_ = type_.in_location("memory")
        converted = [self.convert(item, type_) for item in items]
        return typed.ArrayLiteral(
            node.pos, node.end, array_of(type_, len(items), "memory"), converted
        )


_LITERALS = (RationalType, StringLiteralType)


def applies(op: str, type_: Type) -> bool:
    if op in _EQUALITY:
        return (
            isinstance(
                base_of(type_) if isinstance(type_, EnumType) else type_,
                (IntType, FixedBytesType, AddressType, ContractType, EnumType, FunctionType),
            )
            or type_ is BOOL
        )
    if op in _ORDER:
        return isinstance(type_, (IntType, FixedBytesType, AddressType, ContractType, EnumType))
    if op in _BITWISE:
        return isinstance(type_, (IntType, FixedBytesType))
    return op in _ARITHMETIC and isinstance(type_, IntType)


def _comparable(a: RationalType, b: RationalType) -> bool:
    """Each is taken as the smallest type that holds it: `127 == -1` would compare a uint8 with an int8."""
    first, second = mobile(a), mobile(b)
    return first is not None and second is not None and common(first, second) is not None
