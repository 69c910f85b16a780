"""All of contracts/ compiled once per session: {name: Artifact}.

Two builders stand behind one function: `facetworks`, the product's compiler, and `solc`, the
reference. FACETWORKS_BUILDER chooses; every test here must pass with either.
"""

from __future__ import annotations

import functools
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ROOT / "contracts"
DEFAULT_BUILDER = "facetworks"

_IMPORT = re.compile(r'^import\s[^;]*?"(?P<path>\.[^"]+)"\s*;', re.MULTILINE)
_CONTRACT = re.compile(r"^contract\s+\w+", re.MULTILINE)


class Artifact(NamedTuple):
    """One deployable contract."""

    name: str
    path: str
    abi: list[dict[str, Any]]
    init_code: bytes
    runtime: bytes


def read_sources() -> dict[str, str]:
    """Every Solidity file under contracts/, by its path from the repository root."""
    files = sorted(SOURCES.rglob("*.sol"))
    return {str(file.relative_to(ROOT)): file.read_text() for file in files}


def chosen_builder() -> str:
    """The builder this run uses: FACETWORKS_BUILDER, or the default."""
    return os.environ.get("FACETWORKS_BUILDER", DEFAULT_BUILDER)


@functools.cache
def build(builder: str | None = None) -> Mapping[str, Artifact]:
    """Compile everything; interfaces and libraries without code of their own are left out."""
    builder = builder or chosen_builder()
    if builder == "solc":
        return _build_with_solc(read_sources())
    if builder == "facetworks":
        return _build_with_facetworks(read_sources())
    raise ValueError(f"unknown builder {builder!r}; choose solc or facetworks")


def closure(path: str, sources: Mapping[str, str]) -> dict[str, str]:
    """`path` and everything it imports, directly or not."""
    reached: dict[str, str] = {}
    waiting = [path]
    while waiting:
        current = waiting.pop()
        if current in reached:
            continue
        reached[current] = sources[current]
        folder = (ROOT / current).parent
        for found in _IMPORT.finditer(sources[current]):
            imported = (folder / found["path"]).resolve()
            waiting.append(str(imported.relative_to(ROOT)))
    return reached


def _build_with_solc(sources: Mapping[str, str]) -> dict[str, Artifact]:
    # One request per file that defines a contract: an edit recompiles what it reaches, no more.
    from tests.oracle.solc import compile_sources

    artifacts: dict[str, Artifact] = {}
    for path, text in sources.items():
        if not _CONTRACT.search(text):
            continue
        outputs = ["abi", "evm.bytecode.object", "evm.deployedBytecode.object"]
        compiled = compile_sources(closure(path, sources), outputs=outputs)
        for key, output in compiled.items():
            source, _, name = key.rpartition(":")
            runtime = bytes.fromhex(output["evm"]["deployedBytecode"]["object"])
            if source != path or not runtime:
                continue
            init_code = bytes.fromhex(output["evm"]["bytecode"]["object"])
            artifacts[name] = Artifact(name, path, output["abi"], init_code, runtime)
    return artifacts


def _build_with_facetworks(sources: Mapping[str, str]) -> dict[str, Artifact]:
    import compiler

    folder = os.environ.get("FACETWORKS_BUILD_CACHE") or None
    compiled = compiler.compile_sources(  # type: ignore[attr-defined]
        dict(sources), cache=folder, jobs=os.cpu_count() or 1
    )
    artifacts: dict[str, Artifact] = {}
    for key, contract in compiled.contracts.items():
        path, _, name = key.rpartition(":")
        if contract.runtime and _CONTRACT.search(sources[path]):
            artifacts[name] = Artifact(
                name, path, contract.abi, contract.bytecode, contract.runtime
            )
    return artifacts
