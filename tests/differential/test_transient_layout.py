"""Transient variables lie where the reference compiler puts them, and apart from storage."""

from __future__ import annotations

from pathlib import Path

from compiler import compile_sources
from compiler.standard_json import compile_standard
from tests.differential.test_corpus import places
from tests.oracle import solc

SOURCES = {
    path.name: path.read_text()
    for path in [Path(__file__).parent / "corpus" / "transient.sol"]
} | {
    "based.sol": """// SPDX-License-Identifier: MIT
pragma solidity ^0.8.29;
contract Based layout at 77 { uint8 a; uint8 transient b; uint256 transient c; uint16 transient d; }
""",
}  # fmt: skip


def test_both_layouts_are_equal() -> None:
    outputs = ["storageLayout", "transientStorageLayout"]
    theirs = solc.compile_sources(SOURCES, outputs=outputs)
    ours = compile_sources(SOURCES).contracts
    for name, output in theirs.items():
        assert places(ours[name].storage_layout) == places(output["storageLayout"]), name
        mine = ours[name].transient_layout
        assert places(mine) == places(output["transientStorageLayout"]), name
    assert len(ours["transient.sol:Transient"].transient_layout["storage"]) == 12


def test_standard_json_gives_it_where_it_is_asked_for() -> None:
    request = {
        "language": "Solidity",
        "sources": {"based.sol": {"content": SOURCES["based.sol"]}},
        "settings": {"outputSelection": {"*": {"*": ["transientStorageLayout"]}}},
    }
    layout = compile_standard(request)["contracts"]["based.sol"]["Based"]
    assert list(layout) == ["transientStorageLayout"]
    slots = [
        (e["label"], e["slot"], e["offset"]) for e in layout["transientStorageLayout"]["storage"]
    ]
    assert slots == [("b", "0", 0), ("c", "1", 0), ("d", "2", 0)]
