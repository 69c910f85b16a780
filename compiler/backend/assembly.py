"""Assembly: the instructions of a piece of code before labels have addresses."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

(OP, PUSH, LABEL, REF, DATA_OFFSET, DATA_SIZE, IMMUTABLE, SET_IMMUTABLE, FRAME, TABLE,
 LIBRARY) = range(11)  # fmt: skip
_KINDS = (
    "op",
    "push",
    "label",
    "ref",
    "dataoffset",
    "datasize",
    "immutable",
    "setimmutable",
    "frame",
    "table",
    "library",
)


class Item(NamedTuple):
    """`value` is a mnemonic (OP), a word (PUSH), a label, a name of data, immutable or library, for FRAME a
    pair (function, word): an address in a function's spill area, and for TABLE sixteen labels: a word
    of their addresses, the first one lowest."""

    kind: int
    value: object
    pos: int = 0
    end: int = 0

    def __str__(self) -> str:
        if self.kind == OP:
            return str(self.value)
        if self.kind == PUSH:
            return f"push {self.value:#x}"
        if self.kind == LABEL:
            return f"{self.value}:"
        if self.kind == REF:
            return f"push @{self.value}"
        if self.kind == TABLE:
            return "push " + " ".join(f"@{label}" for label in reversed(self.labels()))
        return f"{_KINDS[self.kind]} {self.value}"

    def labels(self) -> tuple[str, ...]:
        """The labels whose addresses this pushes."""
        if self.kind == REF:
            return (str(self.value),)
        return (
            tuple(map(str, self.value))
            if isinstance(self.value, tuple) and self.kind == TABLE
            else ()
        )


def print_assembly(items: Iterable[Item]) -> str:
    """One instruction a line, labels at the margin."""
    return "\n".join(str(i) if i.kind == LABEL else f"    {i}" for i in items) + "\n"
