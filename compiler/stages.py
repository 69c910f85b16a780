"""Printing the stages before code: tokens, syntax tree, typed program, twin."""

from __future__ import annotations

from compiler.diagnostics.errors import CompileError, Reporter
from compiler.imports import SourceLoader, load_all
from compiler.options import CompileOptions
from compiler.semantics.lite import check_lite
from compiler.source import SourceSet


def print_stage(stage: str, files: list[str], options: CompileOptions) -> str:
    """The text of one stage for the named files. Raises CompileError."""
    sources = SourceSet()
    reporter = Reporter(sources)
    if stage == "tokens":
        return "".join(_tokens(name, options, sources, reporter) for name in files)
    trees, links = load_all(files, SourceLoader({}, options), sources, reporter, check_lite)
    if stage == "ast":
        from compiler.syntax.dump import dump_tree

        return "".join(dump_tree(trees[name], sources.by_path[name]) for name in files)
    from compiler.semantics.analyze import analyze

    units = analyze(trees, links, reporter, options.evm_version, options.arithmetic)
    chosen = [u for u in units if u.name in files]
    if stage == "typed":
        from compiler.semantics.dump import dump_unit

        return "".join(dump_unit(unit, sources) for unit in chosen)
    from compiler.twin import twin

    return "".join(twin(unit, sources.by_path[unit.name]) for unit in chosen)


def _tokens(name: str, options: CompileOptions, sources: SourceSet, reporter: Reporter) -> str:
    from compiler.syntax.dump import dump_tokens
    from compiler.syntax.lexer import tokenize

    text = SourceLoader({}, options).load(name)
    if text is None:
        reporter.report("SL0212", None, f"source file `{name}` not found")
        raise CompileError(reporter.in_order(), sources)
    tokens = tokenize(sources.add(name, text), reporter)
    reporter.stop_on_errors()
    return dump_tokens(tokens)
