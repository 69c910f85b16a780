"""The events and errors that a contract's documentation lists, by signature."""

from __future__ import annotations

from compiler.semantics.abi import reachable_uses
from compiler.semantics.symbols import ContractSymbol, ErrorSymbol, EventSymbol


def documented_events(contract: ContractSymbol) -> dict[str, EventSymbol]:
    """Its own and inherited events, the most derived of each signature; then those it emits of others, unless
    two of those have one signature."""
    found: dict[str, EventSymbol] = {}
    for base in contract.linearized:
        for event in base.events:
            found.setdefault(event.signature, event)
    used = list(reachable_uses(contract).events)
    signatures = [event.signature for event in used]
    for event in used:
        if signatures.count(event.signature) == 1:
            found.setdefault(event.signature, event)
    return found


def documented_errors(contract: ContractSymbol) -> list[ErrorSymbol]:
    """Errors it defines, inherits or uses; several may share a signature."""
    own = [error for base in contract.linearized for error in base.errors]
    used = [error for error in reachable_uses(contract).errors if error not in own]
    return [error for error in own + used if error.node is not None]
