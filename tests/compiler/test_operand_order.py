"""A long chain of guards beside assembly that may write any memory: nothing may be kept in memory there."""

from __future__ import annotations

import pytest

from compiler import CompileError, compile_sources, pipeline
from compiler.backend import pressure
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
