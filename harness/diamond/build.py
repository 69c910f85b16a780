"""Sources -> artifacts, by our own compiler or by the reference one.

Both builders answer the same question, so everything downstream can run on either:
`FACETWORKS_BUILDER=solc` chooses the reference compiler, which needs the npm package and the test
tree; the default is ours. `FACETWORKS_BUILD_CACHE` names a folder where builds of ours are kept, so that the next
process finds them; a build is used again only if no source, option or line of the compiler has changed.
"""

from __future__ import annotations

import importlib
import os
import posixpath
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from harness.diamond.artifacts import ContractArtifact
from harness.errors import BuildFailed, ConfigError

DEFAULT_BUILDER = "facetworks"
BUILDER_VARIABLE = "FACETWORKS_BUILDER"
CACHE_VARIABLE = "FACETWORKS_BUILD_CACHE"
CONTRACTS = "contracts"
MOCKS = "mocks"

_IMPORT = re.compile(r"""^\s*(?:import|\}\s*from)[^;"']*["']([^"']+)["']""", re.MULTILINE)

Sources = Mapping[str, str]
Output = Iterable[tuple[str, Any, bytes, bytes]]


def build_contracts(
    root: Path, builder: str | None = None, *, with_mocks: bool = False
) -> dict[str, ContractArtifact]:
    """Compile `root`/contracts; artifacts by contract name.

    Raises BuildFailed with the compiler's messages, ConfigError for an unknown builder.
    """
    return build_sources(read_sources(root, with_mocks=with_mocks), builder)


def builder_name(builder: str | None = None) -> str:
    """The builder to use: the given one, else the environment's, else ours; ConfigError if unknown."""
    chosen = builder or os.environ.get(BUILDER_VARIABLE) or DEFAULT_BUILDER
    if chosen not in _BUILDERS:
        raise ConfigError(f"unknown builder {chosen!r}; choose one of {', '.join(_BUILDERS)}")
    return chosen


def read_sources(root: Path, *, with_mocks: bool = False) -> dict[str, str]:
    """All Solidity files below `root`/contracts by path relative to `root`."""
    folder = root / CONTRACTS
    found = {
        path.relative_to(root).as_posix(): path.read_text("utf-8")
        for path in sorted(folder.rglob("*.sol"))
        if with_mocks or MOCKS not in path.relative_to(folder).parts
    }
    if not found:
        raise ConfigError(f"no Solidity sources below {folder}")
    return found


def read_with_imports(root: Path, *entries: str) -> dict[str, str]:
    """These files (paths relative to `root`) and everything they import by relative path."""
    found: dict[str, str] = {}
    waiting = list(entries)
    while waiting:
        path = waiting.pop()
        if path in found:
            continue
        try:
            found[path] = (root / path).read_text("utf-8")
        except OSError as reason:
            raise ConfigError(f"cannot read {path}: {reason.strerror}") from None
        folder = posixpath.dirname(path)
        waiting += [
            posixpath.normpath(posixpath.join(folder, target))
            for target in _IMPORT.findall(found[path])
        ]
    return found


def build_sources(sources: Sources, builder: str | None = None) -> dict[str, ContractArtifact]:
    """Compile these files together; artifacts by contract name."""
    chosen = builder_name(builder)
    artifacts: dict[str, ContractArtifact] = {}
    for qualified, abi, bytecode, runtime in _BUILDERS[chosen](sources):
        path, _, name = qualified.rpartition(":")
        if name in artifacts:
            raise BuildFailed(f"{name} is declared in {artifacts[name].source_path} and in {path}")
        artifacts[name] = ContractArtifact(name, path, abi, bytecode, runtime)
    return artifacts


def _build_with_facetworks(sources: Sources) -> Output:
    try:
        compiler = importlib.import_module("compiler")
        failure = compiler.CompileError
    except (ImportError, AttributeError) as reason:
        raise BuildFailed(
            f"our compiler cannot be used ({reason}); {BUILDER_VARIABLE}=solc chooses the other"
        ) from None
    folder = os.environ.get(CACHE_VARIABLE) or None
    try:
        result = compiler.compile_sources(dict(sources), cache=folder, jobs=os.cpu_count() or 1)
    except failure as reason:
        raise BuildFailed(str(reason)) from None
    except OSError as reason:
        raise ConfigError(
            f"cannot keep builds in {folder!r} ({reason}); unset {CACHE_VARIABLE} or name another folder"
        ) from None
    for qualified, contract in result.contracts.items():
        yield qualified, contract.abi, contract.bytecode, contract.runtime


def _build_with_solc(sources: Sources) -> Output:
    # By name, not by import: nothing but this developer's choice may depend on the test tree.
    try:
        oracle = importlib.import_module("tests.oracle.solc")
    except ImportError as reason:
        raise BuildFailed(f"the reference compiler needs the test tree: {reason}") from None
    if not oracle.available():
        raise BuildFailed("the reference compiler needs node and the npm package solc; run npm ci")
    try:
        result = oracle.compile_sources(sources)
    except oracle.SolcError as reason:
        raise BuildFailed(str(reason)) from None
    for qualified, contract in result.items():
        evm = contract["evm"]
        yield (
            qualified,
            contract["abi"],
            bytes.fromhex(evm["bytecode"]["object"]),
            bytes.fromhex(evm["deployedBytecode"]["object"]),
        )


_BUILDERS: dict[str, Callable[[Sources], Output]] = {
    "facetworks": _build_with_facetworks,
    "solc": _build_with_solc,
}
