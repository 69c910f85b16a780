"""Which of several events of one name an `emit` means."""

from __future__ import annotations

from compiler.semantics import typed
from compiler.semantics.conversions import implicit
from compiler.semantics.symbols import EventSymbol


def fits(event: EventSymbol, values: list[typed.Expr], names: list[str] | None) -> bool:
    """Whether an event takes these arguments, in its order or by its names."""
    parameters = event.parameters
    if len(parameters) != len(values):
        return False
    if names is not None:
        if sorted(names) != sorted(p.name for p in parameters):
            return False
        given = dict(zip(names, values, strict=True))
        values = [given[p.name] for p in parameters]
    return all(
        implicit(v.type, p.type.in_location("memory")) is None
        for v, p in zip(values, parameters, strict=True)
    )
