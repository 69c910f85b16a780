"""ABI decoding, from calldata or from memory.

The checks and their order are those of Solidity's coder: lengths and offsets beyond 2^64, data that
ends too early and values with stray bits revert with no data; allocations that are too large panic.
Parameters declared `calldata` stay references.
"""

from __future__ import annotations

from compiler.ir.values import Value
from compiler.lowering.calldata import calldata_stride
from compiler.lowering.copies import Copies
from compiler.lowering.frame import EMPTY, MAX_LENGTH
from compiler.semantics.types import ArrayType, BytesType, StructType, Type

INVALID_OFFSET = "ABI decoding: invalid calldata array offset"
INVALID_STRIDE = "ABI decoding: invalid calldata array stride"
INVALID_BYTES = "ABI decoding: invalid byte array length"


class AbiDecode(Copies):
    """`source` is "calldata" or "memory"."""

    def decode_tuple(
        self, start: Value, end: Value, types: list[Type], source: str
    ) -> list[list[Value]]:
        """The words of each value of a tuple encoded from `start` to `end`."""
        head = sum(t.head_size for t in types)
        if head:
            size = self.emit("sub", end, start)
            short = self.emit("slt", size, self.const(head))
            self.refuse(short, "ABI decoding: tuple data too short")
        values: list[list[Value]] = []
        position = 0
        for type_ in types:
            address = self.add(start, position)
            if type_.dynamic:
                offset = self.load_from(address, source)
                far = self.emit("gt", offset, self.const(MAX_LENGTH))
                self.refuse(far, "ABI decoding: invalid tuple offset")
                values.append(self.decode(self.emit("add", start, offset), end, type_, source))
            else:
                values.append(self.decode(address, end, type_, source))
            position += type_.head_size
        return values

    def load_from(self, address: Value, source: str) -> Value:
        return self.emit("calldataload" if source == "calldata" else "mload", address)

    def decode(self, address: Value, end: Value, type_: Type, source: str) -> list[Value]:
        """One value whose encoding starts at `address`."""
        if type_.is_value:
            word = self.load_from(address, source)
            invalid = self.is_invalid(word, type_)
            if invalid is not None:
                self.guard(invalid, EMPTY)
            return [word]
        key = self.context.type_key(type_)
        name = f"decode_{key}_from_{source}"
        return self.routine(
            name,
            [address, end],
            type_.words,
            lambda f, p: f.decode_routine(p[0], p[1], type_, source),
        )

    def decode_routine(self, address: Value, end: Value, type_: Type, source: str) -> None:
        if type_.location == "calldata":
            self._decode_reference(address, end, type_)
        elif isinstance(type_, BytesType):
            self._decode_bytes(address, end, source)
        elif isinstance(type_, ArrayType):
            self._decode_array(address, end, type_, source)
        else:
            assert isinstance(type_, StructType)
            self._decode_struct(address, end, type_, source)

    def _decode_reference(self, address: Value, end: Value, type_: Type) -> None:
        """Check that a calldata value is all there; leave it in place."""
        if isinstance(type_, StructType):
            room = self.emit("sub", end, address)
            short = self.emit("slt", room, self.const(self.tail_size(type_)))
            self.refuse(short, "ABI decoding: struct calldata too short")
            self.ret(address)
            return
        if isinstance(type_, ArrayType) and type_.length is not None:
            stop = self.add(address, type_.length * type_.abi_stride)
            self.refuse(self.emit("gt", stop, end), INVALID_STRIDE)
            self.ret(address)
            return
        self._check_length_word(address, end)
        length = self.emit("calldataload", address)
        long = self.emit("gt", length, self.const(MAX_LENGTH))
        self.refuse(long, "ABI decoding: invalid calldata array length")
        start = self.add(address, 32)
        size = self.emit("mul", length, self.const(calldata_stride(type_)))
        self.refuse(self.emit("gt", self.emit("add", start, size), end), INVALID_STRIDE)
        self.ret(start, length)

    def _check_length_word(self, address: Value, end: Value) -> None:
        inside = self.emit("slt", self.add(address, 31), end)
        self.refuse(self.is_zero(inside), INVALID_OFFSET)

    def _decode_bytes(self, address: Value, end: Value, source: str) -> None:
        self._check_length_word(address, end)
        length = self.load_from(address, source)
        pointer = self.allocate_bytes(length)
        start = self.add(address, 32)
        beyond = self.emit("gt", self.emit("add", start, length), end)
        self.refuse(beyond, INVALID_BYTES)
        target = self.add(pointer, 32)
        if source == "calldata":
            self.emit("calldatacopy", target, start, length)
        else:
            self.copy_memory(target, start, length)
        self.emit("mstore", self.emit("add", target, length), self.const(0))
        self.ret(pointer)

    def _decode_array(self, address: Value, end: Value, type_: ArrayType, source: str) -> None:
        start = address
        if type_.length is None:
            self._check_length_word(address, end)
            length = self.load_from(address, source)
            pointer = self.allocate_array(length)
            start = self.add(address, 32)
        else:
            # A fixed array's length word check has no counterpart; its elements are checked below.
            if type_.dynamic:
                self._check_length_word(address, end)
            length = self.const(type_.length)
            pointer = self.allocate(32 * type_.length)
        self._decode_elements(start, end, length, pointer, type_, source)

    def _decode_elements(
        self,
        start: Value,
        end: Value,
        length: Value,
        pointer: Value,
        type_: ArrayType,
        source: str,
    ) -> None:
        target = self.memory_data(pointer, type_)
        stop = self.emit("add", start, self.emit("mul", length, self.const(type_.abi_stride)))
        self.refuse(self.emit("gt", stop, end), INVALID_STRIDE)
        element = type_.element.in_location("memory")

        def decode(index: Value) -> None:
            at = self.emit("add", start, self.emit("mul", index, self.const(type_.abi_stride)))
            if element.dynamic:
                offset = self.load_from(at, source)
                self.refuse(self.emit("gt", offset, self.const(MAX_LENGTH)), INVALID_OFFSET)
                at = self.emit("add", start, offset)
            word = self.decode(at, end, element, source)[0]
            self.store_memory(
                self.emit("add", target, self.emit("shl", self.const(5), index)), word
            )

        self.loop(length, decode)
        self.ret(pointer)

    def _decode_struct(self, address: Value, end: Value, type_: StructType, source: str) -> None:
        size = self.tail_size(type_)
        short = self.emit("slt", self.emit("sub", end, address), self.const(size))
        self.refuse(short, "ABI decoding: struct data too short")
        self._decode_members(address, end, type_, source)

    def _decode_members(self, address: Value, end: Value, type_: StructType, source: str) -> None:
        members = type_.members()
        pointer = self.allocate(32 * len(members))
        position = 0
        for number, (_, member) in enumerate(members):
            at = self.add(address, position)
            if member.dynamic:
                offset = self.load_from(at, source)
                far = self.emit("gt", offset, self.const(MAX_LENGTH))
                self.refuse(far, "ABI decoding: invalid struct offset")
                at = self.emit("add", address, offset)
            word = self.decode(at, end, member, source)[0]
            self.store_memory(self.add(pointer, 32 * number), word)
            position += member.head_size
        self.ret(pointer)

    # -- calldata values that became references ----------------------------------------------------

    def calldata_to_memory(self, words: list[Value], type_: Type) -> Value:
        """A copy of a calldata value, checked as a parameter in memory is; `type_` is its memory type.

        That the value itself is all there was checked when the reference was made, except for bytes that lie
        before the beginning: an offset that was negative passes there.
        """
        name = f"calldata_to_memory_{self.context.type_key(type_)}"
        return self.routine(name, words, 1, lambda f, p: f.calldata_to_memory_routine(p, type_))[0]

    def calldata_to_memory_routine(self, words: list[Value], type_: Type) -> None:
        if isinstance(type_, BytesType):
            pointer = self.allocate_bytes(words[1])
            start = self.add(pointer, 32)
            self.refuse_bytes_outside(words)
            self.emit("calldatacopy", start, words[0], words[1])
            self.emit("mstore", self.emit("add", start, words[1]), self.const(0))
            self.ret(pointer)
            return
        end = self.emit("calldatasize")
        if isinstance(type_, StructType):
            self._decode_members(words[0], end, type_, "calldata")
            return
        assert isinstance(type_, ArrayType)
        if type_.length is None:
            length, pointer = words[1], self.allocate_array(words[1])
        else:
            length, pointer = self.const(type_.length), self.allocate(32 * type_.length)
        self._decode_elements(words[0], end, length, pointer, type_, "calldata")

    def refuse_bytes_outside(self, words: list[Value]) -> None:
        """Whoever takes calldata bytes as if they were in memory reads no zeros from outside."""
        stop = self.emit("add", words[0], words[1])
        outside = self.emit("gt", stop, self.emit("calldatasize"))
        self.refuse(outside, INVALID_BYTES)
