"""A chain that says which sides of its contract's branches were taken, and which words were compared there."""

from __future__ import annotations

from typing import Any, NamedTuple

from tests.contracts.tracing import stack_word, watched
from tests.fuzz.chain import RecordedEvm

_LT, _GT, _SLT, _SGT, _EQ, _XOR, _SUB, _JUMPI = 0x10, 0x11, 0x12, 0x13, 0x14, 0x18, 0x03, 0x57


class Side(NamedTuple):
    """One way out of a JUMPI; `place` is where the code goes on when it does not jump."""

    place: int
    jumped: bool


class WatchedEvm(RecordedEvm):
    """`sides` and `compared` grow with each message that runs code of `contract`, also when it reverts."""

    def __init__(self) -> None:
        super().__init__()
        self.contract: bytes | None = None
        self.sides: set[Side] = set()
        self.compared: set[tuple[int, int]] = set()
        opcodes = dict(self._computation.opcodes)
        for code in (_LT, _GT, _SLT, _SGT, _EQ, _XOR, _SUB):
            opcodes[code] = watched(opcodes[code], self._compared)
        opcodes[_JUMPI] = watched(opcodes[_JUMPI], self._branched)
        self._computation = type("Watched", (self._computation,), {"opcodes": opcodes})
        self.state.computation_class = self._computation

    def _compared(self, computation: Any) -> None:
        if computation.msg.code_address == self.contract:
            first, second = map(stack_word, computation._stack.values[-2:])
            self.compared.add((first, second))

    def _branched(self, computation: Any) -> None:
        if computation.msg.code_address == self.contract:
            condition = stack_word(computation._stack.values[-2])
            self.sides.add(Side(computation.code.program_counter, condition != 0))


def all_sides(runtime: bytes) -> set[Side]:
    """Of every JUMPI of some code; those in data after the code, too."""
    found: set[Side] = set()
    at = 0
    while at < len(runtime):
        byte = runtime[at]
        at += 1
        if byte == _JUMPI:
            found |= {Side(at, False), Side(at, True)}
        elif 0x60 <= byte < 0x80:
            at += byte - 0x5F
    return found
