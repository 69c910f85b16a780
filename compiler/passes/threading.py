"""Jump threading: what a path already decided is not asked again.

Assumes: SSA, edges of a branch carry no arguments. Does: where a block tests a parameter first and an
edge brings a constant for it, that path goes straight to the outcome. A check moves into the blocks
before, and where it is known to fail they end there; not round a loop. Preserves: the order of effects on every path.

This is how `a && b` and results of small functions stop being values (Mueller and Whalley, "Avoiding
conditional branches by code replication", 1995).
"""

from __future__ import annotations

from collections.abc import Iterator

from compiler.analysis.cfg import predecessors
from compiler.ir.values import Block, Edge, Function, Value


def run(function: Function) -> bool:
    """Thread what can be threaded; whether anything changed."""
    changed = False
    while True:
        incoming = predecessors(function)
        for block in function.blocks[1:]:
            if block.params and _thread(function, block, incoming[block]):
                break
        else:
            return changed
        changed = True


def _thread(function: Function, block: Block, edges: list[Edge]) -> bool:
    if not any(arg.op == "const" for edge in edges for arg in edge.args):
        return False
    if any(edge.source.term is None or edge.source.term.op != "jump" for edge in edges):
        return False
    return _past_branch(function, block, edges) or _into_check(function, block, edges)


def _past_branch(function: Function, block: Block, edges: list[Edge]) -> bool:
    """The block is nothing but a branch on its only parameter."""
    term = block.term
    if block.insts or len(block.params) != 1 or term is None or term.op != "branch":
        return False
    parameter = block.params[0]
    if term.args[0] is not parameter:
        return False
    known = [edge for edge in edges if edge.args[0].op == "const" and edge.source is not block]
    then, otherwise = block.edges
    if not known or then.target.params or otherwise.target.params:
        return False
    if sum(arg is parameter for arg in _read(function)) > 1:
        return False  # somebody behind the branch needs the value itself
    for edge in known:
        edge.target = (then if edge.args[0].imm else otherwise).target
        edge.args = []
    return True


def _read(function: Function) -> Iterator[Value]:
    """Every use of every value."""
    for inst in function.instructions():
        yield from inst.args
    for block in function.blocks:
        for edge in block.edges:
            yield from edge.args


def _into_check(function: Function, block: Block, edges: list[Edge]) -> bool:
    """The block begins with a check of a parameter."""
    found = _first_check(block)
    if found is None:
        return False
    check, index, inverted = found
    if not any(edge.args[index].op == "const" for edge in edges):
        return False
    behind = _behind(block)
    if any(edge.source in behind for edge in edges):
        return False  # a check moved round a loop would come back to where it was, for ever
    block.insts.remove(check)
    for edge in edges:
        value, source = edge.args[index], edge.source
        if value.op != "const":
            if inverted:
                value = function.new_value("iszero", [value], None, check.pos, check.end)
                source.insts.append(value)
            source.insts.append(
                function.new_value("guard", [value], check.imm, check.pos, check.end)
            )
        elif bool(value.imm) != inverted:
            source.term = Value("fail", [], check.imm, check.pos, check.end)
            source.edges = []
    return True


def _behind(block: Block) -> set[Block]:
    """Every block that a path from this one leads to."""
    found: set[Block] = set()
    todo = [block]
    while todo:
        fresh = [target for target in todo.pop().successors if target not in found]
        found.update(fresh)
        todo += fresh
    return found


def _first_check(block: Block) -> tuple[Value, int, bool] | None:
    """A guard that runs before anything else, which parameter it looks at, and whether it is inverted."""
    if not block.insts:
        return None
    check, inverted = block.insts[0], False
    if check.op == "iszero" and len(block.insts) > 1 and block.insts[1].args == [check]:
        check, inverted = block.insts[1], True
    if check.op != "guard":
        return None
    tested = check.args[0].args[0] if inverted else check.args[0]
    if tested not in block.params:
        return None
    return check, block.params.index(tested), inverted
