"""Code cut into segments: runs of instructions that are paid for, and whose stack is checked, as one.

Within a segment nothing but want of gas can go wrong once its needs are met, and nobody looks at the gas
that is left. So paying for all of it first changes no result: a segment whose steps run out of gas would have
run out of gas anyway. A segment whose needs are not met is left to the library, one opcode after the other.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from eth.abc import OpcodeAPI
from eth.vm.logic import context as message
from eth.vm.logic import flow
from eth.vm.opcode_values import JUMPDEST, PUSH1, PUSH32, STOP

from harness.chain.interpreter import context, memory, stack, storage
from harness.chain.interpreter.instructions import Instruction, Logic, Run, gas_of, logic_of

KEPT_CODES = 1024
STACK_LIMIT = 1024
LONGEST = 256  # instructions; a frame that runs out of gas early should not pay for a long cut

FALL, JUMP, JUMPI, LIBRARY = range(4)

_KNOWN: dict[Logic, Instruction] = {
    **stack.INSTRUCTIONS,
    **memory.INSTRUCTIONS,
    **context.INSTRUCTIONS,
    **storage.INSTRUCTIONS,
}
_CONSTANT = Instruction(stack.push, 0, 1)
_JUMPS: dict[Logic, tuple[int, int]] = {flow.jump: (JUMP, 1), flow.jumpi: (JUMPI, 2)}


class Segment(NamedTuple):
    """`gas` for all of it, `needs` words on the stack and at most `room` of them; then the steps, then the end.

    `opcode` is what the library runs at a LIBRARY end; `after` is the position behind the segment.
    """

    gas: int
    needs: int
    room: int
    steps: tuple[tuple[Run, Any], ...]
    end: int
    opcode: int
    after: int


class Table:
    """An `opcodes` table of the library, read once: what each byte is to the interpreter."""

    def __init__(self, opcodes: Mapping[int, OpcodeAPI]) -> None:
        self.opcodes = opcodes
        self.instructions: dict[int, tuple[Instruction, int]] = {}  # with its gas
        self.pushes: dict[int, tuple[int, int]] = {}  # bytes of code, gas
        self.jumps: dict[int, tuple[int, int, int]] = {}  # end, words, gas
        self.places: dict[int, tuple[Logic, int]] = {}  # PC and CODESIZE: known from the code
        for byte, opcode in opcodes.items():
            logic = logic_of(opcode)
            if logic is None:
                continue
            if logic in stack.PUSHES:
                self.pushes[byte] = (stack.PUSHES[logic], gas_of(opcode))
            elif logic in _JUMPS:
                self.jumps[byte] = (*_JUMPS[logic], gas_of(opcode))
            elif logic in (flow.program_counter, message.codesize):
                self.places[byte] = (logic, gas_of(opcode))
            elif logic in _KNOWN:
                self.instructions[byte] = (_KNOWN[logic], gas_of(opcode))


class Analysis:
    """One code under one table. Segments are cut, and labels looked for, as far as the code is reached:
    creation code runs once, and most of it is data."""

    def __init__(self, code: bytes, table: Table) -> None:
        self.segments: dict[int, Segment] = {}
        self.destinations: set[int] = set()  # of those looked for
        self._scanned = 0  # up to here every label is known
        self._code = code
        self._table = table

    def cut(self, start: int) -> Segment:
        """The segment that begins at `start`, kept for the next time."""
        table, code = self._table, self._code
        steps: list[tuple[Run, Any]] = []
        gas = height = needs = highest = 0
        end, opcode, at = FALL, STOP, start
        while True:
            byte = code[at] if at < len(code) else STOP
            at += 1
            if byte in table.pushes:
                size, cost = table.pushes[byte]
                word = int.from_bytes(code[at : at + size].ljust(size, b"\x00"), "big")
                instruction = _CONSTANT._replace(operand=word)
                at += size
            elif byte in table.instructions:
                instruction, cost = table.instructions[byte]
            elif byte in table.places:
                logic, cost = table.places[byte]
                place = at - 1 if logic is flow.program_counter else len(code)
                instruction = _CONSTANT._replace(operand=place)
            elif byte in table.jumps:
                end, words, cost = table.jumps[byte]
                gas += cost
                needs = max(needs, words - height)
                break
            else:
                end, opcode = LIBRARY, byte
                break
            gas += cost
            needs = max(needs, instruction.needs - height)
            height += instruction.change
            highest = max(highest, height)
            if instruction.run is not stack.nothing:
                steps.append((instruction.run, instruction.operand))
            # What is jumped to is a segment of its own, so code behind a label is cut once.
            if instruction.exact or len(steps) == LONGEST or code[at : at + 1] == b"\x5b":
                break
        segment = Segment(gas, needs, STACK_LIMIT - highest, tuple(steps), end, opcode, at)
        self.segments[start] = segment
        return segment

    def is_destination(self, position: int) -> bool:
        """Whether a JUMPDEST stands there that is not data of a PUSH."""
        code, at = self._code, self._scanned
        if position >= len(code):
            return False
        while at <= position:
            byte = code[at]
            if byte == JUMPDEST:
                self.destinations.add(at)
            elif PUSH1 <= byte <= PUSH32:
                at += byte - PUSH1 + 1
            at += 1
        self._scanned = at
        return position in self.destinations


@lru_cache(maxsize=KEPT_CODES)
def analyse(code: bytes, table: Table) -> Analysis:
    """The analysis of a code; the newest ones are kept."""
    return Analysis(code, table)
