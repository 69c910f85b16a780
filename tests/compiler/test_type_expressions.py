"""Types where an expression stands: alone, or with the length of an array behind them."""

from __future__ import annotations

import pytest

from compiler import CompileError, compile_sources
from tests.compiler.refused import PRAGMA, refused

AROUND = """
library L {}
interface I {}
struct S { uint256 a; }
enum E { A }
type T is uint8;
uint256 constant K = 3;
contract C {
    uint256 x;
    uint256[3] three;
    function f(bytes memory data) public { %s }
}
"""
REFUSED = {
    "L[1];": "SL0314",
    "L[];": "SL0314",
    "L[1][2];": "SL0314",
    "uint256[K];": "SL0319",
    "uint256[1][K];": "SL0319",
    "uint256[x];": "SL0319",
    "uint256[true];": "SL0319",
    'uint256["1"];': "SL0319",
    "uint256[uint8(1)];": "SL0319",
    "uint256[3 / 2];": "SL0319",
    "uint256[-1];": "SL0316",
    "uint256[2**256];": "SL0316",
    "abi.decode(data, (uint256[K]));": "SL0319",
    "uint256[0] memory none;": "SL0316",
    "uint256[K - 3] memory none;": "SL0316",
    "uint256[0](three);": "SL0303",
    "uint256[0].length;": "SL0207",
    "type(uint256[0]);": "SL0305",
    "true ? uint256[1] : uint256[1];": "SL0302",
    "x = uint256[0];": "SL0302",
    "uint256[1:2];": "SL0302",
}
TAKEN = (
    "uint256;",
    "(uint256);",
    "(uint256, uint256[2]);",
    "uint256[0];",
    "(uint256[0]);",
    "uint256[0][];",
    "uint256[][0];",
    "uint256[1 - 1];",
    "uint256[10e-1];",
    "uint256[2**256 - 1];",
    "C; I; L; S; E; T;",
    "C[0]; I[0]; S[0]; E[0]; T[0];",
    "for (uint256[0]; ; string[]) {}",
    "abi.decode(data, (uint256[3]));",
    "uint256[K] memory some; some[0] = 1;",
)


@pytest.mark.parametrize("statement", REFUSED)
def test_what_solidity_refuses_is_refused(statement: str) -> None:
    assert refused(AROUND % statement) == [REFUSED[statement]]


@pytest.mark.parametrize("statement", TAKEN)
def test_what_solidity_takes_is_taken(statement: str) -> None:
    assert refused(AROUND % statement) == []


@pytest.mark.parametrize("type_", ["uint256[0]", "S[0]", "uint256[][0]", "uint256[0][2]"])
def test_an_array_without_elements_is_never_decoded(type_: str) -> None:
    """Solc takes some of these; the value would have no bytes to be read from."""
    assert refused(AROUND % f"abi.decode(data, (uint256, {type_}));") == ["SL0316"]


@pytest.mark.parametrize(
    ("statement", "times"), [("uint256[2];", 1), ("(C, type(C));", 2), ("x;", 0)]
)
def test_a_type_alone_is_warned_of(statement: str, times: int) -> None:
    found = compile_sources({"a.sol": PRAGMA + AROUND % statement}).diagnostics
    assert [d.code for d in found].count("SL6016") == times


IMPORTING = """import "b.sol" as M;
contract C { function f() public { %s } }
"""
IMPORTED = "struct S { uint256 a; } library L {}"
OF_MODULES = {"M;": [], "(M, M.S);": [], "M.S[0];": [], "M[0];": ["SL0302"], "M.L[1];": ["SL0314"], "M = M;": ["SL0302"]}  # fmt: skip


@pytest.mark.parametrize("statement", OF_MODULES)
def test_modules_stand_alone_and_are_no_values(statement: str) -> None:
    texts = {"a.sol": PRAGMA + IMPORTING % statement, "b.sol": PRAGMA + IMPORTED}
    try:
        found = compile_sources(texts).diagnostics
        assert [d.code for d in found].count("SL6016") == statement.count("M")
    except CompileError as problem:
        found = problem.diagnostics
    assert [d.code for d in found if d.severity == "error"] == OF_MODULES[statement]
