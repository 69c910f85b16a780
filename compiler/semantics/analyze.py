"""All of semantics in order: declare, import, inherit, resolve, check bodies, lay out storage."""

from __future__ import annotations

from collections.abc import Iterator

from compiler.diagnostics.errors import Reporter, StageStop
from compiler.semantics.abi import reachable_uses
from compiler.semantics.assignment import check_assignment
from compiler.semantics.base_arguments import check_base_arguments
from compiler.semantics.check_members import (
    external_functions,
    function_selector,
    function_signature,
)
from compiler.semantics.check_statements import BodyChecker
from compiler.semantics.clashes import check_error_selectors
from compiler.semantics.declare import builtin_scope, declare_unit, link_imports
from compiler.semantics.modified import check_modified
from compiler.semantics.resolve import resolve_units
from compiler.semantics.storage_layout import (
    check_storage_size,
    facet_base,
    layout_struct,
    state_variables,
)
from compiler.semantics.symbols import (
    ContractSymbol,
    ErrorSymbol,
    FunctionSymbol,
    StructSymbol,
    Symbol,
    UnitSymbol,
)
from compiler.semantics.transient import check_transient_version
from compiler.syntax import ast


def analyze(
    trees: dict[str, ast.SourceUnit],
    imports: dict[str, dict[str, str]],
    reporter: Reporter,
    evm_version: str,
    arithmetic: str | None = None,
) -> list[UnitSymbol]:
    """Checked units of a build. `imports` maps, per file, each written path to the file it means."""
    builtins = builtin_scope()
    units = {
        path: declare_unit(tree, builtins, reporter, arithmetic) for path, tree in trees.items()
    }
    for path, unit in units.items():
        for item in unit.node.items:
            if isinstance(item, ast.Import):
                unit.imports.append((item, units[imports[path][item.path]]))
    ordered = list(units.values())
    link_imports(ordered, reporter)
    resolve_units(ordered, reporter)
    broken_using = any(
        unit.usings_broken or any(c.usings_broken for c in unit.contracts) for unit in ordered
    )
    if broken_using or any(s.broken for unit in ordered for s in _declared(unit)):
        reporter.must_have_errors()
    for unit in ordered:
        for struct in _structs(unit):
            layout_struct(struct)
    for unit in ordered:
        for contract in unit.contracts:
            check_storage_size(contract, reporter)
    for unit in ordered:
        _check_unit(unit, reporter, evm_version)
    reporter.stop_on_errors()
    for unit in ordered:
        _check_whole_functions(unit, reporter)
        for contract in unit.contracts:
            check_base_arguments(contract, reporter)
    _check_errors(ordered, reporter)
    reporter.stop_on_errors()
    return ordered


def _declared(unit: UnitSymbol) -> Iterator[Symbol]:
    """Everything a file declares, members of contracts included."""
    for symbols in unit.scope.names.values():
        yield from symbols
    for contract in unit.contracts:
        yield contract
        yield from contract.members()
        for symbols in contract.scope.names.values():
            yield from symbols


def _structs(unit: UnitSymbol) -> list[StructSymbol]:
    scopes = [unit.scope, *(c.scope for c in unit.contracts)]
    return [
        s
        for scope in scopes
        for found in scope.names.values()
        for s in found
        if isinstance(s, StructSymbol)
    ]


def _check_unit(unit: UnitSymbol, reporter: Reporter, evm_version: str) -> None:
    for function in unit.functions:
        _guarded(reporter, _body(unit, None, reporter, evm_version).check_function, function)
    for symbols in unit.scope.names.values():
        for symbol in symbols:
            mine = getattr(symbol, "unit", None) is unit and not symbol.broken
            if mine and getattr(symbol, "role", "") == "constant":
                _guarded(
                    reporter, _body(unit, None, reporter, evm_version).check_initial_value, symbol
                )
    for contract in unit.contracts:
        _check_contract(contract, reporter, evm_version)


def _body(
    unit: UnitSymbol, contract: ContractSymbol | None, reporter: Reporter, evm_version: str
) -> BodyChecker:
    checker = BodyChecker(reporter, unit, contract)
    checker.evm_version = evm_version
    return checker


def _outside(checker: BodyChecker) -> BodyChecker:
    """The header of a contract names what the file has: its own members need the contract's name in front."""
    checker.scope = checker.unit.scope
    return checker


def _guarded(reporter: Reporter, check: object, *arguments: object) -> None:
    """Run a check; what it could not finish is reported already."""
    try:
        check(*arguments)  # type: ignore[operator]
    except StageStop:
        reporter.must_have_errors()


def _check_contract(contract: ContractSymbol, reporter: Reporter, evm_version: str) -> None:
    unit = contract.unit
    if contract.broken:
        return
    _guarded(reporter, _set_layout_base, contract, reporter)
    check_transient_version(contract, reporter, evm_version)
    for base in contract.node.bases:
        if base.arguments is not None:
            checker = _outside(_body(unit, contract, reporter, evm_version))
            _guarded(reporter, _base_from_list, checker, contract, base)
    for variable in contract.state_variables:
        if not variable.broken:
            _guarded(
                reporter, _body(unit, contract, reporter, evm_version).check_initial_value, variable
            )
    for modifier in contract.modifiers:
        _guarded(reporter, _body(unit, contract, reporter, evm_version).check_modifier, modifier)
    special = (contract.constructor, contract.receive, contract.fallback)
    for function in (*contract.functions, *special):
        if function is not None:
            _guarded(
                reporter, _body(unit, contract, reporter, evm_version).check_function, function
            )
    _check_selectors(contract, reporter)


def _check_whole_functions(unit: UnitSymbol, reporter: Reporter) -> None:
    """What only shows once the bodies of functions and modifiers are known."""
    functions: list[FunctionSymbol | None] = [*unit.functions]
    for contract in unit.contracts:
        functions += [
            *contract.functions,
            contract.constructor,
            contract.receive,
            contract.fallback,
        ]
    for function in functions:
        if function is None:
            continue
        for invocation in function.invocations:
            check_modified(function, invocation, reporter)
        if function.has_pointers or any(i.modifier.has_pointers for i in function.invocations):
            check_assignment(function, reporter)


def _base_from_list(checker: BodyChecker, contract: ContractSymbol, base: ast.Base) -> None:
    symbol = checker.resolve_path(base.path)
    assert isinstance(symbol, ContractSymbol)
    checker.need_sound([c for c in (symbol.constructor,) if c is not None])
    checker.base_arguments(contract, symbol, base.arguments or [], base)


def _check_errors(units: list[UnitSymbol], reporter: Reporter) -> None:
    """Only where two errors of the build share a selector is it asked who can meet both."""
    known: dict[int, str] = {}
    scopes = [s for unit in units for s in (unit.scope, *(c.scope for c in unit.contracts))]
    errors = {
        e for scope in scopes for found in scope.names.values() for e in found
        if isinstance(e, ErrorSymbol)
    }  # fmt: skip
    if all(known.setdefault(e.selector, e.signature) == e.signature for e in errors):
        return
    for unit in units:
        for contract in unit.contracts:
            check_error_selectors(contract, reachable_uses(contract).errors, reporter)


def _set_layout_base(contract: ContractSymbol, reporter: Reporter) -> None:
    if contract.node.layout is not None:
        checker = _outside(BodyChecker(reporter, contract.unit, contract))
        if contract.kind in ("interface", "library") or contract.abstract:
            checker.fail(
                "SL0517",
                contract.node.layout.span,
                f"`layout at` does not apply to this {contract.kind}",
            )
        checker.need_written_out(
            contract.node.layout, "SL0517", "the storage base must be a constant whole number"
        )
        base = checker.constant_integer(contract.node.layout)
        if not 0 <= base < 1 << 256:
            checker.fail(
                "SL0517", contract.node.layout.span, "storage base is not a 256-bit slot number"
            )
        contract.layout_base = base
        end = base + sum(v.type.storage_slots for v in state_variables(contract))
        if end > base and end >= 1 << 256:
            checker.fail(
                "SL0517", contract.node.layout.span, "the variables would pass the last slot"
            )
    elif contract.is_facet:
        contract.layout_base = facet_base(contract.name)


def _check_selectors(contract: ContractSymbol, reporter: Reporter) -> None:
    """Two different signatures with one selector cannot both be called, nor can two functions whose
    parameter types are different and yet have one signature."""
    shapes: dict[str, FunctionSymbol] = {}
    for base in contract.linearized:
        for function in base.functions:
            if function.is_external and function.getter_of is None and not function.broken:
                first = shapes.setdefault(function.signature, function)
                if first.shape != function.shape and first.contract is not function.contract:
                    reporter.report(
                        "SL0701", first.span or contract.span,
                        f"`{function.name}` takes other types than the one inherited from `{base.name}`, but has the same selector",
                        hint="rename one of them",
                    )  # fmt: skip
    known: dict[int, str] = {}
    for function in external_functions(contract):
        if function.broken:
            continue
        signature, value = function_signature(function), function_selector(function)
        other = known.setdefault(value, signature)
        if other != signature:
            reporter.report(
                "SL0701", function.span, f"`{signature}` and `{other}` have the same selector {value:08x}",
                hint="rename one of them",
            )  # fmt: skip
