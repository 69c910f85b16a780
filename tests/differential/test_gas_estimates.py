"""`gasEstimates` are upper bounds: no call of the corpus takes more, except one that fails exceptionally."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from compiler import CompiledContract, CompileOptions
from compiler.pipeline import compile_units
from harness.chain.evm import DEFAULT_SENDER, Evm, Outcome
from tests.differential.messages import encoded, messages
from tests.differential.twins import Message

CORPUS = sorted((Path(__file__).parent / "corpus").glob("*.sol"))
EXCEPTIONAL = {"OutOfGas", "WriteProtection", "InvalidInstruction", "InvalidJumpDestination"}


def compiled(path: Path) -> dict[str, CompiledContract]:
    options = CompileOptions()
    units = compile_units([path.name], {path.name: path.read_text()}, options, frozenset(("gas",)))
    return units.contracts


@pytest.mark.parametrize("path", CORPUS, ids=lambda p: p.stem)
def test_nothing_takes_more(path: Path) -> None:
    for contract in compiled(path).values():
        if contract.deployed.code and not contract.creation.links:
            hold(contract)


def hold(contract: CompiledContract, examples: int = 4) -> None:
    """Random calls of one contract, each compared with its bound."""
    estimates = contract.gas_estimates
    by_selector = {
        bytes.fromhex(contract.selectors[signature]): bound
        for signature, bound in estimates.get("external", {}).items()
        if signature
    }
    other = estimates.get("external", {}).get("", "infinite")
    constructor = next((e for e in contract.abi if e["type"] == "constructor"), {"inputs": []})

    @settings(max_examples=examples, deadline=None, database=None, derandomize=True,
              suppress_health_check=list(HealthCheck))  # fmt: skip
    @given(
        arguments=encoded(constructor["inputs"]),
        sequence=st.lists(messages(contract.abi), min_size=1, max_size=12),
    )
    def run(arguments: bytes, sequence: list[Message]) -> None:
        evm = Evm()
        evm.fund(DEFAULT_SENDER, 10**30)
        made = evm.deploy(contract.bytecode + arguments)
        if made.created is None:
            return
        within(estimates["creation"]["totalCost"], made.gas_used - init_code_gas(made))
        for message in sequence:
            evm.fund(message.sender, 10**30)
            done = evm.call(made.created, message.data, sender=message.sender, value=message.value)
            if done.error not in EXCEPTIONAL:
                within(by_selector.get(message.data[:4], other), done.gas_used)

    run()


def within(bound: str, used: int) -> None:
    assert bound == "infinite" or used <= int(bound)


def init_code_gas(made: Outcome) -> int:
    """What py-evm counts to the execution and a transaction pays before it (EIP-3860)."""
    return 2 * ((len(made.calldata) + 31) // 32)


def test_straight_code_has_the_bound_it_takes() -> None:
    """A bound of `infinite` everywhere would be sound, too."""
    text = """pragma solidity ^0.8.24;
    contract C {
        uint256 total; event Added(uint256 amount);
        function add(uint256 amount) external { total += amount; emit Added(amount); }
        function loop(uint256 times) external { for (uint256 i; i < times; i++) total += i; }
        function hash(uint256 a, uint256 b) external pure returns (bytes32) { return keccak256(abi.encode(a, b)); }
        function small() external view returns (uint256 sum) { for (uint256 i; i < 3; i++) sum += i; }
        fallback() external { total = 1; }
    }"""
    found = compile_units(["a.sol"], {"a.sol": text}, CompileOptions(), frozenset(("gas",)))
    contract = found.contracts["a.sol:C"]
    external = contract.gas_estimates["external"]
    assert external["loop(uint256)"] == "infinite"
    evm = Evm()
    made = evm.deploy(contract.bytecode)
    assert made.created is not None
    used = made.gas_used - init_code_gas(made)
    assert int(contract.gas_estimates["creation"]["totalCost"]) == used
    for signature in ("add(uint256)", "hash(uint256,uint256)", "small()"):
        data = bytes.fromhex(contract.selectors[signature]) + (1).to_bytes(32, "big") * 2
        used = evm.call(made.created, data).gas_used
        assert used <= int(external[signature]) <= used + 2_200, signature
    assert 22_100 < int(external[""]) < 22_700
