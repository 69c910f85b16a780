"""ABI coding of plain words, for the many calls that carry nothing else.

Whatever is not plainly in order (a dynamic type, a value out of range, a dirty word) is answered with
None and left to eth_abi, whose errors are the ones to see.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

_BITS = {f"uint{8 * n}": 8 * n for n in range(1, 33)}
_SIZE = {f"bytes{n}": n for n in range(1, 33)}


def encode(types: Sequence[str], values: Sequence[Any]) -> bytes | None:
    """The words of `values`."""
    if len(types) != len(values):
        return None
    words = []
    for kind, value in zip(types, values, strict=True):
        word = _word(kind, value)
        if word is None:
            return None
        words.append(word)
    return b"".join(words)


def decode(types: Sequence[str], data: bytes) -> tuple[Any, ...] | None:
    """The values in `data`; addresses as 20 bytes."""
    if len(data) < 32 * len(types):
        return None
    values: list[Any] = []
    for place, kind in enumerate(types):
        word = data[32 * place : 32 * place + 32]
        if kind in _BITS or kind == "bool":
            number = int.from_bytes(word, "big")
            if number >> _BITS.get(kind, 1):
                return None
            values.append(bool(number) if kind == "bool" else number)
        elif kind == "address" and not any(word[:12]):
            values.append(bytes(word[12:]))
        elif kind in _SIZE and not any(word[_SIZE[kind] :]):
            values.append(bytes(word[: _SIZE[kind]]))
        else:
            return None
    return tuple(values)


def _word(kind: str, value: Any) -> bytes | None:
    if kind in _BITS:
        if type(value) is not int or value < 0 or value >> _BITS[kind]:
            return None
        return value.to_bytes(32, "big")
    if kind == "bool":
        return int(value).to_bytes(32, "big") if type(value) is bool else None
    if not isinstance(value, bytes):
        return None
    if kind == "address" and len(value) == 20:
        return bytes(12) + value
    if kind in _SIZE and len(value) == _SIZE[kind]:
        return value.ljust(32, b"\0")
    return None
