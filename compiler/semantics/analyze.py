"""All of semantics in order: declare, import, inherit, resolve, check bodies, lay out storage."""

from __future__ import annotations

from contextlib import suppress

from compiler.diagnostics.errors import Reporter, StageStop
from compiler.semantics.check_members import (
    external_functions,
    function_selector,
    function_signature,
)
from compiler.semantics.check_statements import BodyChecker
from compiler.semantics.declare import builtin_scope, declare_unit, link_imports
from compiler.semantics.resolve import resolve_units
from compiler.semantics.storage_layout import facet_base, layout_struct
from compiler.semantics.symbols import ContractSymbol, FunctionSymbol, StructSymbol, UnitSymbol
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
    for unit in units.values():
        link_imports(unit, reporter)
    reporter.stop_on_errors()
    ordered = list(units.values())
    resolve_units(ordered, reporter)
    reporter.stop_on_errors()
    for unit in ordered:
        for struct in _structs(unit):
            layout_struct(struct)
    for unit in ordered:
        _check_unit(unit, reporter, evm_version)
    reporter.stop_on_errors()
    return ordered


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
        _guarded(_body(unit, None, reporter, evm_version).check_function, function)
    for symbols in unit.scope.names.values():
        for symbol in symbols:
            if getattr(symbol, "role", "") == "constant" and getattr(symbol, "unit", None) is unit:
                _guarded(_body(unit, None, reporter, evm_version).check_initial_value, symbol)
    for contract in unit.contracts:
        _check_contract(contract, reporter, evm_version)


def _body(
    unit: UnitSymbol, contract: ContractSymbol | None, reporter: Reporter, evm_version: str
) -> BodyChecker:
    checker = BodyChecker(reporter, unit, contract)
    checker.evm_version = evm_version
    return checker


def _guarded(check: object, *arguments: object) -> None:
    """Run a check; what it could not finish is reported already."""
    with suppress(StageStop):
        check(*arguments)  # type: ignore[operator]


def _check_contract(contract: ContractSymbol, reporter: Reporter, evm_version: str) -> None:
    unit = contract.unit
    _guarded(_set_layout_base, contract, reporter)
    for base in contract.node.bases:
        if base.arguments is not None:
            checker = _body(unit, contract, reporter, evm_version)
            _guarded(_base_from_list, checker, contract, base)
    for variable in contract.state_variables:
        _guarded(_body(unit, contract, reporter, evm_version).check_initial_value, variable)
    for modifier in contract.modifiers:
        _guarded(_body(unit, contract, reporter, evm_version).check_modifier, modifier)
    special = (contract.constructor, contract.receive, contract.fallback)
    for function in (*contract.functions, *special):
        if function is not None:
            _guarded(_body(unit, contract, reporter, evm_version).check_function, function)
    _check_selectors(contract, reporter)
    _check_base_constructors(contract, reporter)


def _base_from_list(checker: BodyChecker, contract: ContractSymbol, base: ast.Base) -> None:
    symbol = checker.resolve_path(base.path)
    assert isinstance(symbol, ContractSymbol)
    checker.base_arguments(contract, symbol, base.arguments or [], base)


def _check_base_constructors(contract: ContractSymbol, reporter: Reporter) -> None:
    if contract.abstract or contract.kind in ("interface", "library"):
        return
    given = {b for c in contract.linearized for b in c.base_arguments}
    for base in contract.linearized[1:]:
        if base.constructor is not None and base.constructor.parameters and base not in given:
            reporter.report(
                "SL0513", contract.span, f"`{contract.name}` passes no arguments to the constructor of `{base.name}`",
                hint=f"write `is {base.name}(…)`, or mark the contract `abstract`",
            )  # fmt: skip


def _set_layout_base(contract: ContractSymbol, reporter: Reporter) -> None:
    if contract.node.layout is not None:
        checker = BodyChecker(reporter, contract.unit, contract)
        if contract.kind in ("interface", "library") or contract.abstract:
            checker.fail(
                "SL0517",
                contract.node.layout.span,
                f"`layout at` does not apply to this {contract.kind}",
            )
        base = checker.constant_integer(contract.node.layout)
        if not 0 <= base < 1 << 256:
            checker.fail(
                "SL0517", contract.node.layout.span, "storage base is not a 256-bit slot number"
            )
        contract.layout_base = base
    elif contract.is_facet:
        contract.layout_base = facet_base(contract.name)


def _check_selectors(contract: ContractSymbol, reporter: Reporter) -> None:
    """Two different signatures with one selector cannot both be called, nor can two functions whose
    parameter types are different and yet have one signature."""
    shapes: dict[str, FunctionSymbol] = {}
    for base in contract.linearized:
        for function in base.functions:
            if function.is_external and function.getter_of is None:
                first = shapes.setdefault(function.signature, function)
                if first.shape != function.shape and first.contract is not function.contract:
                    reporter.report(
                        "SL0701", first.span or contract.span,
                        f"`{function.name}` takes other types than the one inherited from `{base.name}`, but has the same selector",
                        hint="rename one of them",
                    )  # fmt: skip
    known: dict[int, str] = {}
    for function in external_functions(contract):
        signature, value = function_signature(function), function_selector(function)
        other = known.setdefault(value, signature)
        if other != signature:
            reporter.report(
                "SL0701", function.span, f"`{signature}` and `{other}` have the same selector {value:08x}",
                hint="rename one of them",
            )  # fmt: skip
