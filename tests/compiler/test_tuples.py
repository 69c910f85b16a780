"""Tuples chosen by `?` and tuples inside tuples: what has no common type, and what is no place."""

from __future__ import annotations

import pytest

from tests.compiler.refused import refused

AROUND = """
contract A {
    uint256[] list;
    function two() internal pure returns (uint256, uint256) {}
    function f(bool c, uint256 a, uint256 b, int8 i, string memory s) external { %s }
}
"""
REFUSED = {
    "c ? (a, b) : (a, b, a);": "SL0304",
    "c ? (a, b) : (a, s);": "SL0304",
    "c ? (uint8(1), a) : (a, uint8(1));": "SL0304",
    "c ? (a, i) : (a, a);": "SL0304",
    "c ? two() : a;": "SL0304",
    "(c ? (a, b) : (b, a)) = (1, 2);": "SL0310",
    "(uint256 x, ) = c ? (a, b, a) : (a, b, a);": "SL0305",
    "(uint8 x, ) = c ? (a, b) : (b, a);": "SL0301",
    "(uint256[] storage x, ) = c ? (list, a) : (new uint256[](1), a);": "SL0301",
    "((a, b), a) = (a, b, a);": "SL0305",
    "((a, b), a) = ((a, b, a), a);": "SL0305",
    "((a, 2), a) = ((a, b), a);": "SL0310",
    "((a, s), a) = (two(), a);": "SL0301",
    "((a, i), b) = ((a, 300), b);": "SL0301",
}
TAKEN = (
    "(a, b) = c ? two() : (1, 2);",
    "((a, b), a) = (two(), a);",
    "(((a, ), ), (b)) = ((two(), s), 3);",
    "(((a))) = 1;",
)


@pytest.mark.parametrize("statement", REFUSED)
def test_what_solidity_refuses_is_refused(statement: str) -> None:
    assert refused(AROUND % statement) == [REFUSED[statement]]


@pytest.mark.parametrize("statement", TAKEN)
def test_what_solidity_takes_is_taken(statement: str) -> None:
    assert refused(AROUND % statement) == []


@pytest.mark.parametrize("statement", ["int16 x = a;", "uint8 y; int16 x = y;", "uint8 y; i + y;"])
def test_unsigned_never_becomes_signed_by_itself(statement: str) -> None:
    assert refused(AROUND % statement) in (["SL0301"], ["SL0304"])
