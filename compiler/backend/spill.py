"""Which value leaves the stack for memory when a slot is out of reach.

Of the values between the top and the unreachable slot, the one with the fewest uses goes: each use
of a spilled value costs a load. One value leaves per attempt, so scheduling ends at the latest when
everything is in memory.
"""

from __future__ import annotations

from compiler.backend.stack import TooDeep
from compiler.diagnostics.errors import InternalCompilerError
from compiler.ir.values import Function, Value


def choose_spill(function: Function, problem: TooDeep, spilled: dict[Value, int]) -> Value:
    """The next value to keep in memory."""
    reach = problem.slots[-(problem.depth + 1) :]
    candidates = [s for s in reach if isinstance(s, Value) and s.op != "const" and s not in spilled]
    if not candidates:
        raise InternalCompilerError(f"no value to spill in {function.name}: stack {problem.slots}")
    uses = _use_counts(function)
    return min(candidates, key=lambda v: (uses.get(v, 0), v.id))


def _use_counts(function: Function) -> dict[Value, int]:
    counts: dict[Value, int] = {}
    for block in function.blocks:
        args = [a for inst in block.insts for a in inst.args]
        if block.term is not None:
            args += block.term.args
        for edge in block.edges:
            args += edge.args
        for arg in args:
            counts[arg] = counts.get(arg, 0) + 1
    return counts
