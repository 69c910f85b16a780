"""Names and selectors that must not meet: in one scope, along inheritance, in one interface."""

from __future__ import annotations

from collections.abc import Iterable

from compiler.diagnostics.errors import Reporter
from compiler.semantics.advice import an
from compiler.semantics.overrides import parameter_types
from compiler.semantics.symbols import (
    ContractSymbol,
    ErrorSymbol,
    EventSymbol,
    FunctionSymbol,
    ModifierSymbol,
    Symbol,
    UnitSymbol,
    VariableSymbol,
)
from compiler.semantics.types import Type

_BUILT_IN_ERRORS = frozenset(("Error", "Panic"))


def check_unit_names(unit: UnitSymbol, reporter: Reporter) -> None:
    """Functions and events of one name in one file, imported ones too, differ in their types."""
    for symbols in unit.scope.names.values():
        if len(symbols) > 1:
            _check_overloads(symbols, reporter)
        for symbol in symbols:
            if isinstance(symbol, ErrorSymbol) and symbol.unit is unit:
                _check_error(symbol, reporter)


def check_contract_names(contract: ContractSymbol, reporter: Reporter) -> None:
    """The same for a contract with all it inherits."""
    for symbols in contract.scope.names.values():
        if len(symbols) > 1:
            _check_overloads(symbols, reporter)
        if isinstance(symbols[0], ErrorSymbol):
            _check_error(symbols[0], reporter)
    if len(contract.linearized) > 1:
        _check_inherited(contract, reporter)
    _check_external(contract, reporter)


def _types(symbol: FunctionSymbol | EventSymbol) -> tuple[Type, ...]:
    """Parameter types that make two overloads different; calldata counts as memory."""
    return tuple(
        p.type.in_location("memory") if p.type.location == "calldata" else p.type
        for p in symbol.parameters
    )


def _check_overloads(symbols: Iterable[Symbol], reporter: Reporter) -> None:
    known: dict[tuple[Type, ...], Symbol] = {}
    for symbol in symbols:
        if isinstance(symbol, (FunctionSymbol, EventSymbol)) and not symbol.broken:
            first = known.setdefault(_types(symbol), symbol)
            if first is not symbol:
                _report(symbol, first, f"`{symbol.signature}` is already declared", reporter)


def _report(symbol: Symbol, first: Symbol, message: str, reporter: Reporter) -> None:
    """At whichever of the two is written later."""
    if symbol.span is None or first.span is None:
        return
    later, earlier = max(symbol.span, first.span), min(symbol.span, first.span)
    reporter.report("SL0202", later, message, labels=((earlier, "first declared here"),))


# -- along inheritance ---------------------------------------------------------------------------------


def _check_inherited(contract: ContractSymbol, reporter: Reporter) -> None:
    seen: dict[str, list[Symbol]] = {n: list(s) for n, s in contract.scope.names.items()}
    for base in contract.linearized[1:]:
        for name, symbols in base.scope.names.items():
            known = seen.setdefault(name, [])
            for symbol in symbols:
                if symbol.broken or getattr(symbol, "visibility", "") == "private":
                    continue
                clash = next((k for k in known if not _may_share(k, symbol)), None)
                if clash is not None:
                    _report(
                        symbol, clash,
                        _clash(contract, clash, symbol),
                        reporter,
                    )  # fmt: skip
                known.append(symbol)
    for found in seen.values():
        if len(found) > 1 and isinstance(found[0], EventSymbol):
            _check_overloads(found, reporter)


def _clash(contract: ContractSymbol, known: Symbol, inherited: Symbol) -> str:
    if isinstance(known, VariableSymbol) and isinstance(inherited, VariableSymbol):
        return f"`{contract.name}` inherits a variable `{known.name}` already"
    return f"`{known.name}` is {an(known.kind)} and {an(inherited.kind)} of `{contract.name}` and its bases"


def _may_share(known: Symbol, inherited: Symbol) -> bool:
    """Whether a name may mean both: overloads, overrides, and a getter that overrides."""
    if isinstance(known, VariableSymbol):
        return known.visibility == "public" and isinstance(inherited, FunctionSymbol)
    kinds = (FunctionSymbol, EventSymbol, ModifierSymbol)
    return isinstance(known, kinds) and type(known) is type(inherited)


# -- selectors -----------------------------------------------------------------------------------------


def _check_external(contract: ContractSymbol, reporter: Reporter) -> None:
    """Functions with the same ABI signature but other types could not be told apart."""
    known: dict[str, FunctionSymbol] = {}
    for base in contract.linearized:
        for function in base.functions:
            if not function.is_external or function.getter_of is not None or function.broken:
                continue
            first = known.setdefault(function.signature, function)
            if first is not function and parameter_types(first) != parameter_types(function):
                later, earlier = (
                    (function, first) if (function.span or (0, 0)) > (first.span or (0, 0)) else (first, function)
                )  # fmt: skip
                reporter.report(
                    "SL0701", later.span, f"`{function.signature}` is what two overloads look like from outside",
                    labels=((earlier.span, "the other one"),) if earlier.span else (),
                    hint="rename one of them",
                )  # fmt: skip


def _check_error(symbol: ErrorSymbol, reporter: Reporter) -> None:
    if symbol.name in _BUILT_IN_ERRORS:
        reporter.report(
            "SL0710", symbol.span, f"`{symbol.name}` is an error of the language itself", hint="rename it"
        )  # fmt: skip
    elif symbol.selector in (0, 0xFFFFFFFF):
        reporter.report(
            "SL0710", symbol.span, f"the selector of `{symbol.signature}` is {symbol.selector:#010x}, which is reserved",
            hint="rename it",
        )  # fmt: skip


def check_error_selectors(
    contract: ContractSymbol, used: Iterable[ErrorSymbol], reporter: Reporter
) -> None:
    """Errors that a contract defines, inherits or uses have different selectors."""
    known: dict[int, ErrorSymbol] = {}
    defined = [e for base in contract.linearized for e in base.errors]
    for error in dict.fromkeys((*defined, *used)):
        first = known.setdefault(error.selector, error)
        if first.signature != error.signature:
            reporter.report(
                "SL0710", error.span or contract.span, f"`{error.signature}` and `{first.signature}` have the same selector {error.selector:08x}",
                labels=((first.span, "the other one"),) if first.span else (), hint="rename one of them",
            )  # fmt: skip
