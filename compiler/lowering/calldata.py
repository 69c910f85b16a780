"""Calldata references: an offset, and for dynamic arrays the length beside it.

The outermost bounds are checked when the arguments are decoded; what lies deeper is checked when it
is reached. Everything that fails reverts with no data.
"""

from __future__ import annotations

from compiler.ir.values import Value
from compiler.lowering.frame import EMPTY, MAX_LENGTH, PANIC_INDEX, TAIL_TEXTS
from compiler.lowering.storage_bytes import StorageBytes
from compiler.semantics.types import ArrayType, BytesType, StructType, Type


def calldata_stride(type_: Type) -> int:
    """Bytes from one element to the next."""
    if isinstance(type_, BytesType):
        return 1
    assert isinstance(type_, ArrayType)
    return type_.abi_stride


class Calldata(StorageBytes):
    """Values and references in calldata."""

    def load_calldata(self, offset: Value, type_: Type) -> Value:
        """A value; stray bits revert."""
        word = self.emit("calldataload", offset)
        invalid = self.is_invalid(word, type_)
        if invalid is not None:
            self.guard(invalid, EMPTY)
        return word

    def calldata_tail(self, base: Value, pointer: Value, type_: Type) -> list[Value]:
        """Follow the offset at `pointer`, relative to `base`, to a dynamic value."""
        texts = self.calldata_texts if self.context.explains else TAIL_TEXTS
        name = f"calldata_tail_{self.context.type_key(type_)}"
        return self.routine(
            name if texts is TAIL_TEXTS else name + "_to_encode",
            [base, pointer],
            type_.words,
            lambda f, p: f.calldata_tail_routine(p[0], p[1], type_, texts),
        )

    def calldata_tail_routine(
        self, base: Value, pointer: Value, type_: Type, texts: tuple[str, str, str]
    ) -> None:
        wrong_offset, wrong_length, too_short = texts
        relative = self.emit("calldataload", pointer)
        needed = 32 if type_.words == 2 else self.tail_size(type_)
        room = self.emit(
            "sub", self.emit("sub", self.emit("calldatasize"), base), self.const(needed - 1)
        )
        self.refuse(self.is_zero(self.emit("slt", relative, room)), wrong_offset)
        address = self.emit("add", base, relative)
        if type_.words == 1:
            self.ret(address)
            return
        length = self.emit("calldataload", address)
        self.refuse(self.emit("gt", length, self.const(MAX_LENGTH)), wrong_length)
        start = self.add(address, 32)
        size = self.emit("mul", length, self.const(calldata_stride(type_)))
        beyond = self.emit("sgt", start, self.emit("sub", self.emit("calldatasize"), size))
        self.refuse(beyond, too_short)
        self.ret(start, length)

    def tail_size(self, type_: Type) -> int:
        """Bytes a dynamic value occupies at least, behind its offset."""
        if isinstance(type_, ArrayType) and type_.length is not None:
            return type_.length * type_.element.head_size
        if isinstance(type_, StructType):
            return sum(m.type.head_size for m in type_.symbol.members)
        return 32

    def calldata_at(self, base: Value, address: Value, type_: Type) -> list[Value]:
        """What a member or element slot at `address` holds."""
        if type_.is_value:
            return [self.load_calldata(address, type_)]
        if type_.dynamic:
            return self.calldata_tail(base, address, type_)
        return [address]

    def calldata_member(self, base: Value, type_: StructType, name: str) -> list[Value]:
        offset = 0
        for member_name, member in type_.members():
            if member_name == name:
                return self.calldata_at(base, self.add(base, offset), member)
            offset += member.head_size
        raise AssertionError(name)

    def calldata_element(self, words: list[Value], type_: ArrayType, index: Value) -> list[Value]:
        """`array[index]`; Panic(0x32) where there is none."""
        start = words[0]
        length = words[1] if type_.length is None else self.const(type_.length)
        self.panic_if(self.is_zero(self.emit("lt", index, length)), PANIC_INDEX)
        address = self.emit("add", start, self.emit("mul", index, self.const(type_.abi_stride)))
        return self.calldata_at(start, address, type_.element.in_location("calldata"))

    def calldata_byte(self, words: list[Value], index: Value) -> Value:
        """`bytes[index]`, left-aligned."""
        self.panic_if(self.is_zero(self.emit("lt", index, words[1])), PANIC_INDEX)
        word = self.emit("calldataload", self.emit("add", words[0], index))
        return self.emit("and", word, self.const(0xFF << 248))

    def calldata_slice(
        self, words: list[Value], type_: Type, start: Value, stop: Value
    ) -> list[Value]:
        """`x[start:stop]`; out of range reverts."""
        self.refuse(self.emit("gt", start, stop), "Slice starts after end")
        self.refuse(self.emit("gt", stop, words[1]), "Slice is greater than length")
        skipped = self.emit("mul", start, self.const(calldata_stride(type_)))
        return [self.emit("add", words[0], skipped), self.emit("sub", stop, start)]
