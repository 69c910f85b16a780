"""A facet as plain Solidity that any Solidity compiler accepts, with the same behaviour.

The twin is the source text with edits: `facet` becomes a contract at the facet's storage base,
narrow state variables get a neighbour that fills their slot, wrapping arithmetic becomes
`unchecked` with division that gives 0 for 0, and what only the lite dialect leaves out is written
out. Files without facets and without wrapping arithmetic are their own twin.
"""

from __future__ import annotations

from compiler.semantics import constants, typed
from compiler.semantics.symbols import ContractSymbol, UnitSymbol
from compiler.semantics.walk import bodies, nodes
from compiler.source import SourceFile
from compiler.syntax import ast
from compiler.syntax import walk as syntax

TWIN_PRAGMA = "pragma solidity ^0.8.29;"  # the first version with `layout at`
_LAST = 1 << 30
_HELPERS = {"/": "_wrappingDiv", "%": "_wrappingMod"}


class TwinError(Exception):
    """The unit has a construct whose twin cannot be written as plain Solidity."""


def twin(unit: UnitSymbol, file: SourceFile) -> str:
    """Plain Solidity for one checked unit."""
    facets = [c for c in unit.contracts if c.is_facet]
    if not facets and not unit.wrapping:
        return file.text
    return _Twin(unit, file).text()


class _Twin:
    def __init__(self, unit: UnitSymbol, file: SourceFile) -> None:
        self.unit = unit
        self.file = file
        self.edits: list[tuple[int, int, int, str]] = []  # start, stop, rank, text
        self.helpers: dict[tuple[str, str], None] = {}

    def text(self) -> str:
        node: ast.SourceUnit = self.unit.node
        self._pragmas(node)
        for contract in self.unit.contracts:
            if contract.is_facet:
                self._facet(contract)
        if self.unit.wrapping:
            self._wrapping()
        if self.unit.dialect == "lite":
            self._lite(node)
        for span in self.unit.zero_addresses:
            self._replace(span[0], span[1], "address(0)")
        return self._apply()

    # -- edits -------------------------------------------------------------------------------------

    def _insert(self, pos: int, text: str, rank: int = 0) -> None:
        self.edits.append((pos, pos, rank, text))

    def _replace(self, start: int, stop: int, text: str) -> None:
        self.edits.append((start, stop, 0, text))

    def _apply(self) -> str:
        source, base = self.file.text, self.file.base
        parts: list[str] = []
        at = 0
        for start, stop, _, text in sorted(self.edits, key=lambda e: (e[0], e[2], e[1])):
            parts.append(source[at : start - base])
            parts.append(text)
            at = max(at, stop - base)
        return "".join(parts) + source[at:] + self._helper_text()

    # -- the file ----------------------------------------------------------------------------------

    def _pragmas(self, node: ast.SourceUnit) -> None:
        pragmas = [i for i in node.items if isinstance(i, ast.Pragma)]
        for pragma in pragmas:
            if pragma.name == "facet":
                self._replace(pragma.pos, pragma.end, "")
        if not any(p.name == "solidity" for p in pragmas):
            self._insert(self.file.base, TWIN_PRAGMA + "\n", rank=-10)

    def _facet(self, contract: ContractSymbol) -> None:
        node: ast.Contract = contract.node
        keyword = self.file.text.index("facet", node.pos - self.file.base) + self.file.base
        self._replace(keyword, keyword + len("facet"), "contract")
        if node.layout is None:
            self._insert(node.name.end, f' layout at erc7201("facet.{contract.name}")')
        for variable in contract.state_variables:
            if (
                variable.role == "state"
                and not variable.transient
                and variable.type.is_value
                and variable.type.storage_bytes < 32
            ):
                free = 256 - 8 * variable.type.storage_bytes
                self._insert(variable.node.end, f" uint{free} private _fill_{variable.name};")

    # -- wrapping arithmetic -----------------------------------------------------------------------

    def _wrapping(self) -> None:
        types: dict[tuple[int, int], str] = {}
        for body in bodies(self.unit):
            for checked in nodes(body):
                if isinstance(checked, (typed.Binary, typed.Compound)) and checked.op in _HELPERS:
                    types[(checked.pos, checked.end)] = checked.type.name
                elif isinstance(checked, typed.Placeholder):
                    raise TwinError("a modifier in a file with wrapping arithmetic has no twin")
        for function in self._functions():
            if function.body is None:
                continue
            self._insert(function.body.pos + 1, " unchecked {", rank=-5)
            self._insert(function.body.end - 1, "} ", rank=5)
            for node in syntax.nodes(function.body):
                if isinstance(node, (ast.Binary, ast.Assign)) and node.op in _HELPERS:
                    self._division(node, types[node.span])

    def _functions(self) -> list[ast.Function]:
        found: list[ast.Function] = []
        for item in self.unit.node.items:
            members = item.members if isinstance(item, ast.Contract) else [item]
            found += [m for m in members if isinstance(m, ast.Function)]
        return found

    def _division(self, node: ast.Binary | ast.Assign, type_name: str) -> None:
        name = _HELPERS[node.op]
        self.helpers[(node.op, type_name)] = None
        if isinstance(node, ast.Binary):
            self._insert(node.pos, f"{name}(", rank=node.pos - node.end)
            self._replace(node.left.end, node.right.pos, ", ")
        else:
            target = self.file.text[
                node.target.pos - self.file.base : node.target.end - self.file.base
            ]
            self._replace(node.target.end, node.value.pos, f" = {name}({target}, ")
        self._close(node)

    def _close(self, node: ast.Expr) -> None:
        """A parenthesis after the node: inner ones first, and before whatever else is put there."""
        self._insert(node.end, ")", rank=node.end - node.pos - _LAST)

    def _helper_text(self) -> str:
        """Division and remainder that give 0 for a zero divisor, one pair of functions a type."""
        lines = [
            f"function {_HELPERS[op]}({name} a, {name} b) pure returns ({name}) "
            f"{{ unchecked {{ return b == 0 ? {name}(0) : a {op} b; }} }}"
            for op, name in self.helpers
        ]
        return "".join(f"\n{line}" for line in lines) + ("\n" if lines else "")

    # -- the lite dialect --------------------------------------------------------------------------

    def _lite(self, node: ast.SourceUnit) -> None:
        for function in self._functions():
            for parameter in (*function.parameters, *function.returns):
                type_name = parameter.type
                if isinstance(type_name, ast.ElementaryTypeName) and type_name.name == "string":
                    if parameter.location is None:
                        self._insert(type_name.end, " memory")
            if function.body is not None:
                self._literals(function.body)

    def _literals(self, root: ast.Node) -> None:
        for node in syntax.nodes(root):
            if isinstance(node, ast.String) and not node.value.isascii():
                self._insert(node.pos, "unicode")
            elif isinstance(node, ast.Number) and constants.looks_like_address(node.text):
                correct = constants.checksummed(node.text.replace("_", ""))
                if correct != node.text:
                    self._replace(node.pos, node.end, correct)
