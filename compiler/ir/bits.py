"""What is known of a value's bits, and what of a value some bits need."""

from __future__ import annotations

from compiler.evm.words import MASK
from compiler.ir.values import Value

_BOOLEAN = frozenset(("lt", "gt", "slt", "sgt", "eq", "iszero"))
_WIDTHS = {"address": 160, "caller": 160, "origin": 160, "coinbase": 160,
           "libraryaddress": 160, "extcodesize": 64,
           "calldatasize": 64, "returndatasize": 64, "codesize": 64}  # fmt: skip


def known_bits(value: Value, depth: int = 4) -> int:
    """A mask outside of which the value's bits are certainly zero."""
    op = value.op
    if op == "const":
        return int(value.imm)
    if op in _BOOLEAN:
        return 1
    if op in _WIDTHS:
        return (1 << _WIDTHS[op]) - 1
    if depth == 0 or op not in ("and", "or", "xor", "shr", "shl", "byte", "div", "mod"):
        return MASK
    if op == "byte":
        return 0xFF
    a, b = value.args
    if op == "and":
        return known_bits(a, depth - 1) & known_bits(b, depth - 1)
    if op in ("or", "xor"):
        return known_bits(a, depth - 1) | known_bits(b, depth - 1)
    if op == "shr" and a.op == "const":
        return known_bits(b, depth - 1) >> a.imm if a.imm < 256 else 0
    if op == "shl" and a.op == "const":
        return (known_bits(b, depth - 1) << a.imm) & MASK if a.imm < 256 else 0
    if op == "mod" and b.op == "const" and b.imm:
        return (1 << int(b.imm - 1).bit_length()) - 1
    return MASK


def is_boolean(value: Value) -> bool:
    """Certainly 0 or 1."""
    return value.op in _BOOLEAN or (value.op == "const" and value.imm < 2)


def without_unneeded(value: Value, needed: int) -> Value:
    """A part of `value` that has the same bits under the mask `needed`."""
    while value.op in ("or", "and"):
        a, b = value.args
        if value.op == "and" and b.op == "const" and b.imm & needed == needed:
            value = a
        elif value.op == "or" and known_bits(b) & needed == 0:
            value = a
        elif value.op == "or" and known_bits(a) & needed == 0:
            value = b
        else:
            break
    return value
