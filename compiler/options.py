"""What a compilation is asked to do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from compiler.evm.opcodes import DEFAULT_EVM_VERSION, EVM_VERSIONS

GOALS = ("gas", "size", "balanced")
REVERT_STRINGS = ("default", "strip", "debug")
OPTIMIZER_LEVELS = (0, 1, 2, 3)
DEFAULT_LEVEL = 2


class Metadata(NamedTuple):
    """What is said about a build in its metadata, and whether the code ends in a CBOR trailer that names it.

    `append` True or False holds for every contract; None, solc's default, for all but facets. `bytecode_hash` is
    "ipfs", "bzzr1" or "none". `runs` and `via_ir` are repeated as they were asked for; they change no code."""

    append: bool | None = False
    bytecode_hash: str = "ipfs"
    literal_sources: bool = False
    runs: int = 200
    via_ir: bool = False

    def appended_to(self, facet: bool) -> bool:
        """Whether a contract's code ends in the trailer."""
        return not facet if self.append is None else self.append


class CompileOptions:
    """Settings of one build; the same sources and options always give the same bytes.

    `evm_version` is the oldest EVM the code must run on. `arithmetic` ("checked" or "wrapping")
    overrides what the pragmas say. `optimize` is the level, 0 to 3 (`passes/order.py`); `optimize_for` says what counts where gas and
    size of the code pull apart: "gas", "size" or "balanced". `revert_strings` "strip" drops
    the texts of `require` and `revert`, "debug" adds texts where the language itself reverts without data.
    `allowed_roots` are the folders imports may be read from. `after` stops the optimizer behind a pass, for looking
    at what it did. `libraries` maps "path:Name" to a 20-byte address. `metadata` says what is told about the build,
    and whether in the code. `traceable` code is larger: each check that fails reverts in the line it stands
    in, where otherwise the code that reverts is shared. `marks_data` puts an invalid instruction between code and
    data, where tools that take solc's code apart look for it.
    `time_limit` in seconds and `memory_limit` in MiB refuse a program that takes more (SL4005, SL4006); they have no
    part in what is made. `timing` is a `compiler.timing.Timing` that is told how long everything takes."""

    __slots__ = (
        "after", "allowed_roots", "arithmetic", "base_path", "evm_version", "include_paths", "libraries",
        "marks_data", "memory_limit", "metadata", "optimize", "optimize_for", "remappings", "revert_strings",
        "time_limit", "timing", "traceable", "verify_each",
    )  # fmt: skip

    def __init__(
        self,
        *,
        evm_version: str = DEFAULT_EVM_VERSION,
        optimize: int = DEFAULT_LEVEL,
        optimize_for: str = "gas",
        arithmetic: str | None = None,
        revert_strings: str = "default",
        remappings: tuple[str, ...] = (),
        include_paths: tuple[str, ...] = (),
        base_path: str = ".",
        allowed_roots: tuple[str, ...] = (),
        verify_each: bool = False,
        after: str | None = None,
        libraries: Mapping[str, bytes] | None = None,
        metadata: Metadata | None = None,
        traceable: bool = False,
        marks_data: bool = False,
        time_limit: float | None = None,
        memory_limit: float | None = None,
        timing: Any = None,
    ) -> None:
        if evm_version not in EVM_VERSIONS:
            raise ValueError(
                f"unknown EVM version {evm_version!r}; known: {', '.join(EVM_VERSIONS)}"
            )
        if arithmetic not in (None, "checked", "wrapping"):
            raise ValueError("arithmetic is 'checked' or 'wrapping'")
        if revert_strings not in REVERT_STRINGS:
            raise ValueError(f"revert_strings is one of: {', '.join(REVERT_STRINGS)}")
        if optimize not in OPTIMIZER_LEVELS:
            raise ValueError("optimize is 0, 1, 2 or 3")
        self.evm_version = evm_version
        if optimize_for not in GOALS:
            raise ValueError(f"optimize_for is one of: {', '.join(GOALS)}")
        self.optimize = optimize
        self.optimize_for = optimize_for
        self.arithmetic = arithmetic
        self.revert_strings = revert_strings
        self.remappings = remappings
        self.include_paths = include_paths
        self.base_path = base_path
        self.allowed_roots = allowed_roots
        self.verify_each = verify_each
        self.after = after
        self.libraries = dict(libraries or {})
        self.metadata = metadata or Metadata()
        self.traceable = traceable
        self.marks_data = marks_data
        self.time_limit = time_limit
        self.memory_limit = memory_limit
        self.timing = timing
