"""Many programs: each drawn from the campaign's seed and its own number, tried in one process or several."""

from __future__ import annotations

import multiprocessing
import queue
import random
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict
from typing import Any, NamedTuple

from tests.fuzz.choices import from_random
from tests.fuzz.contracts import Program, program
from tests.fuzz.trial import FULL, Counts, Failure, Trial, same_for_all_hashes
from tests.oracle import solc

CHUNK = 10  # programs between reports to whoever counts
LONG = 200  # programs that pay for better code of the reference compiler
HASHES, TOGETHER = 800, 8  # programs between looks at hashes, and how many are looked at


def drawn(seed: int, number: int) -> Program:
    """The program of this number; one in `FULL` is large."""
    return program(from_random(random.Random(f"{seed} {number}")), small=number % FULL != 0)


def programs(seed: int) -> list[Program]:
    """A few."""
    return [drawn(seed, number) for number in range(CHUNK)]


class Plan(NamedTuple):
    """Programs `first` to `first + most - 1` of `seed`, in `jobs` processes."""

    seed: int
    first: int
    most: int
    jobs: int = 1


def lane(plan: Plan, own: int) -> Iterator[Failure | Counts]:
    """Failures, and now and then what was done since the last time, of one process."""
    trial = Trial()
    if plan.most >= LONG and "--no-liftoff" not in solc.NODE:
        solc.NODE.append("--no-liftoff")
    for done, number in enumerate(range(plan.first + own, plan.first + plan.most, plan.jobs), 1):
        failure = trial.one(number, drawn(plan.seed, number))
        if failure is not None:
            yield failure
        if number % HASHES == 0:
            failure = hashes(plan.seed, number)
            if failure is not None:
                yield failure
        if done % CHUNK == 0:
            yield trial.counts
            trial.counts = Counts()
    yield trial.counts


def hashes(seed: int, number: int) -> Failure | None:
    """Whether the order of hashes reaches the bytes of this program and those after it."""
    made = [drawn(seed, number + n) for n in range(TOGETHER)]
    texts = {f"p{n}.sol": p.text() for n, p in enumerate(made)}
    with suppress(Exception):  # one of them does not compile, which is told in its turn
        if not same_for_all_hashes(texts):
            joined = "\n".join(texts.values())
            return Failure("hashes", joined, "other hashes, other bytes", number)
    return None


def lanes(plan: Plan) -> Iterator[Failure | Counts]:
    """The same, of all processes."""
    if plan.jobs == 1:
        yield from lane(plan, 0)
        return
    heard: Any = multiprocessing.Queue()
    workers = [
        multiprocessing.Process(target=_worker, args=(plan, own, heard), daemon=True)
        for own in range(plan.jobs)
    ]
    for worker in workers:
        worker.start()
    running = len(workers)
    while running:
        try:
            event = heard.get(timeout=5)
        except queue.Empty:
            if not any(worker.is_alive() for worker in workers) and heard.empty():
                raise RuntimeError("a process of the campaign ended without a word") from None
            continue
        if event is None:
            running -= 1
        elif isinstance(event, BaseException):
            raise event
        else:
            yield event


def _worker(plan: Plan, own: int, heard: Any) -> None:
    try:
        for event in lane(plan, own):
            heard.put(event)
        heard.put(None)
    except KeyboardInterrupt:
        heard.put(None)
    except Exception as error:
        heard.put(RuntimeError(repr(error)))


class Campaign:
    """Runs a plan and adds up."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.began = time.monotonic()
        self.counts = Counts()
        self.failures: list[Failure] = []

    def run(self) -> Iterator[Failure | None]:
        """Every failure; None after each report of a process."""
        for event in lanes(self.plan):
            if isinstance(event, Failure):
                self.failures.append(event)
                yield event
            else:
                self.counts.add(event)
                yield None

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.began

    def summary(self) -> str:
        counts, seconds = self.counts, self.seconds
        return (
            f"{counts.programs} programs in {seconds:.0f} s ({counts.programs / max(seconds, 1e-9):.1f} a second), "
            f"{counts.builds} builds, {counts.sequences} sequences, {counts.messages} messages "
            f"({100 * counts.reverted / max(counts.messages, 1):.0f} % reverted), {counts.refused} refused by both, "
            f"{counts.large} too large, {counts.older} decided by the newer pipeline, "
            f"{counts.spent} ended for want of gas, "
            f"{counts.further} sides of branches taken by guided messages beside {counts.sides}, "
            f"{len(self.failures)} failures"
        )

    def entry(self) -> dict[str, Any]:
        """For a log."""
        return {
            "seed": self.plan.seed,
            "from": self.plan.first,
            "seconds": round(self.seconds),
            "failures": len(self.failures),
            **asdict(self.counts),
        }
