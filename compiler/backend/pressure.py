"""How many words an expression keeps on the stack while it is computed in one go.

The EVM's stack holds 1,024 words in all. A chain of a thousand operations, each of which waits for the one
before it on top of an operand of its own, would pass that; so the result of a part that needs many words is
computed first, as a statement, and the rest goes on from it.
"""

from __future__ import annotations

from collections.abc import Callable

from compiler.ir.values import Block, Value

MAX_WORDS = 200


def heavy_values(block: Block, inline: Callable[[Value], bool]) -> set[Value]:
    """The values of a block that are to be computed on their own. `inline` says which ones would otherwise
    be computed inside the expression that uses them."""
    heavy: set[Value] = set()
    if len(block.insts) <= MAX_WORDS // 2:
        return heavy
    words: dict[Value, int] = {}
    for inst in block.insts:
        most = len(inst.args)
        for waiting, arg in enumerate(reversed(inst.args)):  # the last operand is pushed first
            if arg in words and arg not in heavy and inline(arg):
                most = max(most, waiting + words[arg])
        words[inst] = most
        if most > MAX_WORDS:
            heavy.add(inst)
    return heavy
