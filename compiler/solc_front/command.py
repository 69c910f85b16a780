"""`python -m compiler solc …`, and the console script for tools that want one executable called `solc`.

Exit status as solc's: 0 done, 1 errors in a source or in the command, 2 a bug in the compiler. Standard JSON is
always answered with 0: its errors are in the answer.
"""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from typing import Any

from compiler.solc_front.arguments import UsageError, parse, parser, settings
from compiler.solc_front.combined import COMBINED, combined
from compiler.solc_front.files import (
    places,
    read_inputs,
    reader,
    split_inputs,
    stdin_text,
    write_output,
)
from compiler.solc_front.link import libraries, link_files
from compiler.solc_front.printed import PRINTED, json_writer, needed, text_of
from compiler.version import SOLC_SHAPED

OK, ERROR, BUG = 0, 1, 2
NAME = "SolidityLite, the Solidity compiler of Facetworks, with the command line of solc"
LICENCE = (
    "SolidityLite is part of Facetworks and under the MIT licence; see LICENSE in its repository."
)


def cli() -> None:
    """The console script."""
    for stream in (sys.stdout, sys.stderr):  # UTF-8 whatever the locale, as solc
        stream.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    sys.exit(main(sys.argv[1:]))


def main(argv: list[str]) -> int:
    """Run the command; the exit status."""
    try:
        status = _run(argv)
        sys.stdout.flush()
        return status
    except UsageError as problem:
        print(f"Error: {problem}", file=sys.stderr)
        return ERROR
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OK
    except OSError as problem:
        where = problem.filename or "cannot write"
        if problem.filename is None:  # the interpreter would try again when it ends
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        print(f"Error: {where}: {problem.strerror}", file=sys.stderr)
        return ERROR
    except KeyboardInterrupt:
        return 130
    except Exception as bug:
        print(f"Internal compiler error:\n{type(bug).__name__}: {bug}", file=sys.stderr)
        return BUG


def _run(argv: list[str]) -> int:
    if not argv:
        print(parser().format_help())
        return ERROR
    arguments = parse(argv)
    if arguments.help:
        print(parser().format_help())
        return OK
    if arguments.version:  # tools take the version from the last line
        print(f"{NAME}\nVersion: {SOLC_SHAPED}")
        return OK
    if arguments.license:
        print(LICENCE)
        return OK
    paths, remappings = split_inputs(arguments)
    if arguments.standard_json:
        return _standard_json(arguments, paths)
    if arguments.link:
        link_files(arguments, paths)
        return OK
    return _compile(arguments, paths, remappings)


def _json(arguments: Namespace) -> Any:
    indent = arguments.json_indent
    if indent is None and arguments.pretty_json:
        indent = 2
    return json_writer(indent)


def _standard_json(arguments: Namespace, paths: list[str]) -> int:
    from compiler.standard_json import answer_text

    if len(paths) > 1:
        raise UsageError("Too many input files for --standard-json.")
    if paths and paths != ["-"]:
        with open(paths[0], "rb") as file:
            data = file.read()
        try:
            text = data.decode()
        except UnicodeDecodeError:
            raise UsageError(f'"{paths[0]}" is not UTF-8 text.') from None
    else:
        text = stdin_text()
    options = places(arguments, [], [])
    print(_json(arguments)(answer_text(text, reader(options), **options)))
    return OK


def _compile(arguments: Namespace, paths: list[str], remappings: list[str]) -> int:
    from compiler.standard_json import compile_standard

    flags = [flag for flag in PRINTED if getattr(arguments, flag.replace("-", "_"))]
    names = _combined_names(arguments.combined_json)
    sources = read_inputs(arguments, paths)
    request = {
        "language": "Solidity",
        "sources": {name: {"content": text} for name, text in sources.items()},
        "settings": settings(arguments, remappings)
        | {
            "libraries": _by_file(libraries(arguments)),
            "outputSelection": _selection(flags, names, arguments.ast_compact_json),
        },
    }
    answer = compile_standard(request, **places(arguments, paths, remappings))
    failed = False
    for problem in answer.get("errors", ()):
        failed = failed or problem["severity"] == "error"
        _report(problem, arguments.error_codes)
    if failed:
        return ERROR
    _show(arguments, answer, flags, names, sources)
    return OK


def _combined_names(text: str | None) -> list[str] | None:
    if text is None:
        return None
    names = [name for name in text.split(",") if name]
    for name in names:
        if name not in COMBINED:
            raise UsageError(f'Invalid option to --combined-json: "{name}"')
    return names


def _by_file(addresses: dict[str, bytes]) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for full_name, address in addresses.items():
        path, _, name = full_name.rpartition(":")
        found.setdefault(path, {})[name] = "0x" + address.hex()
    return found


def _selection(flags: list[str], names: list[str] | None, trees: bool) -> dict[str, Any]:
    outputs = [output for flag in flags for output in needed(flag)]
    outputs += [COMBINED[name] for name in names or () if name != "ast"]
    of_files = ["ast"] if trees or "ast" in (names or ()) else []
    # Without any output the contracts are still compiled, so that all errors are found.
    return {"*": {"*": outputs or ["evm.bytecode.object"], "": of_files}}


def _report(problem: dict[str, Any], with_code: bool) -> None:
    """An error or warning as on solc's terminal: by its severity, not its kind."""
    severity = problem["severity"].capitalize()
    if with_code and "errorCode" in problem:
        severity += f" ({problem['errorCode']})"
    text = problem["formattedMessage"].removeprefix(problem["type"])
    sys.stderr.write(severity + text)


def _show(
    arguments: Namespace,
    answer: dict[str, Any],
    flags: list[str],
    names: list[str] | None,
    sources: dict[str, str],
) -> None:
    folder, as_json = arguments.output_dir, _json(arguments)
    if names is not None:
        text = as_json(combined(answer, names))
        if folder:
            write_output(folder, "combined.json", text, arguments.overwrite)
        else:
            print(text)
    if arguments.ast_compact_json:
        _show_trees(arguments, answer, sources)
    for path, by_name in answer["contracts"].items() if flags else ():
        for name, outputs in by_name.items():
            if not folder or "gas" in flags:
                print(f"\n======= {path}:{name} =======")
            for flag in flags:
                text = text_of(flag, outputs, as_json)
                if folder and PRINTED[flag].suffix:
                    file = name + PRINTED[flag].suffix
                    write_output(folder, file, text, arguments.overwrite)
                else:
                    print(f"{PRINTED[flag].title}\n{text}")
    if folder:
        print(f'Compiler run successful. Artifact(s) can be found in directory "{folder}".')
    elif not (flags or names or arguments.ast_compact_json):
        what = "No output generated." if answer["contracts"] else "No contracts to compile."
        print(f"Compiler run successful. {what}")


def _show_trees(arguments: Namespace, answer: dict[str, Any], sources: dict[str, str]) -> None:
    as_json = _json(arguments)
    if not arguments.output_dir:
        print("JSON AST (compact format):\n")
    for path in sources:
        text = as_json(answer["sources"][path].get("ast"))
        if arguments.output_dir:
            name = os.path.basename(path) + "_json.ast"
            write_output(arguments.output_dir, name, text, arguments.overwrite)
        else:
            print(f"\n======= {path} =======\n{text}")
