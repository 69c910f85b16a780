"""Arithmetic on words, written from the Yellow Paper (appendix H) and the EIPs, and not from the compiler's.

The first operand is the top of the stack. Signed words are read and written by `_number` and `_word` alone.
"""

from __future__ import annotations

from collections.abc import Callable

SIZE = 2**256
HIGHEST = SIZE - 1


def _number(word: int) -> int:
    """The word as a signed number."""
    return int.from_bytes(word.to_bytes(32, "big"), "big", signed=True)


def _word(number: int) -> int:
    return number % SIZE


def _sdiv(a: int, b: int) -> int:
    if not b:
        return 0
    x, y = _number(a), _number(b)
    quotient = abs(x) // abs(y)  # towards zero
    return _word(quotient if (x >= 0) == (y >= 0) else -quotient)


def _smod(a: int, b: int) -> int:
    if not b:
        return 0
    x, y = _number(a), _number(b)
    rest = abs(x) % abs(y)  # the sign is the dividend's
    return _word(rest if x >= 0 else -rest)


def _signextend(place: int, word: int) -> int:
    if place > 30:
        return word
    low = word.to_bytes(32, "big")[31 - place :]
    return _word(int.from_bytes(low, "big", signed=True))


PURE: dict[str, Callable[..., int]] = {
    "add": lambda a, b: (a + b) % SIZE,
    "sub": lambda a, b: (a - b) % SIZE,
    "mul": lambda a, b: a * b % SIZE,
    "div": lambda a, b: a // b if b else 0,
    "sdiv": _sdiv,
    "mod": lambda a, b: a % b if b else 0,
    "smod": _smod,
    "addmod": lambda a, b, n: (a + b) % n if n else 0,
    "mulmod": lambda a, b, n: a * b % n if n else 0,
    "exp": lambda a, b: pow(a, b, SIZE),
    "signextend": _signextend,
    "lt": lambda a, b: 1 if a < b else 0,
    "gt": lambda a, b: 1 if a > b else 0,
    "slt": lambda a, b: 1 if _number(a) < _number(b) else 0,
    "sgt": lambda a, b: 1 if _number(a) > _number(b) else 0,
    "eq": lambda a, b: 1 if a == b else 0,
    "iszero": lambda a: 0 if a else 1,
    "and": lambda a, b: a & b,
    "or": lambda a, b: a | b,
    "xor": lambda a, b: a ^ b,
    "not": lambda a: HIGHEST - a,
    "byte": lambda n, a: a.to_bytes(32, "big")[n] if n < 32 else 0,
    "shl": lambda n, a: a * 2**n % SIZE if n < 256 else 0,
    "shr": lambda n, a: a // 2**n if n < 256 else 0,
    "sar": lambda n, a: _word(_number(a) // 2 ** min(n, 256)),
    "clz": lambda a: 256 - a.bit_length(),
}
