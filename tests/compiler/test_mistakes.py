"""Mistakes as people make them, and the whole answer to each: every file under `mistakes` is one test.

A source `NN_name.sol` has its answer beside it in `NN_name.txt`; several files in one source are divided
by `// file: path`. `UPDATE_GOLDEN=1` rewrites the answers; the diff is the review.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from compiler import CompileError, InternalCompilerError, compile_sources
from compiler.diagnostics.errors import Diagnostic, Reporter
from compiler.diagnostics.render import render_text
from compiler.source import SourceSet

MISTAKES = Path(__file__).parent / "mistakes"
FILES = sorted(MISTAKES.glob("*.sol"))


def read(path: Path) -> dict[str, str]:
    text = path.read_text(encoding="utf-8")
    if not text.startswith("// file: "):
        return {path.name: text}
    parts = (part.partition("\n") for part in text.split("// file: ")[1:])
    return {name: body for name, _, body in parts}


def diagnose(path: Path) -> tuple[list[Diagnostic], SourceSet]:
    try:
        result = compile_sources(read(path))
    except CompileError as problem:
        return problem.diagnostics, problem.sources
    return result.diagnostics, result.sources


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_answer(path: Path) -> None:
    actual = render_text(*diagnose(path))
    answer = path.with_suffix(".txt")
    if os.environ.get("UPDATE_GOLDEN"):
        answer.write_text(actual, encoding="utf-8")
    assert actual == answer.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_one_mistake_is_one_error(path: Path) -> None:
    """No two errors point at the same characters, and none speaks of the compiler's own terms."""
    found, sources = diagnose(path)
    spans = [d.span for d in found if d.severity == "error" and d.code != "SL0522"]
    assert len(spans) == len(set(spans)), render_text(found, sources)
    for diagnostic in found:
        assert diagnostic.span is not None
        prose = re.sub(r"`[^`]*`", "", diagnostic.message)
        assert not re.search(r"\b(AST|FIR|IR|token|node|symbol)\b", prose)


def test_there_are_mistakes_of_every_kind() -> None:
    """Fifty and more of them, from every stage that judges a source."""
    assert len(FILES) >= 50
    codes = {d.code for path in FILES for d in diagnose(path)[0]}
    families = {code[:4] for code in codes}
    assert {
        "SL00",
        "SL01",
        "SL02",
        "SL03",
        "SL04",
        "SL05",
        "SL06",
        "SL20",
        "SL21",
        "SL60",
    } <= families
    assert len(codes) >= 70


def test_most_answers_say_what_to_do() -> None:
    found = [d for path in FILES for d in diagnose(path)[0]]
    helpful = [d for d in found if d.hint or d.labels or d.notes]
    assert len(helpful) > 0.85 * len(found)


def test_a_circle_through_several_files_is_refused_from_every_side() -> None:
    texts = {
        "a.sol": 'pragma solidity ^0.8.24;\nimport {C} from "b.sol";\ncontract A is B {}\ncontract B is C {}\n',
        "b.sol": 'pragma solidity ^0.8.24;\nimport {A} from "a.sol";\ncontract C is A {}\n',
    }
    for names in (("a.sol", "b.sol"), ("b.sol", "a.sol")):
        with pytest.raises(CompileError):
            compile_sources({name: texts[name] for name in names})


def test_nothing_is_left_out_without_an_error() -> None:
    """Leaving out what is wrong is only safe because the program is refused."""
    reporter = Reporter(SourceSet())
    with pytest.raises(InternalCompilerError):
        reporter.must_have_errors()
    reporter.report("SL6014", None, "a warning is not enough")
    with pytest.raises(InternalCompilerError):
        reporter.must_have_errors()
    reporter.report("SL0201", None, "an error is")
    reporter.must_have_errors()
