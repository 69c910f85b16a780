"""One mistake at a time in a copy of the compiler, against the tests of what compiled code does.

Goldens and gas are left out: they notice any change of the code, and say nothing about what it does.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from tests.mutation.compiler.seeds import Seed

ROOT = Path(__file__).resolve().parents[3]
CORPUS = "tests/differential/test_corpus.py"
# What is read from disk or started as a process of its own runs the compiler that has no mistake.
QUICK = ("tests/compiler/test_slots.py", "tests/compiler/test_dispatch.py", "tests/compiler/test_inheritance.py",
         "tests/compiler/test_libraries.py", "tests/compiler/test_transient.py", "tests/compiler/test_try_catch.py",
         "tests/compiler/test_tuples.py", "tests/compiler/test_using.py", "tests/compiler/test_refusals.py")  # fmt: skip
# `compiler` comes from the copy before pytest puts the repository in front of everything.
START = "import sys; sys.path.insert(0, {folder!r}); import compiler, pytest; sys.exit(pytest.main(sys.argv[1:]))"
PYTEST = ("-x", "-q", "--no-header", "--tb=line", "-p", "no:ape_test", "-p", "no:randomly")
SLOWEST = 900  # seconds of a stage; what hangs counts as noticed


class Verdict(NamedTuple):
    """`by` is the test that failed, or why the mistake was noticed without one; empty for a survivor."""

    seed: Seed
    by: str
    seconds: float


def stages(seed: Seed) -> list[list[str]]:
    """Arguments of pytest, the quickest likely killers first."""
    return [
        [CORPUS, "-k", f"({seed.near}) and not legacy and not equal_layout"],
        list(QUICK),
        ["tests/differential", "tests/fuzz"],
    ]


def try_seed(seed: Seed, most_stages: int = 3) -> Verdict:
    """Make the mistake, run the stages until one fails."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(
            ROOT / "compiler",
            Path(folder) / "compiler",
            ignore=shutil.ignore_patterns("__pycache__"),
        )
        path = Path(folder) / "compiler" / seed.file
        text = path.read_text()
        assert text.count(seed.old) == 1, seed
        path.write_text(text.replace(seed.old, seed.new))
        by = ""
        for arguments in stages(seed)[:most_stages]:
            by = _first_failure(folder, arguments)
            if by:
                break
    return Verdict(seed, by, time.monotonic() - began)


def _first_failure(folder: str, arguments: list[str]) -> str:
    command = [sys.executable, "-c", START.format(folder=folder), *PYTEST, *arguments]
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    try:
        done = subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=SLOWEST
        )
    except subprocess.TimeoutExpired:
        return "hangs"
    if done.returncode == 0:
        return ""
    failed = [line for line in done.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
    if done.returncode != 1 and not failed:
        raise RuntimeError((done.stdout + done.stderr)[-2000:])
    return failed[0].split(" - ")[0] if failed else "an error"
