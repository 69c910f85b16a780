"""ABI encoding into memory, from wherever the values are.

`encode_tuple` writes heads and tails at a position and gives the end. Values are read where they
stand (storage, calldata, memory, constants), so encoding makes no intermediate copies.
"""

from __future__ import annotations

from compiler.ir.values import Value
from compiler.lowering.abi_decode import AbiDecode
from compiler.lowering.frame import ACCESS_TEXTS
from compiler.semantics.types import (
    ArrayType,
    BytesType,
    FixedBytesType,
    StringLiteralType,
    StructType,
    Type,
    base_of,
)

Item = tuple[list[Value], Type]  # words, and the type they have


class AbiEncode(AbiDecode):
    """Standard and packed encodings."""

    def encode_tuple(self, position: Value, items: list[Item]) -> Value:
        """Encode values one after the other as a tuple at `position`; the address of its end."""
        head = sum(_head_size(t) for _, t in items)
        end = self.add(position, head)
        offset = 0
        for words, type_ in items:
            at = self.add(position, offset)
            if _dynamic(type_):
                self.emit("mstore", at, self.emit("sub", end, position))
                end = self.encode_dynamic(end, words, type_)
            else:
                self.encode_static(at, words, type_)
            offset += _head_size(type_)
        return end

    def encode_static(self, position: Value, words: list[Value], type_: Type) -> None:
        """A value of fixed size, in place."""
        if type_.is_value:
            self.emit("mstore", position, words[0])
            return
        name = f"encode_{self.context.type_key(type_)}"
        self.routine(
            name, [position, *words], 0, lambda f, p: f.encode_static_routine(p[0], p[1:], type_)
        )

    def encode_static_routine(self, position: Value, words: list[Value], type_: Type) -> None:
        if isinstance(type_, StructType):
            offset = 0
            for name, member in type_.members():
                found = self.member_words(words, type_, name)
                self.encode_static(self.add(position, offset), found, member)
                offset += member.head_size
        else:
            assert isinstance(type_, ArrayType)
            element = type_.element.in_location(type_.location or "memory")
            length = self.const(type_.length or 0)

            def encode(index: Value) -> None:
                found = self.element_words(words, type_, index)
                at = self.emit(
                    "add", position, self.emit("mul", index, self.const(element.head_size))
                )
                self.encode_static(at, found, element)

            self.loop(length, encode)
        self.ret()

    def encode_dynamic(self, position: Value, words: list[Value], type_: Type) -> Value:
        """A value of variable size; the address of its end."""
        if isinstance(type_, StringLiteralType):
            self.emit("mstore", position, self.const(len(type_.value)))
            start = self.add(position, 32)
            self.store_literal(start, type_.value)
            return self.add(start, (len(type_.value) + 31) & ~31)
        name = f"encode_{self.context.type_key(type_)}"
        return self.routine(
            name, [position, *words], 1, lambda f, p: f.encode_dynamic_routine(p[0], p[1:], type_)
        )[0]

    def encode_dynamic_routine(self, position: Value, words: list[Value], type_: Type) -> None:
        self.calldata_texts = ACCESS_TEXTS
        if isinstance(type_, BytesType):
            self._encode_bytes(position, words, type_)
        elif isinstance(type_, ArrayType):
            self._encode_array(position, words, type_)
        else:
            assert isinstance(type_, StructType)
            items = [
                (self.member_words(words, type_, name), member) for name, member in type_.members()
            ]
            self.ret(self.encode_tuple(position, items))

    def _encode_bytes(self, position: Value, words: list[Value], type_: BytesType) -> None:
        start = self.add(position, 32)
        if type_.location == "storage":
            word = self.emit("sload", words[0])
            length = self.bytes_length(word)
            self.emit("mstore", position, length)
            self.copy_storage_bytes(start, words[0], word, length)
            # A short string is written as a whole word even when it is empty: the end says how much counts.
            self.ret(self.emit("add", start, self.round_up(length)))
            return
        length = self.length_of(words, type_)
        self.emit("mstore", position, length)
        self.copy_contents(start, words, type_, length)
        self.ret(self.emit("add", start, self.round_up(length)))

    def copy_contents(self, target: Value, words: list[Value], type_: Type, length: Value) -> None:
        """The bytes of a byte string in memory or calldata, and zeros to fill the last word."""
        if type_.location == "calldata":
            self.emit("calldatacopy", target, words[0], length)
        else:
            self.copy_memory(target, self.add(words[0], 32), length)
        self.emit("mstore", self.emit("add", target, length), self.const(0))

    def _encode_array(self, position: Value, words: list[Value], type_: ArrayType) -> None:
        length = self.length_of(words, type_)
        start = position
        if type_.length is None:
            self.emit("mstore", position, length)
            start = self.add(position, 32)
        element = type_.element.in_location(type_.location or "memory")
        if not element.dynamic:
            stride = self.const(element.head_size)

            def encode(index: Value) -> None:
                found = self.element_words(words, type_, index)
                at = self.emit("add", start, self.emit("mul", index, stride))
                self.encode_static(at, found, element)

            self.loop(length, encode)
            self.ret(self.emit("add", start, self.emit("mul", length, stride)))
            return
        end_key = object()
        heads = self.emit("shl", self.const(5), length)
        self.builder.write(end_key, self.emit("add", start, heads))

        def encode_tail(index: Value) -> None:
            end = self.builder.read(end_key)
            at = self.emit("add", start, self.emit("shl", self.const(5), index))
            self.emit("mstore", at, self.emit("sub", end, start))
            found = self.element_words(words, type_, index)
            self.builder.write(end_key, self.encode_dynamic(end, found, element))

        self.loop(length, encode_tail)
        self.ret(self.builder.read(end_key))

    # -- packed ------------------------------------------------------------------------------------

    def encode_packed(self, position: Value, items: list[Item]) -> Value:
        """Values without padding; the address of the end."""
        for words, type_ in items:
            position = self._pack_one(position, words, type_)
        return position

    def _pack_one(self, position: Value, words: list[Value], type_: Type) -> Value:
        if isinstance(type_, StringLiteralType):
            self.store_literal(position, type_.value)
            return self.add(position, len(type_.value))
        if type_.is_value:
            size = type_.storage_bytes
            word = words[0]
            if not isinstance(base_of(type_), FixedBytesType):
                word = self.emit("shl", self.const(8 * (32 - size)), word)
            self.emit("mstore", position, word)
            return self.add(position, size)
        name = f"pack_{self.context.type_key(type_)}"
        return self.routine(
            name, [position, *words], 1, lambda f, p: f.pack_routine(p[0], p[1:], type_)
        )[0]

    def pack_routine(self, position: Value, words: list[Value], type_: Type) -> None:
        if isinstance(type_, BytesType):
            length = self.length_of(words, type_)
            if type_.location == "storage":
                self.copy_storage_bytes(position, words[0], self.emit("sload", words[0]), length)
            else:
                self.copy_contents(position, words, type_, length)
            self.ret(self.emit("add", position, length))
            return
        self.ret(self._pack_members(position, words, type_))

    def _pack_members(self, position: Value, words: list[Value], type_: Type) -> Value:
        """Members and elements are padded to words, their own contents too; nothing has a length."""
        if isinstance(type_, StructType):
            for name, member in type_.members():
                position = self._pack_padded(
                    position, self.member_words(words, type_, name), member
                )
            return position
        assert isinstance(type_, ArrayType)
        length = self.length_of(words, type_)
        if type_.element.is_value:
            return self._pack_values(position, words, type_, length)
        element = type_.element.in_location(type_.location or "memory")
        key = object()
        self.builder.write(key, position)

        def pack(index: Value) -> None:
            found = self.element_words(words, type_, index)
            at = self.builder.read(key)
            self.builder.write(key, self._pack_padded(at, found, element))

        self.loop(length, pack)
        return self.builder.read(key)

    def _pack_padded(self, position: Value, words: list[Value], type_: Type) -> Value:
        """A value inside another one."""
        if type_.is_value:
            self.emit("mstore", position, words[0])
            return self.add(position, 32)
        end = self._pack_one(position, words, type_)
        if isinstance(type_, BytesType):
            return self.emit("add", position, self.round_up(self.emit("sub", end, position)))
        return end

    def _pack_values(
        self, position: Value, words: list[Value], type_: ArrayType, length: Value
    ) -> Value:
        def encode(index: Value) -> None:
            found = self.element_words(words, type_, index)
            self.emit(
                "mstore",
                self.emit("add", position, self.emit("shl", self.const(5), index)),
                found[0],
            )

        self.loop(length, encode)
        return self.emit("add", position, self.emit("shl", self.const(5), length))


def _dynamic(type_: Type) -> bool:
    return isinstance(type_, StringLiteralType) or type_.dynamic


def _head_size(type_: Type) -> int:
    return 32 if isinstance(type_, StringLiteralType) else type_.head_size
