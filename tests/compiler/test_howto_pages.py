"""The pages that add something to the compiler, followed step by step in a copy of the package.

A block with `file=` is written (or, as a `diff`, applied) where it says; `console` blocks are run, and must
print what stands there.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = ROOT / "docs" / "contributors"
BLOCK = re.compile(r"^```(\w+)(?: file=(\S+))?\n(.*?)^```", re.M | re.S)
COMMAND = re.compile(r"^\$ (.+)\n((?:(?!\$ ).*\n)*)", re.M)
COPIED = ("compiler", "tests/__init__.py", "tests/compiler", "tests/golden")


@pytest.fixture
def package(tmp_path: Path) -> Path:
    ignore = shutil.ignore_patterns("__pycache__", "bombs", "mistakes")
    for name in COPIED:
        target = tmp_path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, target, ignore=ignore)
        else:
            shutil.copy(ROOT / name, target)
    return tmp_path


def follow(page: str, package: Path) -> int:
    """Every step of a page, in order; how many commands were run."""
    text = (PAGES / page).read_text(encoding="utf-8")
    commands = 0
    for kind, file, body in BLOCK.findall(text):
        if kind == "console":
            for command, printed in COMMAND.findall(body):
                commands += 1
                assert run(command, package) == printed, command
        elif kind == "diff":
            patch(package / file, body)
        elif file:
            (package / file).write_text(body, encoding="utf-8")
        elif kind == "solidity":
            (package / "page.sol").write_text(body, encoding="utf-8")
    return commands


def patch(path: Path, diff: str) -> None:
    """Lines with a space or `-` must stand there once, one behind the other; those with `+` come in."""
    lines = diff.splitlines()
    old = "".join(f"{line[1:]}\n" for line in lines if not line.startswith("+"))
    new = "".join(f"{line[1:]}\n" for line in lines if not line.startswith("-"))
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{path.name} has {text.count(old)} times:\n{old}"
    path.write_text(text.replace(old, new), encoding="utf-8")


def run(command: str, package: Path) -> str:
    command = command.replace("python -m", f"{sys.executable} -m", 1).replace(" | ", " 2>&1 | ")
    done = subprocess.run(
        ["sh", "-c", command], cwd=package, capture_output=True, text=True, timeout=60,
        env={"PYTHONPATH": str(package), "PATH": os.environ["PATH"]},
    )  # fmt: skip
    return done.stdout


def test_a_pass_of_your_own(package: Path) -> None:
    assert follow("add-a-pass.md", package) == 2
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/compiler/test_golden.py", "-k", "passes or every_pass"],
        cwd=package, capture_output=True, text=True, timeout=120,
        env={"PYTHONPATH": str(package), "PATH": os.environ["PATH"]},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    assert "passed" in done.stdout


def test_a_built_in_of_your_own(package: Path) -> None:
    assert follow("add-a-builtin.md", package) == 2


def test_a_step_that_does_not_fit_is_noticed(package: Path) -> None:
    with pytest.raises(AssertionError):
        patch(package / "compiler" / "options.py", " no such line\n+new\n")
