"""Checks that follow from others, and some that only seem to: all words at the edges, in all combinations."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from compiler import CompileOptions, compile_sources
from tests.invariants.chain import EVM
from tests.oracle import solc

SOURCE = Path(__file__).parent / "corpus" / "tested_conditions.sol"
EDGES = sorted(
    {0, 1, 2, 3, 4, 5, 7, 10, 11, 127, 128, 129, 255, 256, 257, 300, 301}
    | {(1 << bits) + step for bits in (64, 128, 255, 256) for step in (-2, -1, 0, 1)}
)
WORDS = [word % (1 << 256) for word in EDGES]
FEW = [0, 1, 3, 255, 300, (1 << 128) - 1, 1 << 128, (1 << 255) - 1, 1 << 255, (1 << 256) - 1]


@pytest.fixture(scope="module")
def reference() -> tuple[bytes, dict[str, str]]:
    output = solc.compile_sources({SOURCE.name: SOURCE.read_text()})
    evm = output[f"{SOURCE.name}:TestedConditions"]["evm"]
    return bytes.fromhex(evm["bytecode"]["object"]), evm["methodIdentifiers"]


@pytest.mark.parametrize("level", [2, 3])
def test_every_combination_of_edges(reference: tuple[bytes, dict[str, str]], level: int) -> None:
    options = CompileOptions(optimize=level)
    ours = compile_sources({SOURCE.name: SOURCE.read_text()}, options).contract("TestedConditions")
    evm = EVM()
    built = [evm.deploy(code).created for code in (ours.bytecode, reference[0])]
    tried = succeeded = 0
    for signature, selector in reference[1].items():
        types = signature.partition("(")[2].rstrip(")").split(",")
        if any(type_.startswith("bytes") or "[" in type_ for type_ in types):
            continue
        words = WORDS if len(types) < 3 else FEW
        for given in itertools.product(words, repeat=len(types)):
            data = bytes.fromhex(selector) + b"".join(word.to_bytes(32, "big") for word in given)
            outcomes = [evm.view(address, data) for address in built]
            seen = [(outcome.success, outcome.output) for outcome in outcomes]
            assert seen[0] == seen[1], (signature, [hex(word) for word in given])
            tried += 1
            succeeded += seen[0][0]
    assert tried > 10_000 and tried // 5 < succeeded < tried
