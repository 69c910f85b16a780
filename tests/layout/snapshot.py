"""The layout as it is, beside the one in `.storage-layout.json`."""

from __future__ import annotations

from pathlib import Path

from compiler.layouts.difference import Change, compare
from compiler.layouts.document import Document, loads
from harness.diamond.difference import shipped_layout

ROOT = Path(__file__).resolve().parents[2]
PATH = ROOT / ".storage-layout.json"


def current() -> Document:
    """Every contract that is deployed, and every namespace."""
    return shipped_layout(ROOT)


def recorded() -> Document:
    return loads(PATH.read_text(encoding="utf-8"))


def unsafe(changes: list[Change]) -> list[Change]:
    """A new name for the same bytes is fine in our own code: the diff of the record shows it."""
    return [change for change in changes if not change.safe and change.kind != "renamed"]


def since_recorded() -> list[Change]:
    return compare(recorded(), current())
