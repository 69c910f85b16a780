"""`python -m tests.fuzz [--programs N] [--seed S]`: random programs through both compilers.

Failures are made small, printed, and written to `tests/fuzz/found`. Exit status 1 when there was one, 130
when interrupted, after the summary in both cases.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections import Counter
from pathlib import Path

from tests.fir.blame import blame
from tests.fuzz.campaign import Campaign
from tests.fuzz.shrink import FOUND, SECONDS, shrunk, write
from tests.fuzz.trial import Trial
from tests.oracle import solc


def main(arguments: list[str]) -> int:
    options = _parser().parse_args(arguments)
    if not solc.available():
        print("needs node and the npm package solc (run `npm ci`)", file=sys.stderr)
        return 2
    start = random.SystemRandom().randrange(10**8) if options.seed is None else options.seed
    print(
        f"seed {start}: repeat with python -m tests.fuzz --programs {options.programs} --seed {start}",
        flush=True,
    )
    campaign = Campaign(
        Trial(), start, options.programs, lambda text: print(f"  {text}", flush=True)
    )
    kinds: Counter[str] = Counter()
    try:
        for chunk_seed, failure in campaign.run():
            kinds[failure.kind] += 1
            print(f"\n{failure.kind}: {failure.told}", flush=True)
            if kinds[failure.kind] > options.each:
                continue
            small = shrunk(chunk_seed, failure, Trial(), seconds=options.shrink)
            path = write(small, options.found)
            print(f"{small.told}\n{small.text}written to {path}", flush=True)
            if small.kind == "mismatch":
                print(blame(small.text), flush=True)
    except KeyboardInterrupt:
        print(f"\ninterrupted; {campaign.summary()}", file=sys.stderr)
        return 130
    print(f"seed {start}: {campaign.summary()}")
    for kind, count in kinds.most_common():
        print(f"  {count:>4} {kind}")
    return 1 if campaign.failures else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz")
    parser.add_argument("--programs", type=int, default=1000)
    parser.add_argument("--seed", type=int, help="random without")
    parser.add_argument(
        "--each", type=int, default=2, help="so many failures of a kind are made small"
    )
    parser.add_argument("--shrink", type=float, default=SECONDS, help="seconds of making one small")
    parser.add_argument("--found", type=Path, default=FOUND)
    return parser


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
