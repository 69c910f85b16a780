"""What may stand behind the dot: members that a type has, and functions attached to it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from compiler.ast_json.builtins import (
    ADDRESS_MEMBERS,
    BYTES4,
    BYTES32,
    MAGIC_MEMBERS,
    MEMORY_BYTES,
    MEMORY_STRING,
    PAYABLE_MEMBERS,
)
from compiler.ast_json.declared import Declared, Place
from compiler.ast_json.operators import Rules
from compiler.ast_json.types import (
    ADDRESS,
    UINT8,
    UINT256,
    Array,
    Bytes,
    Contract,
    Elementary,
    Enum,
    Function,
    Magic,
    Module,
    Struct,
    Type,
    TypeName,
    UserValue,
    located,
)
from compiler.semantics.symbols import FunctionSymbol, UnitSymbol
from compiler.syntax import ast


class Member(NamedTuple):
    """`declaration` is None for what the language provides."""

    declaration: ast.Node | None
    type: Type


class Members:
    """Member look-up in one build."""

    def __init__(self, declared: Declared, rules: Rules) -> None:
        self.declared = declared
        self.program = declared.program
        self.rules = rules

    def find(self, base: Type, name: str, place: Place) -> list[Member]:
        """All members of that name, overloads included."""
        return [*self._native(base, name, place), *self._attached(base, name, place)]

    # -- members of values -----------------------------------------------------------------------

    def _native(self, base: Type, name: str, place: Place) -> Iterator[Member]:
        if isinstance(base, Elementary):
            table = dict(ADDRESS_MEMBERS) if base.family == "address" else {}
            if base.name == "address payable":
                table |= PAYABLE_MEMBERS
            if base.family == "bytes":
                table = {"length": UINT8}
            yield from _from(table, name)
        elif isinstance(base, (Bytes, Array)):
            yield from self._of_array(base, name)
        elif isinstance(base, Struct):
            assert isinstance(base.node, ast.Struct)
            types = self.declared.parameters(base.node.members, base.node)
            for node, type_ in zip(base.node.members, types, strict=True):
                if node.name is not None and node.name.name == name:
                    yield Member(node, located(type_, base.location, False))
        elif isinstance(base, Contract):
            yield from self._of_contract(base, name)
        elif isinstance(base, Function):
            yield from self._of_function(base, name, place)
        elif isinstance(base, TypeName):
            yield from self._of_type(base.actual, name, place)
        elif isinstance(base, Module):
            unit = self.program.symbols[base.node]
            assert isinstance(unit, UnitSymbol)
            for known, declarations in self.program.exports(unit):
                for declaration in declarations if known == name else ():
                    assert isinstance(declaration, ast.Node)
                    yield Member(declaration, self.declared.type_of(declaration))
        elif isinstance(base, Magic):
            yield from _from(_of_magic(base, self.declared), name)

    def _of_array(self, base: Bytes | Array, name: str) -> Iterator[Member]:
        if isinstance(base, Bytes) and base.is_string:
            return
        if name == "length":
            yield Member(None, UINT256)
        grows = base.location == "storage" and not (
            isinstance(base, Array) and base.length is not None
        )
        if not grows:
            return
        this = located(base, "storage")
        element = base.element if isinstance(base, Array) else Elementary("bytes1")
        if name == "push":
            yield Member(None, Function("arraypush", (this,), (element,), bound=True))
            yield Member(None, Function("arraypush", (this, element), (), bound=True))
        elif name == "pop":
            yield Member(None, Function("arraypop", (this,), (), bound=True))

    def _of_contract(self, base: Contract, name: str) -> Iterator[Member]:
        """Its external functions, the most derived of each signature."""
        seen: list[tuple[Type, ...]] = []
        for contract in self.program.contract(base.node).linearized:
            for symbol in contract.functions:
                if symbol.name != name or not symbol.is_external or contract.kind == "library":
                    continue
                function = self._external(symbol)
                shape = tuple(located(t, "memory") for t in function.parameters)
                if shape not in seen:
                    seen.append(shape)
                    yield Member(symbol.node, self.declared.on_chain(function))

    def _external(self, symbol: FunctionSymbol) -> Function:
        if symbol.getter_of is not None:
            return self.declared.getter(symbol.node)
        return self.declared.function(symbol.node, "external")

    def _of_function(self, base: Function, name: str, place: Place) -> Iterator[Member]:
        if name == "selector":
            if base.kind == "event":
                yield Member(None, BYTES32)
            elif base.kind in ("external", "declaration", "delegatecall", "error"):
                yield Member(None, BYTES4)
            elif base.kind == "internal" and isinstance(base.node, ast.Function):
                owner = self.program.owner(base.node)
                inherited = owner is not None and owner is not place.contract
                if inherited and base.node.visibility == "public":
                    yield Member(None, BYTES4)
        elif name == "address" and base.kind == "external":
            yield Member(None, ADDRESS)

    # -- members of types --------------------------------------------------------------------------

    def _of_type(self, actual: Type, name: str, place: Place) -> Iterator[Member]:
        if isinstance(actual, Contract):
            found = (
                self._of_super(actual, name) if actual.is_super else self._own(actual, name, place)
            )
            yield from found
        elif isinstance(actual, Enum):
            for value in actual.node.values:
                if value.name == name:
                    yield Member(value, actual)
        elif isinstance(actual, UserValue):
            if name == "wrap":
                yield Member(None, Function("wrap", (actual.underlying,), (actual,), "pure"))
            elif name == "unwrap":
                yield Member(None, Function("unwrap", (actual,), (actual.underlying,), "pure"))
        elif isinstance(actual, Bytes) and name == "concat":
            kind, back = (
                ("stringconcat", MEMORY_STRING)
                if actual.is_string
                else ("bytesconcat", MEMORY_BYTES)
            )
            yield Member(None, Function(kind, (), (back,), "pure", anything=True))

    def _of_super(self, actual: Contract, name: str) -> Iterator[Member]:
        seen: list[tuple[Type, ...]] = []
        for base in self.program.contract(actual.node).linearized[1:]:
            for symbol in base.functions:
                if symbol.name != name or symbol.getter_of is not None or not symbol.has_body:
                    continue
                if symbol.visibility not in ("internal", "public"):
                    continue
                function = self.declared.function(symbol.node, "internal")
                if function.parameters not in seen:
                    seen.append(function.parameters)
                    yield Member(symbol.node, function)

    def _own(self, actual: Contract, name: str, place: Place) -> Iterator[Member]:
        """What a contract defines itself."""
        contract = self.program.contract(actual.node)
        library = contract.kind == "library"
        heir = not library and place.contract is not None and place.contract.derives_from(contract)
        for symbol in contract.scope.names.get(name, ()):
            node = symbol.node
            if isinstance(node, ast.Modifier):
                continue
            visibility = getattr(symbol, "visibility", "public")
            bodiless = isinstance(node, ast.Function) and node.body is None
            if heir and visibility in ("internal", "public") and not bodiless:
                yield Member(node, self.declared.type_of(node))
            else:
                yield Member(node, self.declared.via_name(node))

    # -- attached functions ------------------------------------------------------------------------

    def _attached(self, base: Type, name: str, place: Place) -> Iterator[Member]:
        seen: set[ast.Node] = set()
        for using in self.directives(base, place):
            node, where = using
            for path, operator in node.functions:
                if operator is not None:
                    continue
                target = self.program.path(path, where.scope, where.unit)[-1]
                for function in self._offered(target, path[-1].name, name):
                    type_ = self.declared.via_name(function)
                    assert isinstance(type_, Function)
                    bound = replace(type_, bound=True)
                    fits = self.rules.converts(base, bound.parameters[0])
                    if fits and function not in seen:
                        seen.add(function)
                        yield Member(function, bound)

    def _offered(self, target: ast.Node, called: str, name: str) -> Iterator[ast.Function]:
        """The functions a directive's entry attaches under a name."""
        if isinstance(target, ast.Function):
            if called == name:
                yield target
        elif isinstance(target, ast.Contract):
            for symbol in self.program.contract(target).functions:
                visible = symbol.visibility != "private" and symbol.parameters
                if symbol.name == name and visible and symbol.getter_of is None:
                    yield symbol.node

    def operator(self, op: str, operand: Type, count: int, place: Place) -> ast.Function | None:
        """The function that defines an operator for a type."""
        if not isinstance(operand, UserValue):
            return None
        for node, where in self.directives(operand, place):
            for path, operator in node.functions:
                if operator == op:
                    target = self.program.path(path, where.scope, where.unit)[-1]
                    if isinstance(target, ast.Function) and len(target.parameters) == count:
                        return target
        return None

    def directives(self, type_: Type, place: Place) -> Iterator[tuple[ast.Using, Place]]:
        """The `using` directives that are in force for a type, each with where it stands."""
        listed = []
        if place.contract is not None:
            listed += [(node, place) for node in place.contract.usings]
        here = Place(place.unit, None)
        listed += [(node, here) for node in place.unit.usings]
        definition = type_.node if isinstance(type_, (Struct, Enum, UserValue, Contract)) else None
        if definition is not None and self._at_top(definition):
            home = Place(self.program.home(definition), None)
            if home.unit is not place.unit:
                listed += [(node, home) for node in home.unit.usings if node.is_global]
        wanted = _plain(type_)
        for node, where in listed:
            if node.type is None or _plain(self.declared.named(node.type, where)) == wanted:
                yield node, where

    def _at_top(self, node: ast.Node) -> bool:
        return isinstance(node, ast.Contract) or self.program.owner(node) is None


def _plain(type_: Type) -> Type:
    """A type without what a `using` directive does not ask for."""
    return type_.unnamed() if isinstance(type_, Function) else located(type_, "memory")


def _from(table: dict[str, Type], name: str) -> Iterator[Member]:
    if name in table:
        yield Member(None, table[name])


def _of_magic(base: Magic, declared: Declared) -> dict[str, Type]:
    argument = base.argument
    if argument is None:
        return MAGIC_MEMBERS.get(base.name, {})
    if not isinstance(argument, Contract):
        return {"min": argument, "max": argument}
    if declared.program.contract(argument.node).deployable:
        return {"creationCode": MEMORY_BYTES, "runtimeCode": MEMORY_BYTES, "name": MEMORY_STRING}
    return {"interfaceId": BYTES4, "name": MEMORY_STRING}
