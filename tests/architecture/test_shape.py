"""Small files, a sentence at the top of each, nothing for leftovers, nothing that names a place."""

from __future__ import annotations

import ast
import re

from tests.architecture.tree import ROOT, files, modules, name_of

MOST_LINES = 600
MOST_MEDIAN = 150
LEFTOVERS = {"utils", "util", "helpers", "misc", "common", "lib"}

# What would tie the repository to one machine or one package index.
PLACES = re.compile(
    r"registry\.(npmjs|yarnpkg)|files\.pythonhosted|pypi\.(org|python)|/home/(?!keeper)\w+/|/(root|work)/\w",
    re.IGNORECASE,
)


def test_no_source_file_is_large() -> None:
    lengths = {p: len(p.read_text().splitlines()) for p in files(".py", ".sol", ".mjs", ".js")}
    largest = sorted(lengths, key=lambda p: lengths[p])[-3:]
    told = ", ".join(f"{name_of(p)} {lengths[p]}" for p in largest)
    ordered = sorted(n for n in lengths.values() if n)
    median = ordered[len(ordered) // 2]
    print(f"{len(lengths)} source files, median {median} lines; largest: {told}")
    assert lengths[largest[-1]] <= MOST_LINES, told
    assert median <= MOST_MEDIAN


def test_no_room_is_for_leftovers() -> None:
    for path in files(".py", ".sol"):
        parts = {part.removesuffix(path.suffix).lower() for part in path.relative_to(ROOT).parts}
        assert not parts & LEFTOVERS, name_of(path)


def test_every_module_says_what_it_is_for() -> None:
    for path in modules():
        if path.read_text().strip():
            assert ast.get_docstring(ast.parse(path.read_text())), name_of(path)


def test_every_contract_states_licence_and_version() -> None:
    for path in files(".sol"):
        if not name_of(path).startswith("contracts/"):
            continue
        first, second = path.read_text().splitlines()[:2]
        assert first == "// SPDX-License-Identifier: MIT", name_of(path)
        assert second.startswith("pragma solidity ^0.8."), name_of(path)


def test_nothing_names_a_machine_or_an_index() -> None:
    for path in files():
        if path == ROOT / "tests/architecture/test_shape.py":
            continue
        found = PLACES.search(path.read_bytes().decode(errors="ignore"))
        assert not found, f"{name_of(path)}: {found and found.group()}"
