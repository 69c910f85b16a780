"""Which storage addresses can be the same word.

An address is a root and a constant offset from it. A root is a plain number or the hash that a mapping's entry or
a dynamic array's contents begin at; what else an address may be made of is unknown, and unknown may be
anything. Two hashes of different inputs are different words: Solidity's storage layout rests on that. That a hash
is not some given number holds only for numbers nobody can have taken from a hash.
"""

from __future__ import annotations

from typing import NamedTuple

from compiler.evm.words import MASK
from compiler.ir.values import Value

# No hash is that small, and nothing that begins at a hash is larger.
NEAR = 1 << 64
_HASHES = ("mapslot", "arrayslot")


class Slot(NamedTuple):
    """`root` is the hash, or None for a number; `offset` counts from it, or is the number."""

    root: Value | None
    offset: int


def slot_of(address: Value) -> Slot | None:
    """What an address is made of; None where that is unknown."""
    offset = 0
    while address.op == "add":
        first, second = address.args
        if first.op != "const":
            first, second = second, first
        if first.op != "const":
            return None  # an index: with hand-written lengths it reaches anywhere
        offset = (offset + first.imm) & MASK
        address = second
    if address.op == "const":
        return Slot(None, (address.imm + offset) & MASK)
    return Slot(address, offset) if address.op in _HASHES and offset < NEAR else None


def may_alias(one: Value, other: Value) -> bool:
    """Whether two addresses can be the same word."""
    if one is other:
        return True
    a, b = slot_of(one), slot_of(other)
    if a is None or b is None:
        return True
    if a.root is None or b.root is None:
        return a.offset == b.offset if a.root is b.root else _number_is_hash(a, b)
    if a.root.op != b.root.op:
        return False  # hashes of one word and of two
    # Equal inputs make one hash, whose words differ by their offsets; others are far apart.
    return a.offset == b.offset and may_alias(a.root.args[-1], b.root.args[-1])


def _number_is_hash(a: Slot, b: Slot) -> bool:
    """Whether a number may have been written down as the hash it is compared with.

    Not if it is small, and not if the hash was made of a number beside it."""
    number, root = (a.offset, b.root) if a.root is None else (b.offset, a.root)
    if number < NEAR:
        return False
    while root is not None:
        made_of = slot_of(root.args[-1])
        if made_of is None:
            return True
        if made_of.root is None:
            return abs(made_of.offset - number) >= NEAR
        root = made_of.root
    return True
