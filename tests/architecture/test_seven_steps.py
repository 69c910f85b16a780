"""Follows "Add a facet in seven steps" to the letter, in a copy of the repository."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.architecture.tree import ROOT

PAGE = ROOT / "docs/authors/seven-steps.md"
BLOCK = re.compile(r'^```(\w+)(?: title="([^"]+)")?(?: after="([^\n]*)")?\n(.*?)^```$', re.M | re.S)
COPIED = ("compiler", "contracts", "harness", "tests", "pyproject.toml", ".storage-layout.json")


class Step(NamedTuple):
    """A block of the page: a file to write, lines to put behind a line of a file, or commands."""

    language: str
    file: str
    after: str
    text: str


def steps() -> list[Step]:
    return [Step(*groups) for groups in BLOCK.findall(PAGE.read_text(encoding="utf-8"))]


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("copy")
    for name in COPIED:
        if (ROOT / name).is_dir():
            skip = shutil.ignore_patterns("__pycache__", ".hypothesis")
            shutil.copytree(ROOT / name, folder / name, ignore=skip)
        else:
            shutil.copy(ROOT / name, folder / name)
    return folder


def edit(folder: Path, step: Step) -> None:
    path = folder / step.file
    if not step.after:
        assert not path.exists(), f"{step.file} is there already"
        path.write_text(step.text)
        return
    text = path.read_text()
    assert text.count(step.after + "\n") == 1, f"{step.file}: {step.after}"
    path.write_text(text.replace(step.after + "\n", step.after + "\n" + step.text))


def run(folder: Path, command: str) -> str:
    words = [sys.executable, *command.split()[1:]]
    if words[1:3] == ["-m", "pytest"]:
        words += ["-p", "no:ape_test", "-p", "no:cacheprovider"]
    done = subprocess.run(
        words, cwd=folder, env={**os.environ, "PYTHONPATH": str(folder)},
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, f"{command}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
    return done.stdout


def test_the_page_works_from_top_to_bottom(copy: Path) -> None:
    printed: dict[str, str] = {}
    for step in steps():
        if step.language != "sh":
            edit(copy, step)
            continue
        for command in step.text.splitlines():
            printed[command] = run(copy, command)
    layout = printed["python -m compiler layout contracts/storage/TipStorage.sol"]
    constant = re.search(r"constant TIP = (0x[0-9a-f]+);", PAGE.read_text())
    assert constant is not None and f'"base": "{constant[1]}"' in layout
    difference = printed["python -m compiler diff-layout .storage-layout.json contracts"]
    assert "+ appended  facetworks.tip" in difference and "!" not in difference
    tests = next(out for command, out in printed.items() if "pytest" in command)
    assert "failed" not in tests and " passed" in tests
