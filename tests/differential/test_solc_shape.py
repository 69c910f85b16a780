"""Code as solc's interfaces make it: marked data, a trailer, failing checks apart. It does what all our code does."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from compiler import CompileOptions, compile_sources
from compiler.content_hashes import swarm_hash
from compiler.options import Metadata
from compiler.standard_json import compile_standard
from tests.differential.builds import build_both
from tests.differential.explore import explore
from tests.differential.test_corpus import COMPARED
from tests.oracle import solc

HEAD = "// SPDX-License-Identifier: MIT\npragma solidity ^0.8.20;\ncontract C { }\n"
# Around the sizes where the trees of the two kinds of names grow another level.
SIZES = (4095, 4096, 4097, 8192, 40_000, 128 * 4096, 128 * 4096 + 1, 600_000)


def solc_shaped() -> CompileOptions:
    return CompileOptions(
        verify_each=True, traceable=True, marks_data=True, metadata=Metadata(append=None)
    )


@pytest.mark.parametrize("path", COMPARED, ids=lambda p: p.stem)
def test_behaviour_is_the_same(path: Path) -> None:
    build = build_both({path.name: path.read_text()}, options=solc_shaped())
    for pair in build.pairs.values():
        explore(pair, examples=2)


@pytest.mark.parametrize("path", COMPARED[::4], ids=lambda p: p.stem)
def test_source_maps_count_instructions(path: Path) -> None:
    for options in (CompileOptions(), solc_shaped()):
        build = compile_sources({path.name: path.read_text()}, options)
        for contract in build.contracts.values():
            for code, spans in (
                (contract.deployed.code, contract.runtime_source_map),
                (contract.creation.code, contract.source_map),
            ):
                assert [at for at, _, _ in spans] == instructions(code)[: len(spans)]
                if options.marks_data and spans and len(spans) < len(instructions(code)):
                    assert code[instructions(code)[len(spans)]] == 0xFE


def instructions(code: bytes) -> list[int]:
    """Where instructions start, all bytes read as instructions."""
    found, at = [], 0
    while at < len(code):
        found.append(at)
        size = code[at] - 0x5F
        at += 1 + (size if 1 <= size <= 32 else 0)
    return found


@pytest.mark.parametrize("size", SIZES)
def test_contents_have_the_names_that_the_reference_gives_them(size: int) -> None:
    text = HEAD + "/" * (size - len(HEAD))
    asked = {
        "language": "Solidity",
        "sources": {"a.sol": {"content": text}},
        "settings": {"outputSelection": {"*": {"*": ["metadata"]}}},
    }

    def urls(answer: dict) -> list[str]:
        metadata = json.loads(answer["contracts"]["a.sol"]["C"]["metadata"])
        return metadata["sources"]["a.sol"]["urls"]

    swarm, ipfs = urls(solc.compile_standard(asked))
    assert urls(compile_standard(asked)) == [ipfs]
    assert swarm == "bzz-raw://" + swarm_hash(text.encode()).hex()


def test_jumps_into_functions_and_out_of_them_are_told() -> None:
    text = """pragma solidity ^0.8.20; contract C {
        uint256 total;
        function once(uint256 n) external { total = again(n) + again(n + 1); }
        function again(uint256 n) internal returns (uint256) {
            if (n == 0) return 0;
            total = n;
            return again(n - 1);
        }
    }"""
    contract = compile_sources({"a.sol": text}).contracts["a.sol:C"]
    kinds = [contract.runtime_jumps.get(at, "-") for at, _, _ in contract.runtime_source_map]
    code = {contract.runtime[at] for at, kind in contract.runtime_jumps.items() if kind == "o"}
    # One way in by the dispatcher, three calls; and the ways back.
    assert kinds.count("i") == 4 and kinds.count("o") >= 1 and code == {0x56}
