"""Types too large for the place they are declared in."""

from __future__ import annotations

from compiler.semantics.types import ArrayType, StructType, Type

_MEMORY_LIMIT = (1 << 32) - 1
_STORAGE_LIMIT = 1 << 256


def too_large(type_: Type, location: str) -> bool:
    """Whether a value of the type would not fit: 4 GiB of memory or calldata, 2²⁵⁶ storage slots."""
    return _too_large(type_, location, set())


def _too_large(type_: Type, location: str, seen: set[Type]) -> bool:
    if type_ in seen:
        return False
    if isinstance(type_, StructType):
        seen.add(type_)
        if any(_too_large(m.type, location, seen) for m in type_.symbol.members):
            return True
        return location == "storage" and type_.storage_slots >= _STORAGE_LIMIT
    if not isinstance(type_, ArrayType):
        return False
    if _too_large(type_.element, location, seen):
        return True
    if type_.length is None:
        return False
    if location == "storage":
        return type_.storage_slots >= _STORAGE_LIMIT
    return _words(type_) * 32 >= _MEMORY_LIMIT


def _words(type_: Type) -> int:
    """Words of a value with all its parts of fixed size."""
    if isinstance(type_, ArrayType) and type_.length is not None:
        return type_.length * _words(type_.element)
    if isinstance(type_, StructType) and not type_.symbol.recursive:
        return sum(_words(m.type) for m in type_.symbol.members)
    return 1
