"""ABI encoding: standard, packed, and the one that topics of indexed arguments are hashes of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from compiler.semantics.types import (
    ArrayType,
    BytesType,
    RationalType,
    StringLiteralType,
    StructType,
    Type,
)
from tests.reference.calldata import head_size, is_dynamic
from tests.reference.memory import check_affordable
from tests.reference.objects import count, element, member, raw_bytes
from tests.reference.storage import Slots
from tests.reference.words import WORD, byte_size, compact


def word_bytes(word: int) -> bytes:
    return word.to_bytes(32, "big")


def _padded(data: bytes) -> bytes:
    return data + b"\0" * (-len(data) % 32)


def _is_text(type_: Type) -> bool:
    return isinstance(type_, (BytesType, StringLiteralType))


class Encoder:
    """Reads objects where they are. `libraries` hands over storage as slot numbers."""

    def __init__(self, slots: Slots, libraries: bool = False) -> None:
        self.slots = slots
        self.libraries = libraries

    def tuple(self, values: Sequence[Any], types: Sequence[Type]) -> bytes:
        """Heads, then what did not fit into them."""
        size = sum(self._head(t) for t in types)
        heads, tails = b"", b""
        for value, type_ in zip(values, types, strict=True):
            if self._is_slot(type_):
                heads += word_bytes(value.slot)
            elif self._dynamic(type_):
                heads += word_bytes(size + len(tails))
                tails += self.value(value, type_)
            else:
                heads += self.value(value, type_)
        return heads + tails

    def _is_slot(self, type_: Type) -> bool:
        return self.libraries and type_.location == "storage"

    def _dynamic(self, type_: Type) -> bool:
        return isinstance(type_, StringLiteralType) or is_dynamic(type_)

    def _head(self, type_: Type) -> int:
        return 32 if self._is_slot(type_) or self._dynamic(type_) else head_size(type_)

    def value(self, value: Any, type_: Type) -> bytes:
        """One value by itself."""
        if isinstance(type_, RationalType):
            return word_bytes(type_.value % WORD)
        if type_.is_value:
            return word_bytes(value)
        if _is_text(type_):
            data = raw_bytes(value, type_, self.slots)
            return word_bytes(len(data)) + _padded(data)
        inner = Encoder(self.slots)
        if isinstance(type_, StructType):
            names = [name for name, _ in type_.members()]
            values = [member(value, type_, n, self.slots) for n in names]
            return inner.tuple(values, [t for _, t in type_.members()])
        assert isinstance(type_, ArrayType), type_
        items = self._items(value, type_)
        body = inner.tuple(items, [type_.element] * len(items))
        return body if type_.length is not None else word_bytes(len(items)) + body

    def _items(self, value: Any, type_: ArrayType) -> list[Any]:
        length = count(value, type_, self.slots)
        check_affordable(length)
        return [element(value, type_, i, self.slots) for i in range(length)]

    # -- without heads -----------------------------------------------------------------------------

    def packed(self, value: Any, type_: Type) -> bytes:
        """One argument of `encodePacked`; elements of arrays are padded."""
        if type_.is_value:
            return compact(value, type_).to_bytes(byte_size(type_), "big")
        if _is_text(type_):
            return raw_bytes(value, type_, self.slots)
        return self.in_place(value, type_)

    def in_place(self, value: Any, type_: Type) -> bytes:
        """Everything padded, one after the other, no lengths: of arrays and structs."""
        if type_.is_value:
            return word_bytes(value)
        if _is_text(type_):
            return _padded(raw_bytes(value, type_, self.slots))
        if isinstance(type_, StructType):
            return b"".join(
                self.in_place(member(value, type_, n, self.slots), t) for n, t in type_.members()
            )
        assert isinstance(type_, ArrayType), type_
        return b"".join(self.in_place(v, type_.element) for v in self._items(value, type_))
