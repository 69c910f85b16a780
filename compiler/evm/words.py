"""Arithmetic on 256-bit words, exactly as the EVM does it (Yellow Paper, appendix H)."""

from __future__ import annotations

from collections.abc import Callable

BITS = 256
MOD = 1 << BITS
MASK = MOD - 1
SIGN = 1 << (BITS - 1)


def signed(word: int) -> int:
    """Two's-complement value of a word."""
    return word - MOD if word & SIGN else word


def _div(a: int, b: int) -> int:
    return a // b if b else 0


def _sdiv(a: int, b: int) -> int:
    x, y = signed(a), signed(b)
    if y == 0:
        return 0
    quotient = abs(x) // abs(y)
    return (-quotient if (x < 0) != (y < 0) else quotient) & MASK


def _mod(a: int, b: int) -> int:
    return a % b if b else 0


def _smod(a: int, b: int) -> int:
    x, y = signed(a), signed(b)
    if y == 0:
        return 0
    remainder = abs(x) % abs(y)
    return (-remainder if x < 0 else remainder) & MASK


def _signextend(k: int, x: int) -> int:
    if k >= 31:
        return x
    bit = 8 * k + 7
    low = x & ((1 << (bit + 1)) - 1)
    return low | (MASK ^ ((1 << (bit + 1)) - 1)) if low >> bit else low


def _byte(i: int, x: int) -> int:
    return (x >> (8 * (31 - i))) & 0xFF if i < 32 else 0


def _sar(shift: int, x: int) -> int:
    return (signed(x) >> min(shift, 255)) & MASK


# Operand order is the EVM's: the first argument is the top of the stack.
FOLD: dict[str, Callable[..., int]] = {
    "add": lambda a, b: (a + b) & MASK,
    "sub": lambda a, b: (a - b) & MASK,
    "mul": lambda a, b: (a * b) & MASK,
    "div": _div,
    "sdiv": _sdiv,
    "mod": _mod,
    "smod": _smod,
    "addmod": lambda a, b, n: (a + b) % n if n else 0,
    "mulmod": lambda a, b, n: (a * b) % n if n else 0,
    "exp": lambda a, b: pow(a, b, MOD),
    "signextend": _signextend,
    "lt": lambda a, b: int(a < b),
    "gt": lambda a, b: int(a > b),
    "slt": lambda a, b: int(signed(a) < signed(b)),
    "sgt": lambda a, b: int(signed(a) > signed(b)),
    "eq": lambda a, b: int(a == b),
    "iszero": lambda a: int(a == 0),
    "and": lambda a, b: a & b,
    "or": lambda a, b: a | b,
    "xor": lambda a, b: a ^ b,
    "not": lambda a: a ^ MASK,
    "byte": _byte,
    "shl": lambda s, a: (a << s) & MASK if s < 256 else 0,
    "shr": lambda s, a: a >> s if s < 256 else 0,
    "sar": _sar,
    "clz": lambda a: BITS - a.bit_length(),
}
