"""The types of declarations and of type names."""

from __future__ import annotations

from dataclasses import replace

from compiler.ast_json.program import Program
from compiler.ast_json.types import (
    ADDRESS,
    PAYABLE,
    UINT256,
    Array,
    Bytes,
    Contract,
    Elementary,
    Enum,
    Function,
    Magic,
    Mapping,
    Modifier,
    Module,
    Struct,
    Type,
    TypeName,
    UserValue,
    array,
    located,
)
from compiler.diagnostics.errors import Reporter
from compiler.semantics.check_statements import BodyChecker
from compiler.semantics.symbols import ContractSymbol, Scope, UnitSymbol
from compiler.syntax import ast

_SHORT = {
    "uint": UINT256,
    "int": Elementary("int256"),
    "address": ADDRESS,
    "address payable": PAYABLE,
}


class Place:
    """Where a name is looked up: a file, and a contract of it unless at file level."""

    __slots__ = ("contract", "scope", "unit")

    def __init__(self, unit: UnitSymbol, contract: ContractSymbol | None) -> None:
        self.unit = unit
        self.contract = contract
        self.scope: Scope = contract.scope if contract is not None else unit.scope


class Declared:
    """Types by declaration, worked out when they are first asked for."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self._types: dict[ast.Node, Type] = {}
        self._named: dict[ast.TypeName, Type] = {}
        self._lengths: dict[ast.Node, int] = {}
        self._enums: dict[ast.Identifier, ast.Enum] = {}
        for node in program.symbols:
            if isinstance(node, ast.Enum):
                self._enums.update(dict.fromkeys(node.values, node))

    def place(self, node: ast.Node) -> Place:
        """Where the type names of a definition are looked up."""
        if isinstance(node, ast.Contract):
            contract = self.program.contract(node)
            return Place(contract.unit, contract)
        return Place(self.program.home(node), self.program.owner(node))

    # -- type names --------------------------------------------------------------------------------

    def named(self, node: ast.TypeName, place: Place) -> Type:
        """The type a type name stands for; reference types are storage pointers."""
        found = self._named.get(node)
        if found is None:
            found = self._named[node] = self._type_named(node, place)
        return found

    def _type_named(self, node: ast.TypeName, place: Place) -> Type:
        if isinstance(node, ast.ElementaryTypeName):
            if node.name in ("bytes", "string"):
                return Bytes(is_string=node.name == "string")
            return _SHORT.get(node.name) or Elementary(node.name)
        if isinstance(node, ast.MappingTypeName):
            key = located(self.named(node.key, place), "memory")
            return Mapping(key, located(self.named(node.value, place), "storage", False))
        if isinstance(node, ast.ArrayTypeName):
            length = None if node.length is None else self.length(node.length, place)
            return array(self.named(node.element, place), length)
        if isinstance(node, ast.FunctionTypeName):
            given = tuple(self.variable(p, place) for p in node.parameters)
            back = tuple(self.variable(p, place) for p in node.returns)
            return Function(node.visibility, given, back, node.mutability)
        assert isinstance(node, ast.UserTypeName)
        return self.defined(self.program.path(node.path, place.scope, place.unit)[-1])

    def length(self, node: ast.Expr, place: Place) -> int:
        """The number of elements an array type states."""
        found = self._lengths.get(node)
        if found is None:
            checker = BodyChecker(Reporter(self.program.sources), place.unit, place.contract)
            found = self._lengths[node] = checker.constant_integer(node)
        return found

    def defined(self, node: ast.Node) -> Type:
        """The type that a definition of a type makes."""
        if isinstance(node, ast.Contract):
            return Contract(node)
        name = self.program.full_name(node)
        if isinstance(node, ast.Struct):
            return Struct("storage", True, node, name)
        if isinstance(node, ast.Enum):
            return Enum(node, name)
        assert isinstance(node, ast.UserType)
        return UserValue(node, name, self.named(node.underlying, self.place(node)))

    # -- variables ---------------------------------------------------------------------------------

    def variable(self, node: ast.Parameter, place: Place, where: str | None = None) -> Type:
        """A parameter, local, or member; `where` is the location of one that states none."""
        found = self._types.get(node)
        if found is None:
            type_ = self.named(node.type, place)
            location = node.location or where
            found = located(type_, location, True) if location else type_
            self._types[node] = found
        return found

    def parameters(self, nodes: list[ast.Parameter], owner: ast.Node) -> tuple[Type, ...]:
        """Of a function, event, error or struct."""
        where = {ast.Struct: "storage", ast.Event: "memory", ast.Error: "memory"}.get(type(owner))
        place = self.place(owner)
        return tuple(self.variable(node, place, where) for node in nodes)

    def state(self, node: ast.Variable) -> Type:
        """A state variable, or a constant."""
        type_ = self.named(node.type, self.place(node))
        if node.constant or node.immutable:
            return located(type_, "memory")
        return located(type_, "storage", False)

    # -- whatever a name can mean --------------------------------------------------------------------

    def type_of(self, node: ast.Node) -> Type:
        """The type that the plain name of a declaration has."""
        found = self._types.get(node)
        if found is None:
            found = self._types[node] = self._type_of(node)
        return found

    def _type_of(self, node: ast.Node) -> Type:
        if isinstance(node, ast.Variable):
            return self.state(node)
        if isinstance(node, ast.Function):
            return self.function(node, "internal")
        if isinstance(node, ast.Event):
            given = self.parameters(node.parameters, node)
            return Function("event", given, (), "nonpayable", _names(node.parameters), node)
        if isinstance(node, ast.Error):
            given = self.parameters(node.parameters, node)
            back = (Magic("error"),)
            return Function("error", given, back, "pure", _names(node.parameters), node)
        if isinstance(node, ast.Modifier):
            return Modifier(self.parameters(node.parameters, node))
        if isinstance(node, ast.Import):
            return Module(self.program.imported(node).node)
        if isinstance(node, ast.Identifier):
            return self.defined(self._enums[node])
        return TypeName(self.defined(node))

    def function(self, node: ast.Function, kind: str) -> Function:
        """A function's type: internal, external, delegatecall, or a declaration that cannot be called."""
        found = self._function(node)
        if kind == "internal" and found.mutability == "payable":
            found = replace(found, mutability="nonpayable")
        return replace(found, kind=kind)

    def _function(self, node: ast.Function) -> Function:
        given = self.parameters(node.parameters, node)
        back = self.parameters(node.returns, node)
        owner = self.program.owner(node)
        return Function(
            "internal", given, back, node.mutability or "nonpayable", _names(node.parameters), node,
            owner.name if owner else None,
        )  # fmt: skip

    def getter(self, node: ast.Variable) -> Function:
        """The type of a public variable's getter."""
        type_, given, names = self.state(node), [], []
        while isinstance(type_, (Mapping, Array)):
            if isinstance(type_, Mapping):
                given.append(type_.key)
                type_ = type_.value
            else:
                given.append(UINT256)
                type_ = type_.element
            names.append("")
        back: tuple[Type, ...] = (located(type_, "memory"),)
        if isinstance(type_, Struct):
            assert isinstance(type_.node, ast.Struct)
            members = self.parameters(type_.node.members, type_.node)
            shown = [m for m in members if not isinstance(m, (Mapping, Array))]
            back = tuple(located(m, "memory") for m in shown)
        return Function("external", tuple(given), back, "view", tuple(names), node)

    def creation(self, node: ast.Contract) -> Function:
        """The type of `new C`."""
        maker = self.program.contract(node).constructor
        parameters = maker.node.parameters if maker is not None else []
        given = self.parameters(parameters, maker.node) if maker is not None else ()
        payable = maker is not None and maker.mutability == "payable"
        state = "payable" if payable else "nonpayable"
        return Function("creation", given, (Contract(node),), state, _names(parameters))

    def on_chain(self, function: Function) -> Function:
        """The function as a caller from outside sees it: calldata is memory to him."""

        def outside(types: tuple[Type, ...]) -> tuple[Type, ...]:
            return tuple(located(t, "memory") if t.location == "calldata" else t for t in types)

        return replace(
            function, parameters=outside(function.parameters), returns=outside(function.returns)
        )

    def via_name(self, node: ast.Node) -> Type:
        """The type of `C.name` where `C` is a library, or a contract that is not inherited."""
        if isinstance(node, ast.Function) and self.program.owner(node) is not None:
            if not self.program.in_library(node):
                return self.function(node, "declaration")
            if node.visibility in ("public", "external"):
                return self.on_chain(self.function(node, "delegatecall"))
        return self.type_of(node)


def _names(nodes: list[ast.Parameter]) -> tuple[str, ...]:
    return tuple(node.name.name if node.name else "" for node in nodes)
