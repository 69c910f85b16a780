"""Structs that hold themselves, and structs that hold mappings."""

from __future__ import annotations

from compiler.diagnostics.errors import Reporter
from compiler.semantics.symbols import StructSymbol
from compiler.semantics.types import ArrayType, MappingType, StructType, Type

MAX_PARTS = 4096
MAX_NESTED = 255  # as in solc


def check_recursion(structs: list[StructSymbol], reporter: Reporter) -> bool:
    """Note which structs are recursive and which hold mappings; report those without an end, each circle
    of them once. Whether there are any."""
    endless: list[StructSymbol] = []
    for struct in structs:
        direct, indirect = _reaches(struct, struct, set(), direct=True)
        struct.recursive = indirect
        if direct and not any(_reaches(known, struct, set(), True)[0] for known in endless):
            endless.append(struct)
            reporter.report(
                "SL0514", struct.span, f"struct `{struct.name}` contains itself",
                hint="go through a mapping or a dynamic array",
            )  # fmt: skip
        struct.contains_mapping = _holds_mapping(struct, set())
    sizes: dict[StructSymbol, int] = {}
    large = [s for s in structs if not endless and _parts(s, sizes) > MAX_PARTS]
    for struct in large[:1]:  # those that hold it are large, too
        reporter.report(
            "SL4010", struct.span,
            f"struct `{struct.name}` has more than {MAX_PARTS} members with those of the structs in it",
            hint="keep parts of it in mappings or arrays",
        )  # fmt: skip
    depths: dict[StructSymbol, int] = {}
    deep = [s for s in structs if not endless and _depth(s, depths) > MAX_NESTED]
    for struct in deep[:1]:
        reporter.report(
            "SL4010", struct.span, f"struct `{struct.name}` holds structs in structs, more than {MAX_NESTED} deep",
            hint="keep one of them in a mapping or dynamic array",
        )  # fmt: skip
    return bool(endless or large or deep)


def _depth(struct: StructSymbol, known: dict[StructSymbol, int]) -> int:
    """Structs one inside the other, with this one; what is in mappings and dynamic arrays is not inside."""
    found = known.get(struct)
    if found is None:
        inside = (_held(member.type) for member in struct.members)
        found = known[struct] = 1 + max((_depth(s, known) for s in inside if s), default=0)
    return found


def _held(type_: Type) -> StructSymbol | None:
    while isinstance(type_, ArrayType) and type_.length is not None:
        type_ = type_.element
    return type_.symbol if isinstance(type_, StructType) else None


def _parts(struct: StructSymbol, known: dict[StructSymbol, int]) -> int:
    """Members, those of structs inside it counted each time they occur."""
    found = known.get(struct)
    if found is None:
        known[struct] = 1  # it may come round to itself through an array or mapping
        found = known[struct] = sum(_member_parts(m.type, known) for m in struct.members)
    return found


def _member_parts(type_: Type, known: dict[StructSymbol, int]) -> int:
    while isinstance(type_, (ArrayType, MappingType)):
        type_ = type_.value if isinstance(type_, MappingType) else type_.element
    return _parts(type_.symbol, known) if isinstance(type_, StructType) else 1


def _reaches(
    start: StructSymbol, struct: StructSymbol, seen: set[tuple[StructSymbol, bool]], direct: bool
) -> tuple[bool, bool]:
    """(by value, at all): whether `start` is found again among the members of `struct`."""
    by_value = at_all = False
    for member in struct.members:
        type_, inside = member.type, direct
        while isinstance(type_, (ArrayType, MappingType)):
            if isinstance(type_, MappingType):
                type_, inside = type_.value, False
            else:
                inside = inside and type_.length is not None
                type_ = type_.element
        if not isinstance(type_, StructType):
            continue
        if type_.symbol is start:
            by_value, at_all = by_value or inside, True
        elif (type_.symbol, inside) not in seen:
            seen.add((type_.symbol, inside))
            found = _reaches(start, type_.symbol, seen, inside)
            by_value, at_all = by_value or found[0], at_all or found[1]
    return by_value, at_all


def _holds_mapping(struct: StructSymbol, seen: set[StructSymbol]) -> bool:
    if struct in seen:
        return False
    seen.add(struct)
    for member in struct.members:
        type_: Type = member.type
        while isinstance(type_, ArrayType):
            type_ = type_.element
        if isinstance(type_, MappingType):
            return True
        if isinstance(type_, StructType) and _holds_mapping(type_.symbol, seen):
            return True
    return False
