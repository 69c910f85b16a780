"""What was left out and why; and the reasons, held against programs that run."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from compiler import CompileError, CompileOptions
from tests.fir import facts
from tests.fir.__main__ import main
from tests.fir.chain import FirEvm
from tests.fir.facts import held
from tests.fir.machine import Claims, FactError
from tests.fuzz.choices import from_random
from tests.fuzz.contracts import program

CORPUS = Path(__file__).resolve().parents[1] / "differential" / "corpus"
SOURCE = """pragma solidity ^0.8.29;
contract C {
    uint128 low; uint64 high; mapping(uint256 => uint256) m;
    function f(uint8 n) external returns (uint64) { high = n; low += n; m[n] = low; return high & 0xffff; }
    function g(address a) external pure returns (bool) { return uint160(a) <= type(uint160).max; }
}
"""


@pytest.mark.parametrize("name", ["arithmetic", "conversions", "memory", "decisions"])
def test_claims_hold_when_the_corpus_runs(name: str) -> None:
    path = CORPUS / f"{name}.sol"
    found = held({path.name: path.read_text()}, CompileOptions(), scripts=1)
    assert found.removals and found.checked > 50


def test_claims_hold_when_generated_programs_run() -> None:
    checked = tried = 0
    for number in range(100, 200):
        text = program(from_random(random.Random(number))).text()
        if len(text) > 2_600 or tried == 3:
            continue
        try:
            checked += held({"p.sol": text}, CompileOptions(optimize=number % 4), scripts=1).checked
        except CompileError:
            continue
        tried += 1
    assert tried == 3 and checked > 100


def test_the_log_says_what_was_left_out_and_why(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "c.sol"
    path.write_text(SOURCE)
    assert main(["facts", str(path)]) == 0
    told = capsys.readouterr().out
    assert " because " in told and " fits 0x" in told
    assert "guard : " in told
    assert "claims held against words" in told


def test_a_false_claim_about_bits_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = Claims(lambda value: 0xFF if value.op == "sload" else 2**256 - 1, facts.may_alias)
    monkeypatch.setattr(facts, "CLAIMS", wrong)
    with pytest.raises(FactError, match="was said to fit 0xff"):
        held({"c.sol": SOURCE}, CompileOptions(), scripts=4)


def test_a_false_claim_about_addresses_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(facts, "CLAIMS", Claims(facts.known_bits, lambda one, other: False))
    with pytest.raises(FactError, match="different words of storage"):
        held({"c.sol": SOURCE.replace("m[n] = low", "m[n] = low; m[low % 2] = 3; m[high % 2] = 4")}, CompileOptions(), scripts=4)  # fmt: skip


def test_nothing_stays_behind() -> None:
    from compiler.ir import builder, simplify

    with facts.opened():
        assert builder.simplified is not simplify.simplified
    assert builder.simplified is simplify.simplified and FirEvm().machines == []
