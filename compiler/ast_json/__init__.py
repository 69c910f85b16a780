"""The syntax tree as JSON in solc's compact form, which analysers, debuggers and editors read."""

from __future__ import annotations

from compiler.ast_json.nodes import Build, Json, TooDeep
from compiler.ast_json.program import Program
from compiler.ast_json.units import UnitWriter
from compiler.diagnostics.errors import CompileError, Reporter
from compiler.options import CompileOptions
from compiler.semantics.symbols import UnitSymbol
from compiler.source import SourceSet


def source_units(
    units: list[UnitSymbol], sources: SourceSet, options: CompileOptions, reporter: Reporter
) -> dict[str, Json]:
    """The tree of each file of a checked build, by path. Numbers are unique within the build.

    Raises CompileError (SL4001) where an expression is nested more deeply than readers of JSON take."""
    build = Build(Program(units, sources, options))
    try:
        return {unit.name: UnitWriter(build, unit).source_unit() for unit in units}
    except TooDeep as problem:
        reporter.report(
            "SL4001", problem.span, "this is nested too deeply for an AST in JSON",
            hint="split it, or ask for other outputs only",
        )  # fmt: skip
        raise CompileError(reporter.in_order(), sources) from None
