"""`bisect` names who changed what a program does."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from compiler import CompileOptions, compile_sources
from compiler.ir.values import Function
from compiler.passes import order
from tests.fir.__main__ import main
from tests.fir.bisect import LOWERING, bisect
from tests.fir.mistakes import CASES, ROOT
from tests.fir.recording import Build
from tests.fir.traces import drawn, parsed
from tests.oracle import solc

SOURCE = """pragma solidity ^0.8.29;
contract C {
    uint256 s = 4;
    function f(uint256 n) external returns (uint256) { uint256 old = s; s = old + n; return old * n; }
}
"""
F = "b3de648b"  # the selector of f(uint256)
CALL = F + "5".rjust(64, "0")


def test_seeded_mistakes_are_blamed_on_the_pass_or_the_back_end() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.fir.mistakes"],
        cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    told = [line.rpartition(": ")[::2] for line in done.stdout.splitlines()]
    assert told == [(case.why, case.culprit) for case in CASES]
    assert len({case.culprit for case in CASES}) > 5


def test_the_report_has_the_message_both_outcomes_and_the_change(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def forget(function: Function) -> bool:
        """A dead-code pass that drops every store."""
        for block in function.blocks:
            block.insts = [inst for inst in block.insts if inst.op != "sstore"]
        return False

    broken = tuple((n, forget if n == "dead-code" else run) for n, run in order.LEVEL_1)
    monkeypatch.setattr("compiler.passes.runner.LEVELS", (order.LEVEL_0, broken, *order.LEVELS[2:]))
    path = tmp_path / "c.sol"
    path.write_text(SOURCE)
    assert main(["bisect", str(path), "--level", "1", "--messages", CALL]) == 1
    told = capsys.readouterr().out
    assert "c.sol:C: first wrong after dead-code" in told
    assert f"message {CALL}" in told
    assert "storage: 0x0: 0x9" in told and "storage: 0x0: 0x4" in told
    assert "\n-  %" in told and "sstore" in told and 'function "external C.f_b3de648b"' in told
    assert main(["bisect", str(path), "--level", "2", "--messages", CALL + ":1", CALL]) == 0
    assert capsys.readouterr().out == "c.sol:C: all agree\n"


def test_random_messages_find_it_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "c.sol"
    path.write_text(SOURCE)
    assert main(["bisect", str(path), "--explore", "2"]) == 0
    assert main(["bisect", str(path), "--contract", "D"]) == 2
    assert "there are: c.sol:C" in capsys.readouterr().err


def test_lowering_is_blamed_where_the_first_fir_is_not_what_is_wanted() -> None:
    other = compile_sources({"c.sol": SOURCE.replace("old * n", "old ^ n")}).contracts["c.sol:C"]
    script = parsed([CALL])
    found = bisect({"c.sol": SOURCE}, CompileOptions(), "C", [script], expected=other.bytecode)
    assert found is not None and found.culprit == LOWERING and found.at == 1
    assert "first wrong after lowering" in found.told()
    same = compile_sources({"c.sol": SOURCE}).contracts["c.sol:C"]
    assert (
        bisect({"c.sol": SOURCE}, CompileOptions(), "C", [script], expected=same.bytecode) is None
    )


@pytest.mark.skipif(
    not solc.available(), reason="needs node and the npm package solc (run `npm ci`)"
)
def test_a_difference_from_the_reference_is_told_through_it() -> None:
    from tests.fir.blame import blame

    assert "not drawn again" in blame(SOURCE.replace("contract C", "contract Main"), 1)
    assert "no stage to blame" in blame("contract Main { nonsense }")


def test_steps_are_those_of_the_build_and_end_where_it_ends() -> None:
    """The last point is the text that `--emit ir-opt` prints, the first what `--emit ir` does."""
    for level in range(4):
        options = CompileOptions(optimize=level)
        build = Build({"c.sol": SOURCE}, options)
        plain = compile_sources({"c.sol": SOURCE}, CompileOptions(optimize=level), emit=["ir", "ir-opt"])  # fmt: skip
        texts = plain.contracts["c.sol:C"].texts
        assert build.contracts["c.sol:C"].bytecode == plain.contracts["c.sol:C"].bytecode
        for kind, name in (("runtime", "c.sol:C"), ("creation", "c.sol:C.creation")):
            for stage, point in (("ir", 0), ("ir-opt", len(build.steps))):
                printed = texts[f"{stage} {kind}"]
                functions = build.texts(point)[name]
                kept = [text for text in functions.values() if text in printed]
                assert printed.count("\nfn ") == len(kept)


def test_the_same_number_draws_the_same_scripts() -> None:
    abi = compile_sources({"c.sol": SOURCE}).contracts["c.sol:C"].abi
    assert drawn(abi, 3, 2, 8) == drawn(abi, 3, 2, 8) != drawn(abi, 4, 2, 8)


def test_a_file_that_is_not_there_or_wrong(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "c.sol"
    assert main(["bisect", str(path)]) == 2
    assert "No such file" in capsys.readouterr().err
    path.write_text("contract {")
    assert main(["facts", str(path)]) == 2
    assert "SL0" in capsys.readouterr().err
