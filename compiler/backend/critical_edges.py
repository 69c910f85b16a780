"""Splits edges from a block with several successors to a block with several predecessors.

Assumes: nothing. Does: puts an empty block on each such edge, so that the stack can be arranged
there. Preserves: everything else.
"""

from __future__ import annotations

from compiler.analysis.cfg import predecessors
from compiler.ir.values import Edge, Function, Value


def run(function: Function) -> bool:
    """Whether an edge was split."""
    incoming = predecessors(function)
    changed = False
    for block in list(function.blocks):
        if len(block.edges) < 2:
            continue
        for edge in block.edges:
            if len(incoming[edge.target]) < 2 and not edge.args:
                continue
            middle = function.new_block()
            assert block.term is not None
            middle.term = Value("jump", [], None, block.term.pos, block.term.end)
            middle.edges = [Edge(middle, edge.target, edge.args)]
            edge.target, edge.args = middle, []
            function.blocks.append(middle)
            changed = True
    return changed
