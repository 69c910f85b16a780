"""Syntax trees to symbols and scopes: who is called what, in which file and contract.

Types stay unresolved here; the only questions answered are which names exist, what each file
imports, and which dialect a file is written in.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from compiler.diagnostics.errors import Reporter
from compiler.semantics.advice import did_you_mean
from compiler.semantics.builtins import BUILTIN_NAMES
from compiler.semantics.reserved import check_symbol
from compiler.semantics.symbols import (
    BuiltinSymbol,
    ContractSymbol,
    EnumSymbol,
    ErrorSymbol,
    EventSymbol,
    FunctionSymbol,
    ModifierSymbol,
    Scope,
    StructSymbol,
    Symbol,
    UnitSymbol,
    UserTypeSymbol,
    VariableSymbol,
)
from compiler.semantics.versions import admits, well_formed
from compiler.syntax import ast


def builtin_scope() -> Scope:
    """The outermost scope: what every file sees."""
    scope = Scope(None)
    for name in BUILTIN_NAMES:
        scope.add(name, BuiltinSymbol(name))
    return scope


def declare_unit(
    node: ast.SourceUnit, builtins: Scope, reporter: Reporter, arithmetic: str | None
) -> UnitSymbol:
    """Symbols of one file. `arithmetic` ("checked" or "wrapping") overrides the pragma."""
    unit = UnitSymbol(node.path, node, builtins)
    _dialect(unit, node, reporter, arithmetic)
    for item in node.items:
        if isinstance(item, ast.Contract):
            contract = ContractSymbol(item, unit)
            if not _declare(unit.scope, contract, reporter):
                continue
            unit.contracts.append(contract)
            for member in item.members:
                _declare_member(member, unit, contract, reporter)
        elif isinstance(item, ast.Using):
            unit.usings.append(item)
        elif isinstance(item, (ast.Function, ast.Variable)):
            _declare_free(item, unit, reporter)
        else:
            symbol = _definition(item, unit, None)
            if symbol is not None:
                _declare(unit.scope, symbol, reporter)
    return unit


# -- dialect -----------------------------------------------------------------------------------------


def _dialect(
    unit: UnitSymbol, node: ast.SourceUnit, reporter: Reporter, arithmetic: str | None
) -> None:
    pragmas = [item for item in node.items if isinstance(item, ast.Pragma)]
    facets = [i for i in node.items if isinstance(i, ast.Contract) and i.kind == "facet"]
    states_version = False
    stated: str | None = None
    for pragma in pragmas:
        if pragma.name == "solidity":
            states_version = True
            _check_version(pragma, reporter)
        elif pragma.name == "facet":
            if pragma.text not in ("checked", "wrapping"):
                reporter.report(
                    "SL0122", pragma.span, f"unknown facet pragma `{pragma.text}`",
                    hint=did_you_mean(pragma.text, ("checked", "wrapping"))
                    or "write `pragma facet checked;` or `pragma facet wrapping;`",
                )  # fmt: skip
            stated = pragma.text
        else:
            _check_pragma(pragma, reporter)
    if facets and not states_version:
        unit.dialect = "lite"
        unit.wrapping = True
    if stated is not None:
        unit.wrapping = stated == "wrapping"
    elif unit.dialect == "lite" and arithmetic is None:
        reporter.report(
            "SL6002", facets[0].name.span,
            f"facet `{facets[0].name.name}` uses wrapping arithmetic because the file states no Solidity version",
            hint="add `pragma solidity ^0.8.20;` for checked arithmetic, or `pragma facet wrapping;` to keep it",
        )  # fmt: skip
    has_code = any(not isinstance(i, (ast.Pragma, ast.Import)) for i in node.items)
    if not states_version and not facets and has_code:
        first = next(i for i in node.items if not isinstance(i, (ast.Pragma, ast.Import)))
        reporter.report(
            "SL6001", (first.pos, first.pos + 1), "file states no Solidity version",
            hint="add `pragma solidity ^0.8.20;`",
        )  # fmt: skip
    if arithmetic is not None:
        unit.wrapping = arithmetic == "wrapping"


def _check_version(pragma: ast.Pragma, reporter: Reporter) -> None:
    if not well_formed(pragma.text):
        reporter.report(
            "SL0122", pragma.span, f"`{pragma.text}` is not a version constraint",
            hint="write `pragma solidity ^0.8.20;`",
        )  # fmt: skip
    elif not admits(pragma.text):
        reporter.report(
            "SL2101", pragma.span, f"`pragma solidity {pragma.text}` asks for a Solidity that is not 0.8",
            hint="SolidityLite implements Solidity 0.8: write `pragma solidity ^0.8.20;`",
        )  # fmt: skip


_PRAGMAS = ("solidity", "facet", "abicoder", "experimental")


def _check_pragma(pragma: ast.Pragma, reporter: Reporter) -> None:
    text = pragma.text.strip("\"' ")
    if pragma.name == "abicoder" and text == "v1":
        reporter.report(
            "SL2102", pragma.span, "ABI coder v1 is not supported",
            hint="delete the pragma: v2 is what Solidity 0.8 uses by default",
        )  # fmt: skip
    elif pragma.name == "experimental" and text == "SMTChecker":
        reporter.report(
            "SL2103",
            pragma.span,
            "the SMTChecker is not part of this compiler",
            hint="delete the pragma",
        )
    elif (pragma.name, text) not in (
        ("abicoder", "v2"),
        ("experimental", "ABIEncoderV2"),
        ("experimental", "solidity"),
    ):
        reporter.report(
            "SL0122", pragma.span, f"unknown pragma `{pragma.name} {pragma.text}`".replace(" `", " `"),
            hint=did_you_mean(pragma.name, _PRAGMAS) or "known pragmas: solidity, facet, abicoder",
        )  # fmt: skip


# -- names -------------------------------------------------------------------------------------------


def _definition(item: ast.Node, unit: UnitSymbol, contract: ContractSymbol | None) -> Symbol | None:
    """The symbol of a definition that may stand in a contract or at file level."""
    if isinstance(item, ast.Struct):
        return StructSymbol(item, unit, contract)
    if isinstance(item, ast.Enum):
        return EnumSymbol(item, unit, contract)
    if isinstance(item, ast.Event):
        return EventSymbol(item, unit, contract)
    if isinstance(item, ast.Error):
        return ErrorSymbol(item, item.name.name, unit, contract)
    if isinstance(item, ast.UserType):
        return UserTypeSymbol(item, unit, contract)
    return None


def _declare_free(item: ast.Function | ast.Variable, unit: UnitSymbol, reporter: Reporter) -> None:
    if isinstance(item, ast.Variable):
        if not item.constant:
            reporter.report(
                "SL0501", item.name.span, f"variable `{item.name.name}` at file level must be constant",
                hint="add `constant`, or move it into a contract",
            )  # fmt: skip
        if item.visibility is not None or item.override is not None:
            reporter.report(
                "SL0116", item.name.span, f"the constant `{item.name.name}` at file level has no visibility",
                hint="delete it",
            )  # fmt: skip
        _declare(unit.scope, _variable(item, unit, None), reporter)
        return
    function = _function(item, unit, None)
    if _declare(unit.scope, function, reporter):
        unit.functions.append(function)


def _declare_member(
    member: ast.Node, unit: UnitSymbol, contract: ContractSymbol, reporter: Reporter
) -> None:
    scope = contract.scope
    if isinstance(member, ast.Function):
        function = _function(member, unit, contract)
        if member.kind in ("constructor", "receive", "fallback"):
            if getattr(contract, member.kind) is not None:
                reporter.report("SL0518", member.name.span, f"a second {member.kind} function")
            setattr(contract, member.kind, function)
            return
        if _declare(scope, function, reporter):
            contract.functions.append(function)
    elif isinstance(member, ast.Variable):
        variable = _variable(member, unit, contract)
        if _declare(scope, variable, reporter):
            contract.state_variables.append(variable)
    elif isinstance(member, ast.Modifier):
        modifier = ModifierSymbol(member, unit, contract)
        if _declare(scope, modifier, reporter):
            contract.modifiers.append(modifier)
    elif isinstance(member, ast.Using):
        contract.usings.append(member)
    else:
        symbol = _definition(member, unit, contract)
        if symbol is None or not _declare(scope, symbol, reporter):
            return
        if isinstance(symbol, EventSymbol):
            contract.events.append(symbol)
        elif isinstance(symbol, ErrorSymbol):
            contract.errors.append(symbol)
        elif isinstance(symbol, StructSymbol):
            contract.structs.append(symbol)


def _variable(
    node: ast.Variable, unit: UnitSymbol, contract: ContractSymbol | None
) -> VariableSymbol:
    role = "constant" if node.constant else "immutable" if node.immutable else "state"
    symbol = VariableSymbol(node.name.name, node, unit, contract, role)
    symbol.visibility = node.visibility or "internal"
    symbol.transient = node.transient
    return symbol


def _function(
    node: ast.Function, unit: UnitSymbol, contract: ContractSymbol | None
) -> FunctionSymbol:
    symbol = FunctionSymbol(node.name.name, node, unit, contract, node.kind)
    symbol.has_body = node.body is not None
    symbol.is_virtual = node.virtual or (contract is not None and contract.kind == "interface")
    symbol.mutability = node.mutability or "nonpayable"
    return symbol


_OVERLOADABLE = (FunctionSymbol, EventSymbol)


def _declare(scope: Scope, symbol: Symbol, reporter: Reporter) -> bool:
    """Whether the name was free; a second meaning is reported and left out of the program."""
    name = symbol.name
    check_symbol(symbol, reporter)
    for known in scope.names.get(name, ()):
        if isinstance(symbol, _OVERLOADABLE) and type(known) is type(symbol):
            continue  # overloads are compared once their types are known
        where = reporter.sources.where(known.span[0]) if known.span else "the language itself"
        reporter.report(
            "SL0202", symbol.span, f"`{name}` is already declared",
            labels=(((known.span, "first declared here"),) if known.span else ()),
            hint=None if known.span else f"it is declared in {where}",
        )  # fmt: skip
        return False
    scope.add(name, symbol)
    return True


# -- imports -------------------------------------------------------------------------------------------


def link_imports(units: list[UnitSymbol], reporter: Reporter) -> None:
    """Bring imported names into the files' scopes. Every unit must be declared already.

    A file offers what it imported too, so a name may have come a long way, even round a circle:
    names asked for one by one are handed on until no more of them arrive."""
    waiting: list[_Named] = []
    for unit in units:
        for node, other in unit.imports:
            if node.alias is not None:
                _import_name(unit, node.alias.name, other, node.alias, reporter)
            elif node.symbols is not None:
                waiting += [_Named(unit, other, name, new or name) for name, new in node.symbols]
    arrived = True
    while arrived:
        missing = [named for named in waiting if not _hand_on(named, reporter)]
        arrived = len(missing) < len(waiting)
        waiting = missing
    for named in waiting:
        reporter.report(
            "SL0203", named.name.span, f"`{named.name.name}` is not declared in {named.source.name}",
            hint=did_you_mean(named.name.name, exported(named.source)),
        )  # fmt: skip
        missing_name = Symbol(named.new.name, named.new)
        missing_name.broken = True
        named.unit.scope.add(named.new.name, missing_name)
    own = {unit: {n: list(s) for n, s in unit.scope.names.items()} for unit in units}
    for unit in units:
        seen = {unit}
        for node, other in unit.imports:
            if node.alias is None and node.symbols is None:
                for source in _whole_imports(other, seen):
                    for name, symbols in own[source].items():
                        for symbol in symbols:
                            _import_name(unit, name, symbol, node, reporter)


def _whole_imports(unit: UnitSymbol, seen: set[UnitSymbol]) -> Iterator[UnitSymbol]:
    """The file and all it imports whole, directly or not, each one once."""
    todo = [unit]
    while todo:
        source = todo.pop()
        if source in seen:
            continue
        seen.add(source)
        yield source
        whole = [o for node, o in source.imports if node.alias is None and node.symbols is None]
        todo += reversed(whole)


class _Named(NamedTuple):
    """`import {name as new} from source`"""

    unit: UnitSymbol
    source: UnitSymbol
    name: ast.Identifier
    new: ast.Identifier


def _hand_on(named: _Named, reporter: Reporter) -> bool:
    found = _offered(named.source, named.name.name, set())
    for symbol in found:
        _import_name(named.unit, named.new.name, symbol, named.new, reporter)
    return bool(found)


def _offered(unit: UnitSymbol, name: str, seen: set[UnitSymbol]) -> list[Symbol]:
    """What a file offers under one name."""
    if unit in seen:
        return []
    seen.add(unit)
    found = list(unit.scope.names.get(name, ()))
    for node, other in unit.imports:
        if node.alias is None and node.symbols is None:
            found += [s for s in _offered(other, name, seen) if s not in found]
    return found


def exported(unit: UnitSymbol, seen: set[UnitSymbol] | None = None) -> dict[str, list[Symbol]]:
    """All names a file offers to those who import it: its own and those it imported."""
    seen = seen or set()
    if unit in seen:
        return {}
    seen.add(unit)
    names = {name: list(symbols) for name, symbols in unit.scope.names.items()}
    for node, other in unit.imports:
        if node.alias is None and node.symbols is None:
            for name, symbols in exported(other, seen).items():
                known = names.setdefault(name, [])
                known.extend(s for s in symbols if s not in known)
    return names


def _import_name(
    unit: UnitSymbol, name: str, symbol: Symbol, node: ast.Node, reporter: Reporter
) -> None:
    known = unit.scope.names.get(name, [])
    if symbol in known:
        return
    if known and not (isinstance(symbol, _OVERLOADABLE) and type(known[0]) is type(symbol)):
        labels = ((known[0].span, "already means this"),) if known[0].span else ()
        reporter.report(
            "SL0204", node.span, f"import brings in a second `{name}`", labels=labels,
            hint=f"import it under another name: `import {{{name} as Other}} from …`",
        )  # fmt: skip
        return
    unit.scope.add(name, symbol)
