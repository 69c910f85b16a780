"""Which passes run, in which order, and why in that order.

- control first: lowering leaves empty blocks and parameters that carry one value.
- value numbering before dead code: what it replaces dies.
- control again: folded conditions decide branches.
- free memory last: only then is it known who still allocates.
"""

from __future__ import annotations

from collections.abc import Callable

from compiler.ir.values import Function
from compiler.passes import control, dead_code, value_numbering

Pass = tuple[str, Callable[[Function], bool]]

LEVEL_0: tuple[Pass, ...] = (("control", control.run), ("dead-code", dead_code.run))
LEVEL_1: tuple[Pass, ...] = (
    ("control", control.run),
    ("value-numbering", value_numbering.run),
    ("dead-code", dead_code.run),
    ("control-2", control.run),
    ("value-numbering-2", value_numbering.run),
    ("dead-code-2", dead_code.run),
)
LEVELS = (LEVEL_0, LEVEL_1)
