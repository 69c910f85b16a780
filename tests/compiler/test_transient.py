"""`transient`: which variables may be, where they lie, and that the optimizer keeps both spaces apart."""

from __future__ import annotations

import pytest

from compiler import CompileOptions, compile_sources
from compiler.semantics.storage_layout import facet_base
from tests.compiler.refused import refused

REFUSED = {
    "uint256 transient x = 1;": "SL0519",
    "uint256 constant transient x = 1;": "SL0519",
    "uint256 transient constant x = 1;": "SL0519",
    "uint256 transient immutable x;": "SL0519",
    "mapping(uint256 => bool) transient x;": "SL2006",
    "uint256[2] transient x;": "SL2006",
    "bytes transient x;": "SL2006",
    "struct S { uint256 a; } S transient x;": "SL2006",
    "uint256 transient transient x;": "SL0116",
    "uint256 transient x; function f() external pure returns (uint256) { return x; }": "SL0411",
    "uint256 transient x; function f() external view { x = 1; }": "SL0410",
    "uint256 transient x; function f() external view { delete x; }": "SL0410",
}


@pytest.mark.parametrize("members", REFUSED)
def test_what_solidity_refuses_is_refused(members: str) -> None:
    assert refused(f"contract A {{ {members} }}")[0] == REFUSED[members]


def test_it_needs_cancun() -> None:
    text = "contract A { uint256 transient x; }"
    assert refused(text, "shanghai") == ["SL0809"]
    assert refused(text, "cancun") == []


def test_it_is_a_name_where_no_declaration_goes_on() -> None:
    assert refused("contract A { uint256 transient transient; uint256 public transient y; }") == []
    assert (
        refused("contract A { uint256 transient; function f(uint256 transient) external {} }") == []
    )


def test_a_facet_keeps_to_its_own_transient_slots() -> None:
    text = "pragma solidity ^0.8.28; facet F { uint8 transient a; uint8 b; uint8 transient c; }"
    layout = compile_sources({"f.sol": text}).contracts["f.sol:F"].transient_layout
    base = facet_base("F")
    assert [int(e["slot"]) for e in layout["storage"]] == [base, base + 1]


@pytest.mark.parametrize("level", [0, 1, 2, 3])
def test_a_store_in_one_space_is_no_news_of_the_other(level: int) -> None:
    text = """pragma solidity ^0.8.28;
    contract A {
        uint256 s; uint256 transient t;
        function f(uint256 x) external returns (uint256, uint256) { s = x; t = 5; s = 7; return (s, t); }
    }"""
    options = CompileOptions(optimize=level, verify_each=True)
    contract = compile_sources({"a.sol": text}, options, emit=["ir-opt"]).contracts["a.sol:A"]
    printed = contract.texts["ir-opt runtime"]
    assert printed.count("tstore 0, 5") == 1 and printed.count("= tload") == 1
    assert printed.count("sstore 0, 7") == 1
