"""Which operand comes first: the language leaves it open, and every construct here does as solc's newer pipeline."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from compiler import CompileOptions, compile_sources
from harness.chain.evm import Evm
from tests.oracle import solc

FOLDER = Path(__file__).parent / "evaluation_order"
SOURCES = {path.name: path.read_text() for path in sorted(FOLDER.glob("*.sol"))}

Runner = Callable[[str], tuple[object, ...]]


def deployed(code: bytes) -> Runner:
    """What one function, by its selector, does to a chain on which nothing happened before."""
    evm = Evm()
    address = evm.deploy(code).created
    assert address is not None

    def run(selector: str) -> tuple[object, ...]:
        before = evm.snapshot()
        outcome = evm.call(address, bytes.fromhex(selector))
        storage = {slot: word for slot, word in evm.storage(address).items() if word}
        evm.revert(before)
        return outcome.success, outcome.output, outcome.logs, storage

    return run


@pytest.fixture(scope="module")
def newer() -> Runner:
    made = solc.compile_sources(SOURCES, via_ir=True, runs=1)["main.sol:Main"]
    return deployed(bytes.fromhex(made["evm"]["bytecode"]["object"]))


@pytest.mark.parametrize("level", [0, 1, 2, 3])
def test_every_construct_is_in_the_order_of_the_newer_pipeline(level: int, newer: Runner) -> None:
    main = compile_sources(SOURCES, CompileOptions(optimize=level, verify_each=True)).contract(
        "Main"
    )
    ours = deployed(main.bytecode)
    tried = [
        s for s in main.selectors if s.endswith("()")
    ]  # those with parameters are called by others
    differ = [s for s in tried if ours(main.selectors[s]) != newer(main.selectors[s])]
    assert len(tried) > 80
    assert not differ
