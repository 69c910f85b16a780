"""Expressions: names, literals, operators, indexing, assignment.

Checking goes bottom up. A sub-expression first gets the type it has by itself; where another type
is wanted the conversion becomes a node. A mistake unwinds to the enclosing statement, so one wrong
operand is reported once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from compiler.diagnostics.errors import StageStop
from compiler.evm.words import MASK
from compiler.semantics import constants, typed
from compiler.semantics.builtins import FUNCTIONS, SPECIAL_FUNCTIONS
from compiler.semantics.conversions import common, implicit, mobile
from compiler.semantics.requirements import Requirements
from compiler.semantics.symbols import (
    BuiltinSymbol,
    ContractSymbol,
    EnumSymbol,
    ErrorSymbol,
    EventSymbol,
    FunctionSymbol,
    StructSymbol,
    Symbol,
    UnitSymbol,
    UserTypeSymbol,
    VariableSymbol,
)
from compiler.semantics.types import (
    ADDRESS,
    BOOL,
    BYTES1,
    INT256,
    NOT_A_VALUE,
    UINT256,
    AddressType,
    ArrayType,
    BytesType,
    ContractType,
    EnumType,
    FixedBytesType,
    IntType,
    MappingType,
    RationalType,
    ReferenceType,
    StringLiteralType,
    StructType,
    TupleType,
    Type,
    array_of,
    base_of,
)
from compiler.source import Span
from compiler.syntax import ast

_ARITHMETIC = frozenset(("+", "-", "*", "/", "%", "**"))
_BITWISE = frozenset(("&", "|", "^"))
_SHIFTS = frozenset(("<<", ">>", ">>>"))
_EQUALITY = frozenset(("==", "!="))
_ORDER = frozenset(("<", ">", "<=", ">="))


class ExpressionChecker(Requirements):
    """Checks one expression at a time in `scope`."""

    # -- entry points ------------------------------------------------------------------------------

    def expression(self, node: ast.Expr) -> typed.Expr:
        """Anything that can be written as an expression, values or not."""
        check: Callable[[Any, ast.Expr], typed.Expr] = _CHECKS[type(node)]
        return check(self, node)

    def value(self, node: ast.Expr) -> typed.Expr:
        """An expression that must have a value."""
        result = self.expression(node)
        self.need_value(result)
        return result

    def need_value(self, expression: typed.Expr) -> None:
        if isinstance(expression, typed.Named):
            if expression.what == "functions":
                function: FunctionSymbol = expression.meaning[0]
                self.fail(
                    "SL2004", (expression.pos, expression.end),
                    f"function `{function.name}` used as a value is not supported yet",
                    hint="add the call's parentheses, `()`",
                )  # fmt: skip
            shown = getattr(expression.meaning, "name", expression.meaning)
            self.fail(
                "SL0302", (expression.pos, expression.end), f"`{shown}` is a {expression.what}, not a value"
            )

    def condition(self, node: ast.Expr) -> typed.Expr:
        """An expression converted to bool."""
        return self.convert(self.value(node), BOOL)

    def constant_integer(self, node: ast.Expr) -> int:
        """Literals and constants combined into a whole number at compile time."""
        value = self._constant(self.value(node))
        if value is None:
            self.fail(
                "SL0319", node.span, "array length must be a constant whole number",
                hint="use a literal, a constant, or arithmetic on them",
            )  # fmt: skip
        return value

    def _constant(self, expression: typed.Expr) -> int | None:
        type_ = expression.type
        if isinstance(type_, RationalType):
            return type_.value if constants.whole(type_.value) else None
        if isinstance(expression, typed.Const):
            if isinstance(type_, IntType) and type_.signed and expression.word >> 255:
                return expression.word - (1 << 256)
            return expression.word if isinstance(type_, IntType) else None
        if isinstance(expression, typed.Convert) and isinstance(type_, IntType):
            value = self._constant(expression.value)
            return value if value is not None and constants.fits(value, type_) else None
        if isinstance(expression, typed.Binary):
            left, right = self._constant(expression.left), self._constant(expression.right)
            if left is None or right is None:
                return None
            try:
                value = constants.binary(expression.op, left, right)
            except constants.LiteralError:
                return None
            return value if constants.whole(value) else None
        return None

    # -- conversion --------------------------------------------------------------------------------

    def convert(self, expression: typed.Expr, target: Type, *, into_state: bool = False) -> typed.Expr:
        """`expression` implicitly converted; `into_state` when it is copied into storage."""
        if expression.type is target:
            return expression
        self.need_value(expression)
        reason = implicit(expression.type, target, assigning_state=into_state)
        if reason is not None:
            if self.unit.dialect == "lite" and self._lite_zero_address(expression, target):
                self.unit.zero_addresses.append((expression.pos, expression.end))
                return typed.Const(expression.pos, expression.end, target, 0)
            self.cannot_convert(expression, target, reason)
        return make_conversion(expression, target)

    def _lite_zero_address(self, expression: typed.Expr, target: Type) -> bool:
        return (
            isinstance(expression.type, RationalType)
            and expression.type.value == 0
            and isinstance(target, AddressType)
        )

    def cannot_convert(self, expression: typed.Expr, target: Type, reason: str) -> None:
        hint = None
        source = expression.type
        if isinstance(source, TupleType):
            self.fail("SL0305", (expression.pos, expression.end), f"{len(source.items)} values for one place")
        if isinstance(source, IntType) and isinstance(target, IntType):
            hint = f"convert explicitly: `{target.name}(…)`"
        elif isinstance(source, (ContractType, AddressType)) and isinstance(target, AddressType):
            hint = f"convert explicitly: `{'payable' if target.payable else 'address'}(…)`"
        elif isinstance(source, RationalType) and isinstance(target, AddressType):
            hint = "write `address(…)` around it"
        elif source is BOOL or target is BOOL:
            hint = "compare it: `x != 0`" if target is BOOL else None
        self.fail(
            "SL0301", (expression.pos, expression.end),
            f"cannot convert {source.name} to {target.name}{': ' + reason if reason else ''}", hint,
        )  # fmt: skip

    def settle(self, expression: typed.Expr) -> typed.Expr:
        """A literal converted to its own smallest type; other values as they are."""
        self.need_value(expression)
        target = mobile(expression.type)
        if target is None:
            self.fail(
                "SL0307", (expression.pos, expression.end), f"{expression.type.name} does not fit into any integer type"
            )
        return self.convert(expression, target)

    # -- names and literals ------------------------------------------------------------------------

    def _name(self, node: ast.Name) -> typed.Expr:
        return self.symbols(self.lookup(node.name, node.span), node)

    def symbols(self, symbols: list[Symbol], node: ast.Node) -> typed.Expr:
        """What a resolved name means as an expression."""
        first = symbols[0]
        pos, end = node.pos, node.end
        if isinstance(first, VariableSymbol):
            return self._variable(first, pos, end)
        if isinstance(first, FunctionSymbol):
            return named(pos, end, "functions", symbols)
        if isinstance(first, ContractSymbol):
            return named(pos, end, "type", first.contract_type)
        if isinstance(first, StructSymbol):
            return named(pos, end, "type", first.type_in("memory"))
        if isinstance(first, EnumSymbol):
            return named(pos, end, "type", first.type)
        if isinstance(first, UserTypeSymbol):
            return named(pos, end, "type", self.user_value_type(first))
        if isinstance(first, EventSymbol):
            return named(pos, end, "event", symbols)
        if isinstance(first, ErrorSymbol):
            return named(pos, end, "error", first)
        if isinstance(first, UnitSymbol):
            return named(pos, end, "module", first)
        if isinstance(first, BuiltinSymbol):
            return self._builtin(first.name, pos, end)
        return named(pos, end, first.kind, first)

    def _builtin(self, name: str, pos: int, end: int) -> typed.Expr:
        if name == "this":
            if self.contract is None:
                self.fail("SL0303", (pos, end), "`this` only exists inside a contract")
            self.require("view", (pos, end), "`this`")
            return typed.Environment(pos, end, self.contract.contract_type, "address")
        if name == "super":
            if self.contract is None or self.contract.kind == "library":
                self.fail("SL0303", (pos, end), "`super` only exists inside a contract")
            return named(pos, end, "super", self.contract)
        if name in FUNCTIONS or name in SPECIAL_FUNCTIONS:
            return named(pos, end, "built-in function", name)
        return named(pos, end, "built-in object", name)

    def _variable(self, symbol: VariableSymbol, pos: int, end: int) -> typed.Expr:
        if symbol.role == "state":
            self.note_state(symbol, (pos, end))
            return typed.State(pos, end, symbol.type, symbol)
        if symbol.role == "constant":
            return self._constant_variable(symbol, pos, end)
        if symbol.role == "immutable":
            return typed.Immutable(pos, end, symbol.type, symbol)
        self.used_locals.add(symbol)
        return typed.Local(pos, end, symbol.type, symbol)

    def _constant_variable(self, symbol: VariableSymbol, pos: int, end: int) -> typed.Expr:
        """Constants have no storage: each use is the expression itself."""
        if symbol.constant_value is None:
            if symbol.checking:
                self.fail("SL0320", (pos, end), f"constant `{symbol.name}` depends on itself")
            symbol.checking = True
            checker = type(self)(self.reporter, symbol.unit, symbol.contract)
            checker.constant_of = symbol
            try:
                if symbol.type is UINT256 and symbol.node.type is not None:
                    symbol.type = checker.type_of(symbol.node.type).in_location("memory")
                initial = checker.value(symbol.node.value)
                symbol.constant_value = checker.convert(initial, symbol.type)
            finally:
                symbol.checking = False
        value = symbol.constant_value
        if isinstance(value, typed.Const):
            return typed.Const(pos, end, value.type, value.word)
        return value

    def _number(self, node: ast.Number) -> typed.Expr:
        if constants.looks_like_address(node.text) and node.unit is None:
            return self._address_literal(node)
        value = self.number(node)
        digits = len(node.text) - 2 if node.text.startswith("0x") else None
        if digits is not None and "_" in node.text:
            digits = len(node.text.replace("_", "")) - 2
        return typed.Literal(node.pos, node.end, RationalType(value, digits))

    def _address_literal(self, node: ast.Number) -> typed.Expr:
        text = node.text.replace("_", "")
        if len(text) == 42 and constants.is_address(text):
            return typed.Const(node.pos, node.end, ADDRESS, int(text, 16))
        if len(text) == 42:
            correct = constants.checksummed(text)
            if self.unit.dialect == "lite":
                self.reporter.report(
                    "SL6003", node.span, "address literal has a wrong checksum", hint=f"write `{correct}`"
                )
                return typed.Const(node.pos, node.end, ADDRESS, int(text, 16))
            self.fail("SL0309", node.span, "address literal has a wrong checksum", hint=f"write `{correct}`")
        self.fail(
            "SL0309", node.span, f"this looks like an address but has {len(text) - 2} digits instead of 40",
            hint="for a number, add or drop leading zeros",
        )  # fmt: skip

    def _string(self, node: ast.String) -> typed.Expr:
        if node.kind == "string" and self.unit.dialect != "lite" and not node.value.isascii():
            source = self.reporter.sources.file_at(node.pos)
            if not source.text[node.pos - source.base : node.end - source.base].isascii():
                self.fail(
                    "SL0002", node.span, "a plain string holds ASCII only",
                    hint='write unicode"…" for other characters',
                )  # fmt: skip
        return typed.Literal(node.pos, node.end, StringLiteralType(node.value, node.kind))

    def _bool(self, node: ast.Bool) -> typed.Expr:
        return typed.Const(node.pos, node.end, BOOL, int(node.value))

    def _type_expression(self, node: ast.TypeExpr) -> typed.Expr:
        return named(node.pos, node.end, "type", self.type_of(node.type).in_location("memory"))

    def _new(self, node: ast.New) -> typed.Expr:
        return named(node.pos, node.end, "new", self.type_of(node.type).in_location("memory"))

    # -- operators ---------------------------------------------------------------------------------

    def _unary(self, node: ast.Unary) -> typed.Expr:
        op = node.op
        if op in ("++", "--"):
            return self._step(node)
        if op == "delete":
            return self._delete(node)
        operand = self.value(node.operand)
        type_ = operand.type
        if op == "!":
            return typed.Unary(node.pos, node.end, BOOL, "!", self.convert(operand, BOOL), False)
        if isinstance(type_, RationalType):
            return self._literal(node, lambda: constants.unary(op, type_.value))
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

    def _step(self, node: ast.Unary) -> typed.Expr:
        target = self.place(node.operand)
        if not isinstance(target.type, IntType):
            self.fail("SL0304", node.span, f"`{node.op}` does not apply to {target.type.name}")
        return typed.Step(
            node.pos, node.end, target.type, node.op[0], target, node.prefix, self.checked
        )

    def _delete(self, node: ast.Unary) -> typed.Expr:
        target = self.place(node.operand)
        if isinstance(target.type, MappingType):
            self.fail("SL0304", node.span, "a mapping cannot be deleted", hint="delete its entries one by one")
        if isinstance(target, typed.Local) and target.type.location in ("storage", "calldata"):
            self.fail(
                "SL0304", node.span, f"`delete` does not apply to a {target.type.location} pointer",
                hint="delete what it points to, member by member",
            )  # fmt: skip
        return typed.Delete(node.pos, node.end, TupleType(()), target)

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
                node.pos, node.end, BOOL, op, self.convert(left, BOOL), self.convert(right, BOOL), False
            )
        a, b = left.type, right.type
        if isinstance(a, RationalType) and isinstance(b, RationalType) and op != ">>>":
            return self._literal(node, lambda: constants.binary(op, a.value, b.value))
        if op in _SHIFTS:
            return self._shift(node, left, right)
        if op == "**":
            return self._power(node, left, right)
        type_ = common(a, b)
        if type_ is None and self.unit.dialect == "lite":
            type_ = self._lite_address_zero(left, right)
        if type_ is None or not _applies(op, type_):
            labels = (
                ((left.pos, left.end), f"this is {a.name}"),
                ((right.pos, right.end), f"this is {b.name}"),
            )
            self.fail(
                "SL0304", node.span, f"`{op}` does not apply to {a.name} and {b.name}", labels=labels,
                hint=self._operator_hint(a, b),
            )  # fmt: skip
        result = BOOL if op in _EQUALITY or op in _ORDER else type_
        return typed.Binary(
            node.pos, node.end, result, op, self.convert(left, type_), self.convert(right, type_), self.checked
        )

    def _lite_address_zero(self, left: typed.Expr, right: typed.Expr) -> Type | None:
        if self._lite_zero_address(left, right.type):
            return right.type
        if self._lite_zero_address(right, left.type):
            return left.type
        return None

    def _operator_hint(self, a: Type, b: Type) -> str | None:
        kinds = {type(a), type(b)}
        if kinds == {AddressType, IntType} or kinds == {AddressType, RationalType}:
            return "convert explicitly: `uint160(…)` makes a number of an address, `address(…)` the reverse"
        if isinstance(a, IntType) and isinstance(b, IntType) and a.signed != b.signed:
            return "one is signed and the other is not: convert one explicitly"
        if BytesType in kinds or StringLiteralType in kinds:
            return "compare hashes: `keccak256(bytes(a)) == keccak256(bytes(b))`"
        return None

    def _shift(self, node: ast.Binary, left: typed.Expr, right: typed.Expr) -> typed.Expr:
        left = self._literal_to_word(left)
        type_ = left.type
        if not isinstance(type_, (IntType, FixedBytesType)):
            self.fail("SL0304", node.span, f"`{node.op}` does not apply to {type_.name}")
        if node.op == ">>>":
            self.fail("SL0304", node.span, "`>>>` does not exist", hint="convert to an unsigned type and use `>>`")
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
                "SL0304", node.span, f"the two values of `?` have no common type: {then.type.name} and {otherwise.type.name}"
            )
        if isinstance(type_, TupleType):
            self.unsupported("SL2009", node.span, "a conditional between tuples is")
        return typed.Conditional(
            node.pos, node.end, type_, condition, self.convert(then, type_), self.convert(otherwise, type_)
        )

    def _tuple(self, node: ast.Tuple) -> typed.Expr:
        if len(node.items) == 1 and node.items[0] is not None:
            return self.expression(node.items[0])
        items: list[typed.Expr | None] = []
        for item in node.items:
            if item is None:
                self.fail("SL0305", node.span, "a tuple with an empty component has no value")
            items.append(self.expression(item))
        type_ = TupleType(tuple(i.type for i in items if i is not None))
        return typed.Tuple(node.pos, node.end, type_, items)

    def _array_literal(self, node: ast.ArrayLiteral) -> typed.Expr:
        if not node.items:
            self.fail("SL0306", node.span, "an array literal needs at least one element")
        items = [self.settle(self.value(item)) for item in node.items]
        type_: Type | None = items[0].type
        for item in items[1:]:
            type_ = common(type_, item.type) if type_ is not None else None
        if type_ is None:
            self.fail(
                "SL0306", node.span, "the elements have no common type",
                hint="convert the first one: `[uint256(1), 2]`",
            )  # fmt: skip
        type_ = type_.in_location("memory")
        converted = [self.convert(item, type_) for item in items]
        return typed.ArrayLiteral(node.pos, node.end, array_of(type_, len(items), "memory"), converted)

    # -- indexing ----------------------------------------------------------------------------------

    def _index(self, node: ast.Index) -> typed.Expr:
        base = self.expression(node.base)
        if isinstance(base, typed.Named) and base.what == "type":
            length = None if node.index is None else self.array_length(node.index)
            return named(node.pos, node.end, "type", array_of(base.meaning, length, "memory"))
        self.need_value(base)
        if node.index is None:
            self.fail("SL0308", node.span, "an index is missing between `[` and `]`")
        type_ = base.type
        self.note_storage(type_, node.span)
        if isinstance(type_, MappingType):
            key = self.convert(self.value(node.index), type_.key)
            return typed.Index(node.pos, node.end, type_.value.in_location("storage"), base, key)
        index = self.convert(self.value(node.index), UINT256)
        if isinstance(type_, ArrayType):
            if type_.length is not None and isinstance(index, typed.Const) and index.word >= type_.length:
                self.fail(
                    "SL0318", node.index.span, f"index {index.word} is outside the array of {type_.length} elements"
                )
            return typed.Index(node.pos, node.end, type_.element.in_location(type_.location or ""), base, index)
        if isinstance(type_, BytesType) and not type_.is_string:
            return typed.Index(node.pos, node.end, BYTES1, base, index)
        if isinstance(type_, FixedBytesType):
            if isinstance(index, typed.Const) and index.word >= type_.size:
                self.fail("SL0318", node.index.span, f"index {index.word} is outside {type_.name}")
            return typed.Index(node.pos, node.end, BYTES1, base, index)
        hint = "convert it first: `bytes(s)[i]`" if isinstance(type_, BytesType) else None
        self.fail("SL0308", node.span, f"{type_.name} cannot be indexed", hint=hint)

    def _slice(self, node: ast.Slice) -> typed.Expr:
        base = self.value(node.base)
        type_ = base.type
        sliceable = isinstance(type_, BytesType) or (isinstance(type_, ArrayType) and type_.length is None)
        if not sliceable or type_.location != "calldata":
            self.fail(
                "SL0308", node.span, f"{type_.name} cannot be sliced",
                hint="only dynamic arrays, bytes and strings in calldata can",
            )  # fmt: skip
        start = self.convert(self.value(node.start), UINT256) if node.start else None
        stop = self.convert(self.value(node.stop), UINT256) if node.stop else None
        return typed.Slice(node.pos, node.end, type_, base, start, stop)

    # -- places and assignment ---------------------------------------------------------------------

    def place(self, node: ast.Expr) -> typed.Expr:
        """An expression that can be assigned to."""
        if isinstance(node, ast.Tuple) and (len(node.items) != 1 or node.items[0] is None):
            items = [self.place(item) if item is not None else None for item in node.items]
            type_ = TupleType(tuple(i.type if i is not None else None for i in items))
            return typed.Tuple(node.pos, node.end, type_, items)
        target = self.expression(node)
        self.need_value(target)
        self._check_place(target, node.span)
        return target

    def _check_place(self, target: typed.Expr, span: Span) -> None:
        if isinstance(target, typed.Local):
            return
        if isinstance(target, typed.Immutable):
            self.check_immutable_write(target.symbol, span)
            return
        if isinstance(target, (typed.State, typed.Index, typed.Field, typed.Push)):
            root = target
            while isinstance(root, (typed.Index, typed.Field)):
                location = root.base.type.location
                if location == "calldata":
                    self.fail(
                        "SL0310", span, "calldata cannot be written",
                        hint="declare the parameter `memory` to change a copy",
                    )  # fmt: skip
                if isinstance(root.base.type, FixedBytesType):
                    self.fail("SL0310", span, "single bytes of a fixed-bytes value cannot be written")
                if location == "storage":
                    self.require("nonpayable", span, "writing to storage")
                    return
                if location == "memory":
                    return
                root = root.base
            if isinstance(root, (typed.State, typed.Push)):
                self.require("nonpayable", span, "writing to storage")
            return
        what = "a constant" if isinstance(target, (typed.Const, typed.Literal, typed.Convert)) else "this"
        self.fail("SL0310", span, f"{what} cannot be assigned to")

    def _assign(self, node: ast.Assign) -> typed.Expr:
        target = self.place(node.target)
        if node.op:
            return self._compound(node, target)
        value = self.value(node.value)
        if isinstance(target, typed.Tuple):
            return typed.Assign(node.pos, node.end, TupleType(()), target, self._spread(value, target))
        converted = self.convert(value, target.type, into_state=_in_state(target))
        if isinstance(target.type, MappingType):
            self.fail("SL0310", node.span, "a mapping cannot be assigned")
        return typed.Assign(node.pos, node.end, target.type, target, converted)

    def _spread(self, value: typed.Expr, target: typed.Tuple) -> typed.Expr:
        """The value of a tuple assignment with each component converted to its target."""
        types = value.type.items if isinstance(value.type, TupleType) else (value.type,)
        if len(types) != len(target.items):
            self.fail(
                "SL0305", (target.pos, value.end), f"{len(types)} values for {len(target.items)} places"
            )
        if isinstance(value, typed.Tuple):
            converted: list[typed.Expr | None] = []
            for item, place in zip(value.items, target.items, strict=True):
                assert item is not None
                self.need_value(item)
                wanted = place.type if place is not None else None
                into_state = place is not None and _in_state(place)
                converted.append(
                    self.settle(item) if wanted is None else self.convert(item, wanted, into_state=into_state)
                )
            type_ = TupleType(tuple(i.type for i in converted if i is not None))
            return typed.Tuple(value.pos, value.end, type_, converted)
        for have, place in zip(types, target.items, strict=True):
            if place is not None and have is not None:
                reason = implicit(have, place.type, assigning_state=_in_state(place))
                if reason is not None:
                    self.fail(
                        "SL0301", (value.pos, value.end), f"cannot convert {have.name} to {place.type.name}"
                    )
        return value

    def _compound(self, node: ast.Assign, target: typed.Expr) -> typed.Expr:
        op, type_ = node.op, target.type
        value = self.value(node.value)
        if op in _SHIFTS:
            if not isinstance(type_, (IntType, FixedBytesType)):
                self.fail("SL0304", node.span, f"`{op}=` does not apply to {type_.name}")
            value = self._unsigned(value, "shift amount")
            return typed.Compound(node.pos, node.end, type_, op, target, value, False)
        if not _applies(op, type_) or isinstance(type_, (RationalType, ReferenceType)):
            self.fail("SL0304", node.span, f"`{op}=` does not apply to {type_.name}")
        value = self.convert(value, type_)
        return typed.Compound(node.pos, node.end, type_, op, target, value, self.checked)


def named(pos: int, end: int, what: str, meaning: Any, bound: typed.Expr | None = None) -> typed.Named:
    """A name that is not a value."""
    return typed.Named(pos, end, NOT_A_VALUE, what, meaning, bound, {})


def make_conversion(expression: typed.Expr, target: Type) -> typed.Expr:
    """The conversion as a node, or as a constant where the value is known."""
    source = expression.type
    pos, end = expression.pos, expression.end
    if source is target:
        return expression
    if isinstance(source, RationalType) and constants.whole(source.value):
        if isinstance(target, FixedBytesType):
            return typed.Const(pos, end, target, source.value << 8 * (32 - target.size))
        if isinstance(target, (IntType, AddressType, EnumType)):
            return typed.Const(pos, end, target, source.value & MASK)
    if isinstance(source, StringLiteralType) and isinstance(target, FixedBytesType):
        return typed.Const(pos, end, target, int.from_bytes(source.value.ljust(32, b"\0"), "big"))
    if isinstance(expression, typed.Const) and isinstance(source, AddressType) and isinstance(target, AddressType):
        return typed.Const(pos, end, target, expression.word)
    return typed.Convert(pos, end, target, expression)


def _in_state(target: typed.Expr) -> bool:
    """Whether assigning to `target` copies into storage rather than moving a pointer."""
    return not isinstance(target, typed.Local) and target.type.location == "storage"


def _applies(op: str, type_: Type) -> bool:
    if op in _EQUALITY:
        return isinstance(
            base_of(type_) if isinstance(type_, EnumType) else type_,
            (IntType, FixedBytesType, AddressType, ContractType, EnumType),
        ) or type_ is BOOL
    if op in _ORDER:
        return isinstance(type_, (IntType, FixedBytesType, AddressType, EnumType))
    if op in _BITWISE:
        return isinstance(type_, (IntType, FixedBytesType))
    return op in _ARITHMETIC and isinstance(type_, IntType)


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

__all__ = ["ExpressionChecker", "StageStop", "make_conversion", "named"]
