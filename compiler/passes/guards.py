"""Guards: checks that fail in the same way become one.

Assumes: SSA. Does: a check waits for the next one of its block with the same reason, and both conditions are tested
together, if nothing between them has an effect or could fail in another way. Values that are used more than once
stay on the stack until the joined check is made, so it is made before they are too many. Preserves: which reason a
call fails with; what a failing call computes before it fails may be more.
"""

from __future__ import annotations

from collections import Counter

from compiler.analysis.uses import use_counts
from compiler.ir.ops import OPS, RETURNDATA, SCRATCH, STORAGE, TRANSIENT, WORLD
from compiler.ir.values import Block, Function, Value

# Reading these with any operand at all costs a bounded amount of gas. Memory is not among them: an
# address that a check would have stopped may be so large that reading there takes all gas.
_HARMLESS = STORAGE | TRANSIENT | WORLD | RETURNDATA
MOST_WAITING = 10  # values that are used again; the stack reaches sixteen


def run(function: Function) -> bool:
    """Whether any checks were joined."""
    uses = use_counts(function)
    changed = False
    for block in function.blocks:
        changed |= _join(function, block, uses)
    return changed


def _join(function: Function, block: Block, uses: Counter[Value]) -> bool:
    waiting: Value | None = None
    again = 0  # values since the check that waits first
    joined: set[Value] = set()
    kept: list[Value] = []
    for inst in block.insts:
        if inst.op == "guard":
            if waiting is not None and waiting.imm == inst.imm and again <= MOST_WAITING:
                either = [waiting.args[0], inst.args[0]]
                kept.append(function.new_value("or", either, None, inst.pos, inst.end))
                inst.args = [kept[-1]]
                joined.add(waiting)
            else:
                again = 0
            waiting = inst
        elif not _harmless(inst):
            waiting = None
        elif uses[inst] > 1:
            again += 1
        kept.append(inst)
    block.insts = [inst for inst in kept if inst not in joined]
    return bool(joined)


def _harmless(inst: Value) -> bool:
    row = OPS[inst.op]
    return not (row.halts or row.writes & ~SCRATCH or row.reads & ~_HARMLESS)
