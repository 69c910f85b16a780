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
    # Later edges first, so that the first edge's target follows its block in the order.
    stack = [(function.entry, reversed(function.entry.edges))]
    while stack:
        block, edges = stack[-1]
        for edge in edges:
            successor = edge.target
            if successor not in seen:
                seen.add(successor)
                stack.append((successor, reversed(successor.edges)))
                break
        else:
            order.append(block)
            stack.pop()
    order.reverse()
    return order
