"""Every function is found, whichever way the dispatcher looks for it, and nothing else is."""

from __future__ import annotations

import pytest
from eth_utils.crypto import keccak

from compiler import compile_sources
from compiler.backend import dispatch
from compiler.backend.assembly import TABLE
from compiler.backend.dispatch import BUCKETS, TABLE_LIMIT, _best_shift, _search_gas, _table_gas
from harness.chain.evm import Evm

ENDS = {
    "nothing": "",
    "fallback": "fallback() external { assembly { mstore(0, 999999) return(0, 32) } }",
    "payable": "receive() external payable {} fallback(bytes calldata d) external payable returns (bytes memory) { return d; }",
}
SENDER = b"\x11" * 20


def selector(name: str) -> bytes:
    return keccak(text=f"{name}()")[:4]


@pytest.mark.parametrize("count", [5, 6, 8, 9, 17])
def test_every_function_by_halves(count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """As where no table has room."""
    monkeypatch.setattr(dispatch, "TABLE_LIMIT", 0)
    test_every_function_and_nothing_else(count, "fallback")


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("count", [1, 4, 5, 8, 9, 16, 17, 33, 70])
def test_every_function_and_nothing_else(count: int, end: str) -> None:
    names = [f"f{n}" for n in range(count)]
    functions = "".join(
        f"function {name}() external pure returns (uint256) {{ return {n}; }} "
        for n, name in enumerate(names)
    )
    source = f"pragma solidity ^0.8.24; contract C {{ {functions} {ENDS[end]} }}"
    built = compile_sources({"C.sol": source}).contracts["C.sol:C"]
    evm = Evm()
    made = evm.deploy(built.bytecode, sender=SENDER)
    assert made.success
    known = {selector(name): n for n, name in enumerate(names)}
    strangers = [bytes(4), b"\xff" * 4, b"\x00\x00\x00\x01"]
    for word in known:  # one bit off in every place a table could look at
        strangers += [
            (int.from_bytes(word, "big") ^ 1 << bit).to_bytes(4, "big") for bit in range(32)
        ]
    for data in [*known, *strangers, b"", b"\x01", b"\x01\x02\x03"]:
        outcome = evm.call(made.created, data, sender=SENDER)
        if data in known:
            assert outcome.success and int.from_bytes(outcome.output, "big") == known[data]
        elif end == "nothing":
            assert not outcome.success and outcome.output == b""
        elif end == "fallback":
            assert outcome.success and int.from_bytes(outcome.output, "big") == 999_999
        else:
            assert outcome.success and outcome.output == (b"" if data == b"" else data)


@pytest.mark.parametrize("names", [["f477"], ["f477", *(f"f{n}" for n in range(20))]])
def test_a_selector_that_ends_in_zero_is_not_found_in_three_bytes(names: list[str]) -> None:
    """Calldata reads as zero behind its end."""
    data = selector("f477")
    assert data[3] == 0
    functions = "".join(f"function {name}() external {{}} " for name in names)
    built = compile_sources({"C.sol": f"pragma solidity ^0.8.24; contract C {{ {functions} }}"})
    evm = Evm()
    at = evm.deploy(built.contract("C").bytecode, sender=SENDER).created
    assert at is not None
    assert [evm.call(at, data[:n], sender=SENDER).success for n in range(5)] == [False] * 4 + [True]


def test_many_functions_are_found_through_a_table() -> None:
    selectors = sorted(int.from_bytes(selector(f"f{n}"), "big") for n in range(30))
    assert _table_gas(selectors, _best_shift(selectors)) < _search_gas(selectors)
    few = selectors[:2]
    assert _table_gas(few, _best_shift(few)) >= _search_gas(few)


def test_a_table_prints_its_labels() -> None:
    functions = "".join(f"function f{n}() external {{}} " for n in range(20))
    source = f"pragma solidity ^0.8.24; contract C {{ {functions} }}"
    built = compile_sources({"C.sol": source}, emit=["asm"]).contracts["C.sol:C"]
    text = built.texts["asm runtime"]
    lines = [line for line in text.splitlines() if line.count("@") == 16]
    assert len(lines) == 1 and TABLE == 9


def test_the_most_functions_of_a_table_lie_within_two_bytes() -> None:
    """A function takes 12 bytes of a chain at most: dup1, push4, eq, push3, jumpi; a chain 6 more."""
    assert 100 + TABLE_LIMIT * 12 + BUCKETS * 6 < 1 << 16
