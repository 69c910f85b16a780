"""Constants made of constants and structs inside structs: in a row as far as solc follows them, and no farther."""

from __future__ import annotations

import pytest

from tests.compiler.refused import refused


def constants(count: int, value: str = "C%d") -> str:
    links = [
        f"uint256 constant C{i} = {value.replace('%d', str(i + 1))};" for i in range(count - 1)
    ]
    return "contract A { " + " ".join(links) + f" uint256 constant C{count - 1} = 1; }}"


def backwards(count: int) -> str:
    links = [f"uint256 constant C{i} = C{i - 1} + 1;" for i in range(1, count)]
    return "uint256 constant C0 = 1; " + " ".join(links) + " contract A {}"


def structs(count: int, around: str = "") -> str:
    links = [f"struct S{i} {{ uint8 a; S{i + 1}{around} b; }}" for i in range(count - 1)]
    return "contract A { " + " ".join(links) + f" struct S{count - 1} {{ uint8 a; }} }}"


REFUSED = (
    constants(256),
    constants(256, "C%d + C%d"),
    backwards(256),
    structs(256),
    structs(256, "[2]"),
)
TAKEN = (
    constants(255),
    backwards(255),
    structs(255),
    structs(255, "[2]"),
    structs(256, "[]"),
    structs(256, "[][2]"),
)


@pytest.mark.parametrize("number", range(len(REFUSED)))
def test_one_more_is_refused(number: int) -> None:
    assert refused(REFUSED[number]) == ["SL4010"]


@pytest.mark.parametrize("number", range(len(TAKEN)))
def test_so_many_are_taken(number: int) -> None:
    assert refused(TAKEN[number]) == []
