"""The bug museum: what solc's public list of bugs says went wrong in code generation since 0.8.0, by its names there.

Each exhibit is a contract that would show the mistake; it goes through both compilers, with the optimizer and without.
Two entries have none: DataLocationChangeInInternalOverride is refused (SL0522), and VerbatimInvalidDeduplication is
about a built-in of pure Yul that inline assembly does not have.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from compiler import CompileOptions
from tests.compiler.refused import refused
from tests.differential.builds import build_both
from tests.differential.explore import explore

EXHIBITS = sorted((Path(__file__).parent / "museum").glob("*.sol"))


@pytest.mark.parametrize("path", EXHIBITS, ids=lambda p: p.stem)
def test_exhibit(path: Path) -> None:
    for pair in build_both({path.name: path.read_text()}).pairs.values():
        explore(pair, examples=15)


@pytest.mark.parametrize("path", EXHIBITS, ids=lambda p: p.stem)
def test_exhibit_without_the_optimizer(path: Path) -> None:
    options = CompileOptions(optimize=0)
    for pair in build_both({path.name: path.read_text()}, options=options).pairs.values():
        explore(pair, examples=5)


@pytest.mark.parametrize("kind", ["internal", "public"])
def test_data_location_change_in_internal_override(kind: str) -> None:
    text = f"""contract A {{ function f(bytes calldata b) {kind} virtual {{}} }}
      contract B is A {{ function f(bytes memory b) {kind} override {{}} }}"""
    assert refused(text) == ["SL0522"]


def test_verbatim_is_no_function_of_inline_assembly() -> None:
    text = 'contract A { function f() external { assembly { verbatim_0i_0o(hex"00") } } }'
    assert refused(text) == ["SL0808"]
