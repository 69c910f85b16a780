"""Operators on words: checked, wrapping, and comparisons."""

from __future__ import annotations

from compiler.semantics.types import FixedBytesType, IntType, Type
from tests.reference.outcomes import DIVISION, OVERFLOW, Unsupported, panic
from tests.reference.words import WORD, expand, number, plain

COMPARE = {
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    ">": lambda a, b: a > b,
    "<=": lambda a, b: a <= b,
    ">=": lambda a, b: a >= b,
}


def binary(op: str, left: int, right: int, type_: Type, checked: bool, zero_division: bool) -> int:
    """`left op right` of operands of one type; `zero_division` makes `x / 0` zero."""
    if op in COMPARE:
        return int(COMPARE[op](number(left, type_), number(right, type_)))
    if op == "&":
        return left & right
    if op == "|":
        return left | right
    if op == "^":
        return left ^ right
    assert isinstance(type_, IntType), (op, type_)
    return _fitted(
        _exact(op, number(left, type_), number(right, type_), zero_division), type_, checked
    )


def _exact(op: str, a: int, b: int, zero_division: bool) -> int:
    if op == "+":
        return a + b
    if op == "-":
        return a - b
    if op == "*":
        return a * b
    if b == 0:
        if zero_division:
            return 0
        raise panic(DIVISION)
    if op == "/":
        quotient = abs(a) // abs(b)
        return -quotient if (a < 0) != (b < 0) else quotient
    assert op == "%", op
    return -(abs(a) % abs(b)) if a < 0 else a % abs(b)


def _fitted(result: int, type_: IntType, checked: bool) -> int:
    if checked and not type_.minimum <= result <= type_.maximum:
        raise panic(OVERFLOW)
    return expand(result % WORD, type_)


def power(base: int, exponent: int, type_: Type, checked: bool) -> int:
    """`base ** exponent`; the exponent is unsigned."""
    assert isinstance(type_, IntType)
    value = number(base, type_)
    if not checked:
        return expand(pow(value, exponent, WORD), type_)
    if value in (0, 1, -1):
        return expand((value ** (exponent % 2 + 2) if exponent else 1) % WORD, type_)
    if exponent > 256:
        raise panic(OVERFLOW)
    return _fitted(value**exponent, type_, True)


def shift(op: str, word: int, amount: int, type_: Type) -> int:
    """`<<` and `>>`; what goes over the end is lost, and negative numbers stay negative."""
    if op == "<<":
        return expand_any((word << amount) % WORD if amount < 256 else 0, type_)
    return expand_any((number(word, type_) >> min(amount, 256)) % WORD, type_)


def expand_any(word: int, type_: Type) -> int:
    """The word with what its type does not have cut off."""
    kind = plain(type_)
    if isinstance(kind, FixedBytesType):
        cut = 256 - 8 * kind.size
        return word >> cut << cut
    return expand(word, kind)


def unary(op: str, word: int, type_: Type, checked: bool) -> int:
    if op == "!":
        return 1 - word
    if op == "~":
        return expand_any(~word % WORD, type_)
    if op == "-" and isinstance(type_, IntType):
        return _fitted(-number(word, type_), type_, checked)
    raise Unsupported(f"unary {op}")
