"""References to calldata: nothing is copied, and every word is judged when it is read."""

from __future__ import annotations

from typing import Any, NamedTuple

from compiler.semantics.types import ArrayType, BytesType, StructType, Type
from tests.reference.outcomes import INDEX, Reverted, panic
from tests.reference.words import WORD, is_clean

LARGEST = (1 << 64) - 1


class Given(NamedTuple):
    """An object in calldata: `at` is its first element, or its head; `length` counts for dynamic ones."""

    data: bytes
    at: int
    length: int = 0


def load(data: bytes, at: int) -> int:
    """The word at a place; there are zeros behind the end."""
    if at >= len(data):
        return 0
    return int.from_bytes(data[at : at + 32].ljust(32, b"\0"), "big")


def is_dynamic(type_: Type) -> bool:
    """Whether the ABI puts a value of the type behind the heads."""
    if isinstance(type_, BytesType):
        return True
    if isinstance(type_, ArrayType):
        return type_.length is None or is_dynamic(type_.element)
    return isinstance(type_, StructType) and any(is_dynamic(m) for _, m in type_.members())


def head_size(type_: Type) -> int:
    """Bytes of the type in the head of what holds it."""
    return 32 if is_dynamic(type_) else own_size(type_)


def own_size(type_: Type) -> int:
    """Bytes that the type's own head has at least, where it stands itself."""
    if isinstance(type_, BytesType) or (isinstance(type_, ArrayType) and type_.length is None):
        return 32
    if isinstance(type_, ArrayType):
        return (type_.length or 0) * head_size(type_.element)
    if isinstance(type_, StructType):
        return sum(head_size(m) for _, m in type_.members())
    return 32


def stride(type_: Type) -> int:
    """Bytes from one element to the next."""
    return 1 if isinstance(type_, BytesType) else head_size(type_.element)  # type: ignore[attr-defined]


def is_sized(type_: Type) -> bool:
    """Whether a length stands in front of the elements."""
    return isinstance(type_, BytesType) or (isinstance(type_, ArrayType) and type_.length is None)


def count(given: Given, type_: Type) -> int:
    if isinstance(type_, ArrayType) and type_.length is not None:
        return type_.length
    return given.length


def element(given: Given, type_: ArrayType, index: int) -> Any:
    """An element of an array, a word or another reference."""
    if index >= count(given, type_):
        raise panic(INDEX)
    inner = type_.element.in_location("calldata")
    return read(given.data, given.at, (given.at + index * stride(type_)) % WORD, inner)


def member(given: Given, type_: StructType, name: str) -> Any:
    """A member of a struct."""
    at = given.at
    for known, inner in type_.members():
        if known == name:
            return read(given.data, given.at, at % WORD, inner)
        at += head_size(inner)
    raise KeyError(name)


def read(data: bytes, base: int, at: int, type_: Type) -> Any:
    """What stands at `at`, in the head of the object that begins at `base`."""
    if type_.is_value:
        word = load(data, at)
        if not is_clean(word, type_):
            raise Reverted
        return word
    if not is_dynamic(type_):
        return Given(data, at)
    offset = _signed(load(data, at))
    if not offset < _signed((len(data) - base - (own_size(type_) - 1)) % WORD):
        raise Reverted
    at = (base + offset) % WORD
    if not is_sized(type_):
        return Given(data, at)
    length = load(data, at)
    if length > LARGEST:
        raise Reverted
    at = (at + 32) % WORD
    if _signed(at) > _signed((len(data) - length * stride(type_)) % WORD):
        raise Reverted
    return Given(data, at, length)


def _signed(word: int) -> int:
    return word - WORD if word >> 255 else word


def raw_bytes(given: Given) -> bytes:
    """The bytes of a `bytes` or `string`."""
    return given.data[given.at : given.at + given.length].ljust(given.length, b"\0")
