"""forge builds, tests and inspects a project with our compiler as its `solc`."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.tools.front import ROOT, executable, run, sample

FORGE = ROOT / "node_modules" / ".bin" / "forge"
pytestmark = pytest.mark.skipif(not FORGE.exists(), reason="forge is missing: run `npm ci`")


class Project(NamedTuple):
    """A copy of the sample whose foundry.toml names our compiler."""

    folder: Path
    home: Path

    def forge(self, *words: str):  # type: ignore[no-untyped-def]
        return run(FORGE, *words, cwd=self.folder, home=self.home)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    home = tmp_path_factory.mktemp("forge")
    folder = sample("forge", home)
    settings = folder / "foundry.toml"
    settings.write_text(settings.read_text().replace("SOLC", str(executable(home))))
    made = Project(folder, home)
    done = made.forge("build")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Solc 0.8.37" in done.stdout
    return made


def test_artifacts_hold_our_code(project: Project) -> None:
    from compiler import CompileOptions, compile_sources
    from compiler.options import Metadata

    artifact = json.loads((project.folder / "out/Vault.sol/Vault.json").read_text())
    sources = {
        f"src/{name}": (project.folder / "src" / name).read_text()
        for name in ("Vault.sol", "Percent.sol")
    }
    options = CompileOptions(metadata=Metadata(append=False), marks_data=True)
    ours = compile_sources(sources, options).contracts["src/Vault.sol:Vault"]
    assert artifact["deployedBytecode"]["object"].startswith("0x" + ours.runtime.hex())
    assert artifact["methodIdentifiers"] == ours.selectors
    assert artifact["userdoc"]["errors"]["TooFew(uint256,uint256)"]
    assert [v["label"] for v in artifact["storageLayout"]["storage"]] == ["boxes", "total"]
    assert "soliditylite" in artifact["metadata"]["compiler"]["version"]


def test_the_tests_pass(project: Project) -> None:
    done = project.forge("test", "--match-contract", "VaultTest", "-vv")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "6 tests passed, 0 failed" in done.stdout


@pytest.mark.parametrize("optimize", ["true", "false"])
def test_a_failing_test_is_told_with_its_trace(project: Project, optimize: str) -> None:
    done = project.forge("test", "--match-contract", "WrongTest", "-vvvvv", "--optimize", optimize)
    assert done.returncode == 1
    assert "panic: division or modulo by zero (0x12)" in done.stdout
    assert "TooFew(4, 0)" in done.stdout and "Vault::each(0)" in done.stdout
    lines = dict(re.findall(r"at (\S+) \(\S+?:(\d+):\d+\)", done.stdout))
    source = (project.folder / "src/Vault.sol").read_text().splitlines()
    assert "revert TooFew" in source[int(lines["Vault.take"]) - 1]
    if optimize == "false":  # then failing checks do not share their code
        assert "whole / parts" in source[int(lines["Vault.each"]) - 1]
        test = (project.folder / "test/Wrong.t.sol").read_text().splitlines()
        assert ".each(0)" in test[int(lines["WrongTest.test_divides_by_zero"]) - 1]


@pytest.mark.parametrize(
    ("what", "expected"),
    [
        ("abi", "TooFew(uint256,uint256)"),
        ("bytecode", "0x6"),
        ("methodIdentifiers", "832ccd34"),
        ("storageLayout", "mapping(address => struct Vault.Box)"),
        ("gasEstimates", "codeDepositCost"),
        ("metadata", "compilationTarget"),
        ("devdoc", "the fee stays with nobody"),
        ("userdoc", "Puts coins into the caller's box"),
        ("assembly", "sstore"),
        ("irOptimized", "fn "),
        ("errors", "aba4b659"),
        ("events", "Stored(address,uint256)"),
    ],
)
def test_inspect(project: Project, what: str, expected: str) -> None:
    done = project.forge("inspect", "Vault", what)
    assert done.returncode == 0, done.stderr
    assert expected in done.stdout


def test_errors_are_shown_with_their_place(project: Project, tmp_path: Path) -> None:
    folder = sample("forge", tmp_path)
    settings = folder / "foundry.toml"
    settings.write_text(settings.read_text().replace("SOLC", str(executable(tmp_path))))
    (folder / "src/Wrong.sol").write_text(
        "// SPDX-License-Identifier: MIT\npragma solidity ^0.8.24;\ncontract W { uint256 x = y; }\n"
    )
    done = run(FORGE, "build", cwd=folder, home=tmp_path)
    assert done.returncode == 1
    told = done.stdout + done.stderr
    assert "Error (7576)" in told and "src/Wrong.sol:3:26" in told and "SL0201" in told


def test_coverage_knows_the_lines(project: Project) -> None:
    done = project.forge("coverage", "--match-contract", "VaultTest", "--report", "summary")
    assert done.returncode == 0, done.stderr
    (line,) = [row for row in done.stdout.splitlines() if "src/Vault.sol" in row]
    share = re.findall(r"\((\d+)/(\d+)\)", line)[0]
    assert 10 < int(share[0]) <= int(share[1])
