"""`docs/contributors/ir.md` against the compiler: its table of operations, its example, its laws."""

from __future__ import annotations

import os
import re
from pathlib import Path

from compiler.analysis import verifier
from compiler.ir import ops
from compiler.ir.ops import OPS, TERMINATORS, Op
from compiler.ir.printer import print_module
from compiler.ir.reader import read_module

PAGE = Path(__file__).resolve().parents[2] / "docs" / "contributors" / "ir.md"
TABLE = re.compile(r"(?<=rewrites it -->\n).*?(?=<!-- end of operations)", re.S)
RESOURCES = ("HEAP", "SCRATCH", "FMP", "STORAGE", "TRANSIENT", "WORLD", "RETURNDATA", "LOG", "GAS")


def shown(mask: int) -> str:
    """Resources by name, the long lists by what they leave out."""
    if mask == ops.EVERYTHING:
        return "ALL"
    left_out = [n for n in RESOURCES if not mask & getattr(ops, n)]
    if len(left_out) < 3:
        return "ALL but " + ", ".join(left_out)
    names = ["MEMORY"] if mask & ops.MEMORY == ops.MEMORY else []
    return ", ".join(
        names
        + [
            n
            for n in RESOURCES
            if mask & getattr(ops, n) and not (names and getattr(ops, n) & ops.MEMORY)
        ]
    )


def row(op: Op) -> str:
    marks = [w for w, on in (("commutes", op.commutative), ("halts", op.halts)) if on]
    if op.name in TERMINATORS:
        marks = ["ends the block"]
    many = {-1: "any"}
    cells = (
        f"`{op.name}`",
        many.get(op.arity, op.arity),
        many.get(op.results, op.results),
        shown(op.reads),
        shown(op.writes),
        ", ".join(marks),
    )
    return "| " + " | ".join(str(c) for c in cells) + " |"


def test_every_operation_is_on_the_page_as_it_is() -> None:
    head = "\n| operation | operands | results | reads | writes | |\n|---|---|---|---|---|---|\n"
    table = head + "\n".join(row(op) for op in OPS.values()) + "\n\n"
    text = PAGE.read_text(encoding="utf-8")
    if os.environ.get("UPDATE_GOLDEN"):
        text = TABLE.sub(lambda _: table, text)
        PAGE.write_text(text, encoding="utf-8")
    found = TABLE.search(text)
    assert found is not None and found[0] == table


def test_the_example_is_fir_and_prints_as_it_stands() -> None:
    example = re.findall(r"```text\n(module .*?)```", PAGE.read_text(encoding="utf-8"), re.S)[0]
    module = read_module(example)
    verifier.verify_module(module)
    assert print_module(module) == example


def test_every_resource_and_law_is_named() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert all(f"`{name}`" in text for name in (*RESOURCES, "MEMORY", "ALL"))
    laws = re.findall(r"^\d\. ", text.split("## Laws")[1], re.M)
    assert len(laws) == 6  # five about one function, and the one about calls
    for kind in ("empty", "panic", "message", "error", "bubble"):
        assert f"`{kind}" in text
