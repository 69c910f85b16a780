"""A few generated programs each time, always the same ones; `make fuzz` draws others."""

from __future__ import annotations

import os
import random

import pytest

from tests.fuzz.campaign import programs
from tests.fuzz.choices import from_random
from tests.fuzz.contracts import program
from tests.fuzz.parts import every_part, parts
from tests.fuzz.shrink import shrunk
from tests.fuzz.trial import Trial, same_for_all_hashes
from tests.fuzz.types import edges, sint, uint

FIRST = int(os.environ.get("FUZZ_SEED", "2026"))


@pytest.mark.parametrize("seed", range(FIRST, FIRST + 8))
def test_generated_programs_behave_as_with_the_reference(seed: int) -> None:
    failures = Trial(keep=True, sequences=1).batch(list(enumerate(programs(seed), 10 * seed)))
    if failures:
        small = shrunk(failures[0], Trial(full=True), seconds=60)
        pytest.fail(f"seed {seed}: {small.kind}: {small.told}\n{small.text}")


def test_the_same_seed_draws_the_same_programs() -> None:
    first, second = ([p.text() for p in programs(1)] for _ in range(2))
    assert first == second and len(first) > 3


def test_hashes_do_not_reach_the_bytes() -> None:
    made = programs(3)[:3]
    assert same_for_all_hashes({f"p{n}.sol": p.text() for n, p in enumerate(made)})


# What no program has, and why.
NEVER = {
    "Import": "a program is one file; test_imports.py has the others",
    "Binary >>>": "parsed to be refused", "Assign >>>=": "parsed to be refused",
    "Yul clz": "comes with Osaka", "Yul msize": "how much memory is used is each compiler's own affair",
    "member runtimeCode": "code is each compiler's own affair, and of a contract with immutables there is none",
    **dict.fromkeys(("Yul pc", "Yul jump", "Yul jumpi", "Yul jumpdest", "Yul push0"), "refused in assembly"),
}  # fmt: skip


def test_every_part_of_the_language_is_drawn() -> None:
    """Each kind of node, operator, word and built-in that the parser knows is in one of the first thousand."""
    left = every_part()
    for number in range(1_000):
        left -= parts(program(from_random(random.Random(number))).text())
        if left <= NEVER.keys():
            break
    assert left == NEVER.keys()


@pytest.mark.parametrize("small", [True, False])
def test_shapes_that_are_more_than_their_parts_are_drawn(small: bool) -> None:
    drawn = [program(from_random(random.Random(n)), small=small).text() for n in range(400)]
    text = "\n".join(drawn)
    for words in (
        "new Sibling{", "super.family", "override(B, C)", "using L for *", "library X", "X.far", "= kept_pointer;", "= kept_outside",
        ".end();", "selfdestruct(", "internal returns (uint256) p", "{gas: ", ".push() =", "abi.encodeCall(this.", "catch Panic",
        "new Sibling(", "modifier mm", "_;", "own_add", "tload(", "returndatacopy(", "unchecked {", "delete ",
    ):  # fmt: skip
        assert words in text, words


def test_edges_are_values_of_their_type() -> None:
    for bits in (8, 128, 256):
        assert all(0 <= v < 2**bits for v in edges(uint(bits)))
        assert all(-(2 ** (bits - 1)) <= v < 2 ** (bits - 1) for v in edges(sint(bits)))
