"""Each mistake still has a place in the compiler, and stays Python."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.mutation.compiler.campaign import NEAR, ROOT, stages
from tests.mutation.compiler.seeds import SEEDS, Seed

CORPUS = {path.stem for path in (ROOT / "tests/differential/corpus").glob("*.sol")}


def test_there_are_enough_and_none_twice() -> None:
    assert len(SEEDS) >= 100
    assert len({(s.file, s.old, s.new) for s in SEEDS}) == len({s.why for s in SEEDS}) == len(SEEDS)


@pytest.mark.parametrize("seed", SEEDS, ids=lambda s: s.why)
def test_it_applies(seed: Seed) -> None:
    text = (ROOT / "compiler" / seed.file).read_text()
    assert text.count(seed.old) == 1
    assert seed.new != seed.old
    changed = text.replace(seed.old, seed.new)
    assert ast.dump(ast.parse(changed)) != ast.dump(ast.parse(text))
    assert set(seed.near.split(" or ")) <= CORPUS | NEAR.keys()


def test_the_tests_named_exist() -> None:
    for stage in stages(SEEDS[0]):
        for word in stage:
            assert not word.startswith("tests/") or Path(ROOT, word).exists(), word


def test_a_mistake_is_noticed() -> None:
    """One of them, from beginning to end."""
    seed = next(s for s in SEEDS if s.why == "the smallest number divided by -1 does not panic")
    assert "test_edges" in _first_failure_of(seed)


def _first_failure_of(seed: Seed) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "tests.mutation.compiler", "--only", seed.why, "--stages", "2"],
        cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 of 1 mistakes noticed (100.0 %)" in done.stdout
    return done.stdout
