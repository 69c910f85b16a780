"""Built contracts for tests, once per session and builder."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

from harness.diamond.artifacts import ContractArtifact
from harness.diamond.build import (
    BUILDER_VARIABLE,
    DEFAULT_BUILDER,
    build_contracts,
    build_sources,
    read_with_imports,
)

ROOT = Path(__file__).resolve().parents[2]
BUILDER = os.environ.get(BUILDER_VARIABLE, DEFAULT_BUILDER)


@cache
def built(path: str) -> dict[str, ContractArtifact]:
    """The artifacts of one file and what it imports; the path is relative to the project."""
    return build_sources(read_with_imports(ROOT, path), BUILDER)


def artifact(path: str) -> ContractArtifact:
    """The contract named like its file."""
    return built(path)[Path(path).stem]


@cache
def everything() -> dict[str, ContractArtifact]:
    """All artifacts of contracts/ without the mocks."""
    return build_contracts(ROOT, BUILDER)
