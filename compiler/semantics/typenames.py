"""Type names to types, and number literals to values."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NoReturn

from compiler.diagnostics.errors import Reporter, StageStop
from compiler.diagnostics.suggest import closest
from compiler.semantics import constants
from compiler.semantics.advice import OLD_NAMES, private_in_base, unknown_name
from compiler.semantics.symbols import (
    ContractSymbol,
    EnumSymbol,
    Scope,
    StructSymbol,
    Symbol,
    UnitSymbol,
    UserTypeSymbol,
)
from compiler.semantics.types import (
    AddressType,
    BoolType,
    BytesType,
    ContractType,
    EnumType,
    FixedBytesType,
    IntType,
    Type,
    UserType,
    array_of,
    elementary,
    mapping_of,
)
from compiler.source import Span
from compiler.syntax import ast
from compiler.syntax.tokens import ELEMENTARY

_FIXED_POINT = re.compile(r"u?fixed\d+x\d+\Z")
MAX_ARRAY_LENGTH = 1 << 256


class TypeNames:
    """Resolves names in `scope`. `unit` and `contract` say whose code is being checked."""

    def __init__(
        self, reporter: Reporter, unit: UnitSymbol, contract: ContractSymbol | None
    ) -> None:
        self.reporter = reporter
        self.unit = unit
        self.contract = contract
        self.scope: Scope = contract.scope if contract is not None else unit.scope

    # -- failing ---------------------------------------------------------------------------------

    def fail(
        self,
        code: str,
        span: Span,
        message: str,
        hint: str | None = None,
        labels: tuple[tuple[Span, str], ...] = (),
        notes: tuple[str, ...] = (),
    ) -> NoReturn:
        """Report and unwind to the statement or declaration being checked."""
        self.reporter.report(code, span, message, hint, labels, notes)
        raise StageStop

    def unsupported(self, code: str, span: Span, what: str, hint: str | None = None) -> NoReturn:
        """A construct of the language that this compiler does not translate."""
        self.fail(code, span, f"{what} not supported yet", hint)

    # -- names -----------------------------------------------------------------------------------

    def lookup(self, name: str, span: Span) -> list[Symbol]:
        """The symbols a plain name stands for; unknown names are an error with a suggestion."""
        found = self.scope.find(name)
        if found:
            self.need_sound(found)
            return found
        if name in OLD_NAMES:
            self.fail("SL0120", span, f"`{name}` was removed from Solidity", hint=OLD_NAMES[name])
        if _FIXED_POINT.match(name):
            self.unsupported(
                "SL2002",
                span,
                f"fixed-point type `{name}` is",
                hint="use an integer with a scale, e.g. 1e18 for one",
            )
        owner = private_in_base(name, self.contract)
        if owner is not None:
            self.fail(
                "SL0201", span, f"`{name}` is private to `{owner.contract.name}`",
                hint="make it `internal` for the contracts that inherit it",
                labels=((owner.span, "declared here"),),
            )  # fmt: skip
        contract = self.contract
        if contract is not None and self.scope is self.unit.scope and contract.scope.find(name):
            self.fail(
                "SL0201", span, f"`{name}` is inside the contract, and its header is not",
                hint=f"write `{contract.name}.{name}`, or define it at file level",
            )  # fmt: skip
        self.fail(
            "SL0201", span, f"unknown name `{name}`", hint=unknown_name(name, self.scope, ELEMENTARY)
        )  # fmt: skip

    def need_sound(self, symbols: Iterable[Symbol]) -> None:
        """Unwind without a word where one of the symbols is broken: that is reported at its declaration."""
        for symbol in symbols:
            if symbol.broken:
                raise StageStop

    def resolve_path(self, path: list[ast.Identifier]) -> Symbol:
        """The one symbol behind `a.b.c`."""
        symbols = self.lookup(path[0].name, path[0].span)
        for part in path[1:]:
            symbols = self._inside(symbols[0], part)
        return symbols[0]

    def _inside(self, symbol: Symbol, part: ast.Identifier) -> list[Symbol]:
        if isinstance(symbol, UnitSymbol):
            from compiler.semantics.declare import exported

            names = exported(symbol)
            if part.name in names:
                return names[part.name]
            near = closest(part.name, names)
        elif isinstance(symbol, ContractSymbol):
            found = symbol.scope.here(part.name)
            if found:
                self.need_sound(found)
                return found
            self.need_sound((symbol,))
            near = closest(part.name, symbol.scope.names)
        else:
            near = None
        self.fail(
            "SL0207", part.span, f"`{symbol.name}` has no `{part.name}`",
            hint=f"did you mean `{near}`?" if near else None,
        )  # fmt: skip

    # -- types -----------------------------------------------------------------------------------

    def type_of(self, node: ast.TypeName) -> Type:
        """The type a type name denotes; reference types come out in storage."""
        if isinstance(node, ast.ElementaryTypeName):
            found = elementary(node.name)
            if found is None:
                self.unsupported(
                    "SL2002", node.span, f"fixed-point type `{node.name}` is",
                    hint="use an integer with a scale, e.g. 1e18 for one",
                )  # fmt: skip
            return found
        if isinstance(node, ast.UserTypeName):
            return self._user_type(node)
        if isinstance(node, ast.MappingTypeName):
            key = self.type_of(node.key)
            if not isinstance(
                key, (BoolType, IntType, AddressType, FixedBytesType, ContractType, EnumType, UserType, BytesType)
            ):  # fmt: skip
                self.fail(
                    "SL0313", node.key.span, f"{key.plain_name} cannot be a mapping key",
                    hint="keys are value types, `string` or `bytes`",
                )  # fmt: skip
            self._mapping_names(node)
            return mapping_of(key.in_location("memory"), self.type_of(node.value))
        if isinstance(node, ast.ArrayTypeName):
            element = self.type_of(node.element)
            if node.length is None:
                return array_of(element, None, "storage")
            return array_of(element, self.array_length(node.length), "storage")
        if isinstance(node, ast.FunctionTypeName):
            return self._function_type(node)
        self.fail("SL0104", node.span, "expected a type")

    def _mapping_names(self, node: ast.MappingTypeName) -> None:
        """The names along nested mappings are parameters of one getter."""
        seen: set[str] = set()
        link: ast.TypeName = node
        while isinstance(link, ast.MappingTypeName):
            for name in (link.key_name, link.value_name):
                if name is not None and name.name in seen:
                    self.fail(
                        "SL0202", name.span, f"`{name.name}` already names a part of this mapping"
                    )
                if name is not None:
                    seen.add(name.name)
            link = link.value

    def _user_type(self, node: ast.UserTypeName) -> Type:
        if node.path[0].name == "var":
            raise StageStop  # the parser said so
        symbol = self.resolve_path(node.path)
        if isinstance(symbol, StructSymbol):
            return symbol.type_in("storage")
        if isinstance(symbol, EnumSymbol):
            return symbol.type
        if isinstance(symbol, ContractSymbol):
            if symbol.kind == "library":
                self.fail("SL0314", node.span, f"library `{symbol.name}` cannot be used as a type")
            return symbol.contract_type
        if isinstance(symbol, UserTypeSymbol):
            return self.user_value_type(symbol)
        labels = ((symbol.span, "declared here"),) if symbol.span else ()
        self.fail(
            "SL0314", node.span, f"`{symbol.name}` is a {symbol.kind}, not a type", labels=labels
        )

    def user_value_type(self, symbol: UserTypeSymbol) -> UserType:
        if symbol.type is None:
            node = symbol.node.underlying
            known = isinstance(node, ast.ElementaryTypeName)
            underlying = self.type_of(node) if known else None
            if underlying is None or not underlying.is_value:
                self.fail(
                    "SL0315", symbol.node.underlying.span,
                    "the underlying type of a user-defined value type must be an elementary value type",
                )  # fmt: skip
            symbol.define(underlying)  # type: ignore[arg-type]
        assert symbol.type is not None
        return symbol.type

    def _function_type(self, node: ast.FunctionTypeName) -> Type:
        """A function type; `function_types.py` overrides this."""
        raise NotImplementedError

    def array_length(self, node: ast.Expr) -> int:
        """The value of a constant array length."""
        self.check_length(node)
        return self.length_in_range(self.constant_integer(node), node.span)

    def length_in_range(self, value: int, span: Span, least: int = 1) -> int:
        """The length itself, from `least` elements up to what an index can count."""
        if value < least:
            self.fail("SL0316", span, f"array length is {value}; it must be at least {least}")
        if value >= MAX_ARRAY_LENGTH:
            self.fail("SL0316", span, "array length is too large")
        return value

    def check_length(self, node: ast.Expr) -> None:
        """Whether a length is written with what may stand in one; the name checker overrides this."""
        raise NotImplementedError

    def constant_integer(self, node: ast.Expr) -> int:
        """A whole-number constant expression; the expression checker overrides this."""
        raise NotImplementedError

    # -- literals --------------------------------------------------------------------------------

    def number(self, node: ast.Number) -> object:
        """The exact value of a number literal with its unit."""
        from compiler.syntax.tokens import UNITS

        try:
            value = constants.parse_number(node.text)
            if node.unit is not None:
                if node.text.startswith("0x"):
                    self.fail("SL0317", node.span, "a hexadecimal number cannot have a unit")
                value = constants.binary("*", value, UNITS[node.unit])
        except constants.LiteralError as reason:
            self.fail("SL0307", node.span, str(reason))
        return value
