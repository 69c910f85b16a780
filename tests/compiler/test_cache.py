"""A kept build is the build that would be made: the same in every field, and not used when anything changed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from compiler import cache, compile_sources, pipeline
from compiler.artifact import Compilation, CompiledContract
from compiler.cache import compile_cached
from compiler.diagnostics.errors import CompileError
from compiler.linking import Linkable
from compiler.options import CompileOptions

TOKEN = """// SPDX-License-Identifier: MIT
import "lib/Sum.sol";
contract Token {
    uint256 immutable cap = 5;
    mapping(address => uint256) public held;
    event Minted(address indexed to, uint256 amount);
    function mint(uint256 amount) external {
        require(amount < cap, "too much");
        held[msg.sender] = Sum.plus(held[msg.sender], amount);
        emit Minted(msg.sender, amount);
    }
}
"""
SUM = """// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;
library Sum {
    function plus(uint256 a, uint256 b) public pure returns (uint256) { return a + b; }
}
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "first" / "lib").mkdir(parents=True)
    (tmp_path / "second" / "lib").mkdir(parents=True)
    (tmp_path / "Token.sol").write_text(TOKEN)
    (tmp_path / "second" / "lib" / "Sum.sol").write_text(SUM)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def build(emit: frozenset[str] = frozenset(), **settings: object) -> tuple[Compilation, bool]:
    options = CompileOptions(allowed_roots=(".",), include_paths=("first", "second"), **settings)  # type: ignore[arg-type]
    return compile_cached(["Token.sol"], options, emit, "kept")


def fields(contract: CompiledContract) -> dict[str, object]:
    values = {name: getattr(contract, name) for name in contract.__slots__}
    for name, value in values.items():
        if isinstance(value, Linkable):
            values[name] = (value.code, value.links)
        elif name.endswith("source_map"):
            values[name] = list(value)
    return values


def test_every_field_comes_back(project: Path) -> None:
    made, first = build(frozenset({"ir", "asm", "ast-json"}))
    kept, second = build(frozenset({"ir", "asm", "ast-json"}))
    assert (first, second) == (False, True)
    assert list(kept.contracts) == list(made.contracts) == ["Token.sol:Token"]
    for name, contract in made.contracts.items():
        assert fields(kept.contracts[name]) == fields(contract)
    token = kept.contract("Token")
    assert (
        token.deployed.links
        and token.immutable_references
        and token.texts
        and token.runtime_source_map[0]
    )
    assert kept.trees == made.trees and made.trees
    assert [f.text for f in kept.sources.files] == [f.text for f in made.sources.files]
    assert [[getattr(d, s) for s in d.__slots__] for d in kept.diagnostics] == [
        [getattr(d, s) for s in d.__slots__] for d in made.diagnostics
    ]
    assert made.diagnostics, "the source has no pragma on purpose"


def test_nothing_is_computed_again(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build()
    monkeypatch.setattr(pipeline, "compile_units", None)
    assert build()[1]


@pytest.mark.parametrize("changed", ["Token.sol", "second/lib/Sum.sol"])
def test_a_changed_source_is_built_again(project: Path, changed: str) -> None:
    before = build()[0].contract("Token").deployed.code
    path = project / changed
    path.write_text(
        path.read_text().replace("amount < cap", "amount <= cap").replace("a + b", "b + a + 1")
    )
    again, kept = build()
    assert not kept
    if changed == "Token.sol":
        assert again.contract("Token").deployed.code != before


def test_a_file_that_now_comes_first_is_seen(project: Path) -> None:
    """The import was looked for in `first` and not found there."""
    build()
    (project / "first" / "lib" / "Sum.sol").write_text(
        SUM.replace("library Sum", "// nearer\nlibrary Sum")
    )
    again, kept = build()
    assert not kept
    assert "first/lib/Sum.sol" in again.sources.by_path


def test_other_options_are_another_build(project: Path) -> None:
    build()
    for settings in (
        {"optimize": 0},
        {"optimize_for": "size"},
        {"evm_version": "prague"},
        {"revert_strings": "strip"},
        {"libraries": {"second/lib/Sum.sol:Sum": b"\x11" * 20}},
    ):
        assert not build(**settings)[1], settings
        assert build(**settings)[1], settings
    assert not build(frozenset({"ir"}))[1]


def test_another_compiler_is_another_build(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build()
    monkeypatch.setattr(cache, "_compiler", lambda: "another")
    assert not build()[1]


def test_a_compiler_is_known_by_what_its_files_say(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "part.py").write_text("a = 1")
    monkeypatch.setattr(cache, "__file__", str(tmp_path / "cache.py"))
    before = cache._compiler()
    (tmp_path / "part.py").write_text("a = 2")
    assert cache._compiler() != before


def test_another_file_is_another_build(project: Path) -> None:
    (project / "Other.sol").write_text(SUM.replace("Sum", "Other"))
    build()
    options = CompileOptions(allowed_roots=(".",), include_paths=("first", "second"))
    other, kept = compile_cached(["Other.sol"], options, frozenset(), "kept")
    assert not kept and [c.name for c in other.contracts.values()] == ["Other"]


@pytest.mark.parametrize("damage", ["cut", "flip", "empty"])
def test_a_damaged_record_is_no_record(project: Path, damage: str) -> None:
    made = build()[0].contract("Token").deployed.code
    (record,) = (project / "kept").glob("*.build")
    data = bytearray(record.read_bytes())
    if damage == "flip":
        data[data.index(b"deployed") + 20] ^= 1
    record.write_bytes({"cut": data[:-9], "flip": data, "empty": b""}[damage])
    again, kept = build()
    assert not kept and again.contract("Token").deployed.code == made
    assert build()[1]


def test_errors_are_not_kept(project: Path) -> None:
    (project / "Token.sol").write_text(TOKEN.replace("amount < cap", "amount < cup"))
    for _ in range(2):
        with pytest.raises(CompileError):
            build()
    assert not (project / "kept").exists()


def test_old_records_go(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "_RECORDS", 2)
    for goal in ("gas", "size", "gas", "balanced"):
        build(optimize_for=goal)
    assert [build(optimize_for=goal)[1] for goal in ("gas", "balanced", "size")] == [
        True,
        True,
        False,
    ]


def test_two_processes_may_clean_up_at_once(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is listed may be gone when it is looked at, or when it is dropped."""
    monkeypatch.setattr(cache, "_RECORDS", 1)
    build()
    (record,) = (project / "kept").glob("*.build")

    class Entry:
        path = f"{record}.gone.build"

        def stat(self) -> os.stat_result:
            return os.stat(record)

    class Vanished(Entry):
        def stat(self) -> os.stat_result:
            return os.stat(self.path)

    with monkeypatch.context() as patch:
        patch.setattr(os, "scandir", lambda folder: [Entry(), Entry(), Vanished()])
        cache._forget("kept")
    assert build()[1]


def test_what_a_killed_process_left_is_dropped_later(project: Path) -> None:
    build()
    left, running = project / "kept" / "left.part", project / "kept" / "running.part"
    for part in (left, running):
        part.write_bytes(b"half")
    os.utime(left, (1, 1))
    build(optimize_for="size")
    assert running.exists() and not left.exists()


def test_the_command_says_so(project: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "compiler",
        "Token.sol",
        "--include-path",
        "second",
        "--cache",
        "kept",
    ]
    first, second = (subprocess.run(command, capture_output=True, text=True) for _ in range(2))
    assert first.returncode == second.returncode == 0
    assert "as built before" not in first.stdout and "as built before" in second.stdout
    assert first.stderr == second.stderr != ""


def test_a_folder_that_cannot_be(project: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "compiler",
        "Token.sol",
        "--include-path",
        "second",
        "--cache",
        "Token.sol",
    ]
    run = subprocess.run(command, capture_output=True, text=True)
    assert run.returncode == 2 and "Token.sol" in run.stderr and "Traceback" not in run.stderr


def test_given_texts_are_kept_like_files(project: Path) -> None:
    texts = {"Token.sol": TOKEN, "lib/Sum.sol": SUM}
    made = compile_sources(texts, cache="kept")
    assert len(list(Path("kept").glob("*.build"))) == 1
    found = compile_sources(texts, cache="kept")
    plain = compile_sources(texts)
    for name, contract in plain.contracts.items():
        assert fields(found.contracts[name]) == fields(made.contracts[name]) == fields(contract)
    changed = compile_sources(
        {**texts, "Token.sol": TOKEN.replace("< cap", "<= cap")}, cache="kept"
    )
    name = "Token.sol:Token"
    assert changed.contracts[name].deployed.code != plain.contracts[name].deployed.code
