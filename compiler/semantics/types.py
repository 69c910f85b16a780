"""The types of the language. Each type exists once, so types are compared with `is`.

A reference type carries its data location ("storage", "memory" or "calldata"); `in_location` gives
its twin elsewhere. Sizes: `words` on the stack, `storage_bytes` for packing, `head_size` in the ABI.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from weakref import WeakValueDictionary

if TYPE_CHECKING:
    from compiler.semantics.symbols import (
        ContractSymbol,
        EnumSymbol,
        StructSymbol,
        UserTypeSymbol,
    )


class Type:
    """Base of all types. `name` is how messages write it; `abi` is its canonical ABI name, or None
    where the type cannot cross a contract border."""

    __slots__ = ("_arrays", "_mappings", "name")
    is_value = False  # one word, copied on assignment
    is_reference = False  # lives in a data location
    words = 1
    dynamic = False  # dynamically encoded in the ABI
    storage_bytes = 32
    storage_slots = 1

    def __init__(self, name: str) -> None:
        self.name = name
        self._arrays: dict[tuple[int | None, str], ArrayType] = {}
        self._mappings: dict[Type, MappingType] = {}

    def __repr__(self) -> str:
        return self.name

    @property
    def abi(self) -> str | None:
        return None

    @property
    def head_size(self) -> int:
        """Bytes in the head of an ABI tuple."""
        return 32

    @property
    def location(self) -> str | None:
        return None

    def in_location(self, location: str) -> Type:
        """The same type in another data location; value types are the same everywhere."""
        return self

    @property
    def plain_name(self) -> str:
        """The name without data location."""
        return self.name

    @property
    def contains_mapping(self) -> bool:
        return False


class ValueType(Type):
    """One word; `size` bytes of it count, at the low end unless `left_aligned`."""

    __slots__ = ("_abi", "size")
    is_value = True
    left_aligned = False

    def __init__(self, name: str, abi: str, size: int) -> None:
        super().__init__(name)
        self._abi = abi
        self.size = size

    @property
    def abi(self) -> str | None:
        return self._abi

    @property
    def storage_bytes(self) -> int:  # type: ignore[override]
        return self.size


class BoolType(ValueType):
    __slots__ = ()


class IntType(ValueType):
    __slots__ = ("bits", "signed")

    def __init__(self, bits: int, signed: bool) -> None:
        name = f"{'int' if signed else 'uint'}{bits}"
        super().__init__(name, name, bits // 8)
        self.bits = bits
        self.signed = signed

    @property
    def minimum(self) -> int:
        return -(1 << (self.bits - 1)) if self.signed else 0

    @property
    def maximum(self) -> int:
        return (1 << (self.bits - 1)) - 1 if self.signed else (1 << self.bits) - 1


class AddressType(ValueType):
    __slots__ = ("payable",)

    def __init__(self, payable: bool) -> None:
        super().__init__("address payable" if payable else "address", "address", 20)
        self.payable = payable


class FixedBytesType(ValueType):
    __slots__ = ()
    left_aligned = True

    def __init__(self, size: int) -> None:
        super().__init__(f"bytes{size}", f"bytes{size}", size)


BOOL = BoolType("bool", "bool", 1)
ADDRESS = AddressType(False)
ADDRESS_PAYABLE = AddressType(True)
UINTS = {bits: IntType(bits, False) for bits in range(8, 257, 8)}
INTS = {bits: IntType(bits, True) for bits in range(8, 257, 8)}
FIXED_BYTES = {size: FixedBytesType(size) for size in range(1, 33)}
UINT256, INT256, UINT8, UINT160 = UINTS[256], INTS[256], UINTS[8], UINTS[160]
BYTES32, BYTES4, BYTES1 = FIXED_BYTES[32], FIXED_BYTES[4], FIXED_BYTES[1]


class ContractType(ValueType):
    """A contract used as a type: an address with known functions. `is_super` for `super`."""

    __slots__ = ("is_super", "symbol")

    def __init__(self, symbol: ContractSymbol, is_super: bool = False) -> None:
        kind = "library" if symbol.kind == "library" else "contract"
        super().__init__(
            f"super {symbol.name}" if is_super else f"{kind} {symbol.name}", "address", 20
        )
        self.symbol = symbol
        self.is_super = is_super

    @property
    def plain_name(self) -> str:
        return self.symbol.name


class EnumType(ValueType):
    __slots__ = ("symbol",)

    def __init__(self, symbol: EnumSymbol) -> None:
        super().__init__(f"enum {symbol.qualified_name}", "uint8", 1)
        self.symbol = symbol

    @property
    def maximum(self) -> int:
        return len(self.symbol.values) - 1

    @property
    def plain_name(self) -> str:
        return self.symbol.qualified_name


class UserType(ValueType):
    """`type X is uint8`: its own type, stored and encoded as the underlying one."""

    __slots__ = ("symbol", "underlying")

    def __init__(self, symbol: UserTypeSymbol, underlying: ValueType) -> None:
        super().__init__(symbol.qualified_name, underlying.abi or "", underlying.size)
        self.symbol = symbol
        self.underlying = underlying

    @property
    def left_aligned(self) -> bool:  # type: ignore[override]
        return self.underlying.left_aligned


def base_of(type_: Type) -> Type:
    """The elementary type whose words values of a user-defined value type or a function type are;
    other types are their own base."""
    if isinstance(type_, FunctionType):
        return FIXED_BYTES[24] if type_.external else UINTS[64]
    return type_.underlying if isinstance(type_, UserType) else type_


# -- reference types -----------------------------------------------------------------------------


class ReferenceType(Type):
    __slots__ = ("_location",)
    is_reference = True

    def __init__(self, name: str, location: str) -> None:
        super().__init__(f"{name} {location}")
        self._location = location

    @property
    def location(self) -> str | None:
        return self._location

    @property
    def plain_name(self) -> str:
        return self.name[: -len(self._location) - 1]


class BytesType(ReferenceType):
    """`bytes` or `string`."""

    __slots__ = ("is_string",)
    dynamic = True

    def __init__(self, is_string: bool, location: str) -> None:
        super().__init__("string" if is_string else "bytes", location)
        self.is_string = is_string

    @property
    def words(self) -> int:  # type: ignore[override]
        return 2 if self._location == "calldata" else 1

    @property
    def abi(self) -> str | None:
        return "string" if self.is_string else "bytes"

    def in_location(self, location: str) -> Type:
        return (STRINGS if self.is_string else BYTES)[location]


LOCATIONS = ("storage", "memory", "calldata")
BYTES = {location: BytesType(False, location) for location in LOCATIONS}
STRINGS = {location: BytesType(True, location) for location in LOCATIONS}


class ArrayType(ReferenceType):
    """`element[length]`, or `element[]` with `length` None."""

    __slots__ = ("element", "length")

    def __init__(self, element: Type, length: int | None, location: str) -> None:
        suffix = "[]" if length is None else f"[{length}]"
        super().__init__(f"{element.plain_name}{suffix}", location)
        self.element = element
        self.length = length

    @property
    def words(self) -> int:  # type: ignore[override]
        return 2 if self._location == "calldata" and self.length is None else 1

    @property
    def dynamic(self) -> bool:  # type: ignore[override]
        return self.length is None or self.element.dynamic

    @property
    def abi(self) -> str | None:
        inner = self.element.abi
        if inner is None:
            return None
        return f"{inner}[{'' if self.length is None else self.length}]"

    @property
    def head_size(self) -> int:
        return 32 if self.dynamic else self.length * self.element.head_size  # type: ignore[operator]

    def in_location(self, location: str) -> Type:
        if (
            location == self._location
        ):  # its elements are there too; asking each level twice would double the work
            return self
        return array_of(self.element.in_location(location), self.length, location)

    @property
    def storage_slots(self) -> int:  # type: ignore[override]
        if self.length is None:
            return 1
        if self.element.is_value and self.element.storage_bytes <= 16:
            per_slot = 32 // self.element.storage_bytes
            return -(-self.length // per_slot)
        return self.length * self.element.storage_slots

    @property
    def contains_mapping(self) -> bool:
        return self.element.contains_mapping

    @property
    def abi_stride(self) -> int:
        """Bytes from one element to the next in an ABI array."""
        return self.element.head_size


def array_of(element: Type, length: int | None, location: str) -> ArrayType:
    """The array type; asking twice gives the same object."""
    element = element.in_location(location)
    found = element._arrays.get((length, location))
    if found is None:
        found = element._arrays[(length, location)] = ArrayType(element, length, location)
    return found


class StructType(ReferenceType):
    __slots__ = ("symbol",)

    def __init__(self, symbol: StructSymbol, location: str) -> None:
        super().__init__(f"struct {symbol.qualified_name}", location)
        self.symbol = symbol

    @property
    def plain_name(self) -> str:
        return self.symbol.qualified_name

    def in_location(self, location: str) -> Type:
        return self.symbol.type_in(location)

    def members(self) -> list[tuple[str, Type]]:
        """Name and type of each member, in this location."""
        return [(m.name, m.type.in_location(self._location)) for m in self.symbol.members]

    def member(self, name: str) -> Type | None:
        found = self.symbol.member(name)
        return found.type.in_location(self._location) if found else None

    @property
    def dynamic(self) -> bool:  # type: ignore[override]
        return any(m.type.dynamic for m in self.symbol.members)

    @property
    def abi(self) -> str | None:
        if self.symbol.recursive:
            return None
        parts = [m.type.abi for m in self.symbol.members]
        if any(part is None for part in parts):
            return None
        return f"({','.join(part for part in parts if part is not None)})"

    @property
    def head_size(self) -> int:
        return 32 if self.dynamic else sum(m.type.head_size for m in self.symbol.members)

    @property
    def storage_slots(self) -> int:  # type: ignore[override]
        return self.symbol.storage_slots

    @property
    def contains_mapping(self) -> bool:
        return self.symbol.contains_mapping


class MappingType(Type):
    """Storage only."""

    __slots__ = ("key", "value")
    is_reference = True

    def __init__(self, key: Type, value: Type) -> None:
        super().__init__(f"mapping({key.plain_name} => {value.plain_name})")
        self.key = key
        self.value = value

    @property
    def location(self) -> str | None:
        return "storage"

    @property
    def contains_mapping(self) -> bool:
        return True


def mapping_of(key: Type, value: Type) -> MappingType:
    """The mapping type; asking twice gives the same object."""
    found = value._mappings.get(key)
    if found is None:
        found = value._mappings[key] = MappingType(key, value)
    return found


# -- types that only expressions have --------------------------------------------------------------


class RationalType(Type):
    """A number literal or constant expression of them: exact, of any size.

    `value` is an int, or a Fraction where it is not whole. `hex_digits` is the digit count of a
    plain `0x…` literal, which alone may become a fixed-bytes value."""

    __slots__ = ("hex_digits", "value")

    def __init__(self, value: Any, hex_digits: int | None = None) -> None:
        shown = str(value) if not isinstance(value, int) or abs(value) < 10**40 else f"{value:#x}"
        super().__init__(f"literal {shown}")
        self.value = value
        self.hex_digits = hex_digits


class StringLiteralType(Type):
    __slots__ = ("kind", "value")
    words = 0

    def __init__(self, value: bytes, kind: str) -> None:
        shown = value.decode("utf-8", "replace")
        super().__init__(f'literal "{shown[:37] + "..." if len(shown) > 40 else shown}"')
        self.value = value
        self.kind = kind


class TupleType(Type):
    """Several values; the empty one is the type of a call that returns nothing."""

    __slots__ = ("items",)

    def __init__(self, items: tuple[Type | None, ...]) -> None:
        super().__init__("tuple(" + ",".join(t.name if t else "" for t in items) + ")")
        self.items = items

    @property
    def words(self) -> int:  # type: ignore[override]
        return sum(t.words for t in self.items if t)


EMPTY_TUPLE = TupleType(())


class OtherType(Type):
    """Things that are named in expressions but are not values: types, functions, events, modules."""

    __slots__ = ()
    words = 0


NOT_A_VALUE = OtherType("not a value")


class FunctionType(ValueType):
    """A function as a value. An internal one is a number that stands for the function; an external
    one is 24 bytes, the contract's address and the selector, kept like a `bytes24`."""

    __slots__ = ("__weakref__", "external", "mutability", "parameters", "returns")

    def __init__(
        self,
        parameters: tuple[Type, ...],
        returns: tuple[Type, ...],
        external: bool,
        mutability: str,
    ) -> None:
        self.parameters = parameters
        self.returns = returns
        self.external = external
        self.mutability = mutability
        super().__init__(self.written(lambda t: t.name), "function", 24 if external else 8)

    def written(self, inner: Callable[[Type], str]) -> str:
        """The type in words; `inner` says how the types in it are written."""
        listed, back = (",".join(map(inner, types)) for types in (self.parameters, self.returns))
        mutability = f" {self.mutability}" if self.mutability != "nonpayable" else ""
        kind = " external" if self.external else ""
        return f"function ({listed}){mutability}{kind}{f' returns ({back})' if back else ''}"

    @property
    def abi(self) -> str | None:
        return self._abi if self.external else None

    @property
    def left_aligned(self) -> bool:  # type: ignore[override]
        return self.external

    @property
    def result(self) -> Type:
        """The type of a call."""
        if len(self.returns) == 1:
            return self.returns[0]
        return TupleType(self.returns) if self.returns else EMPTY_TUPLE


# Held weakly: what is left of a build goes when nothing uses its types any more.
_FUNCTION_TYPES: WeakValueDictionary[tuple[Any, ...], FunctionType] = WeakValueDictionary()


def function_type(
    parameters: tuple[Type, ...], returns: tuple[Type, ...], external: bool, mutability: str
) -> FunctionType:
    """The function type; asking twice gives the same object."""
    key = (parameters, returns, external, mutability)
    found = _FUNCTION_TYPES.get(key)
    if found is None:
        found = _FUNCTION_TYPES[key] = FunctionType(*key)
    return found


def elementary(name: str) -> Type | None:
    """The type an elementary type name stands for (reference types in storage)."""
    if name in _ELEMENTARY:
        return _ELEMENTARY[name]
    return None


_ELEMENTARY: dict[str, Type] = {
    "bool": BOOL,
    "address": ADDRESS,
    "address payable": ADDRESS_PAYABLE,
    "uint": UINT256,
    "int": INT256,
    "bytes": BYTES["storage"],
    "string": STRINGS["storage"],
    **{t.name: t for t in UINTS.values()},
    **{t.name: t for t in INTS.values()},
    **{t.name: t for t in FIXED_BYTES.values()},
}
