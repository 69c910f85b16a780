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
    """Errors it defines, inherits or uses, in the order of the build; several may share a signature."""
    found = {error for base in contract.linearized for error in base.errors}
    found |= set(reachable_uses(contract).errors)
    return sorted((e for e in found if e.node is not None), key=lambda e: e.node.pos)
