"""Reading and copying objects wherever they live: storage, memory or calldata."""

from __future__ import annotations

from typing import Any

from compiler.semantics.types import (
    ArrayType,
    BytesType,
    FixedBytesType,
    MappingType,
    StringLiteralType,
    StructType,
    Type,
)
from tests.reference import calldata, storage
from tests.reference.calldata import Given
from tests.reference.decoding import Decoder
from tests.reference.memory import Array, Bytes, Struct, check_affordable
from tests.reference.outcomes import INDEX, panic
from tests.reference.storage import Place, Slots
from tests.reference.words import byte_size, compact, convert_word, is_signed


def count(value: Any, type_: Type, slots: Slots) -> int:
    """Elements of an array, or bytes of a byte string."""
    if isinstance(type_, FixedBytesType):
        return type_.size
    if type_.location == "storage":
        return storage.count(slots, value, type_)
    if isinstance(value, Given):
        return calldata.count(value, type_)
    return len(value.data) if isinstance(value, Bytes) else len(value.items)


def element(value: Any, type_: ArrayType, index: int, slots: Slots) -> Any:
    """A word, or the object that the element is."""
    if type_.location == "storage":
        return _stored(storage.element(slots, value, type_, index), type_.element, slots)
    if isinstance(value, Given):
        return calldata.element(value, type_, index)
    if index >= len(value.items):
        raise panic(INDEX)
    return value.items[index]


def member(value: Any, type_: StructType, name: str, slots: Slots) -> Any:
    """The same of a struct's member."""
    if type_.location == "storage":
        inner = type_.member(name)
        assert inner is not None
        return _stored(storage.member(value, type_, name), inner, slots)
    if isinstance(value, Given):
        return calldata.member(value, type_, name)
    return value.members[name]


def _stored(place: Place, type_: Type, slots: Slots) -> Any:
    return storage.load(slots, place, type_) if type_.is_value else place


def raw_bytes(value: Any, type_: Type, slots: Slots) -> bytes:
    """The bytes of a `bytes`, `string` or literal."""
    if isinstance(type_, StringLiteralType):
        return type_.value
    if type_.location == "storage":
        return storage.load_bytes(slots, value)
    if isinstance(value, Given):
        check_affordable(value.length // 32)
        return calldata.raw_bytes(value)
    return bytes(value.data)


def to_memory(value: Any, source: Type, slots: Slots) -> Any:
    """A copy in memory of what is in storage or calldata."""
    if source.is_value:
        return value
    if isinstance(source, StringLiteralType):
        return Bytes(source.value)
    if source.location == "memory":
        return value
    if isinstance(value, Given):
        return _decoded(value, source)
    if isinstance(source, BytesType):
        return Bytes(raw_bytes(value, source, slots))
    if isinstance(source, StructType):
        return Struct({
            name: to_memory(member(value, source, name, slots), inner, slots)
            for name, inner in source.members()
        })  # fmt: skip
    assert isinstance(source, ArrayType), source
    length = count(value, source, slots)
    check_affordable(length)
    return Array([
        to_memory(element(value, source, i, slots), source.element, slots) for i in range(length)
    ])  # fmt: skip


def _decoded(value: Given, source: Type) -> Any:
    decoder, wanted = Decoder(value.data), source.in_location("memory")
    if isinstance(wanted, StructType):
        return decoder.struct(wanted, value.at)
    return decoder.elements(wanted, value.at, calldata.count(value, source))


def to_storage(value: Any, source: Type, place: Place, target: Type, slots: Slots) -> None:
    """Copy an object, or write a value, into a place in storage."""
    if target.is_value:
        storage.save(slots, place, target, convert_word(value, source, target))
    elif isinstance(target, BytesType):
        storage.save_bytes(slots, place, raw_bytes(value, source, slots))
    elif source.location == "storage" and value == place:
        return
    elif isinstance(target, StructType):
        assert isinstance(source, StructType)
        for (name, inner), (_, outer) in zip(source.members(), target.members(), strict=True):
            if not isinstance(outer, MappingType):
                found = member(value, source, name, slots)
                to_storage(found, inner, storage.member(place, target, name), outer, slots)
    else:
        assert isinstance(target, ArrayType) and isinstance(source, ArrayType)
        _array_to_storage(value, source, place, target, slots)


def _array_to_storage(
    value: Any, source: ArrayType, place: Place, target: ArrayType, slots: Slots
) -> None:
    length = count(value, source, slots)
    check_affordable(length)
    storage.resize(slots, place, target, length)
    # An element with a slot to itself is written as the whole word, sign and all, but for one that was stored as it is.
    fills_slot = is_signed(target.element) and byte_size(target.element) > 16
    for i in range(length):
        found = element(value, source, i, slots)
        spot = storage.spot(place, target, i)
        if fills_slot and source.location == "storage" and source.element is target.element:
            slots[spot.slot] = compact(found, target.element)
        elif fills_slot:
            slots[spot.slot] = convert_word(found, source.element, target.element)
        else:
            to_storage(found, source.element, spot, target.element, slots)
    storage.clear_rest(slots, place, target, 0 if fills_slot else length)
    storage.clear_elements(slots, place, target, length, target.length or 0)
