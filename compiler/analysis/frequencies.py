"""How often each block and edge runs for one run of the function, guessed from its shape.

Paths that revert hardly ever run, loops run ten times, other branches go either way (after Ball and
Larus, "Branch prediction for free", 1993)."""

from __future__ import annotations

from typing import NamedTuple

from compiler.analysis.cfg import predecessors, reverse_postorder
from compiler.ir.values import Block, Edge, Function

_REVERTING = frozenset(("fail", "revert", "invalid"))
_RARELY = 0.001
_STAYS = 0.9

# Blocks that run less often than this lead to a revert.
COLD = 0.01


class Frequencies(NamedTuple):
    """Runs of each reachable block, and of each edge as (source, target)."""

    blocks: dict[Block, float]
    edges: dict[tuple[Block, Block], float]


def frequencies(function: Function) -> Frequencies:
    """Estimates for the blocks of a function; its entry runs once."""
    order = reverse_postorder(function)
    number = {block: i for i, block in enumerate(order)}
    incoming = predecessors(function)
    loops = _loops(order, number, incoming)
    cold = _cold(order)
    blocks: dict[Block, float] = {}
    edges: dict[tuple[Block, Block], float] = {}
    for block in order:
        runs = 1.0 if block is function.entry else 0.0
        for source in {edge.source for edge in incoming[block] if edge.source in number}:
            if number[source] < number[block]:
                runs += edges[source, block]
        if block in loops:
            runs /= 1 - _STAYS
        blocks[block] = runs
        for edge, share in zip(block.edges, _shares(block, loops, cold), strict=True):
            key = (block, edge.target)
            edges[key] = edges.get(key, 0.0) + runs * share
    return Frequencies(blocks, edges)


def _cold(order: list[Block]) -> set[Block]:
    """Blocks that can only end in a revert."""
    cold: set[Block] = set()
    for block in reversed(order):
        if block.edges:
            if all(edge.target in cold for edge in block.edges):
                cold.add(block)
        elif block.term is not None and block.term.op in _REVERTING:
            cold.add(block)
    return cold


def _loops(
    order: list[Block], number: dict[Block, int], incoming: dict[Block, list[Edge]]
) -> dict[Block, set[Block]]:
    """The blocks of each loop, by its header."""
    loops: dict[Block, set[Block]] = {}
    for block in order:
        for edge in block.edges:
            header = edge.target
            if number[header] > number[block]:
                continue
            inside = loops.setdefault(header, {header})
            todo = [block]
            while todo:
                found = todo.pop()
                if found not in inside:
                    inside.add(found)
                    todo += [e.source for e in incoming[found] if e.source in number]
    return loops


def _shares(block: Block, loops: dict[Block, set[Block]], cold: set[Block]) -> list[float]:
    """What part of a block's runs goes along each of its edges."""
    targets = [edge.target for edge in block.edges]
    if len(targets) < 2:
        return [1.0] * len(targets)
    likely = [target not in cold for target in targets]
    if all(likely) or not any(likely):
        around = [inside for inside in loops.values() if block in inside]
        innermost = min(around, key=len, default=set())
        stays = [target in innermost for target in targets]
        if all(stays) or not any(stays):
            return [1 / len(targets)] * len(targets)
        return _divided(stays, 1 - _STAYS)
    return _divided(likely, _RARELY)


def _divided(favoured: list[bool], rest: float) -> list[float]:
    """`rest` for the others together, what is left for those that are favoured."""
    count = sum(favoured)
    others = len(favoured) - count
    return [(1 - rest) / count if f else rest / others for f in favoured]
