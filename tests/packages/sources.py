"""Sources from installed npm packages, and the scenarios here that use them."""

from __future__ import annotations

import datetime
import os
from pathlib import Path

from compiler import CompileOptions, compile_sources
from tests.differential.builds import Pair, pair_of
from tests.oracle import solc

ROOT = Path(__file__).resolve().parents[2]
MODULES = ROOT / "node_modules"
HERE = Path(__file__).parent
PACKAGES = {"openzeppelin": "@openzeppelin/contracts", "solady": "solady/src"}

# `make test` takes this many scenarios, others each day; `make test-full` takes all.
SAMPLE = 3


def options() -> CompileOptions:
    return CompileOptions(base_path=str(MODULES), allowed_roots=(str(MODULES), str(HERE)))


def files(package: str) -> list[str]:
    """All sources of a package."""
    return sorted(str(path) for path in (MODULES / PACKAGES[package]).rglob("*.sol"))


def scenarios() -> list[Path]:
    return sorted(HERE.glob("*/*.sol"))


def sample() -> list[Path]:
    """The scenarios of this day."""
    found = scenarios()
    if os.environ.get("ALL_SCENARIOS"):
        return found
    first = datetime.date.today().toordinal() * SAMPLE
    return [found[(first + number) % len(found)] for number in range(SAMPLE)]


def build(scenario: Path, *, via_ir: bool = True, runs: int = 200) -> list[Pair]:
    """The contracts of a scenario through both compilers."""
    ours = compile_sources({scenario.name: scenario.read_text()}, options())
    texts = {path: file.text for path, file in ours.sources.by_path.items()}
    theirs = solc.compile_sources(texts, via_ir=via_ir, runs=runs)
    return [pair_of(name, made, theirs[name]) for name, made in ours.contracts.items()]
