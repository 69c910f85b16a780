"""The command line: `python -m compiler FILE.sol`.

Exit status: 0 compiled, 1 the source is wrong, 2 the command is wrong, 70 the compiler is wrong.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from itertools import pairwise
from typing import Any, NoReturn

from compiler.diagnostics.errors import CompileError, InternalCompilerError
from compiler.evm.opcodes import DEFAULT_EVM_VERSION, EVM_VERSIONS
from compiler.linking import parse_libraries
from compiler.options import DEFAULT_LEVEL, GOALS, OPTIMIZER_LEVELS, REVERT_STRINGS
from compiler.version import VERSION

OK, SOURCE_ERROR, USAGE_ERROR, INTERNAL_ERROR = 0, 1, 2, 70
LAYOUT_COMMANDS = ("layout", "diff-layout")
COMMANDS = (*LAYOUT_COMMANDS, "why")
DEFAULTS = {"format": "text", "no_color": False, "debug": False}
SYNTAX_STAGES = ("tokens", "ast", "typed", "ast-json", "twin")
STAGES = (
    *SYNTAX_STAGES,
    "ir",
    "ir-opt",
    "asm",
    "bytecode",
    "runtime",
    "abi",
    "selectors",
    "layout",
)

EXAMPLES = """examples:
  python -m compiler examples/art.sol                     compile and show sizes
  python -m compiler examples/art.sol -o out              write out/<Contract>.json
  python -m compiler examples/art.sol --emit asm          print the assembly
  python -m compiler examples/art.sol --format json       everything as one JSON object
  python -m compiler --standard-json request.json         speak solc's standard JSON
  python -m compiler solc --bin examples/art.sol          speak solc's command line (solc --help)
  python -m compiler --explain SL0207                     what a diagnostic means
  python -m compiler why examples/gallery.sol Gallery.buy what the optimizer did in a function
  python -m compiler layout contracts -o layout.json      where everything is stored
  python -m compiler diff-layout layout.json contracts    what an upgrade would move

exit status: 0 compiled, 1 errors in the source, 2 wrong usage, 70 compiler bug"""


def main(argv: list[str] | None = None) -> int:
    """Run the command; returns the exit status."""
    argv = sys.argv[1:] if argv is None else argv
    if sys.stdout is None:  # closed by whoever started us: nobody reads what is printed
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115
    if argv[:1] == ["solc"]:
        from compiler.solc_front.command import main as solc

        return solc(argv[1:])
    command = bool(argv) and argv[0] in COMMANDS
    arguments = argparse.Namespace(**DEFAULTS) if command else _parse(argv)
    if command and asks_json(argv):
        arguments.format = "json"
    try:
        status = _command(argv) if command else _run(arguments)
        sys.stdout.flush()  # what cannot be written is told here, and not by the interpreter at its end
        return status
    except CompileError as problem:
        _show_errors(problem, arguments)
        return SOURCE_ERROR
    except BrokenPipeError:
        _forget_output()
        return OK
    except OSError as problem:
        if problem.filename is None:  # a full disk takes no document either
            _forget_output()
            print(f"error: cannot write: {problem.strerror}", file=sys.stderr)
            return USAGE_ERROR
        return refuse(f"{problem.filename}: {problem.strerror}", arguments.format == "json")
    except KeyboardInterrupt:
        return 130
    except (
        InternalCompilerError,
        AssertionError,
        KeyError,
        IndexError,
        AttributeError,
        TypeError,
        ValueError,
    ) as bug:
        if arguments.debug:
            raise
        print(f"internal compiler error: {type(bug).__name__}: {bug}", file=sys.stderr)
        print(
            "this is a bug in the compiler, not in your source; run again with --debug for the details",
            file=sys.stderr,
        )
        return INTERNAL_ERROR


def _forget_output() -> None:
    """Let what is still to be written go nowhere: the interpreter would try again when it ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def asks_json(argv: list[str]) -> bool:
    """Whether a command line wants to be answered in JSON."""
    spelt = "--json" in argv or "--format=json" in argv
    return spelt or ("--format", "json") in pairwise(argv)


def refuse(message: str, as_json: bool) -> int:
    """Say what is wrong with the command, to a program as `{"error": {"message", "exitCode"}}`; the exit status."""
    print(f"error: {message}", file=sys.stderr)
    if as_json:
        import json

        print(json.dumps({"error": {"message": message, "exitCode": USAGE_ERROR}}))
    return USAGE_ERROR


class _Parser(argparse.ArgumentParser):
    """Tells a wrong option to programs, too."""

    as_json = False

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(refuse(message, self.as_json))


def _command(argv: list[str]) -> int:
    if argv[0] == "why":
        from compiler.why import run as why

        return why(argv[1:])
    from compiler.layout_commands import run

    return run(argv)


def _parse(argv: list[str]) -> argparse.Namespace:
    parser = _Parser(
        prog="python -m compiler",
        description="Compile Solidity, and facets, to EVM bytecode.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.as_json = asks_json(argv)
    add = parser.add_argument
    add("files", nargs="*", metavar="FILE", help="source files; `prefix=target` is a remapping")
    add("--emit", action="append", metavar="STAGE", default=[],
        help="print a stage: " + ", ".join(STAGES))  # fmt: skip
    add("--format", choices=("text", "json"), default="text", help="how results are printed")
    add("--json", dest="format", action="store_const", const="json",
        help="the same as --format json: results, or the diagnostics of what is wrong")  # fmt: skip
    add("-o", "--output", metavar="DIR", help="write one JSON artifact per contract")
    add("--contract", metavar="NAME", help="show only this contract")
    add("--standard-json", nargs="?", const="-", metavar="FILE",
        help="answer a solc standard-JSON request from FILE or standard input")  # fmt: skip
    add("--evm-version", choices=EVM_VERSIONS, default=DEFAULT_EVM_VERSION,
        help=f"oldest EVM the code must run on (default {DEFAULT_EVM_VERSION})")  # fmt: skip
    add(
        "-O",
        dest="optimize",
        type=int,
        choices=OPTIMIZER_LEVELS,
        default=DEFAULT_LEVEL,
        help="optimizer level: 0 nothing, 1 quick cleaning, 2 everything once (default), 3 until nothing changes",
    )
    add("--optimize-for", choices=GOALS, default="gas",
        help="what counts where gas and size of the code pull apart (default gas)")  # fmt: skip
    add("--after", metavar="PASS", help="with --emit ir-opt: stop after this pass")
    add("--arith", choices=("checked", "wrapping"), help="override what the pragmas say")
    add("--revert-strings", choices=REVERT_STRINGS, default="default",
        help="strip: drop the texts of require and revert; debug: add texts where the language reverts")  # fmt: skip
    add("--libraries", action="append", metavar="FILE:NAME=ADDRESS", default=[],
        help="where a library stands on chain; several may be listed with commas between")  # fmt: skip
    add("--base-path", metavar="DIR", default=".", help="folder source paths are relative to")
    add(
        "--include-path",
        action="append",
        metavar="DIR",
        default=[],
        help="folder to look for imports in",
    )
    add("--allow-path", action="append", metavar="DIR", default=[],
        help="folder imports may be read from (the base, include and source folders always may)")  # fmt: skip
    add("--cache", metavar="DIR",
        help="keep results there, and answer from there while sources, options and compiler are as they were")  # fmt: skip
    add("--time-limit", type=_limit, metavar="SECONDS",
        help="refuse what takes longer to compile (default: no limit)")  # fmt: skip
    add("--memory-limit", type=_limit, metavar="MIB",
        help="refuse what needs more memory to compile (default: no limit)")  # fmt: skip
    add("--explain", metavar="CODE", help="explain a diagnostic")
    add(
        "--time-passes",
        action="store_true",
        help="how long each stage and pass took, on standard error",
    )
    add("--verify-each", action="store_true", help="check the intermediate form after every pass")
    add("--debug", action="store_true", help="show the traceback of a compiler bug")
    add("--no-color", action="store_true", help="no colours, even on a terminal")
    add("--version", action="version", version=f"SolidityLite\nVersion: {VERSION}")
    arguments = parser.parse_args(argv)
    try:
        arguments.libraries = parse_libraries(arguments.libraries)
    except ValueError as problem:
        parser.error(str(problem))
    unknown = [s for s in arguments.emit if s not in STAGES]
    if unknown:
        from compiler.diagnostics.suggest import closest

        near = closest(unknown[0], STAGES)
        parser.error(
            f"unknown stage {unknown[0]!r}" + (f"; did you mean {near!r}?" if near else "")
        )
    sources = [f for f in arguments.files if "=" not in f]
    if not (sources or arguments.explain or arguments.standard_json):
        parser.error("name a source file (see --help)")
    if arguments.emit and arguments.format == "json":
        parser.error("--json prints the results and --emit a stage; give one of them")
    if arguments.after is not None:
        _check_pass(arguments, parser)
    return arguments


def _check_pass(arguments: argparse.Namespace, parser: argparse.ArgumentParser) -> None:
    """A misspelt pass would be waited for in vain, and everything printed."""
    from compiler.diagnostics.suggest import closest
    from compiler.passes.runner import pass_names

    known = pass_names(arguments.optimize)
    if arguments.after not in known:
        near = closest(arguments.after, known)
        parser.error(
            f"-O {arguments.optimize} has no pass {arguments.after!r}; "
            + (f"did you mean {near!r}?" if near else f"it has {', '.join(known) or 'none'}")
        )


def _timing(arguments: argparse.Namespace) -> Any:
    if not arguments.time_passes:
        return None
    from compiler.timing import Timing

    return Timing()


def _limit(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1
    if not 0 <= value < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 0 up")
    return value


def _run(arguments: argparse.Namespace) -> int:
    if arguments.explain:
        return _explain(arguments.explain)
    if arguments.standard_json:
        return _standard_json(arguments.standard_json)
    files = [f for f in arguments.files if "=" not in f]
    missing = [f for f in files if not os.path.isfile(os.path.join(arguments.base_path, f))]
    if missing:
        folder = os.path.isdir(os.path.join(arguments.base_path, missing[0]))
        what = "is a folder; name the files in it" if folder else "not found"
        if missing[0] == arguments.files[0] and "." not in missing[0] and not folder:
            from compiler.diagnostics.suggest import closest

            near = closest(missing[0], (*COMMANDS, "solc"))
            what += f"; did you mean the command `{near}`?" if near else ""
        return refuse(f"source file {missing[0]!r} {what}", arguments.format == "json")
    options = _options(arguments, files)
    stages = [s for s in arguments.emit if s in SYNTAX_STAGES]
    if stages:
        from compiler.stages import print_stage

        for stage in stages:
            sys.stdout.write(print_stage(stage, files, options))
        if len(stages) == len(arguments.emit):
            return OK
    return _compile(arguments, files, options)


def _options(arguments: argparse.Namespace, files: list[str]) -> Any:
    from compiler.options import CompileOptions

    base = arguments.base_path
    roots = [base, *arguments.include_path, *arguments.allow_path]
    roots += [os.path.dirname(os.path.join(base, f)) or "." for f in files]
    return CompileOptions(
        evm_version=arguments.evm_version,
        optimize=arguments.optimize,
        optimize_for=arguments.optimize_for,
        arithmetic=arguments.arith,
        revert_strings=arguments.revert_strings,
        remappings=tuple(f for f in arguments.files if "=" in f),
        include_paths=tuple(arguments.include_path),
        base_path=base,
        allowed_roots=tuple(roots),
        verify_each=arguments.verify_each,
        after=arguments.after,
        libraries=arguments.libraries,
        time_limit=arguments.time_limit,
        timing=_timing(arguments),
        memory_limit=arguments.memory_limit,
    )


def _compile(arguments: argparse.Namespace, files: list[str], options: Any) -> int:
    from compiler.outputs import compilation_json, contract_text, summary, write_artifacts

    started = time.perf_counter()
    compilation, kept = _build(arguments, files, options)
    seconds = time.perf_counter() - started
    if options.timing is not None:
        print(options.timing.table(), file=sys.stderr)
    if arguments.contract:
        wanted = {
            k: c for k, c in compilation.contracts.items() if arguments.contract in (k, c.name)
        }
        if not wanted:
            names = ", ".join(sorted({c.name for c in compilation.contracts.values()})) or "none"
            return refuse(
                f"no contract named {arguments.contract!r}; there is {names}",
                arguments.format == "json",
            )
        compilation.contracts = wanted
    if arguments.format != "json":
        _show_warnings(compilation, arguments)
    if arguments.output:
        written = write_artifacts(compilation, arguments.output)
        print(f"wrote {len(written)} artifacts to {arguments.output}", file=sys.stderr)
    if arguments.format == "json":
        import json

        print(json.dumps(compilation_json(compilation)))
        return OK
    shown = [c for c in compilation.contracts.values() if c.path in files]
    for stage in arguments.emit:
        if stage in SYNTAX_STAGES:
            continue
        for contract in shown:
            text = contract_text(contract, stage)
            if text:
                print(
                    f"// {contract.full_name} {stage}" if len(shown) > 1 else "",
                    end="\n" if len(shown) > 1 else "",
                )
                print(text)
    if not arguments.emit:
        print(summary(compilation, seconds, kept))
    return OK


def _build(arguments: argparse.Namespace, files: list[str], options: Any) -> tuple[Any, bool]:
    emit = frozenset(arguments.emit) - frozenset(SYNTAX_STAGES)
    if arguments.cache and options.timing is None:
        from compiler.cache import compile_cached

        return compile_cached(files, options, emit, arguments.cache)
    from compiler.pipeline import compile_units

    return compile_units(files, {}, options, emit), False


def _explain(code: str) -> int:
    from compiler.explain import UnknownCode, explain

    try:
        print(explain(code).rstrip())
    except UnknownCode as problem:
        print(f"error: {problem}", file=sys.stderr)
        return USAGE_ERROR
    return OK


def _standard_json(path: str) -> int:
    import json

    from compiler.standard_json import answer_text

    if path == "-":
        data = sys.stdin.buffer.read()
    else:
        with open(path, "rb") as file:
            data = file.read()
    print(json.dumps(answer_text(data)))
    return OK  # like solc: errors are in the answer


# -- diagnostics -----------------------------------------------------------------------------------------


def _colour(arguments: argparse.Namespace) -> bool:
    return sys.stderr.isatty() and not arguments.no_color and "NO_COLOR" not in os.environ


def _show_errors(problem: CompileError, arguments: argparse.Namespace) -> None:
    if arguments.format == "json":
        import json

        from compiler.diagnostics.render import to_json

        diagnostics = [to_json(d, problem.sources) for d in problem.diagnostics]
        print(json.dumps({"contracts": {}, "diagnostics": diagnostics}))
        return
    from compiler.diagnostics.render import render_text

    print(render_text(problem.diagnostics, problem.sources, _colour(arguments)), file=sys.stderr)
    count = sum(1 for d in problem.diagnostics if d.severity == "error")
    first = problem.diagnostics[0].code
    print(
        f"{count} error{'' if count == 1 else 's'}; `--explain {first}` says more", file=sys.stderr
    )


def _show_warnings(compilation: Any, arguments: argparse.Namespace) -> None:
    if compilation.diagnostics:
        from compiler.diagnostics.render import render_text

        text = render_text(compilation.diagnostics, compilation.sources, _colour(arguments))
        print(text, file=sys.stderr)
