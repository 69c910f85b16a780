"""`python -m tests.load [--requests N] [--seed S] [--json]`: the market under load, its books and the chain.

Prints every account before and after, and each party's account of what moved. `--nodes` loads two relays
and two facilitators for `--seconds` instead and kills one of each in the middle. Exit status 1 when books
differ, with the rows that do.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
from pathlib import Path

from tests.crash.theatre import theatre
from tests.load.cast import CAST
from tests.load.nodes import nodes, survive
from tests.load.report import document, passed, tables
from tests.load.run import Loaded, run


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser("python -m tests.load")
    parser.add_argument("--requests", type=int, default=1_000)
    parser.add_argument(
        "--nodes", action="store_true", help="two relays and two facilitators, one of each killed"
    )
    parser.add_argument("--seconds", type=float, default=60.0, help="how long --nodes loads")
    parser.add_argument("--seed", type=int)
    parser.add_argument("--json", action="store_true", help="one JSON object instead of tables")
    parser.add_argument("--keep", type=Path, help="keep journals and logs there")
    options = parser.parse_args(arguments)
    if options.requests < 1:
        parser.error("--requests is at least 1")
    seed = random.SystemRandom().randrange(10**6) if options.seed is None else options.seed
    with tempfile.TemporaryDirectory() as folder:
        loaded = _load(options, options.keep or Path(folder), seed)
    print(json.dumps(document(loaded, seed), indent=2) if options.json else tables(loaded, seed))
    return int(not passed(loaded))


def _load(options: argparse.Namespace, root: Path, seed: int) -> Loaded:
    if options.nodes:
        with nodes(root) as stage:
            return survive(stage, options.seconds, seed)
    with theatre(root, CAST) as stage:
        return run(stage, options.requests, seed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
