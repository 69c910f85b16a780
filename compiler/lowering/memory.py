"""Memory: allocation, zero values, copies, and values read from and written to it.

Layout is Solidity's: structs and fixed arrays are consecutive words, dynamic arrays start with
their length, `bytes` are packed behind theirs, nested references are pointers.
"""

from __future__ import annotations

from compiler.evm.opcodes import available
from compiler.ir.values import Value
from compiler.lowering.arithmetic import Arithmetic
from compiler.lowering.frame import (
    MAX_LENGTH,
    PANIC_ENUM,
    PANIC_MEMORY,
    ZERO_POINTER,
)
from compiler.semantics.types import (
    BOOL,
    AddressType,
    ArrayType,
    BytesType,
    ContractType,
    EnumType,
    FixedBytesType,
    IntType,
    StructType,
    Type,
    base_of,
)


class Memory(Arithmetic):
    """Objects in memory, by pointer."""

    # -- words -------------------------------------------------------------------------------------

    def clean(self, word: Value, type_: Type) -> Value:
        """A word that may have stray bits, as a value of the type."""
        type_ = base_of(type_)
        if type_ is BOOL:
            return self.is_zero(self.is_zero(word))
        if isinstance(type_, (AddressType, ContractType)):
            return self.mask(word, 160)
        if isinstance(type_, EnumType):
            self.panic_if(self.emit("gt", word, self.const(type_.maximum)), PANIC_ENUM)
            return word
        return self.wrap(word, type_)

    def is_invalid(self, word: Value, type_: Type) -> Value | None:
        """Non-zero if the word is no value of the type; None where every word is one."""
        type_ = base_of(type_)
        if type_ is BOOL:
            return self.emit("gt", word, self.const(1))
        if isinstance(type_, EnumType):
            return self.emit("gt", word, self.const(type_.maximum))
        if isinstance(type_, (AddressType, ContractType)):
            return self.emit("shr", self.const(160), word)
        if isinstance(type_, IntType):
            if type_.bits == 256:
                return None
            if type_.signed:
                return self.emit("xor", word, self.wrap(word, type_))
            return self.emit("shr", self.const(type_.bits), word)
        if isinstance(type_, FixedBytesType) and type_.size < 32:
            return self.emit("shl", self.const(8 * type_.size), word)
        return None

    # -- allocation --------------------------------------------------------------------------------

    def allocate(self, size: int) -> Value:
        """Memory of a fixed size, not cleared."""
        pointer = self.emit("fmp")
        self.emit("setfmp", self.add(pointer, (size + 31) & ~31))
        return pointer

    def allocate_checked(self, size: Value) -> Value:
        """Memory of a computed size; Panic(0x41) where the pointer would pass 2^64."""
        pointer = self.emit("fmp")
        self.finish_allocation(pointer, size)
        return pointer

    def finish_allocation(self, pointer: Value, size: Value) -> None:
        """Move the free-memory pointer past `size` bytes at `pointer`."""
        end = self.emit("add", pointer, self.round_up(size))
        too_far = self.emit("gt", end, self.const(MAX_LENGTH))
        self.panic_if(self.emit("or", too_far, self.emit("lt", end, pointer)), PANIC_MEMORY)
        self.emit("setfmp", end)

    def allocate_bytes(self, length: Value) -> Value:
        """A `bytes` object with its length written and its contents undefined."""
        self.panic_if(self.emit("gt", length, self.const(MAX_LENGTH)), PANIC_MEMORY)
        pointer = self.allocate_checked(self.add(self.round_up(length), 32))
        self.emit("mstore", pointer, length)
        return pointer

    def allocate_array(self, length: Value) -> Value:
        """A dynamic array of words with its length written and its contents undefined."""
        self.panic_if(self.emit("gt", length, self.const(MAX_LENGTH)), PANIC_MEMORY)
        pointer = self.allocate_checked(self.add(self.emit("shl", self.const(5), length), 32))
        self.emit("mstore", pointer, length)
        return pointer

    def clear(self, pointer: Value, size: Value) -> None:
        """Zero `size` bytes: calldata past its end reads as zero."""
        self.emit("calldatacopy", pointer, self.emit("calldatasize"), size)

    def new_array(self, type_: Type, length: Value) -> Value:
        """`new T[](length)` and `new bytes(length)`: zero values throughout."""
        name = f"new_{'bytes' if isinstance(type_, BytesType) else self.context.type_key(type_)}"
        return self.routine(name, [length], 1, lambda f, p: f.new_array_routine(type_, p[0]))[0]

    def new_array_routine(self, type_: Type, length: Value) -> None:
        if isinstance(type_, BytesType):
            pointer = self.allocate_bytes(length)
            self.clear(self.add(pointer, 32), self.round_up(length))
        else:
            assert isinstance(type_, ArrayType)
            pointer = self.allocate_array(length)
            start = self.add(pointer, 32)
            if type_.element.is_value:
                self.clear(start, self.emit("shl", self.const(5), length))
            else:
                self.loop(length, lambda i: self._zero_element(start, i, type_.element))
        self.ret(pointer)

    def _zero_element(self, start: Value, index: Value, element: Type) -> None:
        address = self.emit("add", start, self.emit("shl", self.const(5), index))
        self.emit("mstore", address, self.zero_value(element)[0])

    # -- zero values -------------------------------------------------------------------------------

    def zero_value(self, type_: Type) -> list[Value]:
        """What a variable of the type holds before it is assigned. Nobody sees that of a storage or
        calldata pointer (`semantics/assignment.py`), except the part of calldata that assembly leaves out."""
        if type_.location == "memory":
            return [self._zero_memory(type_)]
        if type_.location == "storage":  # an error where it is used after all, see `undefined.py`
            return [self.builder.function.new_value("undefined", [], type_.name)]
        return [self.const(0)] * type_.words

    def _zero_memory(self, type_: Type) -> Value:
        if isinstance(type_, BytesType) or (isinstance(type_, ArrayType) and type_.length is None):
            return self.const(ZERO_POINTER)
        if isinstance(type_, ArrayType):
            assert type_.length is not None
            pointer = self.allocate(32 * type_.length)
            if type_.element.is_value:
                self.clear(pointer, self.const(32 * type_.length))
            else:
                self.loop(
                    self.const(type_.length),
                    lambda i: self._zero_element(pointer, i, type_.element),
                )
            return pointer
        assert isinstance(type_, StructType)
        members = type_.members()
        pointer = self.allocate(32 * len(members))
        for number, (_, member) in enumerate(members):
            self.emit("mstore", self.add(pointer, 32 * number), self.zero_value(member)[0])
        return pointer

    # -- copies ------------------------------------------------------------------------------------

    def copy_memory(self, target: Value, source: Value, size: Value) -> None:
        """Bytes within memory; the ranges do not overlap, or `target` is lower."""
        if available("mcopy", self.context.options.evm_version):
            self.emit("mcopy", target, source, size)
            return
        self.routine(
            "copy_memory", [target, source, size], 0, lambda f, p: f.copy_memory_routine(*p)
        )

    def copy_memory_routine(self, target: Value, source: Value, size: Value) -> None:
        """Word by word; may write up to 31 bytes too many, which the caller overwrites."""
        words = self.emit("shr", self.const(5), self.add(size, 31))

        def copy(index: Value) -> None:
            offset = self.emit("shl", self.const(5), index)
            word = self.emit("mload", self.emit("add", source, offset))
            self.emit("mstore", self.emit("add", target, offset), word)

        self.loop(words, copy)
        self.ret()

    def literal_in_memory(self, value: bytes) -> Value:
        """A `bytes` or `string` object with constant contents."""
        if not value:
            return self.const(ZERO_POINTER)
        pointer = self.allocate(32 + len(value))
        self.emit("mstore", pointer, self.const(len(value)))
        self.store_literal(self.add(pointer, 32), value)
        return pointer

    def store_literal(self, address: Value, value: bytes) -> None:
        """Constant bytes, zero-padded to whole words."""
        for start in range(0, len(value), 32):
            word = int.from_bytes(value[start : start + 32].ljust(32, b"\0"), "big")
            self.emit("mstore", self.add(address, start), self.const(word))

    # -- values in memory --------------------------------------------------------------------------

    def load_memory(self, address: Value, type_: Type) -> Value:
        """A member or element: the value, or the pointer to a nested reference."""
        word = self.emit("mload", address)
        return self.clean(word, type_) if type_.is_value else word

    def store_memory(self, address: Value, word: Value) -> None:
        self.emit("mstore", address, word)

    def memory_length(self, pointer: Value, type_: Type) -> Value:
        if isinstance(type_, ArrayType) and type_.length is not None:
            return self.const(type_.length)
        return self.emit("mload", pointer)

    def memory_data(self, pointer: Value, type_: Type) -> Value:
        """Address of the first element."""
        if isinstance(type_, ArrayType) and type_.length is not None:
            return pointer
        return self.add(pointer, 32)
