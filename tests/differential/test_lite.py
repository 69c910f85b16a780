"""The lite dialect and facet layout: ours against the reference compiler on the printed twin."""

from __future__ import annotations

from pathlib import Path

import pytest

from compiler import CompileOptions, compile_sources
from compiler.stages import print_texts
from harness.chain.evm import Evm
from tests.differential.builds import build_both
from tests.differential.explore import explore

HERE = Path(__file__).parent
FACETS = sorted((HERE / "lite").glob("*.sol"))
EXAMPLES = [HERE.parents[1] / "examples/art.sol"]


@pytest.mark.parametrize("path", FACETS + EXAMPLES, ids=lambda p: p.stem)
def test_facet_behaves_as_its_twin(path: Path) -> None:
    sources = {path.name: path.read_text()}
    twin = {path.name: print_texts("twin", sources, CompileOptions())}
    build = build_both(sources, twin=twin)
    assert build.pairs
    for name, pair in build.pairs.items():
        assert build.ours.contracts[name].abi == build.theirs[name]["abi"]
        explore(pair, examples=40)


@pytest.mark.parametrize("path", FACETS, ids=lambda p: p.stem)
def test_checked_facet_behaves_as_its_twin(path: Path) -> None:
    """The same facets with a version pragma: checked arithmetic, same storage."""
    body = path.read_text().replace("pragma facet wrapping;\n", "")
    text = "pragma solidity ^0.8.20;\n" + body.replace(
        "returns (string)", "returns (string memory)"
    )
    text = text.replace("!= 0", "!= address(0)").replace("= 0; paused", "= address(0); paused")
    text = text.replace("== 0, ", "== address(0), ").replace("keeper == 0", "keeper == address(0)")
    text = text.replace("Moved(0,", "Moved(address(0),").replace('"Ärt"', 'unicode"Ärt"')
    sources = {path.name: text}
    twin = {path.name: print_texts("twin", sources, CompileOptions())}
    for pair in build_both(sources, twin=twin).pairs.values():
        explore(pair, examples=15)


def test_division_by_zero_gives_zero_and_sums_wrap() -> None:
    source = (
        "facet F { function d(uint256 a, uint256 b) external pure returns (uint256) { return a / b; }"
        " function m(uint256 a, uint256 b) external pure returns (uint256) { return a % b; }"
        " function s(uint256 a, uint256 b) external pure returns (uint256) { return a + b; } }"
    )
    contract = compile_sources({"f.sol": source}).contract("F")
    evm = Evm()
    address = evm.deploy(contract.bytecode).created
    assert address is not None

    def call(name: str, a: int, b: int) -> int:
        selector = bytes.fromhex(contract.selectors[f"{name}(uint256,uint256)"])
        data = selector + a.to_bytes(32, "big") + b.to_bytes(32, "big")
        return int.from_bytes(evm.view(address, data).output, "big")

    assert call("d", 5, 0) == 0
    assert call("m", 5, 0) == 0
    assert call("s", 2**256 - 1, 3) == 2
