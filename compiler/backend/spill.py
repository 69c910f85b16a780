"""Which value leaves the stack for memory when a slot is out of reach.

Of the values between the top and the unreachable slot, those with the fewest uses go: each use of a
spilled value costs a load. At least one leaves per attempt, and more the more there are already, so
scheduling ends soon, at the latest when everything is in memory.
"""

from __future__ import annotations

from compiler.backend.stack import TooDeep
from compiler.diagnostics.errors import InternalCompilerError
from compiler.ir.values import Function, Value


def choose_spills(function: Function, problem: TooDeep, spilled: dict[Value, int]) -> list[Value]:
    """The next values to keep in memory."""
    reach = problem.slots[-(problem.depth + 1) :]
    candidates = [s for s in reach if isinstance(s, Value) and s.op != "const" and s not in spilled]
    if not candidates:
        raise InternalCompilerError(f"no value to spill in {function.name}: stack {problem.slots}")
    uses = _use_counts(function)
    candidates = sorted(set(candidates), key=lambda v: (uses.get(v, 0), v.id))
    return candidates[: 1 + len(spilled) // 4]


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
