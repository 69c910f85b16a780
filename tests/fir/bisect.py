"""Which pass changed what a program does: between lowering, every pass over every function, and the bytes."""

from __future__ import annotations

import copy
import difflib
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from compiler import CompileOptions
from tests.fir.chain import FirEvm
from tests.fir.recording import Build, Step
from tests.fir.traces import Script, Seen, Trace, drawn, first_difference, trace

LOWERING, BACK_END = "lowering", "the back end"


class Verdict(NamedTuple):
    """`culprit` is a pass, "lowering" or "the back end"; `at` the step of the script that shows it, with what was
    seen before and behind the culprit. `change` is what a pass did to a function."""

    culprit: str
    script: Script
    at: int
    before: Seen | None
    after: Seen | None
    change: Step | None = None

    def told(self) -> str:
        """The whole story."""
        lines = [f"first wrong after {self.culprit}", f"  {self.script.told(self.at)}"]
        for word, seen in (("before", self.before), ("after", self.after)):
            lines.append(f"  {word}: {seen.told() if seen is not None else 'not reached'}")
        if self.change is not None:
            lines.append(f'  in {self.change.module}, function "{self.change.function}":')
            old, new = self.change.before.splitlines(), self.change.after.splitlines()
            lines += difflib.unified_diff(old, new, "before", "after", lineterm="", n=3)
        return "\n".join(lines)


class Subject:
    """One contract of a build, and what it shows at each point. `expected` is creation code of another compiler's:
    what it does is right then, and lowering may be wrong."""

    def __init__(self, build: Build, contract: str, expected: bytes | None = None) -> None:
        self.build = build
        self.code = build.contracts[contract].bytecode
        self.expected = expected
        self.points = len(build.steps)

    def at(self, point: int, script: Script) -> Trace:
        return trace(FirEvm(self.build.at(point)), self.code, script)

    def bytecode(self, script: Script) -> Trace:
        return trace(FirEvm(), self.code, script)

    def wanted(self, script: Script) -> Trace:
        """What the other compiler's code does, or else FIR as lowering made it."""
        if self.expected is not None:
            return trace(FirEvm(), self.expected, script)
        return self.at(0, script)

    def judge(self, script: Script) -> Verdict | None:
        """Nothing where the bytes do what is wanted, or where only limits of the EVM tell them apart."""
        wanted = self.wanted(script)
        found = self.bytecode(script)
        if first_difference(wanted, found) is None:
            return None
        return self.blame(script, wanted, found)

    def blame(self, script: Script, wanted: Trace, found: Trace) -> Verdict:
        """Halves the way between right and wrong until they are one step apart."""
        first = self.at(0, script)
        if first_difference(wanted, first) is not None:
            return _verdict(LOWERING, script, wanted, first)
        last = self.at(self.points, script)
        if first_difference(wanted, last) is None:
            return _verdict(BACK_END, script, wanted, found)
        right, wrong = 0, self.points
        seen = {right: first, wrong: last}
        while wrong - right > 1:
            middle = (right + wrong) // 2
            seen[middle] = self.at(middle, script)
            if first_difference(wanted, seen[middle]) is None:
                right = middle
            else:
                wrong = middle
        step = self.build.steps[right]
        return _verdict(step.name, script, seen[right], seen[wrong], step)


def _verdict(
    culprit: str, script: Script, before: Trace, after: Trace, change: Step | None = None
) -> Verdict:
    at = first_difference(before, after) or 0
    there = [side[at] if at < len(side) else None for side in (before, after)]
    return Verdict(culprit, script, at, there[0], there[1], change)


def bisect(
    sources: Mapping[str, str],
    options: CompileOptions,
    contract: str,
    scripts: Sequence[Script] = (),
    *,
    explore: int = 8,
    expected: bytes | None = None,
) -> Verdict | None:
    """The first script that shows a difference decides; without scripts some are drawn."""
    build = Build(sources, copy.copy(options))
    full_name = next(n for n in build.contracts if contract in (n, n.rpartition(":")[2]))
    subject = Subject(build, full_name, expected)
    chosen: Iterable[Script] = scripts
    if not scripts:
        abi = build.contracts[full_name].abi
        chosen = (s for number in range(explore) for s in drawn(abi, number, 2, 12))
    for script in chosen:
        verdict = subject.judge(script)
        if verdict is not None:
            return verdict
    return None
