"""The runners on tests of our own in the same form: each verdict, and how expectations are read."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.conformance import command, solc_semantic, solc_syntax
from tests.conformance.cases import read_case
from tests.conformance.literals import Malformed

GOOD = """\
==== Source: lib.sol ====
library Doubling {
    function twice(uint x) internal pure returns (uint) { return 2 * x; }
}
==== Source: main.sol ====
import "lib.sol";
contract Other {}
contract Purse {
    event Paid(address indexed who, uint amount, string why);
    error Poor(uint have);
    uint public held;
    constructor(uint start) payable { held = start + msg.value; }
    function pay(uint amount) external {
        if (amount > held) revert Poor(held);
        held -= Doubling.twice(amount) / 2;
        emit Paid(msg.sender, amount, "tea");
    }
    function words(bytes4 tag, int8 n) external pure returns (bytes4, int8, bool) { return (tag, -n, true); }
    receive() external payable {}
}
// ====
// EVMVersion: >=shanghai
// ----
// constructor(), 5 wei: 10 ->
// gas irOptimized: 12345
// gas legacy code: 99
// held() -> 15
// pay(uint256): 16 -> FAILURE, hex"0a94c468", 15
// pay(uint256): 4 ->
// ~ emit Paid(address,uint256,string): #0x1212121212121212121212121212120000000012, 0x04, 0x40, 0x03, "tea"
// held() # what is left # -> 0x0b
// words(bytes4,int8): left(0x11223344), -3 -> left(0x11223344), 3, true
// account: 1 -> 0x1212121212121212121212121212120000001012
// (), 1 ether ->
// balance -> 1000000000000000005
// storageEmpty -> 0
// pay(uint256): 1 ->
// ~ emit Paid(address,uint256,string): #0x1212121212121212121212121212120000001012, 0x01, 0x40, 0x03, "tea"
// missing()
// -> FAILURE
"""
WRONG = (
    "contract C { function f() external pure returns (uint) { return 1; } }\n// ----\n// f() -> 2\n"
)
REFUSED = "contract C { fixed x; }\n// ----\n// x() -> 0\n"
SKIPPED = "pragma abicoder v1;\ncontract C {}\n// ----\n// ->\n"
MEMORY = "contract C { function f() public pure { assembly { pop(msize()) } } }\n"

SYNTAX = {
    "taken.sol": "contract C {}\n// ----\n// Warning 1878: (0-13): no licence\n",
    "rejected.sol": "contract C { uint x = true; }\n// ----\n// TypeError 7407: (22-26): no conversion\n",
    "unsupported.sol": "contract C { fixed x; }\n// ----\n",
    "strict.sol": "contract C { uint x = true; }\n// ----\n",
    "lax.sol": "contract C {}\n// ----\n// TypeError 1234: (0-1): never\n",
    "skipped.sol": "pragma abicoder v1;\ncontract C {}\n// ----\n",
    "taken_unoptimized.sol": f"{MEMORY}// ====\n// optimize-yul: false\n// ----\n",
    "rejected_optimized.sol": f"{MEMORY}// ----\n// SyntaxError 6553: (0-1): never\n",
}


@pytest.fixture
def collection(tmp_path: Path) -> Path:
    semantic = tmp_path / "test/libsolidity/semanticTests"
    syntax = tmp_path / "test/libsolidity/syntaxTests"
    (semantic / "purse").mkdir(parents=True)
    (syntax / "names").mkdir(parents=True)
    cases = {"purse/passed.sol": GOOD, "wrong.sol": WRONG, "refused.sol": REFUSED, "skipped.sol": SKIPPED}  # fmt: skip
    for name, text in cases.items():
        (semantic / name).write_text(text)
    for name, text in SYNTAX.items():
        (syntax / "names" / name).write_text(text)
    return tmp_path


def test_each_semantic_verdict(collection: Path, capsys: pytest.CaptureFixture[str]) -> None:
    listing = [str(collection), "--list", "passed", "wrong", "refused", "skipped", "crashed"]
    assert command.run(solc_semantic.SUITE, listing, "") == 1
    shown = capsys.readouterr().out
    for kind, name in (
        ("passed", "purse/passed.sol"),
        ("wrong", "wrong.sol"),
        ("refused", "refused.sol"),
        ("skipped", "skipped.sol"),
    ):
        assert f"\n{kind} {name}: " in shown
    assert "gave" in shown
    assert "SL2002" in shown
    row = next(line for line in shown.splitlines() if line.startswith("all"))
    assert row.split() == ["all", "1", "1", "1", "0", "1", "33.3%"]


def test_each_syntax_verdict(collection: Path, capsys: pytest.CaptureFixture[str]) -> None:
    listing = [str(collection), "--list", *solc_syntax.SUITE.kinds]
    assert command.run(solc_syntax.SUITE, listing, "") == 0
    shown = capsys.readouterr().out
    for name in SYNTAX:
        kind = name.removesuffix(".sol").partition("_")[0]
        assert f"{kind} names/{name}: " in shown


def test_a_wrong_folder_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.run(solc_semantic.SUITE, [str(tmp_path / "none")], "") == 2
    assert "no folder" in capsys.readouterr().err
    assert command.run(solc_semantic.SUITE, [str(tmp_path)], "") == 2
    assert "no test below" in capsys.readouterr().err


def test_a_revision_that_is_not_there_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    subprocess.run(["git", "init", "--quiet", "--bare", tmp_path], check=True)
    assert command.run(solc_semantic.SUITE, [str(tmp_path), "--revision", "v0"], "") == 2
    assert "v0" in capsys.readouterr().err


def test_jobs_are_counted_from_one(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        command.run(solc_semantic.SUITE, [".", "--jobs", "0"], "")
    assert stopped.value.code == 2
    assert "from 1 on" in capsys.readouterr().err


@pytest.mark.parametrize(
    "wrong", ["f( -> 1", "f() -> 1 ?", 'f() -> "\\q"', f"f() -> 0x{'11' * 33}"]
)
def test_an_expectation_that_is_not_one(wrong: str) -> None:
    with pytest.raises(Malformed):
        read_case("t.sol", f"contract C {{}}\n// ----\n// {wrong}\n", {})
