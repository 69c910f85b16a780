"""`python -m compiler layout` and `python -m compiler diff-layout`.

Exit status of both: 0 fine, 1 an error in a source or an unsafe difference, 2 the command is wrong.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path

from compiler.diagnostics.errors import Reporter
from compiler.imports import SourceLoader, load_all
from compiler.layouts.difference import Change, compare
from compiler.layouts.document import Document, UnreadableLayout, dumps, loads, of_units
from compiler.options import CompileOptions
from compiler.semantics.analyze import analyze
from compiler.semantics.lite import check_lite
from compiler.source import SourceSet

OK, UNSAFE, USAGE_ERROR = 0, 1, 2
LAYOUT_EXAMPLES = """examples:
  python -m compiler layout contracts                       every layout in a folder
  python -m compiler layout contracts -o layout.json        keep it, to compare with later"""
DIFF_EXAMPLES = """examples:
  python -m compiler diff-layout layout.json contracts      what changed since it was kept
  python -m compiler diff-layout v1/Shop.sol v2/Shop.sol    two versions of one file

exit status: 0 nothing but appends, 1 something else changed or a source is wrong, 2 wrong usage"""


def run(argv: list[str]) -> int:
    """Run one of the two; `argv[0]` says which. Raises CompileError."""
    from compiler.cli import asks_json, refuse

    try:
        return _layout(argv[1:]) if argv[0] == "layout" else _diff(argv[1:])
    except UnreadableLayout as problem:
        return refuse(str(problem), asks_json(argv))


def _parser(name: str, description: str, epilog: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=f"python -m compiler {name}",
        description=description,
        epilog=epilog,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--base-path", metavar="DIR", default=".", help="folder imports start from")
    parser.add_argument("--include-path", action="append", metavar="DIR", default=[],
                        help="folder to look for imports in")  # fmt: skip
    return parser


def _layout(argv: list[str]) -> int:
    parser = _parser(
        "layout", "Say where contracts and namespaces keep their state.", LAYOUT_EXAMPLES
    )
    parser.add_argument("sources", nargs="+", metavar="SOURCE", help="a .sol file or a folder")
    parser.add_argument("-o", "--output", metavar="FILE", help="write there, not to the terminal")
    given = parser.parse_args(argv)
    files = [f for source in given.sources for f in sources_at(source)]
    found = of_sources(files, _options(given, files))
    if given.output:
        Path(given.output).write_text(dumps(found), encoding="utf-8")
        print(f"wrote {len(found)} layouts to {given.output}")
    else:
        sys.stdout.write(dumps(found))
    return OK


def _diff(argv: list[str]) -> int:
    parser = _parser("diff-layout", "Say what an upgrade would do to stored data.", DIFF_EXAMPLES)
    parser.add_argument("old", metavar="OLD", help="a layout document, a .sol file or a folder")
    parser.add_argument("new", metavar="NEW", help="the same")
    parser.add_argument("--allow-renames", action="store_true", help="a new name alone is no fault")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="how to print")
    given = parser.parse_args(argv)
    old, new = _document(given.old, given), _document(given.new, given)
    changes = compare(old, new)
    unsafe = [
        c for c in changes if not c.safe and not (given.allow_renames and c.kind == "renamed")
    ]
    if given.format == "json":
        rows = [{**change._asdict(), "safe": change not in unsafe} for change in changes]
        print(json.dumps({"safe": not unsafe, "changes": rows}))
    else:
        _print(changes, unsafe)
    return UNSAFE if unsafe else OK


def _print(changes: list[Change], unsafe: list[Change]) -> None:
    for change in changes:
        mark = "!" if change in unsafe else "+" if change.safe else " "
        where = f"{change.root}: {change.path}" if change.path else change.root
        print(f"{mark} {change.kind:<9} {where}  ({change.detail})")
    if unsafe:
        print(f"{len(unsafe)} of {len(changes)} changes would misread what is stored")
    else:
        print(f"safe: {len(changes)} appended" if changes else "safe: nothing changed")


def _document(path: str, given: argparse.Namespace) -> Document:
    return read(path, _options(given, [path]))


def _options(given: argparse.Namespace, files: list[str]) -> CompileOptions:
    roots = [given.base_path, *given.include_path]
    roots += [f if os.path.isdir(f) else os.path.dirname(f) or "." for f in files]
    return CompileOptions(
        base_path=given.base_path,
        include_paths=tuple(given.include_path),
        allowed_roots=tuple(roots),
    )


# -- what the command line names -------------------------------------------------------------------------


def read(path: str, options: CompileOptions) -> Document:
    """A document from a `.json` document, a `.sol` file or a folder of them.

    Raises UnreadableLayout or CompileError."""
    if os.path.isdir(path) or path.endswith(".sol"):
        return of_sources(sources_at(path), options)
    try:
        return loads(Path(path).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UnreadableLayout(f"{path}: not found") from None
    except UnicodeDecodeError:
        raise UnreadableLayout(f"{path}: it is not UTF-8 text") from None
    except UnreadableLayout as problem:
        raise UnreadableLayout(f"{path}: {problem}") from None


def sources_at(path: str) -> list[str]:
    """The file itself, or every `.sol` file of a folder. Raises UnreadableLayout."""
    if os.path.isdir(path):
        found = sorted(str(file) for file in Path(path).rglob("*.sol"))
        if found:
            return found
        raise UnreadableLayout(f"{path}: there is no .sol file in this folder")
    if not os.path.isfile(path):
        raise UnreadableLayout(f"{path}: not found")
    return [path]


def of_sources(files: list[str], options: CompileOptions) -> Document:
    """The layouts of source files. Raises CompileError."""
    sources = SourceSet()
    reporter = Reporter(sources)
    trees, links = load_all(files, SourceLoader({}, options), sources, reporter, check_lite)
    units = analyze(trees, links, reporter, options.evm_version, options.arithmetic)
    reporter.stop_on_errors()
    return of_units(units, files)
