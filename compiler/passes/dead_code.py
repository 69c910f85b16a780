"""Dead code: values nobody uses and blocks' parameters nobody reads.

Assumes: SSA. Does: keeps what has an effect and everything that needs, directly or not; drops the
rest. An unused load goes too: reading has no effect on its own, but where `msize` counts. Preserves: writes, calls, logs,
checks and everything that can end the call.
"""

from __future__ import annotations

from compiler.analysis.cfg import predecessors
from compiler.ir.ops import OPS, SCRATCH, effects
from compiler.ir.values import Block, Edge, Function, Value

_ONLY_SCRATCH = frozenset(("mapslot", "arrayslot"))  # they write scratch memory only for themselves


def removable(inst: Value) -> bool:
    """Whether an instruction may go when its result is not used."""
    row = OPS[inst.op]
    if inst.op in _ONLY_SCRATCH:
        return True
    writes = effects(inst.op, inst.imm)[1]
    return row.results == 1 and not row.halts and not writes & ~SCRATCH


def run(function: Function) -> bool:
    """Whether anything was removed."""
    live: set[Value] = set()
    work: list[Value] = []

    def need(value: Value) -> None:
        if value.op != "const" and value not in live:
            live.add(value)
            work.append(value)

    position: dict[Value, tuple[Block, int]] = {}
    for block in function.blocks[1:]:
        for index, parameter in enumerate(block.params):
            position[parameter] = (block, index)
    for block in function.blocks:
        for inst in block.insts:
            if not removable(inst):
                need(inst)
        if block.term is not None:
            for arg in block.term.args:
                need(arg)
    incoming = predecessors(function)
    while work:
        value = work.pop()
        for arg in value.args:
            need(arg)
        if value in position:
            home, index = position[value]
            for edge in incoming[home]:
                need(edge.args[index])
    return _sweep(function, live, incoming)


def _sweep(function: Function, live: set[Value], incoming: dict[Block, list[Edge]]) -> bool:
    changed = False
    for block in function.blocks:
        kept = [inst for inst in block.insts if inst in live]
        if len(kept) != len(block.insts):
            block.insts = kept
            changed = True
        if block is function.entry:
            continue
        for index in range(len(block.params) - 1, -1, -1):
            if block.params[index] not in live:
                del block.params[index]
                for edge in incoming[block]:
                    del edge.args[index]
                changed = True
    return changed
