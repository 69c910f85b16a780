"""Every typed node below a statement or expression, in no particular order."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from compiler.semantics.symbols import ContractSymbol, UnitSymbol
from compiler.semantics.typed import Expr, Statement


def nodes(root: Any) -> Iterator[Expr | Statement]:
    """The node itself and all typed nodes it holds."""
    todo = [root]
    while todo:
        node = todo.pop()
        if isinstance(node, (Expr, Statement)):
            yield node
            todo += [getattr(node, name) for name in node.__slots__]
        elif isinstance(node, (list, tuple)):
            todo += node
        elif isinstance(node, dict):
            todo += node.values()


def bodies(unit: UnitSymbol) -> Iterator[Any]:
    """The typed bodies and initial values of a unit."""
    for function in unit.functions:
        yield function.body
    for contract in unit.contracts:
        yield from contract_bodies(contract)


def contract_bodies(contract: ContractSymbol) -> Iterator[Any]:
    """The typed bodies and initial values of one contract."""
    special = (contract.constructor, contract.receive, contract.fallback)
    for function in (*contract.functions, *special):
        if function is not None:
            yield function.body
            yield [invocation.arguments for invocation in function.invocations]
    for modifier in contract.modifiers:
        yield modifier.body
    for variable in contract.state_variables:
        if variable.initial is not None:
            yield variable.initial
