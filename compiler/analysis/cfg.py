"""Edges and block order."""

from __future__ import annotations

from compiler.ir.values import Block, Edge, Function


def predecessors(function: Function) -> dict[Block, list[Edge]]:
    """The edges into each block of the function, in block order."""
    incoming: dict[Block, list[Edge]] = {block: [] for block in function.blocks}
    for block in function.blocks:
        for edge in block.edges:
            incoming[edge.target].append(edge)
    return incoming


def reverse_postorder(function: Function) -> list[Block]:
    """Reachable blocks, each before its successors except along loops."""
    order: list[Block] = []
    seen = {function.entry}
    stack: list[tuple[Block, int]] = [(function.entry, 0)]
    while stack:
        block, index = stack.pop()
        if index < len(block.edges):
            stack.append((block, index + 1))
            # Later edges first, so that the first edge's target follows its block in the order.
            successor = block.edges[len(block.edges) - 1 - index].target
            if successor not in seen:
                seen.add(successor)
                stack.append((successor, 0))
        else:
            order.append(block)
    order.reverse()
    return order
