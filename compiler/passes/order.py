"""Which passes run, in which order, and why in that order.

- control first: lowering leaves empty blocks and parameters that carry one value.
- threading while conditions are still the values of branches, and again when inlining brought results here.
- value numbering before storage: equal addresses become one value.
- value numbering before dead code: what it replaces dies.
- control again: folded conditions decide branches.
- inlining when bodies are as small as they get, callees before callers; each caller is then simplified
  before it is looked at as a callee. Bodies that met share addresses, so storage comes again.
- promotion then, too: an object that was handed to a body no longer leaves the function.
- conditions when what was read twice is one value and callers' checks stand before their callees'.
- guards when nothing is simplified any more: two conditions made one are harder to see through.
- free memory last: only then is it known who still allocates.
"""

from __future__ import annotations

from collections.abc import Callable, Container

from compiler.ir.values import Function
from compiler.passes import (
    conditions,
    control,
    dead_code,
    guards,
    promotion,
    storage,
    threading,
    value_numbering,
)

Pass = tuple[str, Callable[[Function], bool]]

# 0 drops what nothing reaches or needs. 1 cleans each function quickly. 2 is the whole order, inlining
# included, and what is used where nobody says anything. 3 goes on until nothing changes any more.
LEVEL_0: tuple[Pass, ...] = (("control", control.run), ("dead-code", dead_code.run))
LEVEL_1: tuple[Pass, ...] = (
    ("control", control.run),
    ("value-numbering", value_numbering.run),
    ("dead-code", dead_code.run),
    ("control-2", control.run),
)
LEVEL_2: tuple[Pass, ...] = (
    ("control", control.run),
    ("threading", threading.run),
    ("value-numbering", value_numbering.run),
    ("storage", storage.run),
    ("dead-code", dead_code.run),
    ("control-2", control.run),
    ("value-numbering-2", value_numbering.run),
    ("dead-code-2", dead_code.run),
)
LEVELS = (LEVEL_0, LEVEL_1, LEVEL_2, LEVEL_2)
WITH_INLINING, UNTIL_NOTHING_CHANGES = 2, 3
MAX_ROUNDS = 4
INLINING = "inlining"
FINAL: tuple[Pass, ...] = (("guards", guards.run),)


def after_inlining(quiet: Container[str], unsafe_memory: bool = False) -> tuple[Pass, ...]:
    """What a function goes through when its callees are done and bodies were copied into it.

    `quiet` grows with them: the functions that are known not to write storage."""
    promote: tuple[Pass, ...] = (("promotion", promotion.run), ("control-4", control.run))
    return (
        ("control-3", control.run),
        ("threading-2", threading.run),
        ("value-numbering-3", value_numbering.run),
        *(() if unsafe_memory else promote),
        ("storage-2", lambda function: storage.run(function, quiet)),
        ("value-numbering-4", value_numbering.run),
        ("conditions", conditions.run),
        ("value-numbering-5", value_numbering.run),
        ("dead-code-3", dead_code.run),
        ("control-5", control.run),
    )
