"""`python -m tests.mutation [NAME...] [--sample N] [--seed S] [--jobs J] [--log FILE] [--again FILE]`.

NAME is a facet, library or token by its file name; all of them when none is given. `--sample` is how
many mutants of each must count (0: all). `--log` appends every verdict as a line of JSON; `--again`
reads such a file and tries its survivors once more. `--tests` names the folder or file to run.
`--most` tries only so many tests on each mutant, the likeliest: what survives them wants `--again`.
Exit status 1 when a mutant survived.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import pytest

from tests.mutation.campaign import Campaign, Target
from tests.mutation.operators import Mutant
from tests.mutation.report import Tally
from tests.mutation.sources import shuffled, targets

# Tests of gas and of code size say nothing about behaviour, and would notice any change.
IGNORED = ("tests/contracts/core/test_gas.py", "tests/contracts/core/test_interfaces.py")


def main(arguments: list[str]) -> int:
    options = _parser().parse_args(arguments)
    unknown = [name for name in options.names if name not in targets()]
    if unknown:
        print(f"no source {unknown[0]!r}; choose from: {', '.join(targets())}", file=sys.stderr)
        return 2
    if options.again:
        chosen = survivors(options.again)
    else:
        most = options.sample or sys.maxsize
        names = options.names or list(targets())
        chosen = [Target(name, shuffled(name, options.seed), most) for name in names]
    tally = Tally(options.log)
    campaign = Campaign(chosen, options.jobs, tally.add, options.most)
    paths = options.tests or ["tests/contracts"]
    quiet = ["-p", "no:ape_test", "-p", "no:terminal", "-p", "no:randomly"]
    code = pytest.main([*quiet, *(f"--ignore={p}" for p in IGNORED), *paths], plugins=[campaign])
    if code not in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
        return int(code)
    print(tally.table())
    return 1 if tally.survivors else 0


def survivors(log: Path) -> list[Target]:
    """The mutants of a log that nothing killed, where the source still has them."""
    last: dict[tuple[str, ...], dict[str, str]] = {}
    for line in log.read_text().splitlines():
        entry = json.loads(line)
        last[tuple(entry[k] for k in ("name", "operator", "place", "before", "after"))] = entry
    left = [e for e in last.values() if e["state"] in ("survived", "no test")]
    found: dict[str, list[Mutant]] = {}
    for entry in left:
        wanted = tuple(entry[k] for k in ("place", "operator", "before", "after"))
        for mutant in shuffled(entry["name"], 0):
            if (mutant.place, mutant.operator, mutant.before, mutant.after) == wanted:
                found.setdefault(entry["name"], []).append(mutant)
    return [Target(name, mutants, len(mutants)) for name, mutants in found.items()]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m tests.mutation")
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--sample", type=int, default=12)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--log", type=Path)
    parser.add_argument("--again", type=Path)
    parser.add_argument("--tests", nargs="*")
    parser.add_argument("--most", type=int, default=sys.maxsize)
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
