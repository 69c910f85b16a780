"""Hardhat compiles with our executable through its own way to another compiler.

Hardhat is no dependency of this repository: `make test-full` installs it, locked, for this test alone.
"""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from compiler.evm.keccak import selector
from tests.tools.front import SAMPLES, executable, run, sample

NPM = shutil.which("npm")
in_full = pytest.mark.skipif(
    not os.environ.get("ALL_SCENARIOS"), reason="Hardhat is installed in `make test-full` alone"
)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, dict[str, str]]:
    """The built project, a home, and the environment of its commands."""
    assert NPM is not None
    home = tmp_path_factory.mktemp("hardhat")
    folder = sample("hardhat", home)
    # npm's own configuration, not that of the tools under test: it knows where packages come from.
    options = {"HOME": os.environ["HOME"], "PATH": os.environ["PATH"]}
    done = run(NPM, "ci", "--ignore-scripts", "--no-audit", "--no-fund", cwd=folder, home=home, env=options)  # fmt: skip
    assert done.returncode == 0, done.stderr
    env = {
        "CI": "1",
        "CLOSE": f"{selector('close()'):08x}",
        "FACETWORKS_SOLC": str(executable(home)),
        "HARDHAT_DISABLE_TELEMETRY_PROMPT": "true",
        "PUT": f"{selector('put(uint256)'):08x}",
    }
    done = run("npx", "hardhat", "compile", cwd=folder, home=home, env=env)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Compiled 2 Solidity files" in done.stdout
    return folder, home, env


def output(folder: Path) -> dict:
    (info,) = (folder / "artifacts/build-info").glob("*.json")
    return json.loads(info.read_text())["output"]


@in_full
def test_artifacts_are_ours(built: tuple[Path, Path, dict[str, str]]) -> None:
    folder = built[0]
    box = output(folder)["contracts"]["contracts/Box.sol"]["Box"]
    assert "soliditylite" in json.loads(box["metadata"])["compiler"]["version"]
    artifact = json.loads((folder / "artifacts/contracts/Box.sol/Box.json").read_text())
    assert artifact["bytecode"] == "0x" + box["evm"]["bytecode"]["object"]


@in_full
def test_its_chain_runs_them(built: tuple[Path, Path, dict[str, str]]) -> None:
    folder, home, env = built
    if "ast" not in output(folder)["sources"]["contracts/Box.sol"]:
        pytest.skip("Hardhat's chain reads syntax trees, which this build does not have")
    done = run("npx", "hardhat", "run", "--no-compile", "check.js", cwd=folder, home=home, env=env)
    assert done.returncode == 0, done.stdout + done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    assert int(told["value"], 16) == 7 and told["code"] is True
    assert "reverted with reason string 'nothing to put'" in told["refused"]
    assert "reverted with custom error 'Closed()'" in told["closed"]
    assert "Box.put (contracts/Box.sol:11)" in told["trace"]
    assert "(contracts/Lid.sol:10)" in told["closedTrace"]


def test_the_lock_file_is_for_this_project() -> None:
    package = json.loads((SAMPLES / "hardhat/package.json").read_text())
    lock = json.loads((SAMPLES / "hardhat/package-lock.json").read_text())
    assert lock["packages"][""]["devDependencies"] == package["devDependencies"]
