"""Each mistake still has a place in the compiler, and stays Python."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.mutation.compiler.campaign import ROOT, stages
from tests.mutation.compiler.seeds import SEEDS, Seed

CORPUS = {path.stem for path in (ROOT / "tests/differential/corpus").glob("*.sol")}


def test_there_are_enough_and_none_twice() -> None:
    assert len(SEEDS) >= 40
    assert len({(s.file, s.old) for s in SEEDS}) == len({s.why for s in SEEDS}) == len(SEEDS)


@pytest.mark.parametrize("seed", SEEDS, ids=lambda s: s.why)
def test_it_applies(seed: Seed) -> None:
    text = (ROOT / "compiler" / seed.file).read_text()
    assert text.count(seed.old) == 1
    assert seed.new != seed.old
    changed = text.replace(seed.old, seed.new)
    assert ast.dump(ast.parse(changed)) != ast.dump(ast.parse(text))
    assert set(seed.near.split(" or ")) <= CORPUS


def test_the_tests_named_exist() -> None:
    for stage in stages(SEEDS[0]):
        for word in stage:
            assert not word.startswith("tests/") or Path(ROOT, word).exists(), word
