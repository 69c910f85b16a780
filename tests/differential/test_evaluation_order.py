"""Which operand comes first: every construct is in the order of one of the reference compiler's two pipelines.

The language leaves the order open, and the two differ. FOLLOWED says which one a user gets here.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from compiler import CompileOptions, compile_sources
from harness.chain.evm import Evm
from tests.oracle import solc

SOURCES = {"order.sol": (Path(__file__).parent / "evaluation_order.sol").read_text()}
LEVELS = (0, 1, 2, 3)
FOLLOWED = {
    "legacy": {
        "copiedMember",
        "internalArguments",
        "memoryMembers",
        "namedArguments",
        "namedStructMembers",
    },
    "newer": {
        "attachedArguments",
        "attachedToStorage",
        "baseConstructors",
        "bytesElements",
        "compoundOfAssigned",
        "conditionalTarget",
        "indexedEventArguments",
        "memberOfResult",
        "memoryReads",
        "modulus",
        "nestedIndices",
        "operators",
        "packedSlotAndCall",
        "pointerAndArgument",
        "returnAndFinally",
        "shifts",
        "storageAndCall",
        "swapped",
        "uncheckedCompound",
    },
    "neither": set(),
}

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
def references() -> dict[str, Runner]:
    found = {}
    for pipeline, via_ir in (("legacy", False), ("newer", True)):
        made = solc.compile_sources(SOURCES, via_ir=via_ir, runs=1)["order.sol:Main"]
        found[pipeline] = deployed(bytes.fromhex(made["evm"]["bytecode"]["object"]))
    return found


@pytest.mark.parametrize("level", LEVELS)
def test_every_construct_is_in_a_known_order(level: int, references: dict[str, Runner]) -> None:
    options = CompileOptions(optimize=level, verify_each=True)
    main = compile_sources(SOURCES, options).contract("Main")
    ours = deployed(main.bytecode)
    followed: dict[str, set[str]] = {pipeline: set() for pipeline in FOLLOWED}
    for signature, selector in main.selectors.items():
        if not signature.endswith("()"):
            continue  # called by the others
        answer = ours(selector)
        alike = [pipeline for pipeline, run in references.items() if run(selector) == answer]
        if len(alike) < 2:
            followed[alike[0] if alike else "neither"].add(signature[:-2])
    assert followed == FOLLOWED
