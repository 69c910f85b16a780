"""The real slither, on our AST and on solc's: it finds the same."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.ast.stand_in import write_command
from tests.oracle import solc
from tests.tools.front import executable

ROOT = Path(__file__).resolve().parents[2]
SLITHER = Path(sys.executable).parent / "slither"
TARGETS = {
    "contracts/Diamond.sol": 20,
    "tests/differential/corpus/assembly.sol": 20,
    "tests/differential/corpus/try_catch.sol": 20,
    "tests/differential/corpus/operators.sol": 1,
}

pytestmark = [
    pytest.mark.skipif(not solc.available(), reason="solc is not installed"),
    pytest.mark.skipif(not SLITHER.exists(), reason="slither is not installed"),
]


def findings(target: str, command: Path) -> list[dict[str, Any]]:
    done = subprocess.run(
        [str(SLITHER), target, "--solc", str(command), "--json", "-", "--disable-color"],
        capture_output=True, text=True, cwd=ROOT,
    )  # fmt: skip
    assert done.stdout, done.stderr
    report = json.loads(done.stdout)
    assert report["success"], report["error"]
    found: list[dict[str, Any]] = report["results"].get("detectors", [])
    return sorted(found, key=lambda finding: json.dumps(finding, sort_keys=True))


@pytest.mark.parametrize("target", TARGETS)
def test_findings_are_equal(target: str, tmp_path: Path) -> None:
    ours = findings(target, executable(tmp_path))
    theirs = findings(target, write_command(tmp_path / "theirs"))
    assert ours == theirs
    assert len(ours) >= TARGETS[target]
