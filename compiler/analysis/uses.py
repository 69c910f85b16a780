"""How often each value is read, by instructions and by edges between blocks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from compiler.ir.values import Function, Value


def use_counts(function: Function) -> Counter[Value]:
    return Counter(_read(function))


def _read(function: Function) -> Iterator[Value]:
    for inst in function.instructions():
        yield from inst.args
    for block in function.blocks:
        for edge in block.edges:
            yield from edge.args
