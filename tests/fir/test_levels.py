"""Generated programs and some of the corpus: every stage at every level does as FIR was lowered.

Always the same programs; `FIR_PROGRAMS` says how many.
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from compiler import CompileError
from tests.fir.levels import Counts, Levels
from tests.fuzz.choices import from_random
from tests.fuzz.contracts import program

CORPUS = Path(__file__).resolve().parents[1] / "differential" / "corpus"
PROGRAMS = int(os.environ.get("FIR_PROGRAMS", "16"))
LONGEST = 2_600  # characters: larger programs take longer and do no other things
CHOSEN = (
    "decisions.sol:Caller",
    "order.sol:Packed",
    "payable.sol",
    "deep_stack.sol",
    "operators.sol",
)


@pytest.fixture(scope="module")
def counts() -> Iterator[Counts]:
    counted = Counts()
    yield counted
    print(f"\n{counted}")


def small_programs() -> Iterator[str]:
    for number in range(10_000):
        made = program(from_random(random.Random(number)), small=number % 4 != 0)
        if not made.linked and len(made.text()) <= LONGEST:
            yield made.text()


def test_generated_programs_do_the_same_at_every_stage(counts: Counts) -> None:
    made = small_programs()
    tried = 0
    while tried < PROGRAMS:
        text = next(made)
        try:
            levels = Levels({"p.sol": text}, counts)
        except CompileError:
            continue
        tried += 1
        found = levels.differences("p.sol:Main", tried, 1, 8)
        assert not found, f"{text}\n{found[0].told()}"
    assert counts.stages > 10 * tried and counts.reverted < counts.messages
    assert counts.limited < 3


@pytest.mark.parametrize("name", CHOSEN)
def test_the_corpus_does_the_same_at_every_stage(name: str, counts: Counts) -> None:
    file, _, only = name.partition(":")
    levels = Levels({file: (CORPUS / file).read_text()}, counts)
    for full_name, contract in levels.builds[0].contracts.items():
        if contract.creation.code and full_name.endswith(only):
            found = levels.differences(full_name, 1, 1, 10)
            assert not found, found[0].told()
