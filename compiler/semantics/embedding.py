"""Which contracts' code another contract has to carry: `new C`, `type(C).creationCode`.

Only what the contract can run counts, so a function nobody calls may name any contract.
"""

from __future__ import annotations

from compiler.semantics.abi import resolve_function, special_function
from compiler.semantics.check_members import external_functions
from compiler.semantics.symbols import ContractSymbol, FunctionSymbol, Uses
from compiler.syntax import ast


def embedded_contracts(contract: ContractSymbol) -> dict[ContractSymbol, ast.Node]:
    """Each contract whose code is carried, and where it is asked for, in the order of the text."""
    found: dict[ContractSymbol, ast.Node] = {}
    seen: set[FunctionSymbol] = set()
    todo: list[Uses] = [base.uses for base in contract.linearized]

    def enter(function: FunctionSymbol | None) -> None:
        if function is None or function in seen:
            return
        seen.add(function)
        todo.append(function.uses)
        for invocation in function.invocations:
            todo.append(invocation.modifier.uses)
            name = invocation.modifier.name
            todo.extend(m.uses for c in contract.linearized for m in c.modifiers if m.name == name)

    for function in external_functions(contract):
        enter(function)
    for base in contract.linearized:
        enter(base.constructor)
    enter(special_function(contract, "receive"))
    enter(special_function(contract, "fallback"))
    while todo:
        uses = todo.pop()
        for created, node in uses.creates.items():
            known = found.get(created)
            if known is None or node.pos < known.pos:
                found[created] = node
        for called, dispatch in uses.calls:
            enter(resolve_function(contract, called, dispatch))
    return dict(sorted(found.items(), key=lambda item: item[1].pos))
