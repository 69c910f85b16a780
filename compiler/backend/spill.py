"""Which value leaves the stack for memory when a slot is out of reach.

Of the values between the top and the unreachable slot, those with the fewest uses go: each use of a
spilled value costs a load. At least one leaves per attempt, and more the more there are already, so
scheduling ends soon, at the latest when everything is in memory.

In a function of VAST size an attempt costs more than loads do: many leave at once, those deeper in the
stack too, and the parts of expressions that are computed on their own.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from compiler.analysis.uses import use_counts
from compiler.backend.stack import TooDeep
from compiler.diagnostics.errors import InternalCompilerError
from compiler.ir.values import Function, Value

VAST = 1_200  # instructions


def choose_spills(
    function: Function, problem: TooDeep, spilled: dict[Value, int], heavy: set[Value]
) -> list[Value]:
    """The next values to keep in memory."""

    def leaves(slots: Iterable[Any]) -> list[Value]:
        return [s for s in slots if isinstance(s, Value) and s.op != "const" and s not in spilled]

    candidates = leaves(problem.slots[-(problem.depth + 1) :]) or leaves(problem.slots)
    if not candidates:
        raise InternalCompilerError(f"no value to spill in {function.name}: stack {problem.slots}")
    uses = use_counts(function)
    chosen = sorted(set(candidates), key=lambda v: (uses.get(v, 0), v.id))
    if sum(len(block.insts) for block in function.blocks) < VAST:
        return chosen[: 1 + len(spilled) // 4]
    others = [*sorted(leaves(heavy), key=lambda v: v.id), *leaves(reversed(problem.slots))]
    return list(dict.fromkeys([*chosen, *others]))[: 16 + 3 * len(spilled)]
