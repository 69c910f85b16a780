"""The authors' and contributors' pages: programs compile, printed stages are what the compiler prints."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from compiler import CompileOptions, compile_sources

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
BLOCK = re.compile(
    r"^```(?P<kind>\w+)(?: stage=(?P<stage>[\w-]+))?\n(?P<text>.*?)^```", re.M | re.S
)
PAGES = sorted([*(DOCS / "authors").glob("*.md"), *(DOCS / "contributors").glob("*.md")])


def blocks(page: Path, kind: str) -> list[tuple[str | None, str]]:
    found = BLOCK.finditer(page.read_text(encoding="utf-8"))
    return [(m["stage"], m["text"]) for m in found if m["kind"] == kind]


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.stem)
def test_programs_compile_without_a_warning(page: Path) -> None:
    for _, source in blocks(page, "solidity"):
        result = compile_sources({"page.sol": source})
        assert result.contracts and not result.diagnostics


def test_the_tour_prints_what_the_compiler_prints() -> None:
    page = DOCS / "contributors" / "compiler-tour.md"
    ((_, source),) = blocks(page, "solidity")
    shown = [(stage, text) for stage, text in blocks(page, "text") if stage]
    assert len(shown) == 2
    result = compile_sources({"a.sol": source}, CompileOptions(), emit=[s for s, _ in shown])
    texts = result.contract("Counter").texts
    for stage, text in shown:
        assert text.strip() in texts[f"{stage} runtime"], stage


def test_python_on_the_compilers_page_runs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT)
    ((_, code),) = blocks(DOCS / "authors" / "compiler.md", "python")
    exec(compile(code, "compiler.md", "exec"), {})
    assert capsys.readouterr().out.endswith("SL0301 cannot convert bool to uint256\n")
