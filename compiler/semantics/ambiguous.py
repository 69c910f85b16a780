"""Definitions that a contract inherits more than once and has to decide between.

It has to, unless every way from the contract up to the definitions without a base leads through
one of them: that one then overrides all the others already. Such a definition is an articulation
point of the graph of overrides.
"""

from __future__ import annotations

from collections.abc import Callable

from compiler.diagnostics.errors import Reporter
from compiler.semantics.symbols import ContractSymbol, FunctionSymbol, ModifierSymbol

Overridable = FunctionSymbol | ModifierSymbol
Bases = Callable[[Overridable], list[Overridable]]


def check_ambiguous(
    contract: ContractSymbol, inherited: list[Overridable], bases: Bases, reporter: Reporter
) -> None:
    """Report several definitions of one thing that `contract` inherits and does not redefine."""
    left = _undecided(inherited, bases)
    if len(left) < 2:
        return
    owners = [symbol.contract.name for symbol in left if symbol.contract is not None]
    first = left[0]
    kind = "modifier " if isinstance(first, ModifierSymbol) else ""
    name = first.name or getattr(first, "function_kind", "")
    labels = tuple((s.span, "one of them") for s in left if s.span)
    reporter.report(
        "SL0524", contract.span,
        f"`{contract.name}` inherits {kind}`{name}` from {' and '.join(owners)}",
        labels=labels, hint=f"define it here with `override({', '.join(owners)})`",
    )  # fmt: skip


def _undecided(inherited: list[Overridable], bases: Bases) -> list[Overridable]:
    left = list(inherited)
    for cut in _cut_points(inherited, bases):
        todo = list(bases(cut))
        while todo:
            above = todo.pop()
            if above in left:
                left.remove(above)
            todo += bases(above)
        if not cut.has_body and cut in left:
            left.remove(cut)
    return left


def _cut_points(inherited: list[Overridable], bases: Bases) -> list[Overridable]:
    """The definitions whose removal would part the contract from the top of the graph.

    Node 0 is the contract, node 1 stands above every definition that overrides nothing."""
    numbers: dict[Overridable, int] = {}
    edges: list[set[int]] = [set(), set()]

    def visit(symbol: Overridable) -> int:
        number = numbers.get(symbol)
        if number is None:
            number = numbers[symbol] = len(edges)
            edges.append(set())
            above = bases(symbol)
            for other in [visit(base) for base in above] or [1]:
                edges[number].add(other)
                edges[other].add(number)
        return number

    for symbol in inherited:
        number = visit(symbol)
        edges[0].add(number)
        edges[number].add(0)
    return [symbol for symbol, number in numbers.items() if _parts(edges, number)]


def _parts(edges: list[set[int]], removed: int) -> bool:
    """Whether the graph falls apart without a node. It is small: the overrides of one name."""
    start = 0
    seen = {start, removed}
    todo = [start]
    while todo:
        for other in edges[todo.pop()]:
            if other not in seen:
                seen.add(other)
                todo.append(other)
    return len(seen) < len(edges)
