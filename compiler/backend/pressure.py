"""How many words an expression keeps on the stack while it is computed in one go.

Of two operands that may change places, the one that needs more words is computed first, while nothing else
waits on the stack (R. Sethi and J. D. Ullman, The Generation of Optimal Code for Arithmetic Expressions, 1970).

The EVM's stack holds 1,024 words in all. A chain of a thousand operations, each of which waits for the one
before it on top of an operand of its own, would pass that; so the result of a part that needs many words is
computed first, as a statement, and the rest goes on from it.
"""

from __future__ import annotations

from collections.abc import Callable

from compiler.ir.ops import COMMUTATIVE
from compiler.ir.values import Block, Value

MAX_WORDS = 200
LIGHT = 3  # words of an operand that is not worth taking another from where it lies


def order_operands(block: Block, inline: Callable[[Value], bool]) -> set[Value]:
    """Put the operands of a block's commutative operations into order, and give the values that are to be computed
    on their own. `inline` says which ones would otherwise be computed inside the expression that uses them."""
    heavy: set[Value] = set()
    words: dict[Value, int] = {}  # of what is computed inside an expression
    for inst in block.insts:
        args = inst.args
        if len(args) == 2 and inst.op in COMMUTATIVE and args[0] in words and args[1] in words:
            if words[args[0]] > max(words[args[1]], LIGHT):
                inst.args = args = args[::-1]  # the last operand is pushed first
        most = len(args)
        for waiting, arg in enumerate(reversed(args)):
            if arg in words:
                most = max(most, waiting + words[arg])
        if most > MAX_WORDS:
            heavy.add(inst)
        elif inline(inst):
            words[inst] = most
    return heavy
