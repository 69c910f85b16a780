"""`make test` runs every test there is."""

from __future__ import annotations

from pathlib import Path

from tests.__main__ import STEPS
from tests.architecture.tree import ROOT


def test_every_test_belongs_to_a_step() -> None:
    words = {word for command in STEPS.values() for word in command}
    reached = [ROOT / word for word in words if (ROOT / word).is_relative_to(ROOT / "tests")]
    left = [path for path in _tests() if not any(r in (path, *path.parents) for r in reached)]
    assert not left, "no step of tests/__main__.py runs them"


def _tests() -> list[Path]:
    return sorted((ROOT / "tests").rglob("test_*.py"))
