"""Every file of OpenZeppelin Contracts and Solady compiles; contracts made of them behave as with solc."""

from __future__ import annotations

from pathlib import Path

import pytest

from compiler import compile_files
from tests.differential.explore import explore
from tests.packages.sources import PACKAGES, build, files, options, sample, scenarios


@pytest.mark.parametrize("package", PACKAGES)
def test_every_file_compiles(package: str) -> None:
    found = files(package)
    assert len(found) > 100
    compile_files(found, options())


@pytest.mark.parametrize("scenario", sample(), ids=lambda p: f"{p.parent.name}-{p.stem}")
def test_behaves_as_with_solc(scenario: Path) -> None:
    for pair in build(scenario):
        explore(pair)


def test_there_are_enough_scenarios() -> None:
    by_package = {name: sum(p.parent.name == name for p in scenarios()) for name in PACKAGES}
    assert by_package["openzeppelin"] >= 20
    assert by_package["solady"] >= 10
