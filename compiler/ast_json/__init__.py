"""The syntax tree as JSON in solc's compact form, which analysers, debuggers and editors read."""

from __future__ import annotations

from compiler.ast_json.nodes import Build, Json
from compiler.ast_json.program import Program
from compiler.ast_json.units import UnitWriter
from compiler.options import CompileOptions
from compiler.semantics.symbols import UnitSymbol
from compiler.source import SourceSet


def source_units(
    units: list[UnitSymbol], sources: SourceSet, options: CompileOptions
) -> dict[str, Json]:
    """The tree of each file of a checked build, by path. Numbers are unique within the build."""
    build = Build(Program(units, sources, options))
    return {unit.name: UnitWriter(build, unit).source_unit() for unit in units}
