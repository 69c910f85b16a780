"""What may become what: implicitly, explicitly, and the common type of two operands.

`implicit` and `explicit` answer None when the conversion is allowed and otherwise a reason that
completes the sentence "cannot convert A to B: …" (possibly empty).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from compiler.semantics.constants import fits, mobile_type, whole
from compiler.semantics.types import (
    ADDRESS,
    ADDRESS_PAYABLE,
    AddressType,
    ArrayType,
    BytesType,
    ContractType,
    EnumType,
    FixedBytesType,
    FunctionType,
    IntType,
    MappingType,
    RationalType,
    ReferenceType,
    StringLiteralType,
    TupleType,
    Type,
    ValueType,
)

ALLOWED = None


def implicit(source: Type, target: Type, *, assigning_state: bool = False) -> str | None:
    """Whether a value of `source` may stand where `target` is wanted.

    `assigning_state` is set when the target is a place in storage itself (the value is copied into
    it) and not a pointer to one."""
    if source is target:
        return ALLOWED
    if isinstance(source, RationalType):
        return _from_rational(source, target)
    if isinstance(source, StringLiteralType):
        return _from_string_literal(source, target, assigning_state)
    if isinstance(source, TupleType) or isinstance(target, TupleType):
        return _tuples(source, target)
    if isinstance(source, ReferenceType) or isinstance(target, ReferenceType):
        return _references(source, target, assigning_state)
    if isinstance(source, IntType) and isinstance(target, IntType):
        if source.signed == target.signed:
            return ALLOWED if source.bits <= target.bits else _narrower(source, target)
        return "they differ in sign"
    if isinstance(source, FixedBytesType) and isinstance(target, FixedBytesType):
        return ALLOWED if source.size <= target.size else _narrower(source, target)
    if source is ADDRESS_PAYABLE and target is ADDRESS:
        return ALLOWED
    if isinstance(source, ContractType) and isinstance(target, ContractType):
        return ALLOWED if source.symbol.derives_from(target.symbol) else ""
    if isinstance(source, FunctionType) and isinstance(target, FunctionType):
        return _functions(source, target)
    return ""


def _narrower(source: Type, target: Type) -> str:
    return f"it could lose digits of the {source.name}"


_STRICTNESS = {"pure": 0, "view": 1, "nonpayable": 2, "payable": 2}


def _functions(source: FunctionType, target: FunctionType) -> str | None:
    same = (
        source.parameters == target.parameters
        and source.returns == target.returns
        and source.external == target.external
    )
    if not same:
        return ""
    if target.mutability == "payable" and source.mutability != "payable":
        return "it is not payable"
    if _STRICTNESS[source.mutability] > _STRICTNESS[target.mutability]:
        return f"it may do more than `{target.mutability}` allows"
    return ALLOWED


def _from_rational(source: RationalType, target: Type) -> str | None:
    value = source.value
    if isinstance(target, IntType):
        if not whole(value):
            return "it is not a whole number"
        if not fits(value, target):
            return f"it is outside {_range(target)}"
        return ALLOWED
    if isinstance(target, FixedBytesType):
        if source.hex_digits is not None and source.hex_digits == 2 * target.size:
            return ALLOWED
        if value == 0:
            return ALLOWED
        return f"only a hexadecimal literal of exactly {2 * target.size} digits, or 0, fits"
    return ""


def _range(type_: IntType) -> str:
    """The values of an integer type, as powers where the digits would say nothing."""
    if type_.bits <= 32:
        return f"{type_.minimum} … {type_.maximum}"
    lowest = f"-2**{type_.bits - 1}" if type_.signed else "0"
    return f"{lowest} … 2**{type_.bits - type_.signed} - 1"


def _from_string_literal(
    source: StringLiteralType, target: Type, assigning_state: bool
) -> str | None:
    if isinstance(target, FixedBytesType):
        if len(source.value) <= target.size:
            return ALLOWED
        return f"it has {len(source.value)} bytes"
    if isinstance(target, BytesType):
        if target.location == "calldata" or (target.location == "storage" and not assigning_state):
            return "a literal does not live there"
        if target.is_string and not _is_utf8(source.value):
            return "it is not valid UTF-8"
        return ALLOWED
    return ""


def _is_utf8(value: bytes) -> bool:
    try:
        value.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _tuples(source: Type, target: Type) -> str | None:
    if not (isinstance(source, TupleType) and isinstance(target, TupleType)):
        return ""
    if len(source.items) != len(target.items):
        return f"{len(source.items)} values for {len(target.items)}"
    for have, want in zip(source.items, target.items, strict=True):
        if want is None:
            continue
        if have is None:
            return "a component has no value"
        reason = implicit(have, want)
        if reason is not None:
            return f"component {have.name} does not become {want.name}"
    return ALLOWED


def _references(source: Type, target: Type, assigning_state: bool) -> str | None:
    if isinstance(source, MappingType) or isinstance(target, MappingType):
        return ""
    if source.plain_name != target.plain_name or type(source) is not type(target):
        if assigning_state and isinstance(source, ArrayType) and isinstance(target, ArrayType):
            return _array_into_storage(source, target)
        return ""
    if source.in_location("memory") is not target.in_location("memory"):
        return ""  # same spelling, different definitions
    if target.location == "memory":
        return "it holds a mapping" if source.contains_mapping else ALLOWED
    if target.location == "calldata":
        return ALLOWED if source.location == "calldata" else "nothing is copied to calldata"
    if assigning_state:
        if source.contains_mapping:
            return "it holds a mapping, which cannot be copied"
        return ALLOWED
    if source.location == "storage":
        return ALLOWED
    return "a storage pointer can only point at storage"


def _array_into_storage(source: ArrayType, target: ArrayType) -> str | None:
    if target.length is not None and (source.length is None or source.length > target.length):
        return "it has more elements"
    element = implicit(source.element, target.element, assigning_state=True)
    return ALLOWED if element is None else f"elements differ: {source.element} and {target.element}"


# -- explicit ------------------------------------------------------------------------------------


def explicit(source: Type, target: Type) -> str | None:
    """Whether `target(value)` is allowed."""
    if implicit(source, target) is None:
        return ALLOWED
    if isinstance(source, RationalType):
        return _rational_explicit(source, target)
    if isinstance(source, StringLiteralType):
        return implicit(source, target)
    if isinstance(source, ReferenceType) or isinstance(target, ReferenceType):
        return _reference_explicit(source, target)
    rule = _EXPLICIT.get((type(source), type(target)))
    if rule is None:
        return ""
    return ALLOWED if rule(source, target) else _explicit_reason(source, target)


def _explicit_reason(source: Type, target: Type) -> str:
    if isinstance(source, IntType) and isinstance(target, IntType):
        return (
            f"sign and width change at once; convert to int{target.bits} or uint{target.bits} first"
        )
    if isinstance(source, AddressType) and source.payable:
        return "it becomes a number or bytes by way of address"
    if isinstance(target, AddressType):
        return "only uint160, bytes20 and contracts become an address"
    if isinstance(target, FixedBytesType):
        return f"only a uint{8 * target.size} has the same width"
    return ""


def _rational_explicit(source: RationalType, target: Type) -> str | None:
    value = source.value
    if not whole(value) or value < 0:
        return implicit(source, target)
    if isinstance(target, AddressType):
        if target.payable and value:
            return "of the numbers only 0 is one at once; convert to address first"
        return ALLOWED if value < 1 << 160 else "it does not fit into 160 bits"
    if isinstance(target, EnumType):
        return ALLOWED if value <= target.maximum else f"the last value is {target.maximum}"
    return implicit(source, target)


def _reference_explicit(source: Type, target: Type) -> str | None:
    if isinstance(source, BytesType):
        if isinstance(target, FixedBytesType) and not source.is_string:
            return ALLOWED
        if isinstance(target, BytesType):
            moved = BytesType.in_location(source, target.location or "memory")
            return ALLOWED if implicit(source, moved) is None else ""
    return ""


def _contract_address(source: ValueType, target: ValueType) -> bool:
    assert isinstance(source, ContractType) and isinstance(target, AddressType)
    return not target.payable or source.symbol.receive is not None or _payable_fallback(source)


def _payable_fallback(type_: ContractType) -> bool:
    fallback = type_.symbol.fallback
    return fallback is not None and fallback.mutability == "payable"


def _address_contract(source: ValueType, target: ValueType) -> bool:
    assert isinstance(source, AddressType) and isinstance(target, ContractType)
    accepts = target.symbol.receive is not None or _payable_fallback(target)
    return source.payable or not accepts


_Rule = Callable[[Any, Any], bool]
_EXPLICIT: dict[tuple[type[Type], type[Type]], _Rule] = {
    (IntType, IntType): lambda s, t: s.signed == t.signed or s.bits == t.bits,
    (IntType, FixedBytesType): lambda s, t: not s.signed and s.bits == 8 * t.size,
    (FixedBytesType, IntType): lambda s, t: not t.signed and t.bits == 8 * s.size,
    (FixedBytesType, FixedBytesType): lambda s, t: True,
    (IntType, AddressType): lambda s, t: not s.signed and s.bits == 160 and not t.payable,
    (AddressType, IntType): lambda s, t: not s.payable and not t.signed and t.bits == 160,
    (FixedBytesType, AddressType): lambda s, t: s.size == 20 and not t.payable,
    (AddressType, FixedBytesType): lambda s, t: not s.payable and t.size == 20,
    (AddressType, AddressType): lambda s, t: True,
    (IntType, EnumType): lambda s, t: True,
    (EnumType, IntType): lambda s, t: not t.signed,
    (ContractType, AddressType): _contract_address,
    (AddressType, ContractType): _address_contract,
}


# -- common types ----------------------------------------------------------------------------------


def mobile(type_: Type) -> Type | None:
    """The type a literal takes when nothing else decides; other types keep their own."""
    if isinstance(type_, RationalType):
        return mobile_type(type_.value)
    if isinstance(type_, StringLiteralType):
        from compiler.semantics.types import STRINGS

        return STRINGS["memory"]
    if isinstance(type_, TupleType):
        items = [mobile(t) if t else None for t in type_.items]
        return TupleType(tuple(items))
    return type_


def common(left: Type, right: Type) -> Type | None:
    """The type both operands of an operator are converted to; None where there is none."""
    if left is right and not isinstance(left, (RationalType, StringLiteralType)):
        return left
    right_mobile = mobile(right)
    if right_mobile is not None and implicit(left, right_mobile) is None:
        return right_mobile
    left_mobile = mobile(left)
    if left_mobile is not None and implicit(right, left_mobile) is None:
        return left_mobile
    return None
