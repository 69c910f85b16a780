"""State as typed cells over slots: reading, writing, deleting, growing and shrinking."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any, NamedTuple

from eth_utils.crypto import keccak

from compiler.semantics.types import (
    ArrayType,
    BytesType,
    MappingType,
    StructType,
    Type,
)
from tests.reference import layout
from tests.reference.outcomes import BAD_BYTES, INDEX, MEMORY, POP, Unsupported, panic
from tests.reference.words import WORD, byte_size, compact, expand

Slots = MutableMapping[int, int]
MOST_SLOTS = 4_000  # more cannot be cleared or copied within the gas of a message


class Place(NamedTuple):
    """A cell: the slot, and for values the bytes below it in the slot."""

    slot: int
    offset: int


def load(slots: Slots, place: Place, type_: Type) -> int:
    """A value."""
    return expand(slots.get(place.slot, 0) >> 8 * place.offset, type_)


def save(slots: Slots, place: Place, type_: Type, word: int) -> None:
    """Write a value; its neighbours in the slot stay."""
    mask = ((1 << 8 * byte_size(type_)) - 1) << 8 * place.offset
    old = slots.get(place.slot, 0)
    slots[place.slot] = old & ~mask | compact(word, type_) << 8 * place.offset


# -- ways into objects -----------------------------------------------------------------------------


def member(place: Place, type_: StructType, name: str) -> Place:
    slot, offset = layout.member_spot(type_.symbol, name)
    return Place((place.slot + slot) % WORD, offset)


def entry(place: Place, key: bytes) -> Place:
    """A mapping's value; `key` is a padded word, or the bytes themselves."""
    return Place(int.from_bytes(keccak(key + place.slot.to_bytes(32, "big")), "big"), 0)


def count(slots: Slots, place: Place, type_: Type) -> int:
    """The length of an array or byte string."""
    if isinstance(type_, ArrayType):
        return slots.get(place.slot, 0) if type_.length is None else type_.length
    return _bytes_length(slots.get(place.slot, 0))


def element(slots: Slots, place: Place, type_: ArrayType, index: int) -> Place:
    """Panics outside the array."""
    if index >= count(slots, place, type_):
        raise panic(INDEX)
    return spot(place, type_, index)


def spot(place: Place, type_: ArrayType, index: int) -> Place:
    first = layout.slot_hash(place.slot) if type_.length is None else place.slot
    return Place(*layout.element_spot(type_, first, index))


# -- byte strings ------------------------------------------------------------------------------------


def _bytes_length(word: int) -> int:
    length = word >> 1 if word & 1 else (word & 0xFF) >> 1
    if (word & 1) != (length >= 32):
        raise panic(BAD_BYTES)
    return length


def load_bytes(slots: Slots, place: Place) -> bytes:
    word = slots.get(place.slot, 0)
    length = _bytes_length(word)
    if not word & 1:
        return word.to_bytes(32, "big")[:length]
    first = layout.slot_hash(place.slot)
    _affordable(length // 32)
    words = (slots.get((first + i) % WORD, 0) for i in range(-(-length // 32)))
    return b"".join(w.to_bytes(32, "big") for w in words)[:length]


def save_bytes(slots: Slots, place: Place, data: bytes) -> None:
    """Up to 31 bytes stand beside their length, more of them elsewhere; what is not used any more is cleared."""
    old = _bytes_length(slots.get(place.slot, 0))
    first = layout.slot_hash(place.slot)
    used = -(-len(data) // 32) if len(data) > 31 else 0
    before = -(-old // 32) if old > 31 else 0
    _affordable(before)
    for i in range(used):
        chunk = data[32 * i : 32 * i + 32].ljust(32, b"\0")
        slots[(first + i) % WORD] = int.from_bytes(chunk, "big")
    for i in range(used, before):
        slots[(first + i) % WORD] = 0
    if used:
        slots[place.slot] = 2 * len(data) + 1
    else:
        slots[place.slot] = int.from_bytes(data.ljust(32, b"\0"), "big") | 2 * len(data)


# -- delete, grow, shrink ------------------------------------------------------------------------------


def clear(slots: Slots, place: Place, type_: Type) -> None:
    """`delete`: mappings inside stay."""
    if type_.is_value:
        save(slots, place, type_, 0)
    elif isinstance(type_, BytesType):
        save_bytes(slots, place, b"")
    elif isinstance(type_, StructType):
        for name, inner in type_.members():
            if not isinstance(inner, MappingType):
                clear(slots, member(place, type_, name), inner)
    elif isinstance(type_, ArrayType):
        resize(slots, place, type_, 0)
        if type_.length is not None:
            clear_elements(slots, place, type_, 0, type_.length)


def resize(slots: Slots, place: Place, type_: ArrayType, length: int) -> None:
    """Give a dynamic array a length; elements beyond it are cleared."""
    if type_.length is not None:
        return
    old = slots.get(place.slot, 0)
    slots[place.slot] = length
    if old > length and not isinstance(type_.element, MappingType):
        clear_elements(slots, place, type_, length, old)
        clear_rest(slots, place, type_, length)


def clear_elements(slots: Slots, place: Place, type_: ArrayType, first: int, end: int) -> None:
    """Of values, whole slots are cleared."""
    _affordable(end - first)
    for i in range(first, end):
        found = spot(place, type_, i)
        if not type_.element.is_value:
            clear(slots, found, type_.element)
        elif not found.offset:
            slots[found.slot] = 0


def clear_rest(slots: Slots, place: Place, type_: ArrayType, length: int) -> None:
    """Clear what is left of the slot that the last of `length` elements stands in."""
    if type_.element.is_value:
        free = spot(place, type_, length)
        if free.offset:
            slots[free.slot] = slots.get(free.slot, 0) & ((1 << 8 * free.offset) - 1)


def grow(slots: Slots, place: Place, type_: ArrayType) -> Place:
    """The place of one element more."""
    length = slots.get(place.slot, 0)
    if length >= 1 << 64:
        raise panic(MEMORY)
    slots[place.slot] = length + 1
    return spot(place, type_, length)


def shrink(slots: Slots, place: Place, type_: Any) -> None:
    """`pop`"""
    length = count(slots, place, type_)
    if not length:
        raise panic(POP)
    if isinstance(type_, BytesType):
        save_bytes(slots, place, load_bytes(slots, place)[:-1])
        return
    clear(slots, spot(place, type_, length - 1), type_.element)
    slots[place.slot] = length - 1


def _affordable(slots: int) -> None:
    if slots > MOST_SLOTS:
        raise Unsupported("storage that gas may not pay for")
