"""What may be written: both compilers take the same snippets and refuse the same snippets.

A file of snippets under `rules/` holds parts that start with `=== taken` or with `=== SL0000`, the code
under which this compiler refuses what follows.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from compiler import CompileError, compile_sources
from tests.oracle import solc

FILES = sorted((Path(__file__).parent / "rules").glob("*.txt"))
HEADER = "pragma solidity ^0.8.20;\n"


def snippets() -> list[tuple[str, str, str]]:
    """(name, verdict, source)"""
    found = []
    for path in FILES:
        parts = re.split(r"^=== *", path.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
        for part in parts:
            heading, source = part.split("\n", 1)
            verdict, _, about = heading.partition(" ")
            found.append((f"{path.stem}: {about}", verdict, HEADER + source))
    return found


CASES = snippets()


def test_every_snippet_has_a_name_of_its_own() -> None:
    names = [name for name, _, _ in CASES]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(("verdict", "source"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_both_compilers_agree(verdict: str, source: str) -> None:
    if verdict == "taken":
        solc.compile_sources({"a.sol": source}, optimize=False, outputs=["abi"])
        compile_sources({"a.sol": source})
        return
    with pytest.raises(solc.SolcError):
        solc.compile_sources({"a.sol": source}, optimize=False, outputs=["abi"])
    with pytest.raises(CompileError) as refusal:
        compile_sources({"a.sol": source})
    errors = [d.code for d in refusal.value.diagnostics if d.severity == "error"]
    assert set(errors) == {verdict}
