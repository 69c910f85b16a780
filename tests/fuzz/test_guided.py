"""A search that is led by the branches taken finds what luck does not, and differences behind it."""

from __future__ import annotations

import random

import pytest

from compiler import compile_sources
from tests.differential.builds import Pair
from tests.differential.twins import Difference, Message
from tests.fuzz.calldata import sequence
from tests.fuzz.choices import from_random
from tests.fuzz.guided import Search
from tests.fuzz.trial import MESSAGES, Trial
from tests.fuzz.watched import Side, WatchedEvm, all_sides

# Three doors, each behind the last; the keys are words that nobody draws.
DOORS = """
pragma solidity ^0.8.29;
contract Main {
    uint256 private step;
    function first(uint256 key) external { require(key == 0x5fd1a6b2c9e34f70); step = 1; }
    function second(int128 a, bytes32 b) external {
        if (step == 1 && b == keccak256("door") && a < -987654321987654321) step = 2;
    }
    function third(uint64[] calldata keys) external returns (uint256) {
        if (step < 2) return 0;
        for (uint256 i; i < keys.length; i++) if (keys[i] == 0xfeedbeef12345678) return ANSWER;
        return 0;
    }
}
"""


def built(answer: int) -> Pair:
    made = compile_sources({"m.sol": DOORS.replace("ANSWER", str(answer))}).contracts["m.sol:Main"]
    code, runtime = made.bytecode, made.runtime
    return Pair("doors", made.abi, code, code, runtime, runtime)


def differing() -> Pair:
    """As if one of two compilers had gone wrong behind the last door."""
    ours, theirs = built(1), built(2)
    return ours._replace(theirs=theirs.ours, their_runtime=theirs.our_runtime)


def test_a_search_opens_doors_that_drawn_messages_do_not() -> None:
    pair = built(1)
    choices = from_random(random.Random(11))
    search = Search(pair.ours, [], pair.abi, choices)
    for _ in range(60):
        search.add(sequence(choices, pair.abi, MESSAGES))
    drawn = set(search.sides)
    guided = Search(pair.ours, [], pair.abi, choices)
    guided.add(sequence(choices, pair.abi, MESSAGES))
    found = list(guided.further(500))
    assert guided.alive and found
    assert drawn < guided.sides <= all_sides(pair.our_runtime)


def test_a_difference_behind_the_doors_is_found() -> None:
    pair, trial = differing(), Trial()
    for turn in range(100):
        trial.send(pair, random.Random(turn))  # what is drawn sees none
    with pytest.raises(Difference, match=r"ours returned 0{63}1, reference 0{63}2"):
        trial.search(pair, random.Random(3), rounds=4_000)


def test_the_same_seed_makes_the_same_search() -> None:
    pair = built(1)

    def found() -> list[object]:
        search = Search(pair.ours, [], pair.abi, from_random(random.Random(8)))
        search.add([Message(bytes(4))])
        return list(search.further(60))

    first = found()
    assert first == found() and len(first) > 3


def test_only_the_contract_is_watched() -> None:
    """PUSH0 JUMPI into nothing, and a caller of it that branches once."""
    evm = WatchedEvm()
    inner, outer = (b"\x11" * 20, b"\x22" * 20)
    evm.set_code(inner, bytes.fromhex("5f5f57" + "600a600a14" + "00"))
    evm.set_code(outer, bytes.fromhex("5f5f5f5f5f73" + inner.hex() + "5af1" + "600857" + "00"))
    evm.contract = inner
    evm.call(outer)
    assert evm.sides == {Side(3, False)} and evm.compared == {(10, 10)}
    assert all_sides(evm.code(inner)) == {Side(3, False), Side(3, True)}
