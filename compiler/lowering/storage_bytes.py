"""`bytes` and `string` in storage.

Up to 31 bytes share the slot with twice their length in its lowest byte; longer ones keep
`2 * length + 1` in the slot and their bytes from `keccak256(slot)` on. A slot that says neither
consistently is Panic(0x22).
"""

from __future__ import annotations

from collections.abc import Callable

from compiler.ir.values import Value
from compiler.lowering.frame import PANIC_INDEX, PANIC_POP, PANIC_STORAGE_BYTES
from compiler.lowering.storage import Storage

Fetch = Callable[[Value], Value]


class StorageBytes(Storage):
    """Byte strings by slot."""

    def bytes_length(self, word: Value) -> Value:
        """The length a slot's word states, checked for consistency."""
        return self.routine("bytes_length", [word], 1, lambda f, p: f.bytes_length_routine(p[0]))[0]

    def bytes_length_routine(self, word: Value) -> None:
        is_long = self.mask(word, 1)
        half = self.emit("shr", self.const(1), word)
        length = self.select(is_long, lambda: [half], lambda: [self.mask(half, 7)])[0]
        # Long strings have at least 32 bytes, short ones less.
        self.panic_if(
            self.emit("eq", is_long, self.emit("lt", length, self.const(32))), PANIC_STORAGE_BYTES
        )
        self.ret(length)

    def load_bytes(self, slot: Value) -> Value:
        """A copy in memory."""
        return self.routine("load_bytes", [slot], 1, lambda f, p: f.load_bytes_routine(p[0]))[0]

    def load_bytes_routine(self, slot: Value) -> None:
        word = self.emit("sload", slot)
        length = self.bytes_length(word)
        pointer = self.allocate_bytes(length)
        self.copy_storage_bytes(self.add(pointer, 32), slot, word, length)
        self.ret(pointer)

    def copy_storage_bytes(self, target: Value, slot: Value, word: Value, length: Value) -> None:
        """The contents to memory at `target`, whole words; the last one is zero-padded."""

        def short() -> None:
            self.emit("mstore", target, self.emit("and", word, self.const(~0xFF)))

        def long() -> None:
            data = self.emit("arrayslot", slot)
            words = self.emit("shr", self.const(5), self.add(length, 31))

            def copy(index: Value) -> None:
                address = self.emit("add", target, self.emit("shl", self.const(5), index))
                self.emit("mstore", address, self.emit("sload", self.emit("add", data, index)))

            self.loop(words, copy)

        self.choose(self.mask(word, 1), long, short)

    # -- writing -----------------------------------------------------------------------------------

    def store_bytes(self, slot: Value, length: Value, kind: str, source: Value) -> None:
        """Replace the contents; `source` is where the bytes are in memory or calldata."""
        name = f"store_bytes_{kind}"
        self.routine(name, [slot, length, source], 0, lambda f, p: f.store_bytes_routine(kind, *p))

    def store_bytes_routine(self, kind: str, slot: Value, length: Value, source: Value) -> None:
        load = "mload" if kind == "memory" else "calldataload"

        def fetch(offset: Value) -> Value:
            return self.emit(load, self.emit("add", source, offset))

        self._too_long(length)
        old = self.emit("sload", slot)
        self.free_bytes_beyond(slot, self.bytes_length(old), length)
        self.choose(
            self.emit("gt", length, self.const(31)),
            lambda: self._store_long(slot, length, fetch),
            lambda: self._store_short(slot, length, fetch),
        )
        self.ret()

    def _too_long(self, length: Value) -> None:
        from compiler.lowering.frame import MAX_LENGTH, PANIC_MEMORY

        self.panic_if(self.emit("gt", length, self.const(MAX_LENGTH)), PANIC_MEMORY)

    def _store_short(self, slot: Value, length: Value, fetch: Fetch) -> None:
        word = self.keep_bytes(fetch(self.const(0)), length)
        self.emit("sstore", slot, self.emit("or", word, self.emit("shl", self.const(1), length)))

    def keep_bytes(self, word: Value, count: Value) -> Value:
        """The first `count` bytes of a word, the rest zero; `count` is at most 32."""
        keep = self.emit(
            "not", self.emit("shr", self.emit("shl", self.const(3), count), self.const(-1))
        )
        return self.emit("and", word, keep)

    def _store_long(self, slot: Value, length: Value, fetch: Fetch) -> None:
        data = self.emit("arrayslot", slot)
        full = self.emit("shr", self.const(5), length)

        def copy(index: Value) -> None:
            word = fetch(self.emit("shl", self.const(5), index))
            self.emit("sstore", self.emit("add", data, index), word)

        self.loop(full, copy)
        rest = self.mask(length, 5)

        def last() -> None:
            word = self.keep_bytes(fetch(self.emit("shl", self.const(5), full)), rest)
            self.emit("sstore", self.emit("add", data, full), word)

        self.choose(rest, last, lambda: None)
        doubled = self.add(self.emit("shl", self.const(1), length), 1)
        self.emit("sstore", slot, doubled)

    def free_bytes_beyond(self, slot: Value, old: Value, new: Value) -> None:
        """Clear the data slots of a long string that a shorter one leaves unused."""

        def free() -> None:
            data = self.emit("arrayslot", slot)
            kept = self.select(
                self.emit("lt", new, self.const(32)),
                lambda: [self.const(0)],
                lambda: [self.emit("shr", self.const(5), self.add(new, 31))],
            )[0]
            end = self.emit("shr", self.const(5), self.add(old, 31))
            self.clear_slots(data, kept, end)

        self.choose(self.emit("gt", old, self.const(31)), free, lambda: None)

    def clear_slots(self, data: Value, start: Value, end: Value) -> None:
        """Zero the slots `start` … `end - 1` after `data`. Slots go round at 2^256; these numbers do not."""
        self.routine("clear_slots", [data, start, end], 0, lambda f, p: f.clear_slots_routine(*p))

    def clear_slots_routine(self, data: Value, start: Value, end: Value) -> None:
        builder = self.builder
        key = object()
        builder.write(key, start)
        head, inside, done = builder.new_block(), builder.new_block(), builder.new_block()
        builder.jump(head)
        builder.start(head)
        builder.branch(self.emit("lt", builder.read(key), end), inside, done)
        builder.resume(inside)
        self.emit("sstore", self.emit("add", data, builder.read(key)), self.const(0))
        builder.write(key, self.add(builder.read(key), 1))
        builder.jump(head)
        builder.seal(head)
        builder.resume(done)
        self.ret()

    def clear_bytes(self, slot: Value) -> None:
        """`delete`: length zero, data slots zero."""
        self.routine("clear_bytes", [slot], 0, lambda f, p: f.clear_bytes_routine(p[0]))

    def clear_bytes_routine(self, slot: Value) -> None:
        length = self.bytes_length(self.emit("sload", slot))
        self.free_bytes_beyond(slot, length, self.const(0))
        self.emit("sstore", slot, self.const(0))
        self.ret()

    # -- single bytes ------------------------------------------------------------------------------

    def byte_place(self, slot: Value, index: Value) -> tuple[Value, Value]:
        """(slot that holds a byte, bit offset of it); Panic(0x32) where there is none."""
        name = "byte_place"
        place, offset = self.routine(name, [slot, index], 2, lambda f, p: f.byte_place_routine(*p))
        return place, offset

    def byte_place_routine(self, slot: Value, index: Value) -> None:
        word = self.emit("sload", slot)
        length = self.bytes_length(word)
        self.panic_if(self.is_zero(self.emit("lt", index, length)), PANIC_INDEX)

        def long() -> list[Value]:
            data = self.emit("arrayslot", slot)
            return [self.emit("add", data, self.emit("shr", self.const(5), index))]

        place = self.select(self.mask(word, 1), long, lambda: [slot])[0]
        from_left = self.mask(index, 5)
        bits = self.emit("shl", self.const(3), self.emit("sub", self.const(31), from_left))
        self.ret(place, bits)

    def load_storage_byte(self, slot: Value, index: Value) -> Value:
        place, bits = self.byte_place(slot, index)
        byte = self.mask(self.emit("shr", bits, self.emit("sload", place)), 8)
        return self.emit("shl", self.const(248), byte)

    def store_storage_byte(self, slot: Value, index: Value, value: Value) -> None:
        place, bits = self.byte_place(slot, index)
        hole = self.emit("not", self.emit("shl", bits, self.const(0xFF)))
        byte = self.emit("shl", bits, self.emit("shr", self.const(248), value))
        word = self.emit("or", self.emit("and", self.emit("sload", place), hole), byte)
        self.emit("sstore", place, word)

    # -- growing and shrinking ---------------------------------------------------------------------

    def push_byte(self, slot: Value, value: Value) -> None:
        self.routine("push_byte", [slot, value], 0, lambda f, p: f.push_byte_routine(*p))

    def push_byte_routine(self, slot: Value, value: Value) -> None:
        word = self.emit("sload", slot)
        length = self.bytes_length(word)
        self._too_long(length)
        byte = self.emit("shr", self.const(248), value)

        def short() -> None:
            bits = self.emit("shl", self.const(3), self.emit("sub", self.const(31), length))
            kept = self.keep_bytes(word, length)
            grown = self.emit("or", kept, self.emit("shl", bits, byte))
            doubled = self.emit("shl", self.const(1), self.add(length, 1))
            self.emit("sstore", slot, self.emit("or", grown, doubled))

        def spill() -> None:  # 31 bytes become 32: they move out of the slot
            grown = self.emit("or", self.emit("and", word, self.const(~0xFF)), byte)
            self.emit("sstore", self.emit("arrayslot", slot), grown)
            self.emit("sstore", slot, self.const(65))

        def long() -> None:
            self.emit("sstore", slot, self.add(word, 2))
            place = self.emit(
                "add", self.emit("arrayslot", slot), self.emit("shr", self.const(5), length)
            )
            bits = self.emit(
                "shl", self.const(3), self.emit("sub", self.const(31), self.mask(length, 5))
            )
            hole = self.emit("not", self.emit("shl", bits, self.const(0xFF)))
            kept = self.emit("and", self.emit("sload", place), hole)
            self.emit("sstore", place, self.emit("or", kept, self.emit("shl", bits, byte)))

        def grown_past() -> None:
            self.choose(self.emit("eq", length, self.const(31)), spill, long)

        self.choose(self.emit("lt", length, self.const(31)), short, grown_past)
        self.ret()

    def pop_byte(self, slot: Value) -> None:
        self.routine("pop_byte", [slot], 0, lambda f, p: f.pop_byte_routine(p[0]))

    def pop_byte_routine(self, slot: Value) -> None:
        word = self.emit("sload", slot)
        length = self.bytes_length(word)
        self.panic_if(self.is_zero(length), PANIC_POP)
        shorter = self.emit("sub", length, self.const(1))

        def short() -> None:
            doubled = self.emit("shl", self.const(1), shorter)
            self.emit("sstore", slot, self.emit("or", self.keep_bytes(word, shorter), doubled))

        def fold() -> None:  # 32 bytes become 31: they move back into the slot
            data = self.emit("arrayslot", slot)
            kept = self.keep_bytes(self.emit("sload", data), shorter)
            self.emit("sstore", data, self.const(0))
            self.emit(
                "sstore", slot, self.emit("or", kept, self.emit("shl", self.const(1), shorter))
            )

        def long() -> None:
            place = self.emit(
                "add", self.emit("arrayslot", slot), self.emit("shr", self.const(5), shorter)
            )
            kept = self.keep_bytes(self.emit("sload", place), self.mask(shorter, 5))
            self.emit("sstore", place, kept)
            self.emit("sstore", slot, self.emit("sub", word, self.const(2)))

        def shrunk() -> None:
            self.choose(self.emit("eq", length, self.const(32)), fold, long)

        self.choose(self.emit("lt", length, self.const(32)), short, shrunk)
        self.ret()
