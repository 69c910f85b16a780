"""revm and py-evm are the same chain to a generated contract."""

from __future__ import annotations

import random
from typing import Any

import pytest

from compiler import CompileOptions, compile_sources
from harness.chain.evm import DEFAULT_SENDER, Outcome
from harness.protocol.addresses import address_bytes
from tests.contracts.swift_evm import AVAILABLE
from tests.differential.explore import FIRST
from tests.differential.twins import Message
from tests.fuzz import counterpart
from tests.fuzz.calldata import constructor_data, sequence
from tests.fuzz.campaign import drawn
from tests.fuzz.chain import JournalledEvm, RecordedEvm
from tests.fuzz.choices import from_random
from tests.fuzz.reference import LIBRARY

LINKED = CompileOptions(libraries={"p.sol:X": address_bytes(LIBRARY)})

DESTROYED = """
pragma solidity ^0.8.29;
contract Gone {
    uint256 x = 5;
    constructor(bool now_) payable { if (now_) end(); }
    function end() public { x = 7; selfdestruct(payable(address(0xdead))); }
}
contract Main {
    Gone kept;
    function now_() external payable { new Gone{value: 3}(true); Gone late = new Gone{value: 2}(false); late.end(); }
    function keep() external payable { kept = new Gone{value: 1}(false); }
    function later() external { kept.end(); }
}
"""


def essence(outcome: Outcome, evm: Any, main: bytes) -> tuple[object, ...]:
    """What must be the same; code comes back with what analysis puts behind it."""
    output = b"" if outcome.created else outcome.output
    told = (outcome.success, output, outcome.logs, outcome.created, outcome.error == "OutOfGas")
    people = (main, counterpart.ADDRESS, (0xDEAD).to_bytes(20, "big"))
    return *told, {a: evm.storage(a) for a in evm.accounts()}, [evm.balance(p) for p in people]


def life(evm: Any, code: bytes, steps: list[Any], library: bytes = b"") -> list[tuple[object, ...]]:
    evm.fund(DEFAULT_SENDER, 10**30)
    evm.set_code(counterpart.ADDRESS, counterpart.code())
    evm.fund(counterpart.ADDRESS, 5)
    if library:
        evm.deploy(library)
    made = evm.deploy(code)
    address = made.created or FIRST
    seen = [essence(made, evm, address)]
    for step in steps:
        if isinstance(step, bytes):
            outcome = evm.call(counterpart.ADDRESS, step, sender=counterpart.DIRECTOR)
        else:
            evm.fund(step.sender, 10**30)
            outcome = evm.call(address, step.data, sender=step.sender, value=step.value)
        seen.append(essence(outcome, evm, address))
    return seen


@pytest.mark.skipif(not AVAILABLE, reason="pyrevm is not installed")
def test_both_chains_tell_the_same_about_drawn_contracts() -> None:
    successes = 0
    for number in range(16):
        made = compile_sources({"p.sol": drawn(7, number).text()}, LINKED).contracts
        contract = made["p.sol:Main"]
        library = made["p.sol:X"].bytecode if "p.sol:X" in made else b""
        choices = from_random(random.Random(number))
        code = contract.bytecode + constructor_data(choices, contract.abi)
        steps = sequence(choices, contract.abi, 12)
        told = life(JournalledEvm(), code, steps, library)
        assert told == life(RecordedEvm(), code, steps, library), number
        successes += sum(bool(entry[0]) for entry in told)
    assert successes > 30


@pytest.mark.skipif(not AVAILABLE, reason="pyrevm is not installed")
def test_both_chains_destroy_what_was_made_in_the_same_transaction_only() -> None:
    contract = compile_sources({"d.sol": DESTROYED}).contracts["d.sol:Main"]
    selectors = {n.split("(")[0]: bytes.fromhex(s) for n, s in contract.selectors.items()}
    steps = [
        Message(selectors["now_"], value=5),
        Message(selectors["keep"], value=1),
        Message(selectors["later"]),
    ]
    told = life(JournalledEvm(), contract.bytecode, steps)
    assert told == life(RecordedEvm(), contract.bytecode, steps)
    assert [len(entry[5]) for entry in told] == [0, 0, 2, 2]  # type: ignore[arg-type]
    assert [entry[6][2] for entry in told] == [0, 5, 5, 6]  # type: ignore[index]


SPARING = """
pragma solidity ^0.8.29;
contract Main {
    uint256[4] words = [uint256(1), 2, 3, 4];
    function read() external view returns (uint256) { return words[0] + words[1] + words[2] + words[3]; }
    function fail() external view { this.read(); revert(); }
}
"""


@pytest.mark.skipif(not AVAILABLE, reason="pyrevm is not installed")
def test_every_message_finds_cold_slots() -> None:
    """Else what 2,300 gas are enough for would hang on the order of a table."""
    contract = compile_sources({"s.sol": SPARING}).contracts["s.sol:Main"]
    read, fail = (bytes.fromhex(contract.selectors[f"{name}()"]) for name in ("read", "fail"))
    evm = JournalledEvm()
    evm.deploy(contract.bytecode)
    told = [evm.call(FIRST, data) for data in (read, read, fail, read)]
    assert [outcome.success for outcome in told] == [True, True, False, True]
    (spent,) = {outcome.gas_used for outcome in told if outcome.success}
    assert 21_000 + 4 * 2_100 < spent < 21_000 + 5 * 2_100
