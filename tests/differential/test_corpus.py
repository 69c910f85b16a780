"""Every language feature: the corpus through both compilers, in both of the reference's pipelines."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.differential.builds import Build, build_both
from tests.differential.explore import explore

CORPUS = sorted((Path(__file__).parent / "corpus").glob("*.sol"))
# The legacy pipeline keeps places in the code where the newer one and ours keep numbers of functions.
STORED_FUNCTIONS = {"stored_functions.sol"}
OURS_ONLY = {"deep_stack.sol"}  # the reference compiler answers "stack too deep"
IR_ONLY = {"ir_order.sol"}  # where the reference's two pipelines differ, ours does as the newer one
COMPARED = [p for p in CORPUS if p.name not in OURS_ONLY]


@pytest.fixture(scope="module", params=COMPARED, ids=lambda p: p.stem)
def build(request: pytest.FixtureRequest) -> Build:
    return build_both({request.param.name: request.param.read_text()})


def test_behaviour_equals_the_optimized_ir_pipeline(build: Build) -> None:
    for pair in build.pairs.values():
        explore(pair)


def test_abi_selectors_and_layout_are_equal(build: Build) -> None:
    for name, theirs in build.theirs.items():
        ours = build.ours.contracts[name]
        assert ours.abi == theirs["abi"], name
        assert ours.selectors == theirs["evm"]["methodIdentifiers"], name
        assert places(ours.storage_layout) == places(theirs["storageLayout"]), name


@pytest.mark.parametrize(
    "path",
    [p for p in COMPARED if p.name not in IR_ONLY | STORED_FUNCTIONS],
    ids=lambda p: p.stem,
)
def test_behaviour_equals_the_legacy_pipeline(path: Path) -> None:
    for pair in build_both({path.name: path.read_text()}, via_ir=False).pairs.values():
        explore(pair, examples=4)


@pytest.mark.parametrize("level", [0, 1, 3])
@pytest.mark.parametrize("path", COMPARED, ids=lambda p: p.stem)
def test_behaviour_is_the_same_at_every_other_level(path: Path, level: int) -> None:
    from compiler import CompileOptions

    options = CompileOptions(optimize=level, verify_each=True)
    for pair in build_both({path.name: path.read_text()}, options=options).pairs.values():
        explore(pair, examples=2)


def places(layout: dict) -> list[tuple[str, str, int, str]]:
    """Label, slot, offset and type label of every variable, struct members included."""
    types = layout["types"] or {}

    def rows(entries: list[dict], prefix: str) -> list[tuple[str, str, int, str]]:
        found = []
        for entry in entries:
            type_ = types[entry["type"]]
            label = prefix + entry["label"]
            found.append((label, entry["slot"], entry["offset"], type_["label"]))
            assert type_["numberOfBytes"].isdigit()
            if not prefix.count(".") > 3:
                found += rows(type_.get("members", []), label + ".")
        return found

    return rows(layout["storage"], "")
