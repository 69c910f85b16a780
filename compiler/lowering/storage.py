"""Storage: packed values, structs, arrays and mappings by slot.

A value narrower than a word shares its slot. It is read by shifting and masking and written by
replacing its bytes in the word that is there. `bytesN` is kept right-aligned in its bytes.
"""

from __future__ import annotations

from compiler.ir.values import Value
from compiler.lowering.frame import PANIC_INDEX, StoragePlace
from compiler.lowering.memory import Memory
from compiler.semantics.types import (
    BOOL,
    ArrayType,
    BytesType,
    FixedBytesType,
    IntType,
    MappingType,
    StructType,
    Type,
    base_of,
)


def packed_per_slot(element: Type) -> int:
    """Array elements in one slot; 0 where an element takes whole slots."""
    if element.is_value and element.storage_bytes <= 16:
        return 32 // element.storage_bytes
    return 0


class Storage(Memory):
    """Places in storage."""

    # -- values ------------------------------------------------------------------------------------

    def load_storage(self, place: StoragePlace) -> Value:
        """The value at a place, clean."""
        return self.unpack(self.emit(place.load, place.slot), place.offset, place.type)

    def unpack(self, word: Value, offset: Value | int, type_: Type) -> Value:
        """A value out of a slot's word."""
        type_ = base_of(type_)
        size = type_.storage_bytes
        if size == 32:
            return word
        bits = self._bit_offset(offset)
        if isinstance(type_, FixedBytesType):  # the mask is the shift to the left end
            shifted = self.emit("shr", bits, word)
            return self.emit("shl", self.const(8 * (32 - size)), shifted)
        if isinstance(type_, IntType) and type_.signed:
            return self.emit("signextend", self.const(size - 1), self.emit("shr", bits, word))
        return self.mask(self.emit("shr", bits, word), 8 * size)

    def store_storage(self, place: StoragePlace, value: Value) -> None:
        """Write a clean value, keeping its neighbours in the slot."""
        if base_of(place.type).storage_bytes == 32:
            self.emit(place.store, place.slot, value)
            return
        word = self.emit(place.load, place.slot)
        self.emit(place.store, place.slot, self.pack(word, place.offset, place.type, value))

    def pack(self, word: Value, offset: Value | int, type_: Type, value: Value) -> Value:
        """A slot's word with one value replaced."""
        type_ = base_of(type_)
        size = type_.storage_bytes
        if size == 32:
            return value
        bits = self._bit_offset(offset)
        if isinstance(type_, FixedBytesType):
            value = self.emit("shr", self.const(8 * (32 - size)), value)
        elif isinstance(type_, IntType) and type_.signed:
            value = self.mask(value, 8 * size)
        elif type_ is BOOL:
            value = self.is_zero(self.is_zero(value))
        hole = self.emit("not", self.emit("shl", bits, self.const((1 << 8 * size) - 1)))
        return self.emit("or", self.emit("and", word, hole), self.emit("shl", bits, value))

    def whole_slot(self, type_: Type, value: Value, stored: bool) -> Value:
        """The word of a slot that holds nothing else, as solc leaves it: a negative number fills it, unless
        it comes out of such a slot."""
        type_ = base_of(type_)
        size = type_.storage_bytes
        if isinstance(type_, FixedBytesType) and size < 32:
            return self.emit("shr", self.const(8 * (32 - size)), value)
        return self.mask(value, 8 * size) if stored and size < 32 else value

    def _bit_offset(self, offset: Value | int) -> Value:
        if isinstance(offset, int):
            return self.const(8 * offset)
        return self.emit("shl", self.const(3), offset)

    # -- inside structs, arrays and mappings -------------------------------------------------------

    def struct_member(self, slot: Value, type_: StructType, name: str) -> StoragePlace:
        delta, offset = type_.symbol.layout[name]
        member = type_.member(name)
        assert member is not None
        return StoragePlace(member, self.add(slot, delta), offset)

    def mapping_entry(self, slot: Value, type_: MappingType, key: list[Value]) -> StoragePlace:
        """`keccak256(key . slot)`; byte strings are hashed unpadded in front of the slot.

        One is a pointer to memory, or start and length in calldata."""
        value_type = type_.value.in_location("storage")
        if len(key) == 2:
            entry = self.routine(
                "mapping_entry_calldata", [slot, *key], 1, lambda f, p: f.calldata_entry_routine(*p)
            )[0]
        elif isinstance(type_.key, BytesType):
            entry = self.routine(
                "mapping_entry_bytes", [slot, *key], 1, lambda f, p: f.bytes_entry_routine(*p)
            )[0]
        else:
            entry = self.emit("mapslot", key[0], slot)
        return StoragePlace(value_type, entry)

    def bytes_entry_routine(self, slot: Value, pointer: Value) -> None:
        """Slot of a mapping entry whose key is a byte string in memory."""
        length = self.emit("mload", pointer)
        free = self.emit("fmp")
        self.copy_memory(free, self.add(pointer, 32), length)
        self._entry_behind(free, length, slot)

    def calldata_entry_routine(self, slot: Value, start: Value, length: Value) -> None:
        """The same of a key in calldata."""
        free = self.emit("fmp")
        self.emit("calldatacopy", free, start, length)
        self._entry_behind(free, length, slot)

    def _entry_behind(self, free: Value, length: Value, slot: Value) -> None:
        self.emit("mstore", self.emit("add", free, length), slot)
        self.ret(self.emit("keccak256", free, self.add(length, 32)))

    def array_length(self, slot: Value, type_: ArrayType) -> Value:
        if type_.length is not None:
            return self.const(type_.length)
        return self.emit("sload", slot)

    def array_data(self, slot: Value, type_: ArrayType) -> Value:
        """Slot of the first element."""
        return slot if type_.length is not None else self.emit("arrayslot", slot)

    def array_element(self, slot: Value, type_: ArrayType, index: Value) -> StoragePlace:
        """An element; Panic(0x32) where there is none."""
        outside = self.is_zero(self.emit("lt", index, self.array_length(slot, type_)))
        self.panic_if(outside, PANIC_INDEX)
        return self.element_at(self.array_data(slot, type_), type_.element, index)

    def element_at(self, data: Value, element: Type, index: Value) -> StoragePlace:
        """The place of an element known to exist."""
        element = element.in_location("storage")
        per_slot = packed_per_slot(element)
        if per_slot:
            slot = self.emit("add", data, self.emit("div", index, self.const(per_slot)))
            within = self.emit("mod", index, self.const(per_slot))
            return StoragePlace(
                element, slot, self.emit("mul", within, self.const(element.storage_bytes))
            )
        stride = self.const(1 if element.is_value else element.storage_slots)
        return StoragePlace(element, self.emit("add", data, self.emit("mul", index, stride)))
