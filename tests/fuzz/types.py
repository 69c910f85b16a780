"""The types of generated programs, and the words at their edges."""

from __future__ import annotations

from dataclasses import dataclass

from tests.fuzz.choices import Choices

WIDTHS = (256, 8, 16, 64, 128, 24, 32, 160, 248, 40)
SIZES = (32, 1, 4, 2, 20, 31, 8)


@dataclass(frozen=True)
class Type:
    """`kind` is uint, int, bool, address, fixed, enum, own, bytes, string, array, mapping or struct.

    `size` is bits, bytes, members of an enum or the length of an array (-1: it grows); `parts` are an
    array's element, a mapping's key and value, the type below a user-defined one, or a struct's members."""

    kind: str
    name: str
    size: int = 0
    parts: tuple[Type, ...] = ()
    members: tuple[str, ...] = ()

    @property
    def is_value(self) -> bool:
        return self.kind not in ("bytes", "string", "array", "mapping", "struct")

    @property
    def is_integer(self) -> bool:
        return self.kind in ("uint", "int")

    @property
    def element(self) -> Type:
        return self.parts[0]

    @property
    def encodable(self) -> bool:
        """It can stand in memory and in the ABI."""
        return self.kind != "mapping" and all(p.encodable for p in self.parts)

    @property
    def dynamic(self) -> bool:
        """Its encoding has a length of its own."""
        grows = self.kind in ("bytes", "string") or (self.kind == "array" and self.size < 0)
        return grows or any(part.dynamic for part in self.parts)

    @property
    def depth(self) -> int:
        return 1 + max((p.depth for p in self.parts), default=0)

    def at(self, location: str) -> str:
        """As a parameter or a local variable is declared."""
        return self.name if self.is_value else f"{self.name} {location}"


def uint(bits: int) -> Type:
    return Type("uint", f"uint{bits}", bits)


def sint(bits: int) -> Type:
    return Type("int", f"int{bits}", bits)


def fixed(size: int) -> Type:
    return Type("fixed", f"bytes{size}", size)


def array(element: Type, length: int = -1) -> Type:
    suffix = f"[{length}]" if length >= 0 else "[]"
    return Type("array", element.name + suffix, length, (element,))


def mapping(key: Type, value: Type) -> Type:
    return Type("mapping", f"mapping({key.name} => {value.name})", 0, (key, value))


UINT = uint(256)
BOOL = Type("bool", "bool")
ADDRESS = Type("address", "address")
BYTES = Type("bytes", "bytes")
STRING = Type("string", "string")
WORD = fixed(32)


class Universe:
    """The types one program may use: elementary ones and those it declares itself."""

    def __init__(self, choices: Choices) -> None:
        self.choices = choices
        self.enums: list[Type] = []
        self.own: list[Type] = []
        self.structs: list[Type] = []

    def integer(self) -> Type:
        kind = sint if self.choices.chance(3) else uint
        return kind(self.choices.pick(WIDTHS))

    def value(self) -> Type:
        """Narrow integers more than anything else."""
        c = self.choices
        kind = c.weighted(
            (8, "integer"), (2, "bool"), (1, "address"), (3, "fixed"), (2, "enum"), (2, "own")
        )
        if kind == "bool":
            return BOOL
        if kind == "address":
            return ADDRESS
        if kind == "fixed":
            return fixed(c.pick(SIZES))
        if kind == "enum" and self.enums:
            return c.pick(self.enums)
        if kind == "own" and self.own:
            return c.pick(self.own)
        return self.integer()

    def key(self) -> Type:
        return self.choices.pick((UINT, self.integer(), self.value(), STRING, BYTES))

    def encodable(self, depth: int = 2) -> Type:
        """What can go through the ABI coder."""
        c = self.choices
        kind = c.weighted((8, "value"), (2, "bytes"), (1, "string"), (4, "array"), (3, "struct"))
        if kind == "bytes":
            return BYTES
        if kind == "string":
            return STRING
        if kind == "struct":
            found = [s for s in self.structs if s.encodable and s.depth <= depth + 1]
            if found:
                return c.pick(found)
        if kind == "array" and depth:
            length = c.pick((-1, -1, -1, 1, 2, 3))
            return array(self.encodable(depth - 1), length)
        return self.value()

    def stored(self) -> Type:
        """What a state variable can be."""
        c = self.choices
        if c.chance(5):
            inner = self.encodable(1) if c.chance(2) else self.value()
            return mapping(self.key(), mapping(self.key(), inner) if c.chance(4) else inner)
        if c.chance(6) and self.structs:
            return c.pick(self.structs)
        return self.value() if c.chance(2) else self.encodable()

    def packed(self) -> Type:
        """An array of several elements a slot."""
        c = self.choices
        element = c.pick((uint(8), sint(16), uint(40), fixed(4), BOOL, uint(128), ADDRESS))
        return array(element, c.pick((-1, 3, 2, 7)))


def edges(type_: Type) -> tuple[int, ...]:
    """Numbers where an integer's arithmetic turns."""
    if type_.kind == "uint":
        top = 2**type_.size - 1
        return (0, 1, 2, top, top - 1, 2 ** (type_.size - 1), 2 ** (type_.size - 1) - 1, 3, 7)
    top = 2 ** (type_.size - 1) - 1
    return (0, 1, -1, top, -top - 1, -top, 2, -2, top - 1, 5)
