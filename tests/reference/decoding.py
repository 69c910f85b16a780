"""ABI decoding, with every refusal a strict decoder has: what does not fit makes the call revert without data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from compiler.semantics.types import ArrayType, BytesType, StructType, Type
from tests.reference.calldata import (
    LARGEST,
    Given,
    head_size,
    is_dynamic,
    is_sized,
    load,
    own_size,
    stride,
)
from tests.reference.memory import Array, Bytes, Struct, check_affordable, check_allocation
from tests.reference.outcomes import Reverted
from tests.reference.storage import Place
from tests.reference.words import is_clean


class Decoder:
    """Of `data` up to `end`. Types in calldata become references into it, all others are copied."""

    def __init__(self, data: bytes, end: int | None = None) -> None:
        self.data = data
        self.end = len(data) if end is None else end

    def tuple(self, types: Sequence[Type], start: int) -> list[Any]:
        """Values whose heads begin at `start`."""
        heads = [32 if t.location == "storage" else head_size(t) for t in types]
        if self.end - start < sum(heads):
            raise Reverted
        values, at = [], start
        for type_, size in zip(types, heads, strict=True):
            values.append(self.entry(type_, start, at))
            at += size
        return values

    def entry(self, type_: Type, base: int, at: int) -> Any:
        """One value whose head is at `at`."""
        if type_.location == "storage":  # handed to a library
            return Place(load(self.data, at), 0)
        if is_dynamic(type_):
            offset = load(self.data, at)
            if offset > LARGEST:
                raise Reverted
            at = base + offset
        return self.value(type_, at)

    def value(self, type_: Type, at: int) -> Any:
        """A value that begins at `at`."""
        if type_.is_value:
            word = load(self.data, at)
            if not is_clean(word, type_):
                raise Reverted
            return word
        if type_.location == "calldata":
            return self.reference(type_, at)
        if isinstance(type_, StructType):
            return self.struct(type_, at)
        if not at + 31 < self.end:
            raise Reverted
        if is_sized(type_):
            return self.elements(type_, at + 32, load(self.data, at))
        assert isinstance(type_, ArrayType)
        return self.elements(type_, at, type_.length or 0)

    def reference(self, type_: Type, at: int) -> Given:
        """A reference into calldata, with room for what it says it has."""
        if isinstance(type_, StructType):
            if self.end - at < own_size(type_):
                raise Reverted
            return Given(self.data, at)
        if is_sized(type_):
            if not at + 31 < self.end:
                raise Reverted
            length, at = load(self.data, at), at + 32
            if length > LARGEST:
                raise Reverted
        else:
            length = type_.length  # type: ignore[attr-defined]
        if at + length * stride(type_) > self.end:
            raise Reverted
        return Given(self.data, at, length)

    def struct(self, type_: StructType, start: int) -> Struct:
        if self.end - start < own_size(type_):
            raise Reverted
        members, at = {}, start
        for name, inner in type_.members():
            members[name] = self.entry(inner, start, at)
            at += head_size(inner)
        return Struct(members)

    def elements(self, type_: Type, at: int, length: int) -> Any:
        """An array or byte string of known length in memory."""
        is_bytes = isinstance(type_, BytesType)
        if is_sized(type_):
            check_allocation(length, 1 if is_bytes else 32)
        if at + length * stride(type_) > self.end:
            raise Reverted
        check_affordable(length if not is_bytes else length // 32)
        if is_bytes:
            return Bytes(self.data[at : at + length].ljust(length, b"\0"))
        assert isinstance(type_, ArrayType)
        step = stride(type_)
        return Array([self.entry(type_.element, at, at + i * step) for i in range(length)])
