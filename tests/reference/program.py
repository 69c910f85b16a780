"""The typed program an interpretation is about, and the code of its contracts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from compiler import CompileOptions
from compiler.diagnostics.errors import Reporter
from compiler.imports import SourceLoader, load_all
from compiler.recursion import deep_recursion
from compiler.semantics.analyze import analyze
from compiler.semantics.lite import check_lite
from compiler.semantics.symbols import ContractSymbol, FunctionSymbol, UnitSymbol
from compiler.source import SourceSet


class Program:
    """Checked units. `codes` has the bytes that programs may ask for: creation and runtime code by `path:Name`."""

    def __init__(self, units: list[UnitSymbol], codes: Mapping[str, tuple[bytes, bytes]]) -> None:
        self.contracts = {c.full_name: c for unit in units for c in unit.contracts}
        self.codes = codes
        self.libraries: dict[ContractSymbol, bytes] = {}
        self._pointers: list[FunctionSymbol] = []

    def number(self, function: FunctionSymbol) -> int:
        """What stands for an internal function as a value. Not the number that our code has for it."""
        if function not in self._pointers:
            self._pointers.append(function)
        return self._pointers.index(function) + 1

    def pointed(self, number: int) -> FunctionSymbol | None:
        return self._pointers[number - 1] if 0 < number <= len(self._pointers) else None


def read_program(
    sources: Mapping[str, str],
    codes: Mapping[str, tuple[bytes, bytes]] | None = None,
    **options: Any,
) -> Program:
    """Parse and check texts by path, and what they import. Raises CompileError."""
    settings = CompileOptions(**options)
    files = SourceSet()
    reporter = Reporter(files)
    loader = SourceLoader(sources, settings)
    with deep_recursion(reporter):
        trees, links = load_all(list(sources), loader, files, reporter, check_lite)
        units = analyze(trees, links, reporter, settings.evm_version, settings.arithmetic)
    return Program(units, codes or {})
