"""A contract and its bases share one space of names: what they may both declare, and what they may not."""

from __future__ import annotations

from compiler.diagnostics.errors import Reporter
from compiler.semantics.symbols import (
    ContractSymbol,
    EventSymbol,
    FunctionSymbol,
    ModifierSymbol,
    Symbol,
    VariableSymbol,
)


def check_inherited_names(contract: ContractSymbol, reporter: Reporter) -> None:
    """Report names of bases that mean something else here."""
    known: dict[str, list[Symbol]] = {
        name: list(symbols) for name, symbols in contract.scope.names.items()
    }
    for base in contract.linearized[1:]:
        for name, symbols in base.scope.names.items():
            for symbol in symbols:
                if getattr(symbol, "visibility", "") == "private":
                    continue
                here = known.setdefault(name, [])
                other = _conflict(symbol, here)
                if other is None:
                    here.append(symbol)
                elif other.span and symbol.span:
                    reporter.report(
                        "SL0202", other.span, f"`{name}` is already declared in `{base.name}`",
                        labels=((symbol.span, "declared here"),),
                    )  # fmt: skip


def _conflict(symbol: Symbol, here: list[Symbol]) -> Symbol | None:
    """A symbol that cannot have the same name; functions and events are overloaded and overridden."""
    for other in here:
        if isinstance(symbol, (FunctionSymbol, EventSymbol)):
            getter = isinstance(symbol, FunctionSymbol) and isinstance(other, VariableSymbol)
            if type(other) is type(symbol) or (getter and _is_public_state(other)):
                continue
        elif isinstance(symbol, ModifierSymbol) and isinstance(other, ModifierSymbol):
            continue
        elif other is symbol:
            continue
        return other
    return None


def _is_public_state(symbol: Symbol) -> bool:
    return isinstance(symbol, VariableSymbol) and symbol.visibility == "public"
