"""The dominator tree (Cooper, Harvey, Kennedy, "A Simple, Fast Dominance Algorithm", 2001)."""

from __future__ import annotations

from compiler.analysis.cfg import predecessors, reverse_postorder
from compiler.ir.values import Block, Function


def immediate_dominators(function: Function) -> dict[Block, Block]:
    """The immediate dominator of each reachable block, in reverse postorder; the entry's is itself."""
    order = reverse_postorder(function)
    number = {block: i for i, block in enumerate(order)}
    incoming = predecessors(function)
    entry = function.entry
    dominator: dict[Block, Block] = {entry: entry}
    changed = True
    while changed:
        changed = False
        for block in order[1:]:
            best: Block | None = None
            for edge in incoming[block]:
                source = edge.source
                if source in dominator:
                    best = source if best is None else _meet(source, best, dominator, number)
            assert best is not None
            if dominator.get(block) is not best:
                dominator[block] = best
                changed = True
    return dominator


def _meet(a: Block, b: Block, dominator: dict[Block, Block], number: dict[Block, int]) -> Block:
    while a is not b:
        while number[a] > number[b]:
            a = dominator[a]
        while number[b] > number[a]:
            b = dominator[b]
    return a


def children(function: Function) -> dict[Block, list[Block]]:
    """The dominator tree from parent to children, children in reverse postorder."""
    dominator = immediate_dominators(function)
    tree: dict[Block, list[Block]] = {block: [] for block in dominator}
    for block, above in dominator.items():
        if above is not block:
            tree[above].append(block)
    return tree
