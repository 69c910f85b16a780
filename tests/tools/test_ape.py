"""ape compiles a project of its own with our plugin, and its tracebacks name the line."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from harness.chain.anvil import anvil_available
from tests.tools.front import BIN, ROOT, run, sample

APE = BIN / "ape"
pytestmark = [
    pytest.mark.skipif(not APE.exists(), reason="ape is not installed here"),
    pytest.mark.skipif(not anvil_available(), reason="anvil is not installed"),
]


def test_compile_and_test(tmp_path: Path) -> None:
    folder = sample("ape", tmp_path)
    env = {"APE_DATA_FOLDER": str(tmp_path / "data"), "PYTHONPATH": str(ROOT)}
    done = run(APE, "compile", cwd=folder, home=tmp_path, env=env)
    assert done.returncode == 0, done.stdout + done.stderr
    words = ("test", "--network", "ethereum:local:foundry", "-q")
    done = run(APE, *words, cwd=folder, home=tmp_path, env=env)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]
    assert re.search(r"^3 passed", done.stdout, re.MULTILINE)
