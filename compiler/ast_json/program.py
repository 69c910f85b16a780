"""A checked build as the AST needs it: numbers of nodes, owners of declarations, and what names mean.

A declaration is its syntax node; what the language provides is known by its name.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from compiler.ast_json.operators import Ancestry
from compiler.ast_json.texts import Text
from compiler.ast_json.types import Numbers
from compiler.options import CompileOptions
from compiler.semantics.declare import exported
from compiler.semantics.overrides import Inheritance
from compiler.semantics.symbols import (
    BuiltinSymbol,
    ContractSymbol,
    OwnedSymbol,
    Scope,
    Symbol,
    UnitSymbol,
)
from compiler.source import SourceSet
from compiler.syntax import ast

Declaration = ast.Node | str


class Program(Numbers, Ancestry):
    """All units of a build. Numbers are given in the order in which nodes are first spoken of."""

    def __init__(
        self, units: list[UnitSymbol], sources: SourceSet, options: CompileOptions
    ) -> None:
        self.units = units
        self.sources = sources
        self.options = options
        self.inheritance = Inheritance()
        self.symbols: dict[ast.Node, Symbol] = {}
        self._numbers: dict[ast.Node, int] = {}
        self._count = 0
        self._texts: dict[str, Text] = {}
        self._modules: dict[tuple[UnitSymbol, str], ast.Import] = {}
        for unit in units:
            self._register(unit)

    def _register(self, unit: UnitSymbol) -> None:
        self.symbols[unit.node] = unit
        scopes = [unit.scope]
        for contract in unit.contracts:
            self.symbols[contract.node] = contract
            scopes.append(contract.scope)
            for special in (contract.constructor, contract.receive, contract.fallback):
                if special is not None:
                    self.symbols[special.node] = special
        for scope in scopes:
            for found in scope.names.values():
                for symbol in found:
                    if isinstance(symbol.node, ast.Node) and not isinstance(symbol, UnitSymbol):
                        self.symbols.setdefault(symbol.node, symbol)

    # -- numbers and texts ---------------------------------------------------------------------

    def fresh(self) -> int:
        """A number for a node that only the JSON has."""
        self._count += 1
        return self._count

    def of(self, node: ast.Node) -> int:
        found = self._numbers.get(node)
        if found is None:
            found = self._numbers[node] = self.fresh()
        return found

    def text(self, unit: UnitSymbol) -> Text:
        found = self._texts.get(unit.name)
        if found is None:
            found = self._texts[unit.name] = Text(self.sources.by_path[unit.name])
        return found

    # -- declarations --------------------------------------------------------------------------

    def bases(self, contract: ast.Contract) -> Sequence[ast.Contract]:
        return [base.node for base in self.contract(contract).linearized]

    def contract(self, node: ast.Contract) -> ContractSymbol:
        found = self.symbols[node]
        assert isinstance(found, ContractSymbol)
        return found

    def owner(self, node: ast.Node) -> ContractSymbol | None:
        """The contract a definition stands in; None at file level."""
        symbol = self.symbols[node]
        return symbol.contract if isinstance(symbol, OwnedSymbol) else None

    def home(self, node: ast.Node) -> UnitSymbol:
        """The file a definition stands in."""
        symbol = self.symbols[node]
        assert isinstance(symbol, (ContractSymbol, OwnedSymbol))
        return symbol.unit

    def full_name(self, node: ast.Node) -> str:
        """`Contract.Name`, or the name alone at file level."""
        symbol = self.symbols[node]
        return symbol.qualified_name if isinstance(symbol, OwnedSymbol) else symbol.name

    def in_library(self, node: ast.Node) -> bool:
        owner = self.owner(node)
        return owner is not None and owner.kind == "library"

    # -- names ---------------------------------------------------------------------------------

    def find(self, name: str, scope: Scope, unit: UnitSymbol) -> list[Declaration]:
        """What a plain name may mean, as solc looks it up: external functions have no plain name."""
        found = [self._declaration(s, name, unit) for s in scope.find(name)]
        inner = [
            d for d in found if not (isinstance(d, ast.Function) and d.visibility == "external")
        ]
        return inner or found

    def inside(self, declaration: Declaration, name: str) -> list[Declaration]:
        """What `declaration.name` may mean in a path."""
        if isinstance(declaration, ast.Import):
            unit = self.imported(declaration)
            return [self._declaration(s, name, unit) for s in exported(unit).get(name, ())]
        if isinstance(declaration, ast.Contract):
            contract = self.contract(declaration)
            return [self._declaration(s, name, contract.unit) for s in contract.scope.here(name)]
        if isinstance(declaration, ast.Enum):
            return [value for value in declaration.values if value.name == name]
        return []

    def path(
        self, path: Sequence[ast.Identifier], scope: Scope, unit: UnitSymbol
    ) -> list[ast.Node]:
        """The declaration that each step of `a.b.c` means."""
        steps: list[ast.Node] = []
        found = self.find(path[0].name, scope, unit)
        for number, part in enumerate(path):
            if number:
                found = self.inside(steps[-1], part.name)
            assert isinstance(found[0], ast.Node)
            steps.append(found[0])
        return steps

    def exports(self, unit: UnitSymbol) -> Iterator[tuple[str, list[Declaration]]]:
        """All names a file offers."""
        for name, symbols in exported(unit).items():
            yield name, [self._declaration(s, name, unit) for s in symbols]

    def _declaration(self, symbol: Symbol, name: str, unit: UnitSymbol) -> Declaration:
        if isinstance(symbol, BuiltinSymbol):
            return symbol.name
        if isinstance(symbol, UnitSymbol):
            return self._module(unit, name, symbol)
        node: ast.Node = symbol.node
        return node

    def _module(self, unit: UnitSymbol, name: str, target: UnitSymbol) -> ast.Import:
        """The `import … as name` that a module's name in a file comes from."""
        found = self._modules.get((unit, name))
        if found is None:
            found = self._modules[unit, name] = self._origin(unit, name, target, set())[0]
        return found

    def _origin(
        self, unit: UnitSymbol, name: str, target: UnitSymbol, seen: set[UnitSymbol]
    ) -> list[ast.Import]:
        if unit in seen:
            return []
        seen.add(unit)
        for node, other in unit.imports:
            if node.alias is not None:
                if node.alias.name == name and other is target:
                    return [node]
            elif node.symbols is None:
                if found := self._origin(other, name, target, seen):
                    return found
            else:
                for foreign, local in node.symbols:
                    if (local or foreign).name == name:
                        if found := self._origin(other, foreign.name, target, seen - {other}):
                            return found
        return []

    def imported(self, node: ast.Import) -> UnitSymbol:
        """The file an import reads."""
        for unit in self.units:
            for known, other in unit.imports:
                if known is node:
                    return other
        raise KeyError(node.path)
