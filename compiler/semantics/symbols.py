"""What names stand for: units, contracts, functions, variables, and the scopes that hold them.

A symbol is made once from its syntax node; the resolving stages fill its remaining fields in a
fixed order (names, inheritance, types, bodies, layout) and nothing changes them afterwards.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from compiler.evm.keccak import keccak_int, selector
from compiler.semantics.types import (
    EMPTY_TUPLE,
    UINT256,
    ContractType,
    EnumType,
    StructType,
    Type,
    UserType,
    ValueType,
)
from compiler.source import Span
from compiler.syntax import ast

if TYPE_CHECKING:
    from compiler.semantics.typed import Expr, Statement


class Scope:
    """Names visible in one place. A name may hold several symbols (overloads)."""

    __slots__ = ("names", "parent")

    def __init__(self, parent: Scope | None) -> None:
        self.parent = parent
        self.names: dict[str, list[Symbol]] = {}

    def add(self, name: str, symbol: Symbol) -> None:
        self.names.setdefault(name, []).append(symbol)

    def here(self, name: str) -> list[Symbol]:
        return self.names.get(name, [])

    def find(self, name: str) -> list[Symbol]:
        """The innermost scope's symbols of that name. External functions are called on an address, so they hide
        nothing; where there is nothing else, they are what was meant."""
        scope: Scope | None = self
        outside: list[Symbol] = []
        while scope is not None:
            found = scope.here(name)
            if found and not all(symbol.is_called_on_addresses for symbol in found):
                return found
            outside = outside or found
            scope = scope.parent
        return outside

    def visible_names(self) -> Iterator[str]:
        """Every name that `find` would answer, for suggestions."""
        scope: Scope | None = self
        while scope is not None:
            yield from scope.names
            scope = scope.parent


class ContractScope(Scope):
    """A contract's own names and what it inherits: the most derived definition hides the others,
    except that functions and events with other parameters stay visible as overloads."""

    __slots__ = ("_merged", "contract")

    def __init__(self, parent: Scope, contract: ContractSymbol) -> None:
        super().__init__(parent)
        self.contract = contract
        self._merged: dict[str, list[Symbol]] = {}

    def here(self, name: str) -> list[Symbol]:
        if len(self.contract.linearized) == 1:
            return self.names.get(name, [])
        found = self._merged.get(name)
        if found is None:
            found = self._merged[name] = self._merge(name)
        return found

    def _merge(self, name: str) -> list[Symbol]:
        merged: list[Symbol] = []
        for contract in self.contract.linearized:
            for symbol in contract.scope.names.get(name, ()):
                private = getattr(symbol, "visibility", "") == "private"
                if private and contract is not self.contract:
                    continue
                if not any(_hides(known, symbol) for known in merged):
                    merged.append(symbol)
        return merged

    def visible_names(self) -> Iterator[str]:
        for contract in self.contract.linearized:
            yield from contract.scope.names
        if self.parent is not None:
            yield from self.parent.visible_names()


def _hides(known: Symbol, symbol: Symbol) -> bool:
    """Whether `known`, found first, makes an inherited symbol of the same name invisible."""
    if isinstance(known, FunctionSymbol) and isinstance(symbol, FunctionSymbol):
        return known.shape == symbol.shape
    if isinstance(known, EventSymbol) and isinstance(symbol, EventSymbol):
        return known.signature == symbol.signature
    return True


class Symbol:
    """Base of everything a name can stand for.

    `broken`: its declaration is wrong and reported; what mentions it is not judged, so that one mistake
    is one error."""

    __slots__ = ("broken", "name", "node")
    kind = "symbol"

    def __init__(self, name: str, node: Any) -> None:
        self.name = name
        self.node = node
        self.broken = False

    @property
    def is_called_on_addresses(self) -> bool:
        """It is called on an address, and never by its name alone."""
        return False

    @property
    def span(self) -> Span | None:
        """Where the name is declared."""
        if self.node is None:
            return None
        declared = getattr(self.node, "name", None)
        if isinstance(declared, ast.Node) and declared.end > declared.pos:
            return declared.span
        span: Span = self.node.span
        return span


class UnitSymbol(Symbol):
    """One source file. `dialect` is "solidity" or "lite"; `wrapping` arithmetic where true."""

    __slots__ = (
        "aliases",
        "attachments",
        "contracts",
        "dialect",
        "functions",
        "imports",
        "scope",
        "usings",
        "usings_broken",
        "wrapping",
        "zero_addresses",
    )
    kind = "module"

    def __init__(self, path: str, node: ast.SourceUnit, builtins: Scope) -> None:
        super().__init__(path, node)
        self.scope = Scope(builtins)
        self.dialect = "solidity"
        self.wrapping = False
        self.imports: list[tuple[ast.Import, UnitSymbol]] = []
        self.contracts: list[ContractSymbol] = []
        self.functions: list[FunctionSymbol] = []
        self.usings: list[ast.Using] = []
        self.usings_broken = False
        self.attachments: list[Attachment] = []
        self.zero_addresses: list[Span] = []  # where the lite dialect writes `0` for an address


class OwnedSymbol(Symbol):
    """A definition that stands in a contract, or at file level with `contract` None."""

    __slots__ = ("contract", "unit")

    def __init__(
        self, name: str, node: Any, unit: UnitSymbol, contract: ContractSymbol | None
    ) -> None:
        super().__init__(name, node)
        self.unit = unit
        self.contract = contract

    @property
    def qualified_name(self) -> str:
        return f"{self.contract.name}.{self.name}" if self.contract else self.name


class ContractSymbol(Symbol):
    """A contract, interface, library or facet.

    `linearized` lists it and its bases, most derived first (C3)."""

    __slots__ = (
        "abstract",
        "attachments",
        "base_arguments",
        "bases",
        "constructor",
        "contract_kind",
        "contract_type",
        "errors",
        "events",
        "fallback",
        "functions",
        "layout_base",
        "linearized",
        "modifiers",
        "receive",
        "scope",
        "state_variables",
        "structs",
        "unit",
        "uses",
        "usings",
        "usings_broken",
    )  # fmt: skip

    def __init__(self, node: ast.Contract, unit: UnitSymbol) -> None:
        super().__init__(node.name.name, node)
        self.unit = unit
        self.contract_kind = node.kind
        self.abstract = node.abstract or node.kind == "interface"
        self.scope: Scope = ContractScope(unit.scope, self)
        self.bases: list[ContractSymbol] = []
        self.linearized: list[ContractSymbol] = [self]
        self.functions: list[FunctionSymbol] = []
        self.modifiers: list[ModifierSymbol] = []
        self.state_variables: list[VariableSymbol] = []
        self.events: list[EventSymbol] = []
        self.errors: list[ErrorSymbol] = []
        self.structs: list[StructSymbol] = []
        self.usings: list[ast.Using] = []
        self.usings_broken = False
        self.attachments: list[Attachment] = []
        self.constructor: FunctionSymbol | None = None
        self.receive: FunctionSymbol | None = None
        self.fallback: FunctionSymbol | None = None
        self.base_arguments: dict[ContractSymbol, tuple[list[Expr], ast.Node]] = {}
        self.layout_base = 0
        self.uses = Uses()
        self.contract_type = ContractType(self)

    @property
    def kind(self) -> str:  # type: ignore[override]
        return self.contract_kind

    @property
    def full_name(self) -> str:
        """`path:Name`"""
        return f"{self.unit.name}:{self.name}"

    @property
    def is_facet(self) -> bool:
        return self.contract_kind == "facet"

    @property
    def deployable(self) -> bool:
        return not self.abstract and self.contract_kind != "interface"

    def members(self) -> Iterator[Symbol]:
        """Everything the contract itself declares that can be broken."""
        yield from self.functions
        yield from self.modifiers
        yield from self.state_variables
        for special in (self.constructor, self.receive, self.fallback):
            if special is not None:
                yield special

    def derives_from(self, other: ContractSymbol) -> bool:
        return other in self.linearized


class Attachment:
    """A resolved `using`: member functions by name and operators by sign and number of operands, for a
    type, or for every type with `type` None."""

    __slots__ = ("functions", "is_global", "operators", "type")

    def __init__(self, type_: Type | None, is_global: bool) -> None:
        self.type = type_
        self.is_global = is_global
        self.functions: list[tuple[str, FunctionSymbol]] = []
        self.operators: list[tuple[tuple[str, int], FunctionSymbol, Span]] = []


class Uses:
    """What a body refers to: events it emits, errors it reverts with, functions it calls, and
    contracts whose code it needs (`new C`, `type(C).creationCode`)."""

    __slots__ = ("calls", "creates", "errors", "events")

    def __init__(self) -> None:
        self.events: dict[EventSymbol, None] = {}
        self.errors: dict[ErrorSymbol, None] = {}
        self.calls: dict[tuple[FunctionSymbol, str | ContractSymbol], None] = {}
        self.creates: dict[ContractSymbol, ast.Node] = {}


class VariableSymbol(OwnedSymbol):
    """A variable of any kind: state, constant, immutable, local, parameter, return or member.

    `slot` and `offset` (bytes from the low end) are set by the layout for state variables; the
    layout depends on the most derived contract, so it is kept per contract, not here."""

    __slots__ = (
        "checking", "constant_chain", "constant_value", "constant_weight", "function", "immutable", "indexed", "initial",
        "is_constant", "role", "transient", "type", "visibility",
    )  # fmt: skip
    kind = "variable"

    def __init__(
        self,
        name: str,
        node: Any,
        unit: UnitSymbol,
        contract: ContractSymbol | None,
        role: str,
        type_: Type = UINT256,
    ) -> None:
        super().__init__(name, node, unit, contract)
        self.role = role  # state, constant, immutable, local, parameter, return, member
        self.type = type_
        self.visibility = "internal"
        self.is_constant = role == "constant"
        self.immutable = role == "immutable"
        self.transient = False
        self.indexed = False
        self.initial: Expr | None = None
        self.constant_value: Expr | None = None
        self.constant_chain = 1  # constants each named in the one before it, this one first
        self.constant_weight = 1  # parts it has when the constants in it are written out
        self.checking = False
        self.function: FunctionSymbol | None = None


class CallableSymbol(OwnedSymbol):
    """Shared by functions, events and errors: typed parameters and a canonical signature."""

    __slots__ = ("_selector", "_signature", "parameters")

    def __init__(
        self, name: str, node: Any, unit: UnitSymbol, contract: ContractSymbol | None
    ) -> None:
        super().__init__(name, node, unit, contract)
        self.parameters: list[VariableSymbol] = []
        self._signature: str | None = None
        self._selector: int | None = None

    @property
    def signature(self) -> str:
        """`name(type,…)` in ABI names, the preimage of selector and topic."""
        if self._signature is None:
            types = ",".join(p.type.abi or p.type.plain_name for p in self.parameters)
            self._signature = f"{self.name}({types})"
        return self._signature

    @property
    def shape(self) -> tuple[Type, ...]:
        """The parameter types that tell overloads apart; calldata and memory count as one."""
        types = (p.type for p in self.parameters)
        return tuple(t.in_location("memory") if t.location == "calldata" else t for t in types)

    @property
    def selector(self) -> int:
        if self._selector is None:
            self._selector = selector(self.signature)
        return self._selector


class EventSymbol(CallableSymbol):
    __slots__ = ("anonymous",)
    kind = "event"

    def __init__(self, node: ast.Event, unit: UnitSymbol, contract: ContractSymbol | None) -> None:
        super().__init__(node.name.name, node, unit, contract)
        self.anonymous = node.anonymous

    @property
    def topic(self) -> int:
        return keccak_int(self.signature.encode())


class ErrorSymbol(CallableSymbol):
    __slots__ = ()
    kind = "error"

    def __init__(self, node: ast.Error | None, name: str, unit: Any, contract: Any) -> None:
        super().__init__(name, node, unit, contract)


class FunctionSymbol(CallableSymbol):
    """A function, constructor, receive or fallback function, or a getter (node is the variable)."""

    __slots__ = (
        "body", "function_kind", "getter_of", "has_body", "has_pointers", "invocations", "is_checked", "is_virtual",
        "mutability", "returns", "uses", "uses_assembly", "visibility",
    )  # fmt: skip
    kind = "function"

    def __init__(
        self,
        name: str,
        node: Any,
        unit: UnitSymbol,
        contract: ContractSymbol | None,
        function_kind: str = "function",
    ) -> None:
        super().__init__(name, node, unit, contract)
        self.function_kind = function_kind
        self.visibility = "internal"
        self.mutability = "nonpayable"
        self.is_virtual = False
        self.returns: list[VariableSymbol] = []
        self.has_body = False
        self.body: list[Statement] = []
        self.invocations: list[Invocation] = []
        self.getter_of: VariableSymbol | None = None
        self.has_pointers = False  # storage or calldata pointers that are declared without a value
        self.is_checked = False
        self.uses = Uses()
        self.uses_assembly = False

    @property
    def is_called_on_addresses(self) -> bool:
        return self.visibility == "external"

    @property
    def is_external(self) -> bool:
        """Part of the contract's ABI."""
        return self.visibility in ("public", "external") and self.function_kind == "function"

    @property
    def return_type(self) -> Type:
        from compiler.semantics.types import TupleType

        if len(self.returns) == 1:
            return self.returns[0].type
        return TupleType(tuple(r.type for r in self.returns)) if self.returns else EMPTY_TUPLE


class Invocation(NamedTuple):
    """A modifier as a function names it. `A.m` is `exact`: no override of it is looked for."""

    modifier: ModifierSymbol
    arguments: list[Expr]
    exact: bool


class ModifierSymbol(OwnedSymbol):
    __slots__ = (
        "body", "has_body", "has_pointers", "is_virtual", "mutability", "parameters", "takes_value",
        "uses",
    )  # fmt: skip
    kind = "modifier"

    def __init__(self, node: ast.Modifier, unit: UnitSymbol, contract: ContractSymbol) -> None:
        super().__init__(node.name.name, node, unit, contract)
        self.parameters: list[VariableSymbol] = []
        self.is_virtual = node.virtual
        self.mutability = "pure"  # what the body does at most
        self.takes_value = False  # it reads `msg.value`
        self.has_body = node.body is not None
        self.has_pointers = False
        self.body: list[Statement] = []
        self.uses = Uses()


class StructSymbol(OwnedSymbol):
    __slots__ = (
        "_types",
        "contains_mapping",
        "layout",
        "members",
        "recursive",
        "resolved",
        "storage_slots",
    )
    kind = "struct"

    def __init__(self, node: ast.Struct, unit: UnitSymbol, contract: ContractSymbol | None) -> None:
        super().__init__(node.name.name, node, unit, contract)
        self.members: list[VariableSymbol] = []
        self.resolved = False
        self.recursive = False
        self.contains_mapping = False
        self.storage_slots = 0
        self.layout: dict[str, tuple[int, int]] = {}  # member -> (slot, byte offset)
        self._types = {loc: StructType(self, loc) for loc in ("storage", "memory", "calldata")}

    def type_in(self, location: str) -> StructType:
        return self._types[location]

    def member(self, name: str) -> VariableSymbol | None:
        for member in self.members:
            if member.name == name:
                return member
        return None


class EnumSymbol(OwnedSymbol):
    __slots__ = ("type", "values")
    kind = "enum"

    def __init__(self, node: ast.Enum, unit: UnitSymbol, contract: ContractSymbol | None) -> None:
        super().__init__(node.name.name, node, unit, contract)
        self.values = [v.name for v in node.values]
        self.type = EnumType(self)


class UserTypeSymbol(OwnedSymbol):
    __slots__ = ("type",)
    kind = "type"

    def __init__(
        self, node: ast.UserType, unit: UnitSymbol, contract: ContractSymbol | None
    ) -> None:
        super().__init__(node.name.name, node, unit, contract)
        self.type: UserType | None = None

    def define(self, underlying: ValueType) -> None:
        self.type = UserType(self, underlying)


class BuiltinSymbol(Symbol):
    """`msg`, `abi`, `keccak256`, …: what they mean is in the built-in tables."""

    __slots__ = ()
    kind = "builtin"

    def __init__(self, name: str) -> None:
        super().__init__(name, None)
