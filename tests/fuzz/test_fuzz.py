"""A few generated programs each time, always the same ones; `make fuzz` draws others."""

from __future__ import annotations

import os
import random

import pytest

from tests.fuzz.campaign import programs
from tests.fuzz.choices import from_random
from tests.fuzz.contracts import program
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


def test_every_part_of_the_language_is_drawn() -> None:
    text = "\n".join(program(from_random(random.Random(n))).text() for n in range(300))
    for word in (
        "unchecked", "assembly", "try ", "catch Error", "catch Panic", "new Sibling{", "salt:", "super.family", "transient",
        "modifier", "delete ", ".push(", ".pop(", "abi.decode", "abi.encodePacked", "abi.encodeCall", ".delegatecall(", " indexed",
        "anonymous", "revert Er", "immutable", "constant", "calldata", " storage ", "receive()", "fallback(", "using L for", "tstore(",
        "using {own_add", "continue", "break", "sha256(", "type Own", "enum E", "struct S", "do {", "internal returns (uint256) p",
    ):  # fmt: skip
        assert word in text, word


def test_edges_are_values_of_their_type() -> None:
    for bits in (8, 128, 256):
        assert all(0 <= v < 2**bits for v in edges(uint(bits)))
        assert all(-(2 ** (bits - 1)) <= v < 2 ** (bits - 1) for v in edges(sint(bits)))
