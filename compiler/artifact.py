"""What comes out of a compilation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from compiler.diagnostics.errors import Diagnostic
from compiler.linking import Linkable
from compiler.source import SourceSet


class CompiledContract:
    """One contract: `creation` makes it, `deployed` is what then stands on chain; `bytecode` and
    `runtime` are their bytes.

    `selectors` maps signatures to four-byte hex selectors; `source_map` and `runtime_source_map`
    list (offset, pos, end) per instruction, `jumps` and `runtime_jumps` say which jumps call or return. What has to
    be asked for is empty otherwise: `userdoc`, `devdoc`, `metadata`, `gas_estimates`, `functions` and `texts`."""

    __slots__ = (
        "abi", "creation", "deployed", "devdoc", "full_name", "functions", "gas_estimates", "immutable_references",
        "jumps", "kind", "metadata", "name", "path", "runtime_functions", "runtime_jumps", "runtime_source_map",
        "selectors", "source_map", "storage_layout", "texts", "transient_layout", "userdoc",
    )  # fmt: skip

    def __init__(self, path: str, name: str, kind: str) -> None:
        self.path = path
        self.name = name
        self.kind = kind
        self.full_name = f"{path}:{name}"
        self.abi: list[dict[str, Any]] = []
        self.creation = Linkable()
        self.deployed = Linkable()
        self.selectors: dict[str, str] = {}
        self.storage_layout: dict[str, Any] = {}
        self.transient_layout: dict[str, Any] = {}
        self.source_map: Sequence[tuple[int, int, int]] = []
        self.runtime_source_map: Sequence[tuple[int, int, int]] = []
        self.jumps: dict[int, str] = {}
        self.runtime_jumps: dict[int, str] = {}
        self.immutable_references: dict[str, list[int]] = {}
        self.userdoc: dict[str, Any] = {}
        self.devdoc: dict[str, Any] = {}
        self.metadata = ""  # JSON text
        self.gas_estimates: dict[str, Any] = {}
        self.functions: dict[str, dict[str, Any]] = {}  # where each starts, in the creation code
        self.runtime_functions: dict[str, dict[str, Any]] = {}
        self.texts: dict[str, str] = {}  # printed stages, where they were asked for

    @property
    def bytecode(self) -> bytes:
        """The creation code; raises UnlinkedCode while a library's address is missing."""
        return self.creation.whole()

    @property
    def runtime(self) -> bytes:
        """The code on chain; raises UnlinkedCode while a library's address is missing."""
        return self.deployed.whole()


class Compilation:
    """The result of a build: contracts by "path:Name", warnings, and the sources they point into.

    `trees` are the files' ASTs in solc's compact JSON form by path, where they were asked for."""

    __slots__ = ("contracts", "diagnostics", "sources", "trees")

    def __init__(
        self,
        contracts: dict[str, CompiledContract],
        diagnostics: list[Diagnostic],
        sources: SourceSet,
        trees: dict[str, dict[str, Any]] | None = None,
    ) -> None:
        self.contracts = contracts
        self.diagnostics = diagnostics
        self.sources = sources
        self.trees = trees or {}

    def contract(self, name: str) -> CompiledContract:
        """The contract of that name; raises KeyError if there is none or more than one."""
        found = [c for c in self.contracts.values() if name in (c.name, c.full_name)]
        if len(found) != 1:
            raise KeyError(f"{len(found)} contracts named {name}")
        return found[0]
