"""`why` and `--time-passes`: what they say is what happened."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from compiler import CompileOptions, compile_sources
from compiler.passes.runner import pass_names
from compiler.timing import Timing
from compiler.why import explain, run
from compiler.why_names import NoSuchFunction
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
    receive() external payable {}
}
"""
AROUND = """
interface IBank { function put(uint256 amount) external; }
abstract contract Half { function put(uint256 amount) external virtual; }
library Sums { function sum(uint256 a) internal pure returns (uint256) { return a + 1; } }
function idle(uint256 x) pure returns (uint256) { return x; }
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


def problem(file: str, name: str) -> list[str]:
    with pytest.raises(NoSuchFunction) as caught:
        explain(file, name, CompileOptions(allowed_roots=(".",)))
    return str(caught.value).splitlines()


FUNCTIONS = "  = note: its functions: _add, deep, held, nothing, put, receive, text"
CONTRACTS = "  = note: contracts with code: Bank, Sums"


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("Bank.putt", ["`Bank` has no function `putt`", "  = help: did you mean `put`?", FUNCTIONS]),
        ("Bank.zzzzz", ["`Bank` has no function `zzzzz`", FUNCTIONS]),
        ("Bank.encode_string_memor", ["`Bank` has no function `encode_string_memor`", FUNCTIONS]),
        ("Bank.idle", ["`idle` is written in the sources, but no code of `Bank` calls it", FUNCTIONS]),
        ("Bnak.put", ["no contract `Bnak` with code", "  = help: did you mean `Bank`?", CONTRACTS]),
        ("IBank.put", ["`IBank` is an interface and has no code", "  = help: did you mean `Bank`?", CONTRACTS]),
        ("Half.put", ["`Half` is abstract and has no code", CONTRACTS]),
        ("Bank", ["`Bank` is a contract: name a function of it, as in `Bank.FUNCTION`", FUNCTIONS]),
        ("putt", ["`putt` is not of the form CONTRACT.FUNCTION", "  = help: did you mean `Bank.put`?", CONTRACTS]),
        ("Sums.sum", ["`sum` is written in the sources, but no code of `Sums` calls it", "  = note: its functions: none"]),
    ],
)  # fmt: skip
def test_unknown_names_get_a_suggestion_and_a_list(bank: str, name: str, lines: list[str]) -> None:
    Path(bank).write_text(SOURCE + AROUND)
    assert problem(bank, name) == lines


def test_what_is_refused_goes_to_the_other_stream(
    bank: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([bank, "Bnak.put"]) == 2
    shown = capsys.readouterr()
    assert shown.err.startswith("error: no contract `Bnak`") and not shown.out
    assert "did you mean `Bank`" in shown.err
    assert run(["missing.sol", "A.f"]) == 2


def test_the_function_for_plain_ether_has_the_name_of_its_keyword(bank: str) -> None:
    assert report(bank, "receive")["function"] == "receive Bank"


def test_a_long_list_is_wrapped(bank: str) -> None:
    many = " ".join(f"function number_{i:03}() external {{}}" for i in range(60))
    Path(bank).write_text(f"pragma solidity ^0.8.24; contract Many {{ {many} }}")
    lines = problem(bank, "Many.none")
    assert len(lines) > 5 and max(map(len, lines)) <= 110
    assert all(f"number_{i:03}" in "\n".join(lines) for i in range(60))


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
