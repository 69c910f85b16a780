"""Names and literals as expressions, and conversions of what they give."""

from __future__ import annotations

from typing import Any, NoReturn

from compiler.evm.words import MASK
from compiler.semantics import constants, typed
from compiler.semantics.advice import an, conversion_hint, count_of, new_hint
from compiler.semantics.builtins import FUNCTIONS, SPECIAL_FUNCTIONS
from compiler.semantics.conversions import implicit, mobile
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
    NOT_A_VALUE,
    UINT256,
    AddressType,
    EnumType,
    FixedBytesType,
    IntType,
    RationalType,
    StringLiteralType,
    TupleType,
    Type,
)
from compiler.syntax import ast
from compiler.syntax.walk import bare

MAX_CONSTANT_PARTS = 4096
MAX_CONSTANTS_OF_BODY = 1 << 16
MAX_CHAIN = 255  # as in solc


class NameChecker(Requirements):
    """What names and literals mean, and turning values into other types."""

    # -- entry points ------------------------------------------------------------------------------

    def expression(self, node: ast.Expr) -> typed.Expr:
        """Anything that can be written as an expression, values or not."""
        raise NotImplementedError

    def step(self, node: ast.Unary) -> typed.Expr:
        """`++` and `--`"""
        raise NotImplementedError

    def delete(self, node: ast.Unary) -> typed.Expr:
        raise NotImplementedError

    def value(self, node: ast.Expr) -> typed.Expr:
        """An expression that must have a value."""
        return self.as_value(self.expression(node))

    def as_value(self, expression: typed.Expr) -> typed.Expr:
        """The expression itself if it has a value; of a function's name, a pointer to it."""
        if isinstance(expression, typed.Named) and expression.what == "functions":
            return self.function_pointer(expression)
        self.need_value(expression)
        return expression

    def function_pointer(self, name: typed.Named) -> typed.Expr:
        """A function's name as a value."""
        raise NotImplementedError

    def need_value(self, expression: typed.Expr) -> None:
        if isinstance(expression, typed.Tuple):
            for item in expression.items:
                if item is not None:
                    self.need_value(item)
        if isinstance(expression, typed.Named):
            if expression.what == "function with options":
                self.fail(
                    "SL0406", (expression.pos, expression.end), "a function with call options is not a value",
                    hint="give the options where it is called: `f{gas: g}(…)`",
                )  # fmt: skip
            if expression.what == "member":
                self.not_unique(expression)
            meaning = expression.meaning
            first = meaning[0] if isinstance(meaning, (list, tuple)) else meaning
            span = (expression.pos, expression.end)
            if expression.what == "new":
                self.fail(
                    "SL0302", span, f"`new {getattr(first, 'plain_name', first)}` alone makes nothing",
                    hint=new_hint(first, self.reporter.quoted(span)),
                )  # fmt: skip
            self.fail(
                "SL0302", span, f"`{getattr(first, 'name', first)}` is {an(expression.what)}, not a value",
                hint="modifiers stand in the header of a function" if expression.what == "modifier" else None,
            )  # fmt: skip

    def not_unique(self, member: typed.Named) -> NoReturn:
        """Report a member that may be the type's own or an attached function."""
        function: FunctionSymbol = member.meaning[1][0]
        assert member.bound is not None
        owner = f"{function.contract.name}." if function.contract is not None else ""
        self.fail(
            "SL0402", (member.pos, member.end), f"`{function.name}` is a member of {member.bound.type.name} and attached to it as well",
            hint=f"rename the attached one, or call it in full: `{owner}{function.name}(…)`",
        )  # fmt: skip

    def condition(self, node: ast.Expr) -> typed.Expr:
        """An expression converted to bool."""
        value = self.value(node)
        if isinstance(node, ast.Assign) and value.type is not BOOL:
            self.fail(
                "SL0301", node.span, f"this assigns {value.type.name}; a condition is a bool",
                hint="to compare write `==`",
            )  # fmt: skip
        return self.convert(value, BOOL)

    def check_length(self, node: ast.Expr) -> None:
        self.need_written_out(node, "SL0319", "array length must be a constant whole number")

    def need_written_out(self, node: ast.Expr, code: str, problem: str) -> None:
        """Literals, constants by their plain name, and operators; no members, and of calls `erc7201` alone."""
        todo: list[ast.Expr] = [node]
        while todo:
            part = todo.pop()
            if isinstance(part, ast.Binary):
                todo += [part.left, part.right]
            elif isinstance(part, ast.Unary):
                todo.append(part.operand)
            elif isinstance(part, ast.Tuple) and len(part.items) == 1 and part.items[0] is not None:
                todo.append(part.items[0])
            elif isinstance(part, ast.Name):
                found = self.lookup(part.name, part.span)[0]
                if isinstance(found, VariableSymbol) and found.is_constant and found.node.value:
                    if found.checking:
                        self.fail("SL0320", part.span, f"constant `{found.name}` depends on itself")
                    found.checking = True
                    try:
                        type(self)(self.reporter, found.unit, found.contract).need_written_out(
                            found.node.value, code, problem
                        )
                    finally:
                        found.checking = False
            elif not isinstance(part, ast.Number) and not self._is_known_namespace(part):
                self.fail(
                    code, part.span, problem,
                    hint="use literals, constants by their plain name, and arithmetic on them",
                )  # fmt: skip

    def _is_known_namespace(self, node: ast.Expr) -> bool:
        """`erc7201` of a string that is written out, or of a constant that is one."""
        if not isinstance(node, ast.Call) or not isinstance(node.function, ast.Name):
            return False
        found = self.scope.find(node.function.name)
        if node.function.name != "erc7201" or not isinstance(found[0], BuiltinSymbol):
            return False
        return len(node.arguments) == 1 and self._is_text(node.arguments[0])

    def _is_text(self, node: ast.Expr) -> bool:
        node = bare(node)
        if not isinstance(node, ast.Name):
            return isinstance(node, ast.String)
        symbols = self.scope.find(node.name)
        symbol = symbols[0] if len(symbols) == 1 else None
        if not isinstance(symbol, VariableSymbol) or not symbol.is_constant or symbol.checking:
            return False
        value = symbol.node.value
        return value is not None and type(self)(
            self.reporter, symbol.unit, symbol.contract
        )._is_text(value)

    def constant_integer(self, node: ast.Expr) -> int:
        """Literals and constants combined into a whole number at compile time."""
        value = self.constant(self.value(node))
        if value is None:
            self.fail(
                "SL0319", node.span, "array length must be a constant whole number",
                hint="use a literal, a constant, or arithmetic on them",
            )  # fmt: skip
        return value

    def is_plain_constant(self, node: ast.Expr) -> bool:
        """Made of literals, constants and operators alone; solc knows the number of nothing else."""
        if isinstance(node, ast.Number):
            return True
        if isinstance(node, ast.Name):
            symbols = self.scope.find(node.name)
            symbol = symbols[0] if len(symbols) == 1 else None
            value = (
                symbol.node.value
                if isinstance(symbol, VariableSymbol) and symbol.is_constant
                else None
            )
            return value is not None and self.is_plain_constant(value)
        if isinstance(node, ast.Tuple):
            return (
                len(node.items) == 1
                and node.items[0] is not None
                and self.is_plain_constant(node.items[0])
            )
        if isinstance(node, ast.Unary):
            return self.is_plain_constant(node.operand)
        if self._is_known_namespace(node):
            return True
        return isinstance(node, ast.Binary) and all(
            map(self.is_plain_constant, (node.left, node.right))
        )

    def constant(self, expression: typed.Expr) -> int | None:
        """The number an expression of literals and constants has, None where it is not one."""
        type_ = expression.type
        if isinstance(type_, RationalType):
            return type_.value if constants.whole(type_.value) else None
        if isinstance(expression, typed.Const):
            if isinstance(type_, IntType) and type_.signed and expression.word >> 255:
                return expression.word - (1 << 256)
            return expression.word if isinstance(type_, IntType) else None
        if isinstance(expression, typed.Convert) and isinstance(type_, IntType):
            value = self.constant(expression.value)
            return value if value is not None and constants.fits(value, type_) else None
        if isinstance(expression, typed.Binary):
            left, right = self.constant(expression.left), self.constant(expression.right)
            if left is None or right is None:
                return None
            try:
                value = constants.binary(expression.op, left, right)
                if expression.op == "/":  # of typed values, so towards zero
                    value = int(value)
            except constants.LiteralError:
                return None
            return self._in_range(value, type_)
        if isinstance(expression, typed.Unary):
            operand = self.constant(expression.operand)
            if operand is None or expression.op not in ("-", "~"):
                return None
            return self._in_range(constants.unary(expression.op, operand), type_)
        return None

    def _in_range(self, value: object, type_: Type) -> int | None:
        """A computed constant, if its type has it."""
        if not isinstance(value, int) or isinstance(value, bool):
            return None
        if isinstance(type_, IntType) and not constants.fits(value, type_):
            return None
        return value

    # -- conversion --------------------------------------------------------------------------------

    def convert(
        self, expression: typed.Expr, target: Type, *, into_state: bool = False
    ) -> typed.Expr:
        """`expression` implicitly converted; `into_state` when it is copied into storage."""
        if expression.type is target:
            return expression
        expression = self.as_value(expression)
        reason = implicit(expression.type, target, assigning_state=into_state)
        if reason is not None:
            if self.unit.dialect == "lite" and self._lite_zero_address(expression, target):
                self.unit.zero_addresses.append((expression.pos, expression.end))
                return typed.Const(expression.pos, expression.end, target, 0)
            self.cannot_convert(expression, target, reason)
        if isinstance(expression, typed.Tuple) and isinstance(target, TupleType):
            return self._convert_items(expression, target)
        return make_conversion(expression, target)

    def _convert_items(self, expression: typed.Tuple, target: TupleType) -> typed.Expr:
        """Each value of a written-out tuple converted where it stands."""
        items = [
            self.convert(item, wanted) if item is not None and wanted is not None else item
            for item, wanted in zip(expression.items, target.items, strict=True)
        ]
        return typed.Tuple(expression.pos, expression.end, target, items)

    def _lite_zero_address(self, expression: typed.Expr, target: Type) -> bool:
        return (
            isinstance(expression.type, RationalType)
            and expression.type.value == 0
            and isinstance(target, AddressType)
        )

    def cannot_convert(self, expression: typed.Expr, target: Type, reason: str) -> NoReturn:
        source, span = expression.type, (expression.pos, expression.end)
        if isinstance(source, TupleType):
            self.fail("SL0305", span, f"{count_of(len(source.items), 'value')} for one place")
        shown = source.name
        if isinstance(source, RationalType):
            shown = f"literal {self.reporter.quoted(span, str(source.value))}"
        self.fail(
            "SL0301", span, f"cannot convert {shown} to {target.name}{': ' + reason if reason else ''}",
            conversion_hint(source, target, self.reporter.quoted(span)),
        )  # fmt: skip

    def settle(self, expression: typed.Expr) -> typed.Expr:
        """A literal converted to its own smallest type; other values as they are."""
        expression = self.as_value(expression)
        target = mobile(expression.type)
        if target is None:
            self.fail(
                "SL0307",
                (expression.pos, expression.end),
                f"{expression.type.name} does not fit into any integer type",
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
            inner = [s for s in symbols if getattr(s, "visibility", "") != "external"]
            return named(pos, end, "functions", inner or symbols)
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
            if not self.only_named:
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
            self.not_in_constant((pos, end), f"the immutable `{symbol.name}`")
            if not is_literal(symbol.node.value):  # else its value is known, and reading it is pure
                self.require("view", (pos, end), f"reading `{symbol.name}`")
            return typed.Immutable(pos, end, symbol.type, symbol)
        self.used_locals.add(symbol)
        return typed.Local(pos, end, symbol.type, symbol)

    def _constant_variable(self, symbol: VariableSymbol, pos: int, end: int) -> typed.Expr:
        """Constants have no storage: each use is the expression itself, or the number it comes to."""
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
            self._weigh_constant(symbol, checker.constants_inside)
            self._follow_constant(symbol, checker.constant_chain)
        self.constant_chain = max(self.constant_chain, symbol.constant_chain)
        self.constants_inside += symbol.constant_weight
        if self.constants_inside > MAX_CONSTANTS_OF_BODY and self.constant_of is None:
            self.fail(
                "SL4010", (pos, end), f"the constants used in here have more than {MAX_CONSTANTS_OF_BODY} parts",
                hint="take the value of a constant into a variable and use that",
            )  # fmt: skip
        value = symbol.constant_value
        if isinstance(value, typed.Const):
            return typed.Const(pos, end, value.type, value.word)
        return value

    def _weigh_constant(self, symbol: VariableSymbol, inside: int) -> None:
        """Constants that are made of constants grow each time they are written out."""
        value = symbol.constant_value
        assert value is not None
        number = self.constant(value) if isinstance(symbol.type, IntType) else None
        if number is not None:
            symbol.constant_value = typed.Const(value.pos, value.end, symbol.type, number & MASK)
        symbol.constant_weight = 1 if isinstance(symbol.constant_value, typed.Const) else 1 + inside
        if symbol.constant_weight > MAX_CONSTANT_PARTS:
            self.reporter.report(
                "SL4010", symbol.span,
                f"constant `{symbol.name}` has more than {MAX_CONSTANT_PARTS} parts with the constants in it written out",
                hint="give the constants in it as the numbers they come to",
            )  # fmt: skip
            self.reporter.stop()

    def _follow_constant(self, symbol: VariableSymbol, inside: int) -> None:
        """Solc follows constants of constants so far and no farther."""
        symbol.constant_chain = 1 + inside
        if symbol.constant_chain > MAX_CHAIN:
            self.reporter.report(
                "SL4010", symbol.span, f"constant `{symbol.name}` starts a chain of more than {MAX_CHAIN} constants",
                hint="give one of them as the number it comes to",
            )  # fmt: skip
            self.reporter.stop()

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
                    "SL6003",
                    node.span,
                    "address literal has a wrong checksum",
                    hint=f"write `{correct}`",
                )
                return typed.Const(node.pos, node.end, ADDRESS, int(text, 16))
            self.fail(
                "SL0309",
                node.span,
                "address literal has a wrong checksum",
                hint=f"write `{correct}`",
            )
        self.fail(
            "SL0309", node.span, f"this looks like an address but has {len(text) - 2} digits instead of 40",
            hint="compare it with the original: digits are missing"
            if len(text) < 42 else "compare it with the original: there are digits too many",
            notes=("a number of this length is written with another number of leading zeros",),
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


def named(
    pos: int, end: int, what: str, meaning: Any, bound: typed.Expr | None = None
) -> typed.Named:
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
    if (
        isinstance(expression, typed.Const)
        and isinstance(source, AddressType)
        and isinstance(target, AddressType)
    ):
        return typed.Const(pos, end, target, expression.word)
    return typed.Convert(pos, end, target, expression)


def is_literal(node: ast.Expr | None) -> bool:
    """Numbers, and operators between them."""
    if isinstance(node, ast.Tuple):
        return len(node.items) == 1 and is_literal(node.items[0])
    if isinstance(node, ast.Unary):
        return is_literal(node.operand)
    if isinstance(node, ast.Binary):
        return is_literal(node.left) and is_literal(node.right)
    return isinstance(node, ast.Number)
