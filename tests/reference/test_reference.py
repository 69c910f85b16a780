"""Our bytecode against the interpreter, and the interpreter against answers worked out by hand."""

from __future__ import annotations

from typing import Any

import pytest
from eth_abi import encode

from compiler import CompiledContract, CompileOptions
from compiler.evm.keccak import selector
from harness.chain.evm import DEFAULT_SENDER
from tests.differential.twins import Difference, Message
from tests.mutation.compiler.seeds import SEEDS
from tests.reference import __main__ as command
from tests.reference.beside import Beside, Tally
from tests.reference.board import Board, corpus
from tests.reference.chain import Chain
from tests.reference.contract import Maker
from tests.reference.explore import Build
from tests.reference.mistakes import noticed
from tests.reference.program import read_program

HEAD = "pragma solidity ^0.8.29;\n"
AT = b"\x07" * 20


class Interpreted:
    """One contract that only the interpreter has."""

    def __init__(self, text: str, name: str = "C", arguments: bytes = b"") -> None:
        self.chain = Chain(1_700_000_000)
        program = read_program({"c.sol": HEAD + text})
        maker = Maker(program, program.contracts[f"c.sol:{name}"], arguments)
        self.created = self.chain.create(maker, AT, DEFAULT_SENDER, 0, 0)

    def call(self, signature: str, *words: int) -> tuple[bool, bytes]:
        data = selector(signature).to_bytes(4, "big") + encode(["uint256"] * len(words), words)
        return self.chain.call(AT, data, DEFAULT_SENDER)

    def numbers(self, signature: str, *words: int) -> list[int]:
        ok, data = self.call(signature, *words)
        assert ok, data.hex()
        return [int.from_bytes(data[i : i + 32], "big") for i in range(0, len(data), 32)]


# -- the board -----------------------------------------------------------------------------------------


def test_bytecode_and_interpreter_agree_on_the_corpus() -> None:
    board = Board(tell=lambda _: None)
    for path in corpus():
        board.source(
            path.stem,
            {path.name: path.read_text()},
            path.name,
            1,
            options=CompileOptions(),
            drawn=False,
        )
    assert not board.mismatches, board.mismatches[0]
    print(board.summary())
    assert board.total.messages > 2_500 and board.total.reverted > 500
    assert sum(board.total.skipped.values()) < board.total.messages // 5, board.total.skipped


def test_bytecode_and_interpreter_agree_on_generated_programs() -> None:
    board = Board(tell=lambda _: None)
    board.generated(7, 24, examples=2)
    assert not board.mismatches, board.mismatches[0]
    assert board.programs > 20 and board.total.messages > 150


def test_what_is_left_out_is_counted_and_never_passes() -> None:
    text = (
        HEAD
        + "contract C { function f() external pure returns (uint256 r) { assembly { r := mload(64) } } }"
    )
    build, tally = Build({"c.sol": text}), Tally()
    beside = build.beside("c.sol:C", b"", tally)
    beside.send(Message(selector("f()").to_bytes(4, "big")))
    assert (tally.messages, sum(tally.skipped.values())) == (0, 1)


def test_a_key_from_outside_calldata_is_empty_and_a_copy_of_it_is_refused() -> None:
    """By an offset below zero, as in tests/differential/test_broken_calldata.py."""
    text = (
        HEAD
        + """
struct Holder { uint8 a; bytes held; }
contract C {
    mapping(bytes => uint256) keyed;
    function entered(Holder calldata x) external returns (uint256) { keyed[x.held] += 3; return keyed[""]; }
    function copied(Holder calldata x) external pure returns (bytes memory) { return x.held; }
}
"""
    )
    tally = Tally()
    beside = Build({"c.sol": text}).beside("c.sol:C", b"", tally)
    reverted = []
    for name in ("entered", "copied"):
        for below in (64, 2**100, 2**248, 2**255):
            words = (32, 1, 2**256 - below, 2, 1, 2**255, 1, 0)
            data = b"".join(word.to_bytes(32, "big") for word in words)
            beside.send(Message(selector(f"{name}((uint8,bytes))").to_bytes(4, "big") + data))
        reverted.append(tally.reverted)
    assert (tally.messages, reverted, tally.skipped) == (8, [0, 3], {})


@pytest.mark.parametrize(
    ("ours", "what"),
    [
        ("function f(uint256 x) external returns (uint256) { s = x; return x + 1; }", "interpreter returned"),
        ("function f(uint256 x) external returns (uint256) { s = x + 1; return x; }", "storage"),
        ("function f(uint256 x) external returns (uint256) { s = x; emit E(x + 1); return x; }", "logs"),
        ("function f(uint256 x) external returns (uint256) { s = x; revert(); return x; }", "nothing"),
    ],
)  # fmt: skip
def test_a_difference_of_any_kind_is_seen(ours: str, what: str) -> None:
    """The bytecode of one program, the tree of another."""
    right = "function f(uint256 x) external returns (uint256) { s = x; return x; }"
    built = [
        Build({"c.sol": HEAD + f"contract C {{ uint256 s; event E(uint256); {body} }}"})
        for body in (right, ours)
    ]
    wrong: CompiledContract = built[1].contracts["c.sol:C"]
    beside = Beside(built[0].program, "c.sol:C", wrong, b"", Tally())
    with pytest.raises(Difference, match=what):
        beside.send(Message(selector("f(uint256)").to_bytes(4, "big") + encode(["uint256"], [5])))


def test_the_command(tmp_path: Any, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "c.sol"
    path.write_text(
        HEAD + "contract C { function f(uint8 x) external pure returns (uint8) { return x + 1; } }"
    )
    assert command.main([str(path), "--examples", "2"]) == 0
    assert " 0 mismatches, " in capsys.readouterr().out


@pytest.mark.parametrize(
    "why",
    [
        "a sum overflows when it is larger",
        "arguments may be missing",
        "byte strings are not padded",
    ],
)
def test_a_mistake_in_lowering_is_noticed(why: str) -> None:
    (seed,) = [s for s in SEEDS if s.why == why]
    assert noticed(seed, 1)


# -- the interpreter alone -----------------------------------------------------------------------------


def test_super_follows_the_linearisation() -> None:
    text = """
        contract A { uint256 public t; function f() public virtual { t = t * 10 + 1; } }
        contract B is A { function f() public virtual override { t = t * 10 + 2; super.f(); } }
        contract D is A { function f() public virtual override { t = t * 10 + 3; super.f(); } }
        contract C is B, D { function f() public override(B, D) { t = t * 10 + 4; super.f(); } }
    """
    contract = Interpreted(text)
    contract.call("f()")
    assert contract.numbers("t()") == [4321]


def test_memory_is_shared_and_storage_is_copied() -> None:
    text = """
        contract C {
            uint256[] kept;
            function memory_() external pure returns (uint256) {
                uint256[] memory a = new uint256[](2); uint256[] memory b = a; b[1] = 7; return a[1];
            }
            function storage_() external returns (uint256, uint256) {
                kept.push(1); uint256[] memory a = kept; a[0] = 9; uint256[] storage p = kept; p.push(5);
                return (kept[0], kept.length);
            }
        }
    """
    contract = Interpreted(text)
    assert contract.numbers("memory_()") == [7]
    assert contract.numbers("storage_()") == [1, 2]


def test_packing_fills_a_slot_from_its_low_end() -> None:
    text = "contract C { uint8 a = 1; int16 b = -2; address c = address(0xff); uint128 d = 4; bytes2 e = 0x1234; }"
    slots = Interpreted(text).chain.account(AT).slots
    assert slots[0] == 0xFF << 24 | 0xFFFE << 8 | 1
    assert slots[1] == 0x1234 << 128 | 4


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("assert(x == 0);", 0x01), ("x - 2;", 0x11), ("1 / (x - 1);", 0x12), ("E(uint8(x + 2));", 0x21), ("k.pop();", 0x31),
        ("k[x];", 0x32), ("new uint256[](type(uint256).max - x);", 0x41), ("function () internal p; p();", 0x51),
    ],
)  # fmt: skip
def test_panics(body: str, code: int) -> None:
    text = f"enum E {{ A, B }} contract C {{ uint256[] k; function f(uint256 x) external {{ {body} }} }}"
    ok, data = Interpreted(text).call("f(uint256)", 1)
    assert (ok, data) == (False, bytes.fromhex("4e487b71") + code.to_bytes(32, "big"))


def test_a_modifier_that_runs_the_body_twice_starts_it_anew() -> None:
    text = """
        contract C {
            modifier twice() { _; _; }
            function f(uint256 x) external twice returns (uint256 r) { x += 1; r += x; }
        }
    """
    assert Interpreted(text).numbers("f(uint256)", 4) == [5]


def test_a_failed_call_leaves_nothing_behind_and_can_be_caught() -> None:
    text = """
        contract C {
            uint256 public s;
            function inner() external { s = 9; revert("no"); }
            function f() external returns (uint256, uint256) {
                try this.inner() { return (1, s); } catch Error(string memory m) { return (bytes(m).length, s); }
            }
        }
    """
    assert Interpreted(text).numbers("f()") == [2, 0]


def test_a_lite_facet_divides_by_zero_and_wraps() -> None:
    chain = Chain(0)
    text = """pragma facet wrapping;
        facet F {
            function d(uint256 a, uint256 b) external pure returns (uint256) { return a / b; }
            function m(uint256 a, uint256 b) external pure returns (uint256) { return a - b; }
        }
    """
    program = read_program({"f.sol": text})
    assert chain.create(
        Maker(program, program.contracts["f.sol:F"], b""), AT, DEFAULT_SENDER, 0, 0
    )[0]
    for signature, expected in (("d(uint256,uint256)", 0), ("m(uint256,uint256)", 5)):
        data = selector(signature).to_bytes(4, "big") + encode(["uint256"] * 2, [5, 0])
        assert chain.call(AT, data, DEFAULT_SENDER) == (True, expected.to_bytes(32, "big"))


def test_a_file_that_is_not_there(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["nothere.sol"]) == 2
    assert "No such file" in capsys.readouterr().err
