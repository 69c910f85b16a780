"""`using`: what may be attached where, which operators may be defined, and where both apply."""

from __future__ import annotations

import pytest

from compiler import CompileError, compile_sources
from tests.compiler.refused import PRAGMA, refused

AROUND = """
type T is uint256;
type Other is uint256;
struct S { uint256 a; }
function plus(T a, T b) pure returns (T) {}
function also(T a, T b) pure returns (T) {}
function minus(T a) pure returns (T) {}
function less(T a, T b) pure returns (bool) {}
function mixed(T a, Other b) pure returns (T) {}
function reads(T a, T b) view returns (T) {}
function none() pure {}
function over(T a) pure {}
function over(T a, uint256 b) pure {}
function both(S memory a, S memory b) pure returns (S memory) {}
library L { function inside(T a, T b) internal pure returns (T) {} function own(T a) private pure {} }
interface I {}
contract C { struct Inner { uint256 a; } type V is uint8; enum E { A } function own(T a) internal {} }
"""

REFUSED = {
    "using {plus as +} for T;": "SL0526",
    "using {both as +} for S global;": "SL0526",
    "using {plus as ~} for T global;": "SL0526",
    "using {minus as +} for T global;": "SL0526",
    "using {less as +} for T global;": "SL0526",
    "using {plus as <} for T global;": "SL0526",
    "using {mixed as +} for T global;": "SL0526",
    "using {reads as +} for T global;": "SL0526",
    "using {L.inside as +} for T global;": "SL0526",
    "using {plus as +, also as +} for T global;": "SL0526",
    "using {plus as +} for T global; using {also as +} for T global;": "SL0526",
    "using {plus as **} for T global;": "SL0115",
    "using {plus as <<} for T global;": "SL0115",
    "using {plus as &&} for T global;": "SL0115",
    "using {plus as +=} for T global;": "SL0115",
    "using {minus as !} for T global;": "SL0115",
    "using {none} for T;": "SL0525",
    "using {over} for T;": "SL0525",
    "using {plus} for Other;": "SL0525",
    "using {plus} for *;": "SL0525",
    "using L for *;": "SL0525",
    "using {L.own} for T;": "SL0525",
    "using {L} for T;": "SL0525",
    "using {C.own} for T;": "SL0525",
    "using {S} for T;": "SL0525",
    "using C for T;": "SL0516",
    "using {} for T;": "SL0102",
    "using L for uint256 global;": "SL0525",
    "using L for I global;": "SL0525",
    "using L for C.Inner global;": "SL0525",
    "using L for C.V global;": "SL0525",
    "using L for T[] global;": "SL0525",
    "contract D { using L for T global; }": "SL0525",
    "contract D { using {plus} for *; }": "SL0525",
    "interface J { using L for T; }": "SL0525",
}
USED = "using {plus as +, minus as -, less as <} for T global; contract D { function f(T a, Other b, uint256 u) external { %s } }"
MISUSED = {
    "a + b;": "SL0304",
    "a + u;": "SL0304",
    "a + 1;": "SL0304",
    "u + a;": "SL0304",
    "a - a;": "SL0304",
    "a > a;": "SL0304",
    "a += a;": "SL0304",
    "a++;": "SL0304",
    "~a;": "SL0304",
    "b + b;": "SL0304",
    "a.plus(a);": "SL0207",
    "uint256 x = a + a;": "SL0301",
    "T x = a < a;": "SL0301",
}


@pytest.mark.parametrize("directive", REFUSED)
def test_what_solidity_refuses_is_refused(directive: str) -> None:
    assert refused(AROUND + directive)[0] == REFUSED[directive]


@pytest.mark.parametrize("statement", MISUSED)
def test_operators_take_their_own_type_alone(statement: str) -> None:
    assert refused(AROUND + USED % statement) == [MISUSED[statement]]


@pytest.mark.parametrize(
    "directive",
    [
        "using {plus as +, plus as +, plus} for T global; using {plus as +} for T global;",
        "using {minus as -} for T global; using {plus as -} for T global;",
        "contract D { using L for *; using {L.inside, plus} for T; }",
        "library M { function own(T a) private pure {} using {M.own} for T; }",
        "using L for S global;",
    ],
)
def test_what_solidity_takes_is_taken(directive: str) -> None:
    assert refused(AROUND + directive) == []


def test_names_mean_what_they_mean_where_the_directive_stands() -> None:
    text = """
    type T is uint256;
    using {plus as +, plus} for T global;
    function plus(T a, T) pure returns (T) { return a; }
    contract D {
        function plus(uint256) external {}
        function f(T a) external pure returns (T) { return a.plus(a) + a; }
    }"""
    assert refused(text) == []


def test_without_global_it_ends_with_the_file() -> None:
    files = {
        "t.sol": PRAGMA
        + "type T is uint8; function id(T a) pure returns (T) { return a; } using {id} for T;",
        "u.sol": PRAGMA
        + 'import "t.sol"; contract C { function f(T a) external pure { a.id(); } }',
    }
    with pytest.raises(CompileError) as problem:
        compile_sources(files)
    assert [d.code for d in problem.value.diagnostics] == ["SL0207"]
    files["t.sol"] = files["t.sol"].replace("for T;", "for T global;")
    assert not compile_sources(files).diagnostics
