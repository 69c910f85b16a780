"""Contracts, and whole files."""

from __future__ import annotations

from collections.abc import Iterable

from compiler.ast_json.declarations import DefinitionWriter
from compiler.ast_json.declared import Place
from compiler.ast_json.nodes import Json
from compiler.ast_json.texts import NOWHERE
from compiler.lowering.contract import ContractLowering, Names
from compiler.semantics.abi import reachable_uses
from compiler.semantics.embedding import embedded_contracts
from compiler.semantics.overrides import parameter_types
from compiler.semantics.symbols import ContractSymbol, FunctionSymbol, ModifierSymbol, Symbol
from compiler.syntax import ast


class UnitWriter(DefinitionWriter):
    """Writes one file."""

    def source_unit(self) -> Json:
        node: ast.SourceUnit = self.unit.node
        number = self.program.of(node)
        self.changed = []
        nodes = [self._item(item, number) for item in node.items]
        exported = {
            name: sorted(self.program.of(d) for d in found if isinstance(d, ast.Node))
            for name, found in sorted(self.program.exports(self.unit))
        }
        return self.make(
            "SourceUnit", (node.pos, self.text.file.end), number, license=node.spdx, nodes=nodes,
            exportedSymbols=exported, absolutePath=self.unit.name,
        )  # fmt: skip

    def _item(self, node: ast.Node, scope: int) -> Json:
        if isinstance(node, ast.Pragma):
            return self._pragma(node)
        if isinstance(node, ast.Import):
            return self._import(node, scope)
        if isinstance(node, ast.Contract):
            return self._contract(node, scope)
        return self.definition(node, scope)

    # -- pragmas and imports -------------------------------------------------------------------------

    def _pragma(self, node: ast.Pragma) -> Json:
        tokens = self.text.tokens
        first, last = self.text.at(node.pos) + 1, self.text.at(node.end)
        words = [text.strip("\"'") for text in tokens.texts[first:last] if text != ";"]
        return self.make("PragmaDirective", node.span, literals=words)

    def _import(self, node: ast.Import, scope: int) -> Json:
        target = self.program.imported(node)
        location = self.name_location(node.alias)
        aliases = []
        for foreign, local in node.symbols or ():
            found = self.program.inside(node, foreign.name)
            identifier = self.make(
                "Identifier", foreign.span, name=foreign.name, overloadedDeclarations=[],
                typeDescriptions={}, referencedDeclaration=self._only(found),
            )  # fmt: skip
            entry: Json = {"foreign": identifier, "nameLocation": NOWHERE}
            if local is not None:
                entry["local"] = local.name
            aliases.append(entry)
        return self.make(
            "ImportDirective", node.span, self.program.of(node), file=node.path,
            absolutePath=target.name, sourceUnit=self.program.of(target.node), scope=scope,
            unitAlias=node.alias.name if node.alias is not None else "", nameLocation=location,
            symbolAliases=aliases,
        )  # fmt: skip

    def _only(self, found: list[ast.Node | str]) -> int | None:
        """The number of the declaration an import names, unless it names several."""
        one = len(found) == 1 and isinstance(found[0], ast.Node)
        return self.program.of(found[0]) if one else None  # type: ignore[arg-type]

    # -- contracts -----------------------------------------------------------------------------------

    def _contract(self, node: ast.Contract, scope: int) -> Json:
        contract = self.program.contract(node)
        number = self.program.of(node)
        documentation = self.documentation(node.pos)
        self.place = Place(self.unit, contract)
        bases = [self._base(base) for base in node.bases]
        layout = self._layout(node)
        self.scope = contract.scope
        nodes = [self.definition(member, number) for member in node.members]
        self.place, self.scope = Place(self.unit, None), self.unit.scope
        uses = reachable_uses(contract)
        events = {e: None for c in contract.linearized for e in c.events} | uses.events
        errors = {e: None for c in contract.linearized for e in c.errors} | uses.errors
        return self.make(
            "ContractDefinition", node.span, number,
            name=node.name.name, nameLocation=self.name_location(node.name),
            documentation=documentation, abstract=node.abstract, baseContracts=bases,
            contractKind="contract" if node.kind == "facet" else node.kind,
            contractDependencies=self._numbers(embedded_contracts(contract)),
            usedEvents=self._numbers(events), usedErrors=self._numbers(errors),
            nodes=nodes, scope=scope, canonicalName=node.name.name, storageLayout=layout,
            fullyImplemented=not _unimplemented(contract),
            linearizedBaseContracts=[self.program.of(c.node) for c in contract.linearized],
            internalFunctionIDs=self._pointers(contract),
        )  # fmt: skip

    def _pointers(self, contract: ContractSymbol) -> Json | None:
        """The numbers that stand for internal functions which become values."""
        table = ContractLowering(contract, self.program.options, Names(), False).functions
        return {str(self.program.of(f.node)): n for f, n in table.numbers.items()} or None

    def _numbers(self, symbols: Iterable[Symbol]) -> list[int]:
        return sorted(self.program.of(s.node) for s in symbols if s.node is not None)

    def _base(self, node: ast.Base) -> Json:
        arguments = None
        if node.arguments is not None:
            arguments = [self.expression(argument).json for argument in node.arguments]
        return self.make(
            "InheritanceSpecifier", node.span, baseName=self.path(node.path), arguments=arguments
        )

    def _layout(self, node: ast.Contract) -> Json | None:
        if node.layout is None:
            return None
        word = self.text.token(self.text.at(node.layout.pos) - 2)  # `layout at`
        return self.make(
            "StorageLayoutSpecifier", (word[0], node.layout.end),
            baseSlotExpression=self.expression(node.layout).json,
        )  # fmt: skip


def _unimplemented(contract: ContractSymbol) -> bool:
    """Whether some function or modifier has no body yet."""
    missing: dict[object, bool] = {}
    for base in reversed(contract.linearized):
        for symbol in (*base.functions, *base.modifiers, base.receive, base.fallback):
            if symbol is not None:
                missing[_key(symbol)] = not symbol.has_body
    return any(missing.values())


def _key(symbol: FunctionSymbol | ModifierSymbol) -> object:
    if isinstance(symbol, ModifierSymbol):
        return "modifier", symbol.name
    return symbol.function_kind, symbol.name, *parameter_types(symbol)
