"""Which storage addresses the compiler takes for different words, and which it never does."""

from __future__ import annotations

import pytest

from compiler.analysis.slots import may_alias
from compiler.ir.reader import read_function
from compiler.ir.values import Value

TEXT = """fn "f" internal results=1 {{
b0(%1, %2):
  %3 = mapslot %1, 4
  %4 = mapslot %2, 4
  %5 = mapslot %1, 5
  %6 = add %3, 1
  %7 = add %4, 1
  %8 = arrayslot 4
  %9 = add %8, %1
  %10 = add %8, 3
  %11 = mapslot %2, %3
  %12 = mapslot %2, %5
  %13 = add %3, 0x10000000000000000
  %14 = keccak256 0, 0x40
  %15 = arrayslot 5
  %16 = mapslot %1, {far}
  %17 = add %1, 4
  %18 = add %16, 1
  %19 = mapslot %1, %14
  ret %1
}}"""
# a hash that somebody may have written down, and a number beside the one a mapping hangs on
WRITTEN = 0xA6EEF7E35ABE7026729641147F7915573C7E97B47EFA546F5F6E3230263BCB49
FAR = 0x761A0EA0A2260678579B5C0A193D88E193B64890F8C4169110185C6E30027A00

DIFFERENT = [
    (3, 6),  # two words of an entry
    (3, 7),  # words of two entries, which may be one entry
    (3, 5),  # one key, two mappings
    (6, 5),
    (3, 8),  # a mapping's entry and an array's contents
    (8, 10),
    (8, 15),
    (11, 12),  # nested, the outer ones of different mappings
    (11, 3),
    (3, "4"),  # small numbers are no hashes
    (8, "4"),
    ("4", "5"),
    (16, hex(FAR + 1)),  # a hash is not beside the number it was made of
    (18, hex(FAR + 7)),
]
SAME = [
    (3, 4),  # the keys may be equal
    (6, 7),
    (9, 8),  # an index reaches anywhere, if a length was written by hand
    (9, 3),
    (9, "4"),
    (13, 3),
    (13, "4"),
    (14, 3),  # a hash made by hand
    (14, "4"),
    (17, "4"),
    (3, hex(WRITTEN)),
    (16, hex(WRITTEN)),
    (3, hex(FAR)),
    (19, 3),  # a mapping whose own slot is unknown
    (19, hex(FAR)),
]


@pytest.fixture(scope="module")
def values() -> dict[int | str, Value]:
    function = read_function(TEXT.format(far=hex(FAR)))
    found: dict[int | str, Value] = {}
    for value in [*function.params, *function.entry.insts]:
        found[value.id] = value
    for one, other in (*DIFFERENT, *SAME):
        for name in (one, other):
            if isinstance(name, str):
                found[name] = function.constant(int(name, 0))
    return found


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_different_words(one: int | str, other: int | str, values: dict[int | str, Value]) -> None:
    assert not may_alias(values[one], values[other])
    assert not may_alias(values[other], values[one])


@pytest.mark.parametrize(("one", "other"), SAME)
def test_perhaps_the_same(one: int | str, other: int | str, values: dict[int | str, Value]) -> None:
    assert may_alias(values[one], values[other])
    assert may_alias(values[other], values[one])
