"""One mutant against the tests that run it, in a process of its own.

The parent has imported the tests and deployed the economy; a fork inherits both. A changed facet is
put where the old one was deployed. What has a constructor is deployed anew, with all around it.
"""

from __future__ import annotations

import functools
import json
import os
import signal
import sys
import time
from dataclasses import dataclass
from typing import Any

import pytest
from _pytest.runner import runtestprotocol

from harness.chain.evm import Evm
from harness.diamond.economy import CORE, FACETS
from tests.contracts import economy as economies
from tests.contracts.build import Artifact, build
from tests.contracts.swift_evm import SwiftEvm
from tests.mutation.coverage import Record
from tests.mutation.operators import Mutant
from tests.mutation.sources import changed

KILLED, SURVIVED, INVALID, SAME, NO_TEST = "killed", "survived", "invalid", "same code", "no test"
COUNTED = (KILLED, SURVIVED, NO_TEST)
DEEPEST = 200  # snapshots of one economy on revm
SLOWEST = 20.0  # seconds a test may take at least; more where it took more before


@dataclass(frozen=True)
class Verdict:
    """What became of a mutant. `by` is the test that failed, `deployment`, or a test that hung."""

    state: str
    by: str
    tests: int
    seconds: float

    @property
    def counted(self) -> bool:
        return self.state in COUNTED


def order(
    items: dict[str, Any],
    records: dict[str, Record],
    names: set[str],
    mutant: Mutant,
    killers: list[str],
) -> list[str]:
    """Tests that run one of the contracts: recent killers, then tests of that name, then quick ones."""
    stem = (
        mutant.path.rpartition("/")[2]
        .removesuffix(".sol")
        .removesuffix("Facet")
        .removeprefix("Lib")
    )
    selectors = _selectors(names, mutant.function)

    def key(name: str) -> tuple[bool, bool, float]:
        ran = records[name].ran
        stranger = stem.lower() not in name.rpartition("::")[0].replace("_", "").lower()
        return not selectors & set(ran), stranger, records[name].seconds

    found = [n for n in items if n in records and records[n].passed and names & set(records[n].ran)]
    found.sort(key=key)
    first = [name for name in reversed(killers) if name in found]
    return list(dict.fromkeys(first[:12] + found))


def _selectors(names: set[str], function: str) -> set[str]:
    from tests.contracts.calls import selector_of

    return {
        f"{name}:{selector_of(entry).hex()}"
        for name in names
        for entry in build()[name].abi
        if entry["type"] == "function" and entry["name"] == function
    }


def start(
    mutant: Mutant,
    items: dict[str, Any],
    records: dict[str, Record],
    killers: list[str],
    most: int = sys.maxsize,
) -> tuple[int, int]:
    """Fork; the child's verdict on the `most` likeliest tests comes as JSON through the pipe.

    Gives (pid, end to read).
    """
    reading, writing = os.pipe()
    sys.stdout.flush()
    pid = os.fork()
    if pid:
        os.close(writing)
        return pid, reading
    os.close(reading)
    try:
        verdict = _Child(writing, time.monotonic()).run(mutant, items, records, killers, most)
        _tell(writing, verdict)
    except BaseException as failure:  # the parent must hear of it
        os.write(writing, json.dumps({"error": repr(failure)}).encode())
    finally:
        os._exit(0)


def _tell(pipe: int, verdict: Verdict) -> None:
    os.write(pipe, json.dumps(vars(verdict)).encode())


def finish(reading: int, pid: int) -> Verdict:
    """Read a child's verdict."""
    with os.fdopen(reading) as file:
        text = file.read()
    os.waitpid(pid, 0)
    answer = json.loads(text or '{"error": "the process died"}')
    if "error" in answer:
        raise RuntimeError(answer["error"])
    return Verdict(**answer)


class _Child:
    def __init__(self, pipe: int, began: float) -> None:
        self.pipe = pipe
        self.began = began
        self.current = ""
        self.ran = 0
        silent = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silent, 1)
        os.dup2(silent, 2)
        signal.signal(signal.SIGALRM, self._hung)
        signal.signal(signal.SIGPROF, self._hung)

    def verdict(self, state: str, by: str = "") -> Verdict:
        return Verdict(state, by, self.ran, round(time.monotonic() - self.began, 2))

    def _hung(self, number: int, frame: Any) -> None:
        _tell(self.pipe, self.verdict(KILLED, f"{self.current} (hung)"))
        os._exit(0)

    def run(
        self,
        mutant: Mutant,
        items: dict[str, Any],
        records: dict[str, Record],
        killers: list[str],
        most: int,
    ) -> Verdict:
        found = changed(mutant)
        if found is None:
            return self.verdict(INVALID)
        if not found:
            return self.verdict(SAME)
        names = set(found)
        tests = order(items, records, names, mutant, killers)[:most]
        if not tests:
            return self.verdict(NO_TEST)
        before = before_any()
        install(found)
        killer = self._first_failure(tests, items, records)
        if killer:
            return self.verdict(KILLED, killer)
        # The economy was set up by the code before the change. Does the change set up the same?
        self.current = "deployment"
        _limit(120)
        economies._shared.clear()
        economies.usual = Evm
        try:
            economies.bare()
            economies.shared()
        except BaseException:
            return self.verdict(KILLED, "deployment")
        again = _states()
        if any(again[kind] != before[kind] for kind in before.keys() & again.keys()):
            # No test ran what deployment did, so it is for every test of a diamond to notice.
            tests = order(items, records, {*names, "Diamond"}, mutant, killers)[:most]
            killer = self._first_failure(tests, items, records)
        return self.verdict(KILLED, killer) if killer else self.verdict(SURVIVED)

    def _first_failure(
        self, tests: list[str], items: dict[str, Any], records: dict[str, Record]
    ) -> str:
        for name, after in zip(tests, [*tests[1:], ""], strict=True):
            self.current = name
            self.ran += 1
            _limit(max(SLOWEST, 8 * records[name].seconds))
            if not self._passes(items[name], items.get(after), records[name]):
                _limit(0)
                return name
        _limit(0)
        return ""

    def _passes(self, item: Any, following: Any, record: Record) -> bool:
        """Revm may say that all is well; that a mutant is noticed is for py-evm to say."""
        if record.swift and passes(item, following, swift=True):
            return True
        return passes(item, following)


def _deep(evm: Evm) -> bool:
    return isinstance(evm, SwiftEvm) and len(evm._marks) > DEEPEST


def _limit(seconds: float) -> None:
    """Of this process's own time, so that a busy machine kills no mutant; five times as long by the clock."""
    signal.setitimer(signal.ITIMER_PROF, seconds)
    signal.setitimer(signal.ITIMER_REAL, 5 * seconds)


def passes(item: pytest.Item, following: pytest.Item | None, *, swift: bool = False) -> bool:
    """Run one test, its fixtures included, on py-evm or on revm."""
    economies.usual = SwiftEvm if swift else Evm
    if swift:
        # Every snapshot that a test does not go back to leaves revm one call deeper, of 1,024.
        for key in [k for k, e in economies._shared.items() if _deep(e.evm)]:
            del economies._shared[key]
    return not any(r.failed for r in runtestprotocol(item, nextitem=following, log=False))


def install(found: dict[str, Artifact] | Any) -> None:
    """Put changed contracts where the economies have them."""
    artifacts: Any = build()
    whole = any(
        name not in FACETS or name in CORE or _constructed(artifact)
        for name, artifact in found.items()
        if not artifact.path.startswith("contracts/mocks/")  # deployed by their own tests
    )
    artifacts.update(found)
    if whole:
        economies._shared.clear()
        return
    # Revm keeps code that it has loaded, and deploys in no time: there the economy is set up anew.
    for key, economy in list(economies._shared.items()):
        if type(economy.evm) is not Evm:
            del economies._shared[key]
            continue
        economy.fresh()
        economy.artifacts.update(found)  # for what tests deploy themselves
        for name, artifact in found.items():
            if name in economy.code:
                economy.evm.set_code(economy.code[name], artifact.runtime)
        economy.base = economy.evm.snapshot()


def _constructed(artifact: Artifact) -> bool:
    """Whether the contract has a constructor, and so a state of its own to begin with."""
    return any(entry["type"] == "constructor" for entry in artifact.abi)


@functools.cache
def before_any() -> dict[object, tuple[dict[int, int], ...]]:
    """As deployed from the sources without a mistake; a campaign asks once, before it forks."""
    return _states()


def _states() -> dict[object, tuple[dict[int, int], ...]]:
    """Of every economy on py-evm; revm's storage cannot be enumerated."""
    found = economies._shared.items()
    return {key: _state(economy) for key, economy in found if type(economy.evm) is Evm}


def _state(economy: economies.Economy) -> tuple[dict[int, int], ...]:
    """The storage of what holds value, right after deployment."""
    economy.fresh()
    held = economy.diamond, economy.credits.address, economy.usd.address
    return tuple(economy.evm.storage(address) for address in held)
