"""Code that runs itself as far as it can while the library iterates over it.

The library's loop asks its code for the next opcode and runs what it gets. This code runs whole segments
before it answers, and answers only with opcodes that are the library's to run.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from eth.vm.code_stream import CodeStream
from eth.vm.logic.flow import jump

from harness.chain.interpreter.segments import FALL, JUMP, JUMPI, Table, analyse


class SegmentedCode(CodeStream):
    """The code of one computation."""

    __slots__ = ("_computation", "_table")

    def __init__(self, code: bytes, table: Table, computation: Any) -> None:
        super().__init__(code)
        self._table = table
        self._computation = computation

    def __iter__(self) -> Iterator[int]:
        computation = self._computation
        del self._computation  # no cycle: computations go away as soon as nobody wants them
        if computation.logger.show_debug2:  # whoever reads that log wants every opcode in it
            yield from super().__iter__()
            return
        analysis = analyse(self._raw_code_bytes, self._table)
        segments, destinations = analysis.segments, analysis.destinations
        stack: list[Any] = computation._stack.values
        meter = computation._gas_meter
        at = self.program_counter
        while True:
            segment = segments.get(at) or analysis.cut(at)
            gas, needs, room, steps, end, opcode, after = segment
            if meter.gas_remaining < gas or not needs <= len(stack) <= room:
                break
            meter.gas_remaining -= gas
            for run, operand in steps:
                run(stack, operand, computation)
            if end == FALL:
                at = after
            elif end == JUMP:
                at = stack.pop()
                if at not in destinations and not analysis.is_destination(at):
                    self._refuse(at, computation)
            elif end == JUMPI:
                at = stack.pop()
                if not stack.pop():
                    at = after
                elif at not in destinations and not analysis.is_destination(at):
                    self._refuse(at, computation)
            else:
                self.program_counter = after
                yield opcode
                at = self.program_counter
                for place, word in enumerate(stack):
                    if type(word) is bytes:
                        stack[place] = int.from_bytes(word, "big")
        # The library finds out where and how it fails, and says so in its own words.
        self.program_counter = at
        yield from super().__iter__()

    def _refuse(self, destination: int, computation: Any) -> None:
        """Raise what the library raises for this destination."""
        computation.stack_push_int(destination)
        jump(computation)
        raise AssertionError(f"the library would jump to {destination}")
