"""solc's standard JSON: the request and answer that tools already speak.

The settings that steer solc's optimizer and pipelines (`optimizer`, `viaIR`) change nothing about the code made here:
it is always optimized. docs/integrators/solc.md tells every difference.
"""

from __future__ import annotations

import json
from typing import Any

from compiler.artifact import Compilation
from compiler.diagnostics.errors import CompileError, InternalCompilerError, Reporter
from compiler.imports import SourceLoader, load_all
from compiler.semantics.lite import check_lite
from compiler.solc_front.errors import error_json, plain_error
from compiler.solc_front.outputs import contract_outputs, kept_for
from compiler.solc_front.request import Read, Request, RequestError, read_request
from compiler.source import SourceSet

Answer = dict[str, Any]
# What no source may raise, and a tool that waits for JSON is told in JSON.
BUGS = (
    InternalCompilerError, AssertionError, KeyError, IndexError, AttributeError, TypeError, ValueError,
)  # fmt: skip


def answer_text(text: str | bytes, read: Read | None = None, **places: Any) -> Answer:
    """The answer to the text of a request."""
    try:
        request = json.loads(text.decode() if isinstance(text, bytes) else text)
    except UnicodeDecodeError:
        return {"errors": [plain_error("JSONError", "the request is not UTF-8 text")]}
    except (json.JSONDecodeError, RecursionError) as problem:
        return {"errors": [plain_error("JSONError", str(problem))]}
    return compile_standard(request, read, **places)


def compile_standard(request: Any, read: Read | None = None, **places: Any) -> Answer:
    """The answer to one request; problems become entries of `errors`.

    `read` gives the text at a URL of `sources.….urls`; `places` are the CompileOptions that say where imports may be
    read from: without them, only the sources in the request are known."""
    try:
        asked = read_request(request, read, **places)
    except RequestError as problem:
        return {"errors": [plain_error(problem.kind, str(problem))]}
    problems = [plain_error(kind, message) for kind, message in asked.problems]
    if any(problem["severity"] == "error" for problem in problems):
        return {"errors": problems}
    try:
        answer = _parse(asked) if asked.stop_after_parsing else _compile(asked, bool(places))
    except CompileError as problem:
        found = [error_json(d, problem.sources) for d in problem.diagnostics]
        answer = {"errors": found, "sources": _sources(problem.sources)}
    except BUGS as bug:
        message = f"{type(bug).__name__}: {bug}"
        answer = {"errors": [plain_error("InternalCompilerError", message)]}
    if problems:
        answer["errors"] = problems + answer.get("errors", [])
    return answer


def _compile(asked: Request, imported: bool) -> Answer:
    from compiler.pipeline import compile_units

    selection = asked.selection
    compilation = compile_units(
        list(asked.sources), asked.sources, asked.options, kept_for(selection),
        selection.wants_code, imported,
    )  # fmt: skip
    answer: Answer = {
        "contracts": _contracts(asked, compilation),
        "sources": _sources(compilation.sources),
    }
    for path, tree in compilation.trees.items():
        if asked.selection.wants(path, "", "ast"):
            answer["sources"][path]["ast"] = tree
    if compilation.diagnostics:
        answer["errors"] = [error_json(d, compilation.sources) for d in compilation.diagnostics]
    return answer


def _contracts(asked: Request, compilation: Compilation) -> dict[str, dict[str, Any]]:
    contracts: dict[str, dict[str, Any]] = {}
    for contract in compilation.contracts.values():
        outputs = contract_outputs(contract, asked.selection, compilation)
        if outputs:
            contracts.setdefault(contract.path, {})[contract.name] = outputs
    return contracts


def _parse(asked: Request) -> Answer:
    """`stopAfter: parsing`: the files are read, and nothing more is looked at."""
    sources = SourceSet()
    reporter = Reporter(sources)
    loader = SourceLoader(asked.sources, asked.options)
    load_all(list(asked.sources), loader, sources, reporter, check_lite)
    return {"contracts": {}, "sources": _sources(sources)}


def _sources(sources: SourceSet) -> dict[str, dict[str, Any]]:
    return {file.path: {"id": file.index} for file in sources.files}
