"""Getting the operands of an instruction to the top of the stack, and emitting it.

A value used once is computed right where it is needed. One that is on the stack for the last time is
moved, not copied. Values kept in memory are loaded.
"""

from __future__ import annotations

from typing import Any

from compiler.backend.assembly import FRAME, REF, SET_IMMUTABLE, Item
from compiler.backend.pressure import order_operands
from compiler.backend.stack import TEMP, Stack, is_free
from compiler.ir.ops import OPS, effects
from compiler.ir.values import Block, Value

FREE_MEMORY = ("free memory", 0)
SLOT_HASHES = frozenset(("mapslot", "arrayslot"))


class Operands:
    """The state of one block's schedule, and operand placement."""

    def __init__(self, parent: Any, block: Block, slots: list[Any]) -> None:
        self.parent = parent
        self.block = block
        self.stack = Stack(slots)
        self.spilled = parent.spilled
        self.emitted: set[Value] = set()
        self.remaining: dict[Value, int] = {}
        self.position: dict[Value, int] = {}
        self.pending_loads: list[Value] = []
        self.out: set[Value] = set()
        self.heavy: set[Value] = set()
        self.count_uses()
        self.heavy = order_operands(block, self.is_inline)
        parent.heavy |= self.heavy

    def count_uses(self) -> None:
        block, remaining = self.block, self.remaining
        for index, inst in enumerate(block.insts):
            self.position[inst] = index
            for arg in inst.args:
                remaining[arg] = remaining.get(arg, 0) + 1
        assert block.term is not None
        for arg in block.term.args:
            remaining[arg] = remaining.get(arg, 0) + 1
        for edge in block.edges:
            for arg in edge.args:
                remaining[arg] = remaining.get(arg, 0) + 1
        self.out = {v for v in self.parent.live.live_out[block] if not is_free(v)}
        if (
            any(e.target in self.parent.returns for e in block.edges)
            and self.parent.function.kind == "internal"
        ):
            self.out.add(self.parent.return_address)
        if block.term.op == "ret":
            remaining[self.parent.return_address] = 1

    def statement(self, inst: Value, prepared: bool = False) -> None:
        """Schedule one instruction; the scheduler of whole blocks says how."""
        raise NotImplementedError

    def floats(self, inst: Value) -> bool:
        """Computed on demand: no effect but reading."""
        row = OPS[inst.op]
        if inst.op in SLOT_HASHES:
            return True
        return row.results == 1 and not row.halts and not effects(inst.op, inst.imm)[1]

    def is_inline(self, value: Value) -> bool:
        if value.op in SLOT_HASHES and self.parent.reads_scratch:
            return False
        return (
            value in self.position and value not in self.emitted and not is_free(value)
            and self.remaining.get(value, 0) == 1 and value not in self.out
            and value not in self.heavy and self.floats(value)
        )  # fmt: skip

    def must_compute(self, value: Value) -> bool:
        return value in self.position and value not in self.emitted and not is_free(value)

    def arguments(self, args: list[Value]) -> None:
        """Put operands on the stack, the first on top, as TEMP slots."""
        wanted = args[::-1]  # from deepest to top
        ready = self.in_place(wanted)
        if ready == 0 and len(args) == 2 and self.swapped_in_place(wanted):
            ready = 2
        for number in range(ready, len(wanted)):
            again = number > 0 and wanted[number] is wanted[number - 1]
            self.push_operand(wanted[number], again)

    def in_place(self, wanted: list[Value]) -> int:
        """How many operands already lie on top of the stack, in order and for the last time."""
        slots = self.stack.slots
        for count in range(min(len(wanted), len(slots)), 0, -1):
            candidates = wanted[:count]
            if slots[len(slots) - count :] == candidates and self.all_last(candidates, wanted):
                for value in candidates:
                    self.remaining[value] -= 1
                for index in range(count):
                    slots[len(slots) - count + index] = TEMP
                return count
        return 0

    def all_last(self, candidates: list[Value], wanted: list[Value]) -> bool:
        for value in candidates:
            if self.remaining.get(value, 0) != 1 or value in self.out or wanted.count(value) != 1:
                return False
        return True

    def swapped_in_place(self, wanted: list[Value]) -> bool:
        """Two operands on top, both for the last time, the wrong way round."""
        slots = self.stack.slots
        if len(slots) < 2 or slots[-1] is not wanted[0] or slots[-2] is not wanted[1]:
            return False
        if not self.all_last(wanted, wanted):
            return False
        self.stack.swap(1)
        for value in wanted:
            self.remaining[value] -= 1
        slots[-1] = slots[-2] = TEMP
        return True

    def push_operand(self, value: Value, again: bool = False) -> None:
        """One operand on top of the stack, as TEMP; `again` if the operand below is the same."""
        stack = self.stack
        if is_free(value):
            stack.push_free(value)
            return
        if value.op == "undefined":
            stack.push_word(0)
            return
        if self.must_compute(value):
            self.inline(value)
            return
        self.remaining[value] -= 1
        last = self.remaining[value] == 0 and value not in self.out
        if value in self.spilled:
            self.push_frame_address(value)
            stack.op("mload")
            return
        depth = stack.depth_of(value)
        assert depth is not None, f"{value!r} is not on the stack of {self.parent.function.name}"
        if not last:
            stack.dup(depth)
            return
        temps = self.temps_on_top()
        if depth == temps == 0:
            stack.slots[-1] = TEMP
        elif again and depth == temps == 1:
            stack.slots[-2] = TEMP
        elif depth == temps == 1 or temps == 0:
            stack.swap(depth)
            stack.slots[-1] = TEMP
        else:
            stack.dup(depth)
            stack.forget(value)

    def temps_on_top(self) -> int:
        """How many operands wait on top; 2 stands for all larger numbers."""
        slots = self.stack.slots
        count = 0
        while count < min(len(slots), 2) and slots[-1 - count] is TEMP:
            count += 1
        return count

    def inline(self, root: Value) -> None:
        """Compute a value used once, right here; deep expressions cost no recursion."""
        work: list[tuple[Value, int]] = [(root, 0)]
        # Each entry: an instruction and how many of its operands are on the stack.
        while work:
            inst, done = work.pop()
            args = inst.args[::-1]
            if done == 0:
                self.remaining[inst] -= 1
                self.emitted.add(inst)
                done = self.in_place(args) if self.temps_on_top() == 0 else 0
            while done < len(args):
                arg = args[done]
                done += 1
                if self.must_compute(arg):
                    work.append((inst, done))
                    work.append((arg, 0))
                    break
                self.push_operand(arg)
            else:
                self.stack.pos, self.stack.end = inst.pos, inst.end
                self.operate(inst)

    def operate(self, inst: Value) -> None:
        """The instruction itself: its operands are on top; its result, if any, becomes a TEMP."""
        stack = self.stack
        op = inst.op
        count = len(inst.args)
        if op == "guard":
            stack.push_item(REF, self.parent.labels.reason(inst.imm, inst.pos, inst.end))
            stack.op("jumpi")
            del stack.slots[-2:]
            return
        if op == "setimmutable":
            stack.code.append(Item(SET_IMMUTABLE, inst.imm, stack.pos, stack.end))
            del stack.slots[-2:]
            return
        if op in _EXPANSIONS:
            _EXPANSIONS[op](self, inst)
        else:
            stack.op(op)
        del stack.slots[len(stack.slots) - count :]
        if OPS[op].results:
            stack.slots.append(TEMP)

    def push_frame_address(self, value: Value) -> None:
        self.stack.push_item(FRAME, (self.parent.function.name, self.spilled[value]))

    def expand_mapslot(self) -> None:
        """keccak256 of key and slot, put into scratch memory."""
        stack = self.stack
        for address in (0x00, 0x20):
            stack.push_word(address)
            stack.op("mstore")
            stack.slots.pop()
        stack.push_word(0x40)
        stack.push_word(0)
        stack.op("keccak256")
        del stack.slots[-2:]

    def expand_arrayslot(self) -> None:
        stack = self.stack
        stack.push_word(0)
        stack.op("mstore")
        stack.slots.pop()
        stack.push_word(0x20)
        stack.push_word(0)
        stack.op("keccak256")
        del stack.slots[-2:]

    def expand_fmp(self) -> None:
        self.stack.push_word(0x40)
        self.stack.op("mload")
        self.stack.slots.pop()

    def expand_setfmp(self, inst: Value) -> None:
        self.stack.push_word(0x40)
        self.stack.op("mstore")
        self.stack.slots.pop()


_EXPANSIONS: dict[str, Any] = {
    "mapslot": lambda self, inst: self.expand_mapslot(),
    "arrayslot": lambda self, inst: self.expand_arrayslot(),
    "fmp": lambda self, inst: self.expand_fmp(),
    "setfmp": lambda self, inst: self.expand_setfmp(inst),
}
