"""External libraries, linked: what they do, how they are called, and what the artifacts say about it."""

from __future__ import annotations

from pathlib import Path

import pytest

from compiler import CompileOptions, compile_sources
from compiler.linking import Linkable, placeholder
from harness.chain.evm import DEFAULT_SENDER, Evm
from tests.differential.builds import build_both
from tests.differential.explore import explore
from tests.differential.test_corpus import places
from tests.oracle import solc

PATH = Path(__file__).parent / "linked" / "libraries.sol"
SOURCES = {PATH.name: PATH.read_text()}
NAMES = (f"{PATH.name}:Ledger", f"{PATH.name}:Words")


def addresses() -> dict[str, bytes]:
    """Where the first deployments of a fresh chain land."""
    evm = Evm()
    evm.fund(DEFAULT_SENDER, 10**30)
    found = [evm.deploy(b"").created for _ in NAMES]
    return {name: address for name, address in zip(NAMES, found, strict=True) if address}


@pytest.mark.parametrize(
    ("via_ir", "level"), [(True, 2), (False, 2), (True, 0), (True, 1), (True, 3)]
)
def test_behaviour_is_equal(via_ir: bool, level: int) -> None:
    libraries = addresses()
    options = CompileOptions(libraries=libraries, optimize=level, verify_each=True)
    build = build_both(SOURCES, options=options, via_ir=via_ir, libraries=libraries)
    assert len(build.pairs) == 4
    for pair in build.pairs.values():
        if pair.name != NAMES[1]:  # its ABI names enums, which no encoder knows
            explore(pair, examples=25 if pair.name.endswith("Linked") else 5)


def test_abi_selectors_and_layout_are_equal() -> None:
    ours = compile_sources(SOURCES).contracts
    for name, theirs in solc.compile_sources(SOURCES).items():
        assert ours[name].abi == theirs["abi"], name
        assert ours[name].selectors == theirs["evm"]["methodIdentifiers"], name
        assert places(ours[name].storage_layout) == places(theirs["storageLayout"]), name


def test_placeholders_stand_where_the_references_say() -> None:
    outputs = ["evm.bytecode", "evm.deployedBytecode"]
    theirs = solc.compile_sources(SOURCES, outputs=outputs)
    ours = compile_sources(SOURCES).contracts
    for name, output in theirs.items():
        for mine, part in (
            (ours[name].creation, "bytecode"),
            (ours[name].deployed, "deployedBytecode"),
        ):
            assert isinstance(mine, Linkable)
            wanted = output["evm"][part].get("linkReferences", {})
            found = mine.references()
            assert {f: set(v) for f, v in found.items()} == {f: set(v) for f, v in wanted.items()}
            for path, libraries in found.items():
                for library, entries in libraries.items():
                    mark = placeholder(f"{path}:{library}")
                    assert mark in output["evm"][part]["object"]
                    for entry in entries:
                        assert mine.text()[2 * entry["start"] :].startswith(mark)
                        assert entry["length"] == 20
