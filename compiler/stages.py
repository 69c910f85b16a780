"""Printing the stages before code: tokens, syntax tree, typed program, tree as JSON, twin."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from compiler.diagnostics.errors import CompileError, Reporter
from compiler.imports import SourceLoader, encoding_hint, load_all
from compiler.options import CompileOptions
from compiler.recursion import deep_recursion
from compiler.semantics.lite import check_lite
from compiler.source import SourceSet


def print_stage(stage: str, files: list[str], options: CompileOptions) -> str:
    """The text of one stage for the named files. Raises CompileError."""
    return _print(stage, files, SourceLoader({}, options), options)


def print_texts(stage: str, sources: Mapping[str, str], options: CompileOptions) -> str:
    """The same for texts by path."""
    return _print(stage, list(sources), SourceLoader(sources, options), options)


def json_trees(
    sources: Mapping[str, str], options: CompileOptions | None = None
) -> dict[str, dict[str, Any]]:
    """The trees of texts by path, and of what they import, in solc's compact JSON form. Raises CompileError."""
    from compiler.ast_json import source_units
    from compiler.semantics.analyze import analyze

    options = options or CompileOptions()
    files = SourceSet()
    reporter = Reporter(files)
    loader = SourceLoader(sources, options)
    with deep_recursion(reporter):
        trees, links = load_all(list(sources), loader, files, reporter, check_lite)
        units = analyze(trees, links, reporter, options.evm_version, options.arithmetic)
        return source_units(units, files, options, reporter)


def _print(stage: str, names: list[str], loader: SourceLoader, options: CompileOptions) -> str:
    sources = SourceSet()
    reporter = Reporter(sources)
    if stage == "tokens":
        return "".join(_tokens(name, loader, sources, reporter) for name in names)
    with deep_recursion(reporter):
        return _tree(stage, names, loader, options, sources, reporter)


def _tree(
    stage: str,
    names: list[str],
    loader: SourceLoader,
    options: CompileOptions,
    sources: SourceSet,
    reporter: Reporter,
) -> str:
    """What the files' trees become, up to one stage."""
    trees, links = load_all(names, loader, sources, reporter, check_lite)
    if stage == "ast":
        from compiler.syntax.dump import dump_tree

        return "".join(dump_tree(trees[name], sources.by_path[name]) for name in names)
    from compiler.semantics.analyze import analyze

    units = analyze(trees, links, reporter, options.evm_version, options.arithmetic)
    chosen = [u for u in units if u.name in names]
    if stage == "ast-json":
        from compiler.ast_json import source_units

        written = source_units(units, sources, options, reporter)
        return "".join(json.dumps(written[unit.name]) + "\n" for unit in chosen)
    if stage == "typed":
        from compiler.semantics.dump import dump_unit

        return "".join(dump_unit(unit) for unit in chosen)
    from compiler.twin import twin

    return "".join(twin(unit, sources.by_path[unit.name]) for unit in chosen)


def _tokens(name: str, loader: SourceLoader, sources: SourceSet, reporter: Reporter) -> str:
    from compiler.syntax.dump import dump_tokens
    from compiler.syntax.lexer import tokenize

    text = loader.load(name)
    if text is None:
        why = loader.why_not(name)
        reporter.report("SL0212", None, f"source file `{name}` {why}", hint=encoding_hint(why))
        raise CompileError(reporter.in_order(), sources)
    tokens = tokenize(sources.add(name, text), reporter)
    reporter.stop_on_errors()
    return dump_tokens(tokens)
