"""Every diagnostic has a page, and what the page shows is what the compiler does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from compiler import CompileError, CompileOptions, compile_sources
from compiler.diagnostics.codes import CODES
from compiler.diagnostics.render import render_text
from compiler.explain import UnknownCode, explain

PAGES = Path(__file__).resolve().parents[2] / "docs" / "errors"
BLOCK = re.compile(r"```(\w+)\n(.*?)\n```", re.DOTALL)


def sections(code: str) -> dict[str, list[tuple[str, str]]]:
    """Fenced blocks of a page by heading."""
    text = (PAGES / f"{code}.md").read_text(encoding="utf-8")
    parts = re.split(r"^## (.+)$", text, flags=re.MULTILINE)
    return {parts[i]: BLOCK.findall(parts[i + 1]) for i in range(1, len(parts), 2)}


def sources(kind: str, text: str) -> dict[str, str]:
    """The files of an example; `python` examples build a text that cannot be printed."""
    if kind == "python":
        text = eval(text, {"__builtins__": {"range": range, "chr": chr}})
    if not text.startswith("// file: "):
        return {"example.sol": text + "\n"}
    files = {}
    for part in text.split("// file: ")[1:]:
        name, _, body = part.partition("\n")
        files[name] = body
    return files


def options(files: dict[str, str]) -> CompileOptions:
    """What a first line `// compiled with --time-limit 0` asks for."""
    asked = re.match(r"// compiled with --(\w+)-limit (\S+)", next(iter(files.values())))
    return CompileOptions(**{f"{asked[1]}_limit": float(asked[2])}) if asked else CompileOptions()  # type: ignore[arg-type]


def diagnose(files: dict[str, str]) -> tuple[list[str], str]:
    """Codes reported, and all messages drawn."""
    try:
        result = compile_sources(files, options(files))
    except CompileError as problem:
        return [d.code for d in problem.diagnostics], render_text(
            problem.diagnostics, problem.sources
        )
    return [d.code for d in result.diagnostics], render_text(result.diagnostics, result.sources)


def test_every_code_has_a_page_and_every_page_a_code() -> None:
    assert {p.stem for p in PAGES.glob("SL*.md")} == set(CODES)


@pytest.mark.parametrize("code", CODES)
def test_wrong_example_is_refused_as_the_page_says(code: str) -> None:
    (kind, text), (_, shown) = sections(code)["Wrong"]
    codes, drawn = diagnose(sources(kind, text))
    assert code in codes
    drawn = drawn.replace("\u202e", "\\u202e")
    if code in ("SL4003", "SL4008"):  # their lines are too long for a page
        shown = shown.split("\n", 1)[0]
    assert shown in drawn


@pytest.mark.parametrize(
    "code", [c for c in CODES if "## Right" in (PAGES / f"{c}.md").read_text()]
)
def test_right_example_compiles(code: str) -> None:
    ((kind, text),) = sections(code)["Right"]
    codes, drawn = diagnose(sources(kind, text))
    assert not [c for c in codes if CODES[c].severity == "error"], drawn
    assert code not in codes


def test_page_titles_match_the_table() -> None:
    for code, (_, title) in CODES.items():
        first = (PAGES / f"{code}.md").read_text().split("\n", 1)[0]
        assert first == f"# {code}: {title}"


def test_explain_prints_the_page_and_suggests() -> None:
    assert "unknown member" in explain("sl0207")
    with pytest.raises(UnknownCode, match="did you mean"):
        explain("SL0277")


def test_every_code_is_used_by_the_compiler() -> None:
    root = PAGES.parents[1] / "compiler"
    used = set()
    for path in root.rglob("*.py"):
        if path.name != "codes.py":
            used |= set(re.findall(r'"(SL\d{4})"', path.read_text()))
    assert used == set(CODES)


def test_the_index_lists_every_page() -> None:
    index = (PAGES / "README.md").read_text(encoding="utf-8")
    listed = dict(re.findall(r"^- \[(SL\d{4})\]\(SL\d{4}\.md\) (.+)$", index, re.MULTILINE))
    assert listed == {code: title for code, (_, title) in CODES.items()}
