"""A layout as flat paths: every field that a slot holds, down through structs, arrays, mappings.

`jobs[*].fee` is a field of a mapping's value, `queue[].fee` one of an array's element. Slots count from
the beginning of what encloses the field: the root, a mapping's value or an array's element.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from compiler.semantics.storage_layout import layout_contract
from compiler.semantics.symbols import ContractSymbol, StructSymbol
from compiler.semantics.types import (
    ArrayType,
    BytesType,
    EnumType,
    MappingType,
    StructType,
    Type,
    UserType,
)

MAPPED, ELEMENT = "[*]", "[]"


class Entry(NamedTuple):
    """`offset` and `size` in bytes, the offset from the slot's low end."""

    slot: int
    offset: int
    size: int
    type: str


class Root(NamedTuple):
    """Where a layout begins, and its fields in order."""

    base: int
    entries: dict[str, Entry]


def of_contract(contract: ContractSymbol) -> Root:
    """A contract's own variables, inherited ones included; slots from the layout's base."""
    base = contract.layout_base
    found: dict[str, Entry] = {}
    for variable, place in layout_contract(contract).items():
        at = place.slot - base
        found.update(_fields(variable.name, variable.type, at, place.offset, ()))
    return Root(base, found)


def of_struct(struct: StructSymbol, base: int) -> Root:
    """The fields of a struct that is stored at a namespace's slot."""
    return Root(base, dict(_members("", struct, 0, (struct,))))


def _members(
    path: str, struct: StructSymbol, slot: int, above: tuple[StructSymbol, ...]
) -> Iterator[tuple[str, Entry]]:
    for member in struct.members:
        inner, offset = struct.layout[member.name]
        name = f"{path}.{member.name}" if path else member.name
        yield from _fields(name, member.type, slot + inner, offset, above)


def _fields(
    path: str, type_: Type, slot: int, offset: int, above: tuple[StructSymbol, ...]
) -> Iterator[tuple[str, Entry]]:
    size = type_.storage_bytes if type_.is_value else 32 * type_.storage_slots
    yield path, Entry(slot, offset, size, describe(type_))
    if isinstance(type_, StructType):
        if type_.symbol not in above:  # a struct may hold a mapping to itself
            yield from _members(path, type_.symbol, slot, (*above, type_.symbol))
    elif isinstance(type_, MappingType):
        yield from _inside(path + MAPPED, type_.value, above)
    elif isinstance(type_, ArrayType):
        yield from _inside(path + ELEMENT, type_.element, above)


def _inside(path: str, type_: Type, above: tuple[StructSymbol, ...]) -> Iterator[tuple[str, Entry]]:
    if not type_.is_value and not isinstance(type_, BytesType):
        yield from _fields(path, type_, 0, 0, above)


def describe(type_: Type) -> str:
    """A type by what its bytes mean: an enum with its values, an alias with what it stands for."""
    if isinstance(type_, EnumType):
        return f"enum {type_.symbol.name} {{{', '.join(type_.symbol.values)}}}"
    if isinstance(type_, UserType):
        return f"{type_.symbol.name} is {describe(type_.underlying)}"
    if isinstance(type_, StructType):
        return f"struct {type_.symbol.name}"
    if isinstance(type_, MappingType):
        return f"mapping({describe(type_.key)} => {describe(type_.value)})"
    if isinstance(type_, ArrayType):
        return f"{describe(type_.element)}[{'' if type_.length is None else type_.length}]"
    return type_.name if type_.is_value else type_.plain_name
