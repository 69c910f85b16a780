"""The layout as it is, beside the one in `.storage-layout.json`."""

from __future__ import annotations

from pathlib import Path

from compiler.layout_commands import of_sources
from compiler.layouts.difference import Change, compare
from compiler.layouts.document import Document, loads
from compiler.options import CompileOptions

ROOT = Path(__file__).resolve().parents[2]
PATH = ROOT / ".storage-layout.json"


def current() -> Document:
    """Every contract that is deployed, and every namespace."""
    sources = (ROOT / "contracts").rglob("*.sol")
    files = sorted(str(path) for path in sources if "mocks" not in path.parts)
    return of_sources(files, CompileOptions(allowed_roots=(str(ROOT / "contracts"),)))


def recorded() -> Document:
    return loads(PATH.read_text(encoding="utf-8"))


def unsafe(changes: list[Change]) -> list[Change]:
    """A new name for the same bytes is fine in our own code: the diff of the record shows it."""
    return [change for change in changes if not change.safe and change.kind != "renamed"]


def since_recorded() -> list[Change]:
    return compare(recorded(), current())
