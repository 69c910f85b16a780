"""Literal arithmetic: exact rationals of any size, as the language defines it for literals.

Whole values are ints; a `Fraction` appears only where a literal is not whole, and the module that
provides it is loaded only then.
"""

from __future__ import annotations

import re
from typing import Any

from compiler.evm.keccak import keccak256
from compiler.semantics.types import INTS, UINTS, IntType

MAX_BITS = 4096
_MOST_SHIFT = 2**32 - 1
_ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}\Z")


class LiteralError(Exception):
    """The literal expression has no value; the message says why."""


def parse_number(text: str) -> Any:
    """The exact value of a number token."""
    digits = text.replace("_", "")
    if digits.startswith("0x"):
        return int(digits, 16)
    mantissa, _, exponent_text = digits.lower().partition("e")
    if len(digits) > 1300 or (len(exponent_text) > 5 and mantissa.strip("0.")):
        raise LiteralError("number literal is too large")
    exponent = int(exponent_text) if exponent_text else 0
    whole, _, part = mantissa.partition(".")
    value = int((whole or "0") + part)
    if value == 0:
        return 0
    exponent -= len(part)
    if abs(exponent) > 1300:
        raise LiteralError("exponent of the number literal is too large")
    if exponent >= 0:
        return value * 10**exponent
    return normal(value, 10**-exponent)


def normal(numerator: int, denominator: int) -> Any:
    """A quotient as an int where it is whole, else as a Fraction."""
    if numerator % denominator == 0:
        return numerator // denominator
    from fractions import Fraction

    return Fraction(numerator, denominator)


def whole(value: Any) -> bool:
    return isinstance(value, int)


def unary(op: str, value: Any) -> Any:
    """`-x` and `~x` of a literal."""
    if op == "-":
        return -value
    if op == "~" and whole(value):
        return ~value
    raise LiteralError(f"`{op}` needs a whole number")


def binary(op: str, left: Any, right: Any) -> Any:
    """`left op right` of two literals; comparisons give a bool."""
    result = _COMPARE[op](left, right) if op in _COMPARE else _arithmetic(op, left, right)
    if not isinstance(result, bool) and _bits(result) > MAX_BITS:
        raise LiteralError(f"constant expression needs more than {MAX_BITS} bits")
    return result


_COMPARE = {
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    ">": lambda a, b: a > b,
    "<=": lambda a, b: a <= b,
    ">=": lambda a, b: a >= b,
}


def _bits(value: Any) -> int:
    if whole(value):
        return int(value).bit_length()
    return max(int(value.numerator).bit_length(), int(value.denominator).bit_length())


def _arithmetic(op: str, left: Any, right: Any) -> Any:
    if op == "+":
        return _simple(left + right)
    if op == "-":
        return _simple(left - right)
    if op == "*":
        return _simple(left * right)
    if op in ("/", "%") and right == 0:
        raise LiteralError("division by zero")
    if op == "/":
        return _quotient(left, right)
    if op == "%":
        if whole(left) and whole(right):
            remainder = abs(left) % abs(right)
            return -remainder if left < 0 else remainder
        quotient = _quotient(left, right)
        truncated = int(quotient)
        return _simple(left - right * truncated)
    if op == "**":
        return _power(left, right)
    if not (whole(left) and whole(right)):
        raise LiteralError(f"`{op}` needs whole numbers")
    return _bitwise(op, left, right)


def _simple(value: Any) -> Any:
    if whole(value):
        return value
    return normal(value.numerator, value.denominator)


def _quotient(left: Any, right: Any) -> Any:
    if whole(left) and whole(right):
        sign = -1 if (left < 0) != (right < 0) else 1
        return normal(sign * abs(left), abs(right))
    return _simple(left / right)


def _power(base: Any, exponent: Any) -> Any:
    if not whole(exponent):
        raise LiteralError("exponent must be a whole number")
    if base in (0, 1, -1):
        if base == 0 and exponent < 0:
            raise LiteralError("division by zero")
        return base ** (abs(exponent) % 2 + 2 if base == -1 else min(abs(exponent), 1))
    if abs(exponent) > 1 << 32:
        raise LiteralError("exponent is too large")
    if _bits(base) * abs(exponent) > MAX_BITS + 64:
        raise LiteralError(f"constant expression needs more than {MAX_BITS} bits")
    result = base ** abs(exponent)
    return _simple(result) if exponent >= 0 else _quotient(1, result)


def _bitwise(op: str, left: int, right: int) -> int:
    if op == "&":
        return left & right
    if op == "|":
        return left | right
    if op == "^":
        return left ^ right
    if right < 0 or right > _MOST_SHIFT:
        raise LiteralError("shift is negative or too large")
    if op == "<<":
        if left and right > MAX_BITS:
            raise LiteralError(f"constant expression needs more than {MAX_BITS} bits")
        return left << right if left else 0
    if op == ">>":
        return left >> min(right, MAX_BITS)
    raise LiteralError(f"`{op}` is not defined for literals")


def mobile_type(value: Any) -> IntType | None:
    """The smallest integer type that holds a literal; None where there is none."""
    if not whole(value):
        return None
    if value >= 0:
        bits = max(8, -(-value.bit_length() // 8) * 8)
        return UINTS.get(bits)
    bits = max(8, -(-((-value - 1).bit_length() + 1) // 8) * 8)
    return INTS.get(bits)


def fits(value: Any, type_: IntType) -> bool:
    return whole(value) and type_.minimum <= value <= type_.maximum


def looks_like_address(text: str) -> bool:
    """A hexadecimal literal about as long as an address, which must then be one exactly."""
    return text.startswith("0x") and 39 <= len(text.replace("_", "")) - 2 <= 41


def is_address(text: str) -> bool:
    """Forty digits with the EIP-55 checksum."""
    return bool(_ADDRESS.match(text)) and checksummed(text) == text


def checksummed(text: str) -> str:
    """EIP-55 form of a 40-digit literal."""
    digits = text[2:].lower()
    digest = keccak256(digits.encode()).hex()
    return "0x" + "".join(
        c.upper() if c.isalpha() and int(digest[i], 16) >= 8 else c for i, c in enumerate(digits)
    )
