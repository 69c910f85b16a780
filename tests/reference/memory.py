"""Objects in memory. They are handed around by reference, as the language does."""

from __future__ import annotations

from typing import Any

from compiler.semantics.types import ArrayType, BytesType, StructType, Type
from tests.reference.outcomes import MEMORY, Unsupported, panic

MOST_ELEMENTS = 20_000  # what is larger may or may not fit into the gas of a message
Value = Any  # a word, an object below, a storage reference or a calldata reference


class Bytes:
    """`bytes` or `string`."""

    __slots__ = ("data",)

    def __init__(self, data: bytes = b"") -> None:
        self.data = bytearray(data)


class Array:
    """Elements of one type, value types as words."""

    __slots__ = ("items",)

    def __init__(self, items: list[Value]) -> None:
        self.items = items


class Struct:
    __slots__ = ("members",)

    def __init__(self, members: dict[str, Value]) -> None:
        self.members = members


def check_allocation(length: int, element_size: int) -> None:
    """Panics where a dynamic array of that length cannot be addressed."""
    size = (length * element_size + 31) // 32 * 32 + 32
    if length >= 1 << 64 or size + 0x80 >= 1 << 64:
        raise panic(MEMORY)


def check_affordable(length: int) -> None:
    """Leaves out what is a question of gas."""
    if length > MOST_ELEMENTS:
        raise Unsupported("memory that gas may not pay for")


def zero(type_: Type) -> Value:
    """What a variable of a type starts as; objects are new ones."""
    if type_.is_value:
        return 0
    if type_.location != "memory":
        return None  # a pointer that points nowhere yet
    if isinstance(type_, BytesType):
        return Bytes()
    if isinstance(type_, ArrayType):
        check_affordable(type_.length or 0)
        return Array([zero(type_.element) for _ in range(type_.length or 0)])
    assert isinstance(type_, StructType), type_
    return Struct({name: zero(member) for name, member in type_.members()})
