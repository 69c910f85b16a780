"""The symbolic stack: what is where, and the only moves there are.

A slot holds a value, JUNK (a dead value nobody will ask for), or TEMP (an operand on its way to an
instruction). Depth 0 is the top. Moves deeper than DUP16 and SWAP16 raise `TooDeep`.
"""

from __future__ import annotations

from compiler.backend.assembly import DATA_OFFSET, DATA_SIZE, IMMUTABLE, LIBRARY, OP, PUSH, Item
from compiler.evm.opcodes import MAX_REACH
from compiler.ir.values import Value


class _Mark:
    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return self.name


JUNK = _Mark("junk")
TEMP = _Mark("temp")
RETURN_ADDRESS = _Mark("return address")
Slot = Value | _Mark

# Cheaper to compute again than to keep.
FREE = frozenset(
    """address origin caller callvalue calldatasize codesize gasprice coinbase timestamp number
    prevrandao gaslimit chainid basefee blobbasefee dataoffset datasize immutable
    libraryaddress""".split()
)


def is_free(value: Value) -> bool:
    """Constants and words that one cheap instruction gives at any time."""
    return value.op == "const" or value.op in FREE


class TooDeep(Exception):
    """A slot is out of reach; `depth` is where, `slots` the stack at that moment."""

    def __init__(self, depth: int, slots: list[Slot]) -> None:
        super().__init__(f"slot {depth} is out of reach")
        self.depth = depth
        self.slots = slots


class Stack:
    """Slots from bottom to top, and the code that made them so."""

    __slots__ = ("code", "end", "pos", "slots")

    def __init__(self, slots: list[Slot]) -> None:
        self.slots = slots
        self.code: list[Item] = []
        self.pos = 0
        self.end = 0

    def op(self, name: str) -> None:
        self.code.append(Item(OP, name, self.pos, self.end))

    def push_word(self, word: int, slot: Slot = TEMP) -> None:
        self.code.append(Item(PUSH, word, self.pos, self.end))
        self.slots.append(slot)

    def push_item(self, kind: int, value: object, slot: Slot = TEMP) -> None:
        self.code.append(Item(kind, value, self.pos, self.end))
        self.slots.append(slot)

    def push_free(self, value: Value, slot: Slot = TEMP) -> None:
        """A constant or free word."""
        if value.op == "const":
            self.push_word(value.imm, slot)
        elif value.op == "immutable":
            self.push_item(IMMUTABLE, value.imm, slot)
        elif value.op == "libraryaddress":
            self.push_item(LIBRARY, value.imm, slot)
        elif value.op == "dataoffset":
            self.push_item(DATA_OFFSET, value.imm, slot)
        elif value.op == "datasize":
            self.push_item(DATA_SIZE, value.imm, slot)
        else:
            self.op(value.op)
            self.slots.append(slot)

    def depth_of(self, value: Slot) -> int | None:
        """Distance of the nearest slot with this value from the top."""
        slots = self.slots
        for depth in range(len(slots)):
            if slots[-1 - depth] is value:
                return depth
        return None

    def dup(self, depth: int, slot: Slot = TEMP) -> None:
        if depth >= MAX_REACH:
            raise TooDeep(depth, list(self.slots))
        self.op(f"dup{depth + 1}")
        self.slots.append(slot)

    def swap(self, depth: int) -> None:
        """Exchange the top with the slot at `depth` (1 or more)."""
        if depth > MAX_REACH:
            raise TooDeep(depth, list(self.slots))
        self.op(f"swap{depth}")
        slots = self.slots
        slots[-1], slots[-1 - depth] = slots[-1 - depth], slots[-1]

    def pop(self) -> None:
        self.op("pop")
        self.slots.pop()

    def drop_junk(self) -> None:
        """Pop dead values as long as they are on top."""
        while self.slots and self.slots[-1] is JUNK:
            self.pop()

    def compact(self) -> None:
        """Take off the dead values within reach: what is on top goes into the place of the deepest of them."""
        slots = self.slots
        while True:
            self.drop_junk()
            depth = next(
                (d for d in range(min(MAX_REACH, len(slots) - 1), 0, -1) if slots[-1 - d] is JUNK),
                None,
            )
            if depth is None:
                return
            self.swap(depth)

    def forget(self, value: Value) -> None:
        """The value is dead: its slots are junk now."""
        slots = self.slots
        for index, slot in enumerate(slots):
            if slot is value:
                slots[index] = JUNK
