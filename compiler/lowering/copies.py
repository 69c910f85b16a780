"""Whole values between storage, memory and calldata, and deleting them."""

from __future__ import annotations

from functools import partial

from compiler.ir.values import Value
from compiler.lowering.calldata import Calldata
from compiler.lowering.frame import MAX_LENGTH, PANIC_MEMORY, PANIC_POP, StoragePlace
from compiler.lowering.storage import packed_per_slot
from compiler.semantics.types import (
    ArrayType,
    BytesType,
    IntType,
    MappingType,
    StructType,
    Type,
    base_of,
)


class Copies(Calldata):
    """Deep copies of reference values."""

    # -- into memory -------------------------------------------------------------------------------

    def storage_to_memory(self, slot: Value, type_: Type) -> Value:
        """A copy of a storage value; `type_` is its memory type."""
        if isinstance(type_, BytesType):
            return self.load_bytes(slot)
        name = f"storage_to_memory_{self.context.type_key(type_)}"
        return self.routine(name, [slot], 1, lambda f, p: f.storage_to_memory_routine(p[0], type_))[
            0
        ]

    def storage_to_memory_routine(self, slot: Value, type_: Type) -> None:
        if isinstance(type_, StructType):
            members = type_.members()
            pointer = self.allocate(32 * len(members))
            stored = type_.in_location("storage")
            assert isinstance(stored, StructType)
            for number, (name, member) in enumerate(members):
                place = self.struct_member(slot, stored, name)
                word = self.read_into_memory(place, member)
                self.store_memory(self.add(pointer, 32 * number), word)
            self.ret(pointer)
            return
        assert isinstance(type_, ArrayType)
        length = self.array_length(slot, type_)
        pointer = (
            self.allocate_array(length)
            if type_.length is None
            else self.allocate(32 * type_.length)
        )
        target = self.memory_data(pointer, type_)
        data = self.array_data(slot, type_)

        def copy(index: Value) -> None:
            place = self.element_at(data, type_.element, index)
            word = self.read_into_memory(place, type_.element)
            self.store_memory(
                self.emit("add", target, self.emit("shl", self.const(5), index)), word
            )

        self.loop(length, copy)
        self.ret(pointer)

    def read_into_memory(self, place: StoragePlace, type_: Type) -> Value:
        """A storage value as it stands in a memory object: the word, or a pointer to a copy."""
        if type_.is_value:
            return self.load_storage(place)
        return self.storage_to_memory(place.slot, type_.in_location("memory"))

    # -- into storage ------------------------------------------------------------------------------

    def copy_to_storage(self, slot: Value, target: Type, words: list[Value], source: Type) -> None:
        """Assign a reference value to a place in storage."""
        if isinstance(target, BytesType):
            self._bytes_to_storage(slot, words, source)
            return
        key = f"{self.context.type_key(source)}_to_{self.context.type_key(target)}"
        self.routine(
            f"copy_{key}",
            [slot, *words],
            0,
            lambda f, p: f.copy_to_storage_routine(p[0], target, p[1:], source),
        )

    def _bytes_to_storage(self, slot: Value, words: list[Value], source: Type) -> None:
        if source.location == "calldata":
            self.store_bytes(slot, words[1], "calldata", words[0])
        elif source.location == "memory":
            self.store_bytes(slot, self.emit("mload", words[0]), "memory", self.add(words[0], 32))
        else:
            pointer = self.load_bytes(words[0])
            self.store_bytes(slot, self.emit("mload", pointer), "memory", self.add(pointer, 32))

    def copy_to_storage_routine(
        self, slot: Value, target: Type, words: list[Value], source: Type
    ) -> None:
        if isinstance(target, StructType):
            assert isinstance(source, StructType)
            for name, _ in target.members():
                self._copy_member(slot, target, words, source, name)
        else:
            assert isinstance(target, ArrayType) and isinstance(source, ArrayType)
            element = base_of(target.element)
            if source.location == "storage" and isinstance(element, IntType) and element.signed:
                # Assigned to itself an array keeps what negative numbers left beside them, as with solc.
                same = self.emit("eq", slot, words[0])
                copy = partial(self._copy_array, slot, target, words, source)
                self.choose(same, lambda: None, copy)
            else:
                self._copy_array(slot, target, words, source)
        self.ret()

    def _copy_member(
        self, slot: Value, target: StructType, words: list[Value], source: StructType, name: str
    ) -> None:
        place = self.struct_member(slot, target, name)
        if isinstance(place.type, MappingType):
            return
        member = source.member(name)
        assert member is not None
        self.store_value(place, self.member_words(words, source, name), member)

    def member_words(self, words: list[Value], type_: StructType, name: str) -> list[Value]:
        """A struct member's words, wherever the struct is."""
        if type_.location == "storage":
            place = self.struct_member(words[0], type_, name)
            return [self.load_storage(place) if place.type.is_value else place.slot]
        if type_.location == "calldata":
            return self.calldata_member(words[0], type_, name)
        number = [m.name for m in type_.symbol.members].index(name)
        member = type_.member(name)
        assert member is not None
        return [self.load_memory(self.add(words[0], 32 * number), member)]

    def element_words(self, words: list[Value], type_: ArrayType, index: Value) -> list[Value]:
        """An array element's words, wherever the array is; the index is known to be in range."""
        element = type_.element.in_location(type_.location or "memory")
        if type_.location == "storage":
            place = self.element_at(self.array_data(words[0], type_), element, index)
            return [self.load_storage(place) if element.is_value else place.slot]
        if type_.location == "calldata":
            address = self.emit(
                "add", words[0], self.emit("mul", index, self.const(type_.abi_stride))
            )
            return self.calldata_at(words[0], address, element)
        start = self.memory_data(words[0], type_)
        return [
            self.load_memory(
                self.emit("add", start, self.emit("shl", self.const(5), index)), element
            )
        ]

    def length_of(self, words: list[Value], type_: Type) -> Value:
        """Number of elements or bytes of an array or byte string anywhere."""
        if isinstance(type_, ArrayType) and type_.length is not None:
            return self.const(type_.length)
        if type_.location == "calldata":
            return words[1]
        if type_.location == "memory":
            return self.emit("mload", words[0])
        word = self.emit("sload", words[0])
        return self.bytes_length(word) if isinstance(type_, BytesType) else word

    def store_value(self, place: StoragePlace, words: list[Value], source: Type) -> None:
        """Write a value or a whole reference value to storage."""
        if place.type.is_value:
            self.store_storage(place, words[0])
        else:
            self.copy_to_storage(place.slot, place.type, words, source)

    def _copy_array(
        self, slot: Value, target: ArrayType, words: list[Value], source: ArrayType
    ) -> None:
        length = self.length_of(words, source)
        if target.length is None:
            self.resize_array(slot, target, length)
        data = self.array_data(slot, target)
        if packed_per_slot(target.element):
            self._copy_packed(data, target.element, words, source, length)
            if target.length is not None:
                self._clear_rest(data, target, length)
            return

        def copy(index: Value) -> None:
            place = self.element_at(data, target.element, index)
            found = self.element_words(words, source, index)
            if place.type.is_value:  # it has the slot to itself: nothing there is kept
                stored = source.location == "storage" and source.element.name == place.type.name
                self.emit("sstore", place.slot, self.whole_slot(place.type, found[0], stored))
                return
            self.store_value(place, found, source.element.in_location(source.location or "memory"))

        self.loop(length, copy)
        if target.length is not None:
            self._clear_rest(data, target, length)

    def _copy_packed(
        self, data: Value, element: Type, words: list[Value], source: ArrayType, length: Value
    ) -> None:
        """Slot by slot. The last is written whole: what a place found before the array grew shorter
        left behind the end must not come back when it grows again."""
        element = element.in_location("storage")
        per_slot = packed_per_slot(element)
        per = self.const(per_slot)

        def fill(number: Value) -> None:
            first = self.emit("mul", number, per)
            left = self.emit("sub", length, first)
            here = self.select(self.emit("lt", left, per), lambda: [left], lambda: [per])[0]
            word = object()
            self.builder.write(word, self.const(0))

            def put(within: Value) -> None:
                value = self.element_words(words, source, self.emit("add", first, within))[0]
                offset = self.emit("mul", within, self.const(element.storage_bytes))
                packed = self.pack(self.builder.read(word), offset, element, value)
                self.builder.write(word, packed)

            self.loop(here, put)
            self.emit("sstore", self.emit("add", data, number), self.builder.read(word))

        self.loop(self.emit("div", self.add(length, per_slot - 1), per), fill)

    def _clear_rest(self, data: Value, target: ArrayType, used: Value) -> None:
        assert target.length is not None
        if used.op == "const" and used.imm == target.length:
            return
        self.clear_elements(data, target.element, used, self.const(target.length))

    def resize_array(self, slot: Value, type_: ArrayType, length: Value) -> None:
        """Set a dynamic array's length; elements cut off are cleared."""
        self.panic_if(self.emit("gt", length, self.const(MAX_LENGTH)), PANIC_MEMORY)
        old = self.emit("sload", slot)
        self.emit("sstore", slot, length)
        self.clear_elements(self.emit("arrayslot", slot), type_.element, length, old)

    # -- delete ------------------------------------------------------------------------------------

    def clear_storage(self, place: StoragePlace) -> None:
        """`delete` of a place in storage; mappings inside keep their entries."""
        type_ = place.type
        if type_.is_value:
            self.store_storage(place, self.const(0))
        elif isinstance(type_, BytesType):
            self.clear_bytes(place.slot)
        elif not isinstance(type_, MappingType):
            name = f"clear_{self.context.type_key(type_)}"
            self.routine(name, [place.slot], 0, lambda f, p: f.clear_storage_routine(p[0], type_))

    def clear_storage_routine(self, slot: Value, type_: Type) -> None:
        if isinstance(type_, StructType):
            self._clear_members(slot, type_)
        else:
            assert isinstance(type_, ArrayType)
            if type_.length is None:
                self.resize_array(slot, type_, self.const(0))
            else:
                self.clear_elements(slot, type_.element, self.const(0), self.const(type_.length))
        self.ret()

    def _clear_members(self, slot: Value, type_: StructType) -> None:
        cleared: set[int] = set()
        for name, member in type_.members():
            delta = type_.symbol.layout[name][0]
            if member.is_value:
                if delta not in cleared:  # a struct has its slots to itself
                    self.emit("sstore", self.add(slot, delta), self.const(0))
                cleared.add(delta)
            elif not isinstance(member, MappingType):
                self.clear_storage(self.struct_member(slot, type_, name))

    def clear_elements(self, data: Value, element: Type, start: Value, stop: Value) -> None:
        """Clear array elements `start` … `stop - 1`; none if `stop` is not larger."""
        element = element.in_location("storage")
        name = f"clear_elements_{self.context.type_key(element)}"
        self.routine(
            name, [data, start, stop], 0, lambda f, p: f.clear_elements_routine(element, *p)
        )

    def clear_elements_routine(self, element: Type, data: Value, start: Value, stop: Value) -> None:
        per_slot = packed_per_slot(element)
        builder = self.builder
        done = builder.new_block()
        work = builder.new_block()
        builder.branch(self.emit("lt", start, stop), work, done)
        builder.resume(work)
        if per_slot:
            self._clear_packed(element, data, start, stop, per_slot)
        elif element.is_value:
            self.clear_slots(data, start, stop)
        else:
            count = self.emit("sub", stop, start)
            self.loop(
                count,
                lambda i: self.clear_storage(
                    self.element_at(data, element, self.emit("add", start, i))
                ),
            )
        builder.jump(done)
        builder.resume(done)
        self.ret()

    def _clear_packed(
        self, element: Type, data: Value, start: Value, stop: Value, per_slot: int
    ) -> None:
        """The first slot may hold elements that stay; the slots after it are cleared whole."""
        per = self.const(per_slot)
        kept = self.emit("mod", start, per)

        def partial() -> None:
            slot = self.emit("add", data, self.emit("div", start, per))
            bits = self.emit("mul", kept, self.const(8 * element.storage_bytes))
            keep = self.emit("not", self.emit("shl", bits, self.const(-1)))
            self.emit("sstore", slot, self.emit("and", self.emit("sload", slot), keep))

        self.choose(kept, partial, lambda: None)
        first = self.emit("div", self.add(start, per_slot - 1), per)
        last = self.emit("div", self.add(stop, per_slot - 1), per)
        self.clear_slots(data, first, last)

    # -- growing and shrinking arrays --------------------------------------------------------------

    def push_element(self, slot: Value, type_: ArrayType) -> StoragePlace:
        """Make an array one longer; the place of its new last element."""
        length = self.emit("sload", slot)
        self.panic_if(self.emit("gt", length, self.const(MAX_LENGTH)), PANIC_MEMORY)
        self.emit("sstore", slot, self.add(length, 1))
        return self.element_at(self.emit("arrayslot", slot), type_.element, length)

    def pop_element(self, slot: Value, type_: ArrayType) -> None:
        """Clear and remove the last element; Panic(0x31) where there is none."""
        length = self.emit("sload", slot)
        self.panic_if(self.is_zero(length), PANIC_POP)
        shorter = self.emit("sub", length, self.const(1))
        self.clear_storage(self.element_at(self.emit("arrayslot", slot), type_.element, shorter))
        self.emit("sstore", slot, shorter)
