"""What Solidity refuses is refused, at the right place; the pages of the codes show one example each."""

from __future__ import annotations

import re

import pytest

from compiler import CompileError, CompileOptions, compile_sources
from compiler.options import OPTIMIZER_LEVELS
from tests.compiler import refusals

PRAGMA = "pragma solidity ^0.8.20;\n"
GROUPS = ("POINTERS", "NAMES", "HEADERS", "OVERRIDES", "VALUES", "SYNTAX")
REFUSED = [
    line.split(" ", 1) for group in GROUPS for line in getattr(refusals, group).strip().split("\n")
]

TAKEN = """
contract C { uint[] a; function f(bool b) internal { uint[] storage x; if (b) x = a; else revert(); x.pop(); } }
contract C { uint[] a; function f() internal returns (uint[] storage r) { fail(); } function fail() internal pure { revert(); } }
contract C { uint[] a; function f(bool b) internal { uint[] storage x; b ? x = a : x = a; x.pop(); } }
contract C { function f() internal pure returns (uint[] storage r) { assembly { r.slot := 7 } } }
contract C { function f(uint[] calldata) internal {} function f(uint[] storage) internal {} }
contract C { function f(address) internal {} function f(address payable) internal {} }
contract C { uint constant A = 12; uint constant B = 10; uint[A / B * B] x; uint[10] y = x; int constant D = -7; uint[-(D / 3)] z; uint[2] w = z; }
contract C { function f() internal pure returns (int8[3] memory) { return [int8(1), -1, 0]; } }
contract C { event E(); error R(); function f() internal pure { E; R; msg; abi.encode; keccak256; uint; C; } }
contract C { event this(); function _() external {} function super() public {} }
abstract contract A { function f() public virtual; } contract B is A { function f() public virtual override {} } contract C is B {} contract D is B {} contract E is C, D {}
contract A { function x() external pure virtual returns (uint) {} } contract B is A { uint public constant override x = 1; }
contract A { constructor(uint) {} } abstract contract B is A { } contract C is B { constructor() A(1) {} }
contract C { function f(uint a) internal pure returns (uint) { unchecked { return a / 0; } } }
contract C { int8 constant A = -7; uint[-A] x; }
contract C { uint[2**200] x; function f(uint i) external view returns (uint) { return x[i]; } }
contract C { function f() internal pure { assembly { let abstract := 1 let memory := abstract } } }
contract C { function f() internal { new D(); } } contract D { function f() internal { new C(); } }
contract A { } contract B is A { function f() external { new A(); } }
contract C { event E(uint a, string b); event E(uint a, uint b); function f() internal { emit E({b: "", a: 1}); } }
contract C { bytes constant A = hex"12_34"; }
library L { function f(mapping(uint => uint) storage x, mapping(uint => uint) storage y) internal { x = y; } }
library L { struct S { function() external[] f; S[] s; } function f(S storage s) public {} }
contract C { /* SPDX-License-Identifier: MIT */ } /* SPDX-License-Identifier: (MIT OR Apache-2.0) */
"""


@pytest.mark.parametrize(("code", "marked"), REFUSED, ids=[f"{c} {s[:60]}" for c, s in REFUSED])
def test_refused_at_the_marked_place(code: str, marked: str) -> None:
    start = len(PRAGMA) + marked.index("«")
    end = len(PRAGMA) + marked.index("»") - 1
    with pytest.raises(CompileError) as caught:
        compile_sources({"a.sol": PRAGMA + re.sub("[«»]", "", marked)})
    problem = caught.value
    base = problem.sources.by_path["a.sol"].base
    found = [(d.code, d.span[0] - base, d.span[1] - base) for d in problem.diagnostics if d.span]
    assert (code, start, end) in found, str(problem)


@pytest.mark.parametrize("source", TAKEN.strip().split("\n"))
def test_taken(source: str) -> None:
    compile_sources({"a.sol": PRAGMA + source})


def test_names_that_meet_through_imports_are_refused_where_the_later_one_stands() -> None:
    sources = {
        "a.sol": PRAGMA + "function f() pure {}\nevent E();\n",
        "b.sol": PRAGMA + 'import "a.sol";\nfunction f() pure {}\nevent E();\n',
    }
    with pytest.raises(CompileError) as caught:
        compile_sources(sources)
    assert [d.code for d in caught.value.diagnostics] == ["SL0202", "SL0202"]


def test_base_arguments_in_an_imported_file_count() -> None:
    """The importing file is checked first."""
    sources = {
        "a.sol": PRAGMA + 'import "b.sol";\ncontract D is C {}\n',
        "b.sol": PRAGMA + "contract B { constructor(uint) {} }\ncontract C is B(1) {}\n",
    }
    assert compile_sources(sources).contracts["a.sol:D"].bytecode


def test_code_that_only_a_base_in_another_file_embeds_is_made() -> None:
    sources = {
        "a.sol": PRAGMA + "contract X {} contract Base { function f() public { new X(); } }\n",
        "b.sol": PRAGMA + 'import "a.sol";\ncontract D is Base {}\n',
    }
    assert compile_sources({"b.sol": sources["b.sol"], "a.sol": sources["a.sol"]}).contracts


def test_text_that_is_not_unicode_is_no_crash() -> None:
    with pytest.raises(CompileError, match="not UTF-8"):
        compile_sources({"a.sol": PRAGMA + 'contract C { string s = unicode"\udcc0"; }'})


@pytest.mark.parametrize("level", OPTIMIZER_LEVELS)
def test_the_size_of_memory_is_known_to_code_that_is_not_optimized(level: int) -> None:
    source = (
        PRAGMA
        + "contract C { function f() external pure returns (uint r) { assembly { r := msize() } } }"
    )
    options = CompileOptions(optimize=level)
    if level == 0:
        assert compile_sources({"a.sol": source}, options).contracts
    else:
        with pytest.raises(CompileError, match="SL0810"):
            compile_sources({"a.sol": source}, options)


@pytest.mark.parametrize("value", ["uint(blobhash(0))", "block.blobbasefee"])
def test_built_ins_of_a_later_evm_are_refused(value: str) -> None:
    source = (
        PRAGMA + f"contract C {{ function f() external view returns (uint) {{ return {value}; }} }}"
    )
    compile_sources({"a.sol": source}, CompileOptions(evm_version="cancun"))
    with pytest.raises(CompileError, match="SL0809"):
        compile_sources({"a.sol": source}, CompileOptions(evm_version="shanghai"))
