"""Out of gas: when it says nothing about a build, and when it does."""

from __future__ import annotations

import pytest

from compiler import CompiledContract, CompileOptions, compile_sources
from tests.differential.builds import Pair
from tests.differential.twins import Difference, Message
from tests.fuzz.counterpart import MODES
from tests.fuzz.shrink import Written
from tests.fuzz.trial import Trial
from tests.fuzz.world import GasSpent, SpentInside, World

SOURCE = """pragma solidity ^0.8.20; contract Main {
    fallback() external {
        for (uint256 i = 0; i < 2; i++) { (bool done,) = address(0xbad0).call(""); done; }
        uint256 sum;
        for (uint256 i = 0; i < ROUNDS; i++) sum ^= uint256(keccak256(abi.encode(i)));
        assembly { mstore(0, 1) return(0, 32) }
    } }"""


def made(rounds: str) -> CompiledContract:
    return compile_sources({"a.sol": SOURCE.replace("ROUNDS", rounds)}).contract("Main")


def world(ours: str, theirs: str) -> World:
    mine, yours = made(ours), made(theirs)
    return World(Pair("Main", [], mine.bytecode, yours.bytecode, mine.runtime, yours.runtime))


def told(mode: str) -> bytes:
    return MODES.index(mode).to_bytes(32, "big") + bytes(32)


def test_what_the_counterpart_left_is_enough_for_ours_alone() -> None:
    both = world("0", "500")
    both.step(told("consume"))
    with pytest.raises(GasSpent):
        both.step(Message(b""))


def test_a_reference_that_runs_out_by_itself_is_a_difference() -> None:
    both = world("0", "type(uint256).max")
    both.step(told("consume"))
    both.step(told("nothing"))
    with pytest.raises(Difference, match="OutOfGas"):
        both.step(Message(b""))


def test_ours_that_runs_out_is_a_difference() -> None:
    both = world("500", "0")
    both.step(told("consume"))
    with pytest.raises(Difference, match="OutOfGas"):
        both.step(Message(b""))


STATIC = """pragma solidity ^0.8.20; contract Main {
    uint8 a; uint24 b = 7;
    function end() external { a = 3; b = 0 - b; }
    function once() external { (bool done,) = address(this).staticcall(abi.encodeCall(this.end, ())); done; }
    function work() external pure returns (uint256 sum) {
        for (uint256 i; i < 10000; i++) sum ^= uint256(keccak256(abi.encode(i)));
    }
    fallback() external { this.once(); this.work(); } }"""


def static(ours: int, theirs: int) -> World:
    """At these levels of optimisation."""

    def at(level: int) -> CompiledContract:
        return compile_sources({"a.sol": STATIC}, CompileOptions(optimize=level)).contract("Main")

    mine, yours = at(ours), at(theirs)
    return World(Pair("Main", [], mine.bytecode, yours.bytecode, mine.runtime, yours.runtime))


def test_a_write_that_is_left_out_before_a_panic_saves_the_gas_of_a_static_call() -> None:
    with pytest.raises(SpentInside):
        static(2, 0).step(Message(b""))


def test_a_build_that_leaves_nothing_out_spends_it_too() -> None:
    both = static(0, 0)
    both.step(Message(b""))
    assert both.reverted == 1


def test_a_reference_that_is_out_of_gas_without_such_a_write_is_told() -> None:
    """The fuzzer asks a build that leaves nothing out, and believes nothing else."""
    idle = STATIC.replace("a = 3; b = 0 - b;", "")
    for text, told in ((STATIC, ""), (idle, "the reference alone is out of gas")):
        trial = Trial()
        trial._send(static(2, 0).pair, b"", [Message(b"")])
        assert told in trial._doubted(0, Written(text)) and trial.counts.spent == 1
        assert bool(trial._doubted(0, Written(text))) == bool(told)


TWICE = """pragma solidity ^0.8.20; contract Other { } contract Main {
    constructor() { for (uint256 i = 0; i < 2; i++) { try new Other{salt: 0}() { } catch { } } }
    fallback() external { uint256 sum; unchecked { PARTS } assembly { mstore(0, sum) return(0, 32) } } }"""


def test_a_contract_made_twice_takes_what_the_larger_code_would_have_cost() -> None:
    def creation(parts: int) -> CompiledContract:
        lines = "".join(f"sum = {10**70 + i} * sum ^ uint160(msg.sender); " for i in range(parts))
        return compile_sources({"a.sol": TWICE.replace("PARTS", lines)}).contract("Main")

    mine, yours = creation(1), creation(90)
    with pytest.raises(GasSpent):
        World(Pair("Main", [], mine.bytecode, yours.bytecode, mine.runtime, yours.runtime))
    with pytest.raises(Difference, match="OutOfGas"):
        World(Pair("Main", [], yours.bytecode, mine.bytecode, yours.runtime, mine.runtime))
