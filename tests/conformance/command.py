"""What the two boards' command lines share: options, running, printing."""

from __future__ import annotations

import argparse
import json
import signal
import sys
from collections.abc import Callable, Sequence
from multiprocessing import Pool
from pathlib import Path
from typing import Any, NamedTuple

from tests.conformance.board import board, progress
from tests.conformance.collection import Collection, NoCollection


class Verdict(NamedTuple):
    """`kind` is one of the board's words; `detail` says why."""

    kind: str
    detail: str = ""


Judge = Callable[[str, dict[str, str]], Verdict]


class Suite(NamedTuple):
    """A collection: where it is, who judges a test by its path, and the words of the verdicts."""

    command: str
    folder: str
    judge: Judge
    kinds: Sequence[str]
    good: Sequence[str]
    bad: Sequence[str]
    aside: str


def run(suite: Suite, arguments: list[str], about: str) -> int:
    """Judge a collection and print its board. 1 when a verdict is a bad one, 2 for a wrong command line."""
    options = _parser(suite, about).parse_args(arguments)
    try:
        collection = Collection(options.path, options.revision)
        texts = dict(collection.texts(suite.folder, ".sol"))
    except NoCollection as problem:
        print(problem, file=sys.stderr)
        return 2
    prefix = suite.folder + "/"
    names = [name for name in texts if _wanted(name, options.only)]
    if not names:
        print(f"no test below {suite.folder} matches", file=sys.stderr)
        return 2
    verdicts: dict[str, Verdict] = {}
    try:
        with Pool(options.jobs, _begin, (suite.judge, texts)) as pool:
            for name, verdict in zip(names, pool.imap(_judged, names, chunksize=4), strict=True):
                verdicts[name.removeprefix(prefix)] = verdict
                progress(len(verdicts), len(names))
    except KeyboardInterrupt:
        print(f"\nstopped after {len(verdicts)} of {len(names)} tests", file=sys.stderr)
        return 130
    if options.json:
        print(json.dumps({name: verdict._asdict() for name, verdict in verdicts.items()}, indent=1))
    else:
        kinds = {name: verdict.kind for name, verdict in verdicts.items()}
        print(board(kinds, suite.kinds, suite.good, suite.aside))
        for name, verdict in verdicts.items():
            if verdict.kind in options.list:
                print(f"{verdict.kind} {name}: {verdict.detail}")
    return 1 if any(verdict.kind in suite.bad for verdict in verdicts.values()) else 0


# A worker's own, so that each test is sent to it as a name only.
_work: dict[str, Any] = {}


def _begin(judge: Judge, texts: dict[str, str]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent answers Ctrl-C for all
    _work.update(judge=judge, texts=texts)


def _judged(name: str) -> Verdict:
    verdict: Verdict = _work["judge"](name, _work["texts"])
    return verdict


def _wanted(name: str, only: list[str]) -> bool:
    is_taken_in = "/_" in name
    return not is_taken_in and (not only or any(part in name for part in only))


def _at_least_one(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 on")
    return int(text)


def _parser(suite: Suite, about: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(suite.command, description=about)
    parser.add_argument("path", type=Path, metavar="PATH", help="folder or git directory")
    parser.add_argument("--revision", default="HEAD", help="of a git directory")
    parser.add_argument("--only", nargs="*", default=[], metavar="TEXT", help="paths that have it")
    parser.add_argument("--list", nargs="*", default=list(suite.bad), choices=suite.kinds)
    parser.add_argument("--jobs", type=_at_least_one, default=1, metavar="N")
    parser.add_argument("--json", action="store_true")
    return parser
