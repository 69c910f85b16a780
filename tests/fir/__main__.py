"""`python -m tests.fir bisect FILE.sol [--contract NAME] [--level N] [--for GOAL] [--messages HEX… | --explore N] [--solc]`

Says after which pass a contract first does something else, and shows the pass's change of the function. Wanted is
what FIR does as lowering made it, or with `--solc` what the reference compiler's code does. Exit status 1 when
something differs.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from compiler import CompileOptions, compile_sources
from compiler.options import DEFAULT_LEVEL, GOALS, OPTIMIZER_LEVELS
from tests.fir.bisect import bisect
from tests.fir.traces import parsed


def main(arguments: list[str]) -> int:
    options = _parser().parse_args(arguments)
    sources = {options.file.name: options.file.read_text()}
    names = [name for name, c in compile_sources(sources).contracts.items() if c.creation.code]
    chosen = [n for n in names if options.contract in ("", n.rpartition(":")[2])]
    if not chosen:
        print(
            f"no contract {options.contract!r} with code; there are: {', '.join(names)}",
            file=sys.stderr,
        )
        return 2
    settings = CompileOptions(optimize=options.level, optimize_for=getattr(options, "for"))
    scripts = [parsed(options.messages)] if options.messages else []
    found = False
    for name in chosen:
        expected = _reference(sources, name) if options.solc else None
        verdict = bisect(
            sources, settings, name, scripts, explore=options.explore, expected=expected
        )
        found |= verdict is not None
        print(f"{name}: {verdict.told() if verdict is not None else 'all agree'}")
    return 1 if found else 0


def _reference(sources: dict[str, str], name: str) -> bytes:
    from tests.oracle import solc

    output = solc.compile_sources(sources, via_ir=True, optimize=True)[name]
    return bytes.fromhex(output["evm"]["bytecode"]["object"])


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.fir")
    commands = parser.add_subparsers(required=True)
    one = commands.add_parser("bisect", help="which pass changed what a contract does")
    one.add_argument("file", type=Path)
    one.add_argument("--contract", default="", help="all of the file without")
    one.add_argument("--level", type=int, choices=OPTIMIZER_LEVELS, default=DEFAULT_LEVEL)
    one.add_argument("--for", choices=GOALS, default="gas")
    one.add_argument(
        "--solc", action="store_true", help="the reference compiler says what is right"
    )
    how = one.add_mutually_exclusive_group()
    how.add_argument(
        "--messages", nargs="+", metavar="HEX", help="calldata, with `:value` behind it or without"
    )
    how.add_argument(
        "--explore", type=int, default=8, metavar="N", help="so many times two random sequences"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
