"""Where operations are written down; a file per domain fills it."""

from __future__ import annotations

from collections.abc import Callable

from tests.contracts.calls import Bound
from tests.contracts.economy import Economy
from tests.gas.measure import Call

FOUR = range(4)
BATCH = 32
TASK = b"Summarise the attached paper in three hundred words, with page numbers."
SHORT = b"Summarise the attached paper..."  # one storage word
assert len(SHORT) == 31
OPERATIONS: dict[str, Callable[[Economy], list[Call]]] = {}


def operation(facet: str) -> Callable[[Callable[[Economy], list[Call]]], object]:
    """Registers a function as `facet:function_name`."""

    def register(prepare: Callable[[Economy], list[Call]]) -> object:
        OPERATIONS[f"{facet}:{prepare.__name__}"] = prepare
        return prepare

    return register


def of(handle: Bound, sender: bytes, name: str, *arguments: object) -> Call:
    return Call(handle.address, handle.data(name, *arguments), sender)
