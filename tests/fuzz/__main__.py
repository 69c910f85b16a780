"""`python -m tests.fuzz [--programs N] [--seed S] [--from F] [--jobs K]`: random programs through both compilers.

Failures are made small, printed, and written to `tests/fuzz/found`. `--from` goes on where an earlier run
of the same seed ended; `--log` keeps what was done, a line a minute. Exit status 1 when there was a failure, 130
when interrupted or told to end, after the summary in both cases.
"""

from __future__ import annotations

import argparse
import json
import random
import signal
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

from tests.fir.blame import blame
from tests.fuzz.campaign import Campaign, Plan
from tests.fuzz.shrink import FOUND, SECONDS, shrunk, write
from tests.fuzz.trial import Failure, Trial
from tests.oracle import solc

TOLD = 60  # seconds between reports


def main(arguments: list[str]) -> int:
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.programs < 1 or options.first < 0 or options.jobs < 1:
        parser.error("--programs and --jobs are at least 1, --from at least 0")
    if not solc.available():
        print("needs node and the npm package solc (run `npm ci`)", file=sys.stderr)
        return 2
    start = random.SystemRandom().randrange(10**8) if options.seed is None else options.seed
    plan = Plan(start, options.first, options.programs, options.jobs)
    end = plan.first + plan.most
    print(
        f"seed {start}, programs {plan.first} to {end - 1}: repeat with python -m tests.fuzz "
        f"--programs {plan.most} --seed {start} --from {plan.first}",
        flush=True,
    )
    campaign = Campaign(plan)
    kinds: Counter[str] = Counter()
    told = time.monotonic()
    try:
        for failure in campaign.run():
            if failure is not None:
                kinds[failure.kind] += 1
                _tell(failure, options, small=kinds[failure.kind] <= options.each)
            if time.monotonic() - told > TOLD:
                told = time.monotonic()
                print(f"  {campaign.summary()}", flush=True)
                _log(options.log, campaign.entry())
    except KeyboardInterrupt:
        print(f"\ninterrupted; {campaign.summary()}", file=sys.stderr)
        print(
            f"go on with --seed {start} --from {plan.first + campaign.counts.programs}",
            file=sys.stderr,
        )
        _log(options.log, campaign.entry())
        return 130
    print(f"seed {start}: {campaign.summary()}; go on with --seed {start} --from {end}")
    for kind, count in kinds.most_common():
        print(f"  {count:>4} {kind}")
    _log(options.log, campaign.entry())
    return 1 if campaign.failures else 0


def _tell(failure: Failure, options: argparse.Namespace, *, small: bool) -> None:
    print(f"\n{failure.kind}, program {failure.number}: {failure.told}", flush=True)
    _log(options.log, {"kind": failure.kind, "number": failure.number, "told": failure.told})
    if small:
        made = shrunk(failure, Trial(full=True), seconds=options.shrink)
        path = write(made, options.found)
        print(f"{made.told}\n{made.text}written to {path}", flush=True)
        if made.kind == "mismatch":
            print(blame(made.text), flush=True)


def _log(path: Path | None, entry: dict[str, Any]) -> None:
    if path is not None:
        with path.open("a") as log:
            log.write(json.dumps(entry) + "\n")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz")
    parser.add_argument("--programs", type=int, default=1000)
    parser.add_argument("--seed", type=int, help="random without")
    parser.add_argument("--from", type=int, default=0, dest="first", help="number of the first one")
    parser.add_argument("--jobs", type=int, default=1, help="processes")
    parser.add_argument(
        "--each", type=int, default=2, help="so many failures of a kind are made small"
    )
    parser.add_argument("--shrink", type=float, default=SECONDS, help="seconds of making one small")
    parser.add_argument("--found", type=Path, default=FOUND)
    parser.add_argument("--log", type=Path, help="JSON lines, appended")
    return parser


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
