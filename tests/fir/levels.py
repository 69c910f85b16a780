"""One program at every level: FIR as lowered, FIR behind each pass, and the bytes must do the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from compiler import CompileOptions
from tests.fir.bisect import Subject, Verdict
from tests.fir.chain import FirEvm
from tests.fir.recording import Build
from tests.fir.traces import Script, Trace, drawn, first_difference, trace

SETTINGS = ((0, "gas"), (1, "gas"), (2, "size"), (2, "gas"), (3, "balanced"))


@dataclass
class Counts:
    """Over a test session."""

    contracts: int = 0
    scripts: int = 0
    messages: int = 0
    reverted: int = 0
    limited: int = 0
    stages: int = 0
    bytecodes: int = 0


class Levels:
    """The builds of some sources. FIR that came out alike at several levels is run once."""

    def __init__(self, sources: Mapping[str, str], counts: Counts) -> None:
        self.counts = counts
        self.builds = [Build(sources, CompileOptions(optimize=n, optimize_for=goal)) for n, goal in SETTINGS]  # fmt: skip
        self.stages: dict[str, tuple[Build, int]] = {}
        for build in self.builds:
            for point in build.behind_each_pass():
                self.stages.setdefault(str(build.texts(point)), (build, point))

    def differences(self, contract: str, number: int, scripts: int, most: int) -> list[Verdict]:
        """Random scripts, through every stage; the first that some stage does otherwise."""
        self.counts.contracts += 1
        abi = self.builds[0].contracts[contract].abi
        for script in drawn(abi, number, scripts, most):
            found = self.one(contract, script)
            if found:
                return found
        return []

    def one(self, contract: str, script: Script) -> list[Verdict]:
        """Every stage that differs from FIR as it was lowered."""
        counts, found = self.counts, []
        first = Subject(self.builds[0], contract)
        wanted = first.at(0, script)
        counts.scripts += 1
        counts.messages += len(wanted)
        counts.reverted += sum(not seen.success for seen in wanted)
        counts.limited += any(seen.limited for seen in wanted)
        for build, point in self.stages.values():
            counts.stages += 1
            seen = trace(FirEvm(build.at(point)), build.contracts[contract].bytecode, script)
            found += self._verdict(build, contract, script, wanted, seen)
        for build in self.builds:
            counts.bytecodes += 1
            seen = trace(FirEvm(), build.contracts[contract].bytecode, script)
            found += self._verdict(build, contract, script, wanted, seen)
        return found

    def _verdict(
        self, build: Build, contract: str, script: Script, wanted: Trace, seen: Trace
    ) -> list[Verdict]:
        if first_difference(wanted, seen) is None:
            return []
        return [Subject(build, contract).blame(script, wanted, seen)]
