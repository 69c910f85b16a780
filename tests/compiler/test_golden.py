"""Text in, text out: every file under tests/golden is one test.

A golden file holds a source, a line `==== expected`, and what the stage named by its folder prints.
`make golden` rewrites the expectations; the diff is the review.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from compiler import CompileError, CompileOptions, compile_sources
from compiler.analysis.verifier import verify, verify_module
from compiler.backend import critical_edges
from compiler.diagnostics.errors import Reporter
from compiler.diagnostics.render import render_text
from compiler.ir.printer import print_function, print_module
from compiler.ir.reader import read_function, read_module
from compiler.passes import (
    conditions,
    control,
    dead_code,
    free_memory,
    guards,
    inlining,
    promotion,
    storage,
    threading,
    value_numbering,
)
from compiler.passes.runner import pass_names
from compiler.source import SourceSet
from compiler.stages import print_texts

GOLDEN = Path(__file__).resolve().parents[1] / "golden"
DIVIDER = "==== expected\n"
PASSES = {
    "conditions": conditions.run,
    "control": control.run,
    "critical-edges": critical_edges.run,
    "dead-code": dead_code.run,
    "guards": guards.run,
    "promotion": promotion.run,
    "storage": storage.run,
    "threading": threading.run,
    "value-numbering": value_numbering.run,
}
FILES = sorted(GOLDEN.rglob("*.txt"))


def produce(stage: str, source: str) -> str:
    """What a stage prints for a source."""
    if stage == "errors":
        return _errors(source)
    if stage == "passes":
        return _pass(source)
    if stage in ("tokens", "ast", "typed", "twin"):
        return print_texts(stage, {"a.sol": source}, CompileOptions())
    compilation = compile_sources({"a.sol": source}, CompileOptions(verify_each=True), emit=[stage])
    parts = [c.texts[f"{stage} runtime"] for c in compilation.contracts.values() if c.texts]
    return "\n".join(parts)


def _inlining(text: str) -> str:
    module = read_module(text)
    inlining.run(module, lambda function, _: bool(control.run(function)), inlining.SMALL["size"])
    verify_module(module)
    return print_module(module)


def _free_memory(text: str) -> str:
    module = read_module(text)
    free_memory.run(module)
    verify_module(module)
    return print_module(module)


def _errors(source: str) -> str:
    try:
        compilation = compile_sources({"a.sol": source})
    except CompileError as problem:
        return render_text(problem.diagnostics, problem.sources)
    return render_text(compilation.diagnostics, compilation.sources)


def _pass(source: str) -> str:
    """The first line names the pass; the rest is FIR."""
    name, text = source.removeprefix("# ").split("\n", 1)
    if name == "inlining":
        return _inlining(text)
    if name == "free-memory":
        return _free_memory(text)
    function = read_function(text)
    verify(function)
    PASSES[name.strip()](function)
    verify(function)
    return print_function(function)


@pytest.mark.parametrize("path", FILES, ids=lambda p: f"{p.parent.name}-{p.stem}")
def test_golden(path: Path) -> None:
    source, _, expected = path.read_text(encoding="utf-8").partition(DIVIDER)
    actual = produce(path.parent.name, source)
    if not actual.endswith("\n"):
        actual += "\n"
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(source + DIVIDER + actual, encoding="utf-8")
        return
    assert actual == expected


def test_every_stage_has_golden_files() -> None:
    present = {p.parent.name for p in FILES}
    assert present == {"tokens", "ast", "typed", "twin", "ir", "ir-opt", "asm", "errors", "passes"}


def test_every_pass_has_a_golden_file() -> None:
    named = {
        p.read_text().split("\n", 1)[0].removeprefix("# ").strip()
        for p in FILES
        if p.parent.name == "passes"
    }
    assert named == {*PASSES, "inlining", "free-memory"}


def test_every_pass_of_the_order_is_among_them() -> None:
    """Whatever a level runs, under whichever number, has its text before and after."""
    order = {name.rstrip("-0123456789") for level in (0, 1, 2, 3) for name in pass_names(level)}
    assert order <= {*PASSES, "inlining", "free-memory"}


def test_reporter_orders_diagnostics_by_position() -> None:
    reporter = Reporter(SourceSet())
    reporter.report("SL0201", (9, 10), "later")
    reporter.report("SL0201", (2, 3), "earlier")
    assert [d.message for d in reporter.in_order()] == ["earlier", "later"]
