"""`python -m tests.fir bisect FILE.sol [--contract NAME] [--level N] [--for GOAL] [--messages HEX… | --explore N] [--solc]`

Says after which pass a contract first does something else, and shows the pass's change of the function. Wanted is
what FIR does as lowering made it, or with `--solc` what the reference compiler's code does.

`python -m tests.fir facts FILE.sol [--level N]` says which masks and checks were left out and for what reason, and
holds the reasons against random messages. `python -m tests.fir rewrites [--every N] [--prove N]` checks all rewritings
of expressions, instructions and constants, by z3 for all words where that is installed.

Exit status 1 when something differs, or a reason does not hold; 2 when the file cannot be read or compiled.
"""

from __future__ import annotations

import argparse
import sys
from itertools import islice
from pathlib import Path

from compiler import CompileError, CompileOptions, compile_sources
from compiler.options import DEFAULT_LEVEL, GOALS, OPTIMIZER_LEVELS


def main(arguments: list[str]) -> int:
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except (OSError, CompileError) as reason:
        print(reason, file=sys.stderr)
        return 2


def _bisect(options: argparse.Namespace) -> int:
    from tests.fir.bisect import bisect
    from tests.fir.traces import parsed

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


def _facts(options: argparse.Namespace) -> int:
    from tests.fir.facts import held
    from tests.fir.machine import FactError

    sources = {options.file.name: options.file.read_text()}
    try:
        found = held(sources, CompileOptions(optimize=options.level), scripts=options.explore)
    except FactError as error:
        print(error)
        return 1
    for removal in dict.fromkeys(found.removals):
        print(removal.told())
    print(
        f"{len(found.removals)} left out; at {found.stages} stages {found.checked} claims held against words"
    )
    return 0


def _rewrites(options: argparse.Namespace) -> int:
    from tests.fir import items
    from tests.fir.rewrites import Rewrites, Totals, deeper, needed_parts, shallow, shapes

    wrong = []
    for name, trees in (("depth one", shallow()), ("shapes", shapes()), ("depth two", deeper())):
        totals = Rewrites(prove=options.prove).check(islice(trees, 0, None, options.every))
        print(f"{name}: {totals.told()}", flush=True)
        wrong += totals.wrong
    parts = needed_parts(Totals())
    print(f"needed parts: {parts.told()}")
    for length in (1, 2, 3):
        for name, programs in (("straight", items.straight), ("with jumps", items.with_jumps)):
            changed, found = items.check_broom(programs(length))
            print(f"instructions, {name}, {length}: {changed} changed, {len(found)} wrong")
            wrong += found
    made, found = items.check_constants(items.constants())
    print(f"constants: {made} computed, {len(found)} wrong")
    wrong += parts.wrong + found
    return 1 if wrong else 0


def _reference(sources: dict[str, str], name: str) -> bytes:
    from tests.oracle import solc

    output = solc.compile_sources(sources, via_ir=True, optimize=True)[name]
    return bytes.fromhex(output["evm"]["bytecode"]["object"])


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.fir")
    commands = parser.add_subparsers(required=True)
    one = commands.add_parser("bisect", help="which pass changed what a contract does")
    one.set_defaults(run=_bisect)
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
    facts = commands.add_parser("facts", help="what was left out, and why")
    facts.set_defaults(run=_facts)
    facts.add_argument("file", type=Path)
    facts.add_argument("--level", type=int, choices=OPTIMIZER_LEVELS, default=DEFAULT_LEVEL)
    facts.add_argument("--explore", type=int, default=2, metavar="N", help="random sequences")
    every = commands.add_parser("rewrites", help="all rewritings, checked")
    every.set_defaults(run=_rewrites)
    every.add_argument(
        "--every", type=int, default=1, metavar="N", help="one expression of so many"
    )
    every.add_argument(
        "--prove", type=int, default=1, metavar="N", help="one rewriting of so many; 0: none"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
