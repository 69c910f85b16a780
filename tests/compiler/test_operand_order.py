"""Which operand is computed first: never another result, and fewer words on the stack.

The program is a long chain of guards beside assembly that may write any memory: nothing may be kept in memory there."""

from __future__ import annotations

import pytest

from compiler import CompileError, compile_sources, pipeline
from compiler.backend import pressure
from harness.chain.evm import Evm
from tests.fuzz.shrink import FOUND

PATH = FOUND / "one_guard_of_many_beside_assembly.sol"


def compiles() -> bool:
    try:
        compile_sources({PATH.name: PATH.read_text()})
    except CompileError as error:
        assert {d.code for d in error.diagnostics if d.severity == "error"} == {"SL4007"}
        return False
    return True


def test_the_operand_that_needs_more_words_is_computed_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pipeline, "LESS_INLINING", {})
    assert compiles()
    monkeypatch.setattr(pressure, "LIGHT", 1_000)  # none ever changes places
    assert not compiles()


def test_functions_stay_as_written_where_larger_ones_would_need_memory(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pressure, "LIGHT", 1_000)
    assert compiles()
    monkeypatch.setattr(pipeline, "LESS_INLINING", {"gas": "size", "balanced": "size"})
    assert not compiles()


@pytest.mark.parametrize("heavy_first", [True, False])
@pytest.mark.parametrize("op", ["-", "/", "%", "+", "*", "^", "<", "=="])
def test_operands_keep_their_sides(op: str, heavy_first: bool) -> None:
    heavy, light = "(((((a - 5) / d) - c) * 7) % b)", "(e * f)"
    left, right = (heavy, light) if heavy_first else (light, heavy)
    kind = "bool" if op in ("<", "==") else "uint256"
    names = "abcdef"
    source = f"""pragma solidity ^0.8.20; contract A {{
        function f({", ".join(f"uint256 {name}" for name in names)}) external pure returns ({kind}) {{
            unchecked {{ return {left} {op} {right}; }}
        }} }}"""
    contract = compile_sources({"a.sol": source}).contract("A")
    evm = Evm()
    address = evm.deploy(contract.bytecode).created
    assert address is not None
    words = dict(zip(names, (100_003, 1_013, 3, 5, 7, 2), strict=True))
    (selector,) = contract.selectors.values()
    data = bytes.fromhex(selector) + b"".join(word.to_bytes(32) for word in words.values())
    expected = eval(f"{left} {op} {right}".replace("/", "//"), words)
    assert int.from_bytes(evm.call(address, data).output) == expected % 2**256
