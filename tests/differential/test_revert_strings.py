"""`revert_strings` "debug" and "strip": the same texts, or none, as the reference compiler's newer pipeline."""

from __future__ import annotations

from pathlib import Path

import pytest

from compiler import CompileOptions, compile_sources
from tests.differential.builds import build_both
from tests.differential.explore import explore

CORPUS = Path(__file__).parent / "corpus"
# Where the language itself refuses something: wrong calldata, wrong answers, value, unknown functions.
DEBUG = (
    "calldata", "contracts", "external_functions", "indexed", "memory", "overloads", "payable", "try_catch",
)  # fmt: skip
STRIP = ("control", "try_catch")


@pytest.mark.parametrize(
    ("strings", "name"),
    [*(("debug", name) for name in DEBUG), *(("strip", name) for name in STRIP)],
)
def test_the_texts_are_equal(strings: str, name: str) -> None:
    path = CORPUS / f"{name}.sol"
    build = build_both({path.name: path.read_text()}, revert_strings=strings)
    for pair in build.pairs.values():
        explore(pair)


def test_debug_says_why_a_call_is_refused() -> None:
    text = "pragma solidity ^0.8.24; contract C { function f(uint256 x) external pure {} }"
    plain = compile_sources({"a.sol": text}).contracts["a.sol:C"].runtime
    options = CompileOptions(revert_strings="debug")
    told = compile_sources({"a.sol": text}, options).contracts["a.sol:C"].runtime
    for why in (b"Ether sent to non-payabl", b"tuple data too sh", b"Contract does not have"):
        assert why in told.replace(b"\x7f", b"") and why not in plain
