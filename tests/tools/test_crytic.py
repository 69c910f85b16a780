"""crytic-compile, which slither and echidna stand on, drives our command line and our standard JSON."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.tools.front import BIN, SAMPLES, executable, run

CRYTIC = BIN / "crytic-compile"
pytestmark = pytest.mark.skipif(
    not CRYTIC.exists(),
    reason="crytic-compile, is not installed here (beside forge it comes with `make`)",
)


def test_one_file(tmp_path: Path) -> None:
    folder = tmp_path / "alone"  # outside any project, or forge's settings would count
    shutil.copytree(SAMPLES / "forge" / "src", folder)
    done = run(
        CRYTIC, "Vault.sol", "--solc", executable(tmp_path), "--export-format", "solc",
        "--export-dir", "out", "--compile-force-framework", "solc", cwd=folder, home=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    (exported,) = (folder / "out").glob("*.json")
    contracts = json.loads(exported.read_text())["contracts"]
    (vault,) = [c for name, c in contracts.items() if name.endswith("Vault.sol:Vault")]
    assert "store" in {entry.get("name") for entry in json.loads(vault["abi"])}
    assert len(bytes.fromhex(vault["bin-runtime"])) > 300
    assert vault["srcmap-runtime"].count(";") > 100


def test_the_version_is_the_language(tmp_path: Path) -> None:
    done = run(executable(tmp_path), "--version", cwd=tmp_path, home=tmp_path)
    assert done.stdout.splitlines()[-1] == "Version: 0.8.37+commit.00000000.Linux.g++"
    assert "SolidityLite" in done.stdout.splitlines()[0]
