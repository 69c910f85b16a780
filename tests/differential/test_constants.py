"""Constants: which values and array lengths both compilers take, and that they come to the same."""

from __future__ import annotations

import pytest

from tests.differential.builds import build_both
from tests.differential.explore import explore
from tests.differential.test_natspec import both

REFUSED = {
    "uint256[2] constant X = [uint256(1), 2];": "SL2005",
    "struct S { uint256 a; } S constant X = S(1);": "SL2005",
    "uint256[] constant X = new uint256[](1);": "SL2005",
    "uint256 constant X = f(); function f() internal pure returns (uint256) {}": "SL0320",
    "uint256 constant X = L.f();": "SL0320",
    "uint256 constant X = L.g();": "SL0320",
    "uint256 immutable Y; uint256 constant X = Y;": "SL0320",
    "uint256 constant X = gasleft();": "SL0320",
    "uint8 constant A = 255; uint16 constant B = A + 2; uint256[B] x;": "SL0319",
    "int8 constant A = -128; uint256[-A] x;": "SL0319",
    "uint256 constant A = 2; uint256[A - 3] x;": "SL0319",
    "uint256 constant A = 5; uint256[A / (A - 5)] x;": "SL0307",
    "uint256 constant A = uint256(keccak256('a')); uint256[A] x;": "SL0319",
    "uint256 constant A = true ? 1 : 2; uint256[A] x;": "SL0319",
    "int256 constant A = -5; uint256[A / 2] x;": "SL0316",
}
LENGTHS = """
uint256 constant FREE = 3;
contract Lengths {
    uint256 constant A = 12;
    uint256 constant B = 10;
    int256 constant C = -7;
    int8 constant D = -7;
    uint8 constant E = 250;
    uint256[(A / B) * B] one;
    uint256[-C / 2] two;
    uint256[-(C / 2)] three;
    uint256[-D] four;
    uint256[E % 7 + FREE] five;
    uint256[A ** 2 / (B << 1)] six;
    uint256[-(C % 4)] seven;
    uint256[E - 245] eight;
    function lengths() external view returns (uint256[8] memory) {
        return [one.length, two.length, three.length, four.length, five.length, six.length, seven.length, eight.length];
    }
}
"""


@pytest.mark.parametrize("members", REFUSED)
def test_both_refuse(members: str) -> None:
    library = "library L { function f() internal pure returns (uint256) {} function g() external pure returns (uint256) {} }"
    codes, theirs = both(f"{library} contract A {{ {members} }}")
    assert theirs and codes[0] == REFUSED[members]


def test_visibility_is_for_contracts() -> None:
    assert both("uint256 public constant X = 1;") == (["SL0116"], True)
    assert both("contract A { uint256 public constant X = 1; }") == ([], False)


def test_computed_lengths_are_equal() -> None:
    text = "// SPDX-License-Identifier: MIT\npragma solidity ^0.8.20;\n" + LENGTHS
    for pair in build_both({"a.sol": text}).pairs.values():
        explore(pair, examples=3)
