"""What operators make of types, and which types convert to which without being asked.

The program has been checked already: only what tells one overload, or one common type, from another is decided here.
"""

from __future__ import annotations

from collections.abc import Sequence

from compiler.ast_json.types import (
    BOOL,
    INT256,
    NOTHING,
    UINT256,
    Array,
    Bytes,
    Contract,
    Elementary,
    Enum,
    Function,
    Magic,
    Modifier,
    Module,
    Rational,
    Reference,
    Slice,
    StringLiteral,
    Struct,
    Tuple,
    Type,
    TypeName,
    located,
)
from compiler.semantics import constants
from compiler.syntax import ast

COMPARISONS = frozenset(("==", "!=", "<", ">", "<=", ">="))
_SHIFTS = frozenset(("<<", ">>", ">>>"))
_STRICTNESS = {"pure": 0, "view": 1, "nonpayable": 2, "payable": 3}


class Ancestry:
    """Who inherits whom."""

    def bases(self, contract: ast.Contract) -> Sequence[ast.Contract]:
        """A contract and all it inherits, most derived first."""
        raise NotImplementedError


def mobile(type_: Type) -> Type | None:
    """The type a variable would have that takes the value; None where none could."""
    if isinstance(type_, Rational):
        found = constants.mobile_type(type_.value)
        return Elementary(found.name) if found is not None else None
    if isinstance(type_, StringLiteral):
        return Bytes("memory", True, True)
    if isinstance(type_, Slice):
        return type_.array
    if isinstance(type_, Reference):
        return located(type_, type_.location, True)
    if isinstance(type_, Tuple):
        items = [mobile(item) if item is not None else None for item in type_.items]
        lost = any(a is not None and b is None for a, b in zip(type_.items, items, strict=True))
        return None if lost else Tuple(tuple(items))
    if isinstance(type_, Function):
        plain = type_.kind in ("internal", "external", "delegatecall")
        return type_.unnamed() if plain and not type_.options and not type_.bound else None
    if isinstance(type_, (TypeName, Modifier, Module, Magic)):
        return None
    return type_


class Rules:
    """Conversions and operators; contracts convert to their bases."""

    def __init__(self, ancestry: Ancestry) -> None:
        self.ancestry = ancestry

    def converts(self, source: Type | None, target: Type | None) -> bool:
        """Whether a value of one type is taken where the other is wanted."""
        if source is None or target is None:
            return target is None
        if source == target:
            return True
        if isinstance(source, Elementary):
            return isinstance(target, Elementary) and _elementary(source, target)
        if isinstance(source, Rational):
            return isinstance(target, Elementary) and _rational(source, target)
        if isinstance(source, StringLiteral):
            return _string(source, target)
        if isinstance(source, Contract):
            return (
                isinstance(target, Contract)
                and not source.is_super
                and target.node in self.ancestry.bases(source.node)
            )
        if isinstance(source, Slice):
            return self.converts(source.array, target)
        if isinstance(source, Reference) and isinstance(target, Reference):
            return self._reference(source, target)
        if isinstance(source, Tuple):
            return (
                isinstance(target, Tuple)
                and len(source.items) == len(target.items)
                and all(
                    self.converts(a, b) for a, b in zip(source.items, target.items, strict=True)
                )
            )
        if isinstance(source, Function) and isinstance(target, Function):
            return _function(source, target)
        return False

    def _reference(self, source: Reference, target: Reference) -> bool:
        moved, elsewhere = target.location == "storage", source.location != target.location
        if (moved and elsewhere and target.pointer) or (
            target.location == "calldata" and elsewhere
        ):
            return False
        if isinstance(source, Bytes) and isinstance(target, Bytes):
            return source.is_string == target.is_string
        if isinstance(source, Struct) and isinstance(target, Struct):
            return source.node is target.node
        if not isinstance(source, Array) or not isinstance(target, Array):
            return False
        if moved and not target.pointer:
            fits = target.length is None or (
                source.length is not None and target.length >= source.length
            )
            return fits and self.converts(source.element, target.element)
        place = source.location
        same = located(source.element, place) == located(target.element, place)
        return same and source.length == target.length

    def common(self, a: Type | None, b: Type | None) -> Type | None:
        """The type both convert to."""
        if a is None or b is None:
            return None
        first, second = mobile(a), mobile(b)
        if first is not None and self.converts(b, first):
            return first
        if second is not None and self.converts(a, second):
            return second
        return None

    def binary(self, op: str, left: Type, right: Type) -> Type | None:
        """The type both operands of a built-in operator take; None where it is not built in."""
        if isinstance(left, Rational) and isinstance(right, Rational):
            if op in COMPARISONS:
                return self.common(mobile(left), mobile(right))
            value = constants.binary(op, left.value, right.value)
            return Rational(value)
        if op in _SHIFTS or op == "**":
            if isinstance(left, Rational):
                return INT256 if left.value < 0 else UINT256
            return left if isinstance(left, Elementary) else None
        if isinstance(left, (Elementary, Rational, Contract, Enum, Function)):
            return self.common(left, right)
        return None

    @staticmethod
    def unary(op: str, operand: Type) -> Type | None:
        """The type of a built-in operator's result; None where it is not built in."""
        if op == "delete":
            return NOTHING
        if isinstance(operand, Rational):
            return Rational(constants.unary(op, operand.value))
        if op == "!":
            return BOOL
        return operand if isinstance(operand, Elementary) else None

    def takes(
        self,
        function: Function,
        arguments: Sequence[Type],
        names: Sequence[str] | None,
        value: Type | None = None,
    ) -> bool:
        """Whether a function can be called with these arguments, on `value` if it is bound to one."""
        if function.bound and not self.converts(value, function.parameters[0]):
            return False
        if function.anything:
            return True
        taken = function.taken
        if len(arguments) != len(taken):
            return False
        if names is None:
            return all(self.converts(a, t) for a, t in zip(arguments, taken, strict=True))
        known = (function.names or ())[len(function.parameters) - len(taken) :]
        places = dict(zip(known, taken, strict=False))
        return all(
            name in places and self.converts(argument, places[name])
            for name, argument in zip(names, arguments, strict=True)
        )


def _elementary(source: Elementary, target: Elementary) -> bool:
    if source.family == target.family == "address":
        return target.name == "address"
    number = source.family in ("int", "uint", "bytes")
    return number and source.family == target.family and target.size >= source.size


def _rational(source: Rational, target: Elementary) -> bool:
    if not isinstance(source.value, int):
        return False
    if target.family == "bytes":
        return source.value == 0 or source.digits == 2 * target.size
    if target.family == "uint":
        return 0 <= source.value < 1 << target.size
    half = 1 << (target.size - 1) if target.family == "int" else 0
    return -half <= source.value < half


def _string(source: StringLiteral, target: Type) -> bool:
    if isinstance(target, Elementary):
        return target.family == "bytes" and len(source.value) <= target.size
    if not isinstance(target, Bytes) or target.location == "calldata":
        return False
    if target.location == "storage" and target.pointer:
        return False
    if target.is_string:
        try:
            source.value.decode()
        except UnicodeDecodeError:
            return False
    return True


def _function(source: Function, target: Function) -> bool:
    if source.kind != target.kind or source.bound != target.bound:
        return False
    if source.kind == "declaration" and source.node is not target.node:
        return False
    if (source.parameters, source.returns) != (target.parameters, target.returns):
        return False
    if source.options != target.options:
        return False
    have, want = _STRICTNESS[source.mutability], _STRICTNESS[target.mutability]
    if have == 3:
        return want >= 2
    return want < 3 and have <= want
