"""A pytest plugin that, in place of the usual run, tries mutants one after another."""

from __future__ import annotations

import gc
import selectors
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.contracts import swift_evm
from tests.contracts.counterparts.build import vyper
from tests.contracts.counterparts.dollars import DOLLARS, economy_in
from tests.contracts.economy import bare
from tests.mutation import coverage, trial
from tests.mutation.operators import Mutant
from tests.mutation.trial import Verdict

Told = Callable[[str, Mutant, Verdict], None]


@dataclass
class Target:
    """Mutants of one source, in the order to try, until `wanted` of them counted."""

    name: str
    waiting: list[Mutant]
    wanted: int
    counted: int = 0
    running: int = 0
    killers: list[str] = field(default_factory=list)

    def next(self) -> Mutant | None:
        if not self.waiting or self.counted + self.running >= self.wanted:
            return None
        self.running += 1
        return self.waiting.pop(0)


class Campaign:
    """`told` hears of every verdict, also of mutants that do not count; `most` tests are tried on each."""

    def __init__(
        self, targets: list[Target], jobs: int, told: Told, most: int = sys.maxsize
    ) -> None:
        self.targets = targets
        self.jobs = jobs
        self.told = told
        self.most = most

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        items = {item.nodeid: item for item in session.items}
        # What is compiled and deployed here, no child has to.
        bare(), vyper("VyperWallet")
        for dollar in DOLLARS:
            economy_in(dollar)
        records = self._records(items)
        trial.before_any()
        gc.freeze()  # so that a child's collector does not copy what it inherits
        running: dict[int, tuple[Target, Mutant, int]] = {}
        with selectors.DefaultSelector() as ready:
            while True:
                self._fill(items, records, running, ready)
                if not running:
                    return True
                for key, _ in ready.select():
                    target, mutant, pid = running.pop(key.fd)
                    ready.unregister(key.fd)
                    verdict = trial.finish(key.fd, pid)
                    target.running -= 1
                    target.counted += verdict.counted
                    if verdict.by in items:
                        target.killers.append(verdict.by)
                    self.told(target.name, mutant, verdict)

    def _fill(self, items: Any, records: Any, running: Any, ready: Any) -> None:
        for target in self.targets:
            while len(running) < self.jobs:
                mutant = target.next()
                if mutant is None:
                    break
                pid, reading = trial.start(mutant, items, records, target.killers, self.most)
                running[reading] = target, mutant, pid
                ready.register(reading, selectors.EVENT_READ)

    def _records(self, items: dict[str, pytest.Item]) -> dict[str, coverage.Record]:
        """Measure the tests that have no record yet."""
        known = coverage.load()
        digests = {path: coverage.digest(path) for path in {item.path for item in items.values()}}
        missing = [
            item
            for name, item in items.items()
            if name not in known or known[name].digest != digests[item.path]
        ]
        if missing:
            print(f"measuring {len(missing)} of {len(items)} tests", flush=True)
        for number, item in enumerate(missing):
            following = missing[number + 1] if number + 1 < len(missing) else None
            ran: set[str] = set()
            began = time.monotonic()
            with coverage.watching(ran):
                passed = trial.passes(item, following)
            seconds = round(time.monotonic() - began, 3)
            swift = swift_evm.AVAILABLE and passed and trial.passes(item, following, swift=True)
            known[item.nodeid] = coverage.Record(
                digests[Path(item.path)], seconds, passed, tuple(sorted(ran)), swift
            )
            if following is None or number % 50 == 49:
                coverage.save(known)
        return {name: known[name] for name in items}
