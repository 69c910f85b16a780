"""Values of value types as words: what each type's word may be, and what a conversion makes of it.

A word is in its type's clean form: negative numbers in two's complement, byte strings and external functions at the high
end, all else at the low end.
"""

from __future__ import annotations

from compiler.semantics.types import (
    AddressType,
    BoolType,
    ContractType,
    EnumType,
    FixedBytesType,
    FunctionType,
    IntType,
    Type,
    UserType,
)
from tests.reference.outcomes import ENUM, panic

WORD = 1 << 256
LAST = WORD - 1


def plain(type_: Type) -> Type:
    """A user-defined type's underlying one, others as they are."""
    return type_.underlying if isinstance(type_, UserType) else type_


def byte_size(type_: Type) -> int:
    """Bytes a value takes in packed storage and in a packed encoding."""
    type_ = plain(type_)
    if isinstance(type_, IntType):
        return type_.bits // 8
    if isinstance(type_, FixedBytesType):
        return type_.size
    if isinstance(type_, (AddressType, ContractType)):
        return 20
    if isinstance(type_, (BoolType, EnumType)):
        return 1
    assert isinstance(type_, FunctionType), type_
    return 24 if type_.external else 8


def at_high_end(type_: Type) -> bool:
    """Whether the bytes of the value stand first in its word."""
    type_ = plain(type_)
    return isinstance(type_, FixedBytesType) or (isinstance(type_, FunctionType) and type_.external)


def is_signed(type_: Type) -> bool:
    type_ = plain(type_)
    return isinstance(type_, IntType) and type_.signed


def number(word: int, type_: Type) -> int:
    """The number a word stands for."""
    return word - WORD if is_signed(type_) and word >> 255 else word


def expand(raw: int, type_: Type) -> int:
    """The word of a value whose bytes alone are `raw`."""
    size = byte_size(type_)
    raw &= (1 << 8 * size) - 1
    if at_high_end(type_):
        return raw << 8 * (32 - size)
    if is_signed(type_) and raw >> (8 * size - 1):
        return (raw - (1 << 8 * size)) % WORD
    return raw


def compact(word: int, type_: Type) -> int:
    """The value's bytes alone, as a number."""
    size = byte_size(type_)
    return word >> 8 * (32 - size) if at_high_end(type_) else word & ((1 << 8 * size) - 1)


def is_clean(word: int, type_: Type) -> bool:
    """Whether an ABI decoder accepts the word for this type."""
    kind = plain(type_)
    if isinstance(kind, EnumType):
        return word <= kind.maximum
    if isinstance(kind, BoolType):
        return word < 2
    return expand(compact(word, kind), kind) == word


def convert_word(word: int, source: Type, target: Type) -> int:
    """`target(value)`; raises the panic of a number that is no member of an enum."""
    source, target = plain(source), plain(target)
    if isinstance(source, FunctionType) and not isinstance(target, FunctionType):
        if isinstance(target, AddressType):
            return word >> 96
        return ((word >> 64) & 0xFFFFFFFF) << 224  # the selector
    if isinstance(source, FunctionType):
        return word
    if isinstance(target, EnumType):
        if word > target.maximum:
            raise panic(ENUM)
        return word
    if isinstance(target, FixedBytesType):
        if isinstance(source, FixedBytesType):
            keep = 8 * min(source.size, target.size)
            return word >> (256 - keep) << (256 - keep)
        return expand(word, target)
    if isinstance(source, FixedBytesType):
        return word >> 8 * (32 - source.size)
    if isinstance(target, IntType):
        return expand(word, target)
    return word
