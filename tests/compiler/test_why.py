"""`why` and `--time-passes`: what they say is what happened."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from compiler import CompileOptions, compile_sources
from compiler.passes.runner import pass_names
from compiler.timing import Timing
from compiler.why import NoSuchFunction, explain, run
from harness.chain.evm import Evm

SOURCE = """pragma solidity ^0.8.24;
contract Bank {
    mapping(address => uint256) public held;
    event Put(address who, uint256 amount);
    function _add(uint256 amount) internal { held[msg.sender] += amount; }
    function put(uint256 amount) external { require(amount > 0, "zero"); _add(amount); _add(1); }
    function deep(uint256 n) public pure returns (uint256) { return n == 0 ? 1 : n * deep(n - 1); }
    function text(string memory s) external pure returns (string memory) { return s; }
    function nothing() external pure {}
}
"""


@pytest.fixture
def bank(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    (tmp_path / "bank.sol").write_text(SOURCE)
    monkeypatch.chdir(tmp_path)
    return "bank.sol"


def report(file: str, name: str) -> dict:  # type: ignore[type-arg]
    (found,) = explain(file, f"Bank.{name}", CompileOptions(allowed_roots=(".",)))
    return found


def test_copied_calls_and_what_they_saved(bank: str) -> None:
    put = report(bank, "put")
    assert put["calls"] == {"inlined": ["Bank._add"], "kept": {}}
    assert put["hashes"]["mapslot"] == {"before": 2, "after": 1}
    assert put["storage"]["sload"]["before"] == 2 and put["storage"]["sload"]["after"] == 1
    assert put["checks"]["panic 0x11"]["before"] == 2
    assert put["memory"].startswith("allocates nothing")


def test_what_calls_itself_stays_and_is_said_to(bank: str) -> None:
    reports = explain(bank, "Bank.deep", CompileOptions(allowed_roots=(".",)))
    kept = {name: why for r in reports for name, why in r["calls"]["kept"].items()}
    assert kept == {"Bank.deep": "calls itself"}


def test_memory_is_told(bank: str) -> None:
    assert report(bank, "text")["memory"].startswith("allocates: ")


def test_the_way_through_the_dispatch_costs_what_it_says() -> None:
    """Against the EVM: a function that does nothing costs the way to it, a label and `stop`."""
    contract = compile_sources({"bank.sol": SOURCE}).contract("Bank")
    from compiler.ir.reader import read_module
    from compiler.why import _Code

    text = (
        compile_sources({"bank.sol": SOURCE}, emit=["ir-opt"])
        .contract("Bank")
        .texts["ir-opt runtime"]
    )
    module = read_module(text)
    code = _Code(read_module(text))
    selector = contract.selectors["nothing()"]
    name = module.dispatch[int(selector, 16)]
    measured = code.measure(name, module)
    evm = Evm()
    address = evm.deploy(contract.bytecode).created
    assert address is not None
    outcome = evm.call(address, bytes.fromhex(selector))
    assert outcome.gas_used == measured["dispatch"]["gas"] + measured["static gas"]


def test_unknown_names_get_a_suggestion(bank: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(NoSuchFunction, match="did you mean `put`"):
        explain(bank, "Bank.putt", CompileOptions(allowed_roots=(".",)))
    assert run([bank, "Bnak.put"]) == 2
    assert "did you mean `Bank`" in capsys.readouterr().err
    assert run(["missing.sol", "A.f"]) == 2


def test_text_and_json_say_the_same(bank: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([bank, "Bank.put", "--json"]) == 0
    (data,) = json.loads(capsys.readouterr().out)
    assert run([bank, "Bank.put"]) == 0
    text = capsys.readouterr().out
    assert (
        str(data["bytes"]) in text
        and data["function"] in text
        and data["dispatch"]["strategy"] in text
    )


@pytest.mark.parametrize("level", [0, 1, 2, 3])
def test_every_pass_of_a_level_is_timed_and_nothing_else_changes(level: int) -> None:
    timing = Timing()
    watched = compile_sources({"a.sol": SOURCE}, CompileOptions(optimize=level, timing=timing))
    plain = compile_sources({"a.sol": SOURCE}, CompileOptions(optimize=level))
    assert watched.contract("Bank").bytecode == plain.contract("Bank").bytecode
    assert set(timing.passes) == {n for n in pass_names(level) if n != "inlining"}
    table = timing.table()
    assert all(name in table for name in (*timing.passes, "lowering", "scheduling", "assembling"))
    # One that comes again is left out where nothing changed since.
    first = [row for name, row in timing.passes.items() if not name[-1].isdigit()]
    assert all(row.runs for row in first) and all(r.seconds >= 0 for r in timing.passes.values())
