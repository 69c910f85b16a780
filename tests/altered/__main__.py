"""`python -m tests.altered [PATH …] [--cases N] [--seed S]`: sources with a few words changed, through both compilers.

Without a path the sources are those of the differential tests; a folder is searched for `.sol` files. What solc's own
semantic tests say behind `// ----` is left out. What differs is printed and written to `--found`. Exit status 1 when
there was something, 130 when interrupted, after the summary in both cases.
"""

from __future__ import annotations

import argparse
import random
import signal
import sys
import time
from pathlib import Path

from tests.altered.sources import CORPUS, sources
from tests.altered.trial import Report, Trial
from tests.altered.words import altered
from tests.oracle import solc

TOLD = 60  # seconds between reports


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser("python -m tests.altered")
    parser.add_argument("paths", nargs="*", type=Path, default=CORPUS)
    parser.add_argument("--cases", type=int, default=1000)
    parser.add_argument("--seed", type=int, help="random without")
    parser.add_argument("--found", type=Path, help="a folder for what differs")
    options = parser.parse_args(arguments)
    missing = [str(path) for path in options.paths if not path.exists()]
    if missing:
        parser.error(f"no such file or folder: {', '.join(missing)}")
    texts = sources(options.paths)
    if options.cases < 1 or not texts:
        parser.error("--cases is at least 1, and the paths hold a source")
    if not solc.available():
        print("needs node and the npm package solc (run `npm ci`)", file=sys.stderr)
        return 2
    seed = random.SystemRandom().randrange(10**8) if options.seed is None else options.seed
    print(f"seed {seed}, {len(texts)} sources", flush=True)
    trial, reports, began = Trial(), 0, time.monotonic()
    number, told, interrupted = 0, began, False
    try:
        for number in range(options.cases):
            origin, text = case(seed, number, texts)
            report = trial.one(text, random.Random(f"{seed} {number} messages"))
            if report is not None:
                reports += 1
                _tell(report, number, origin, text, options.found)
            if time.monotonic() - told > TOLD:
                told = time.monotonic()
                print(f"  {_summary(number + 1, trial, reports, began)}", flush=True)
    except KeyboardInterrupt:
        interrupted = True
    print(_summary(number + 1, trial, reports, began))
    return 130 if interrupted else int(reports > 0)


def case(seed: int, number: int, texts: list[tuple[str, str]]) -> tuple[str, str]:
    """Where it is from, and the source: one to three changes."""
    generator = random.Random(f"{seed} {number}")
    origin, text = generator.choice(texts)
    for _ in range(generator.choice((1, 1, 1, 2, 3))):
        text = altered(text, generator)
    return origin, text


def _tell(report: Report, number: int, origin: str, text: str, found: Path | None) -> None:
    print(f"\n{report.kind}, case {number}, from {origin}: {report.told[:600]}", flush=True)
    if found is not None:
        found.mkdir(parents=True, exist_ok=True)
        path = found / f"{report.kind.replace(' ', '_')}_{number}.sol"
        path.write_text(text)
        print(f"written to {path}", flush=True)


def _summary(cases: int, trial: Trial, reports: int, began: float) -> str:
    counts = ", ".join(f"{count} {what}" for what, count in trial.counts.items())
    return f"{cases} cases in {time.monotonic() - began:.0f} s: {counts}; {reports} reports"


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sys.exit(main(sys.argv[1:]))
