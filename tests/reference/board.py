"""The board: sources and generated programs, what was compared, what was left out and why, and every mismatch."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from compiler import CompileError, CompileOptions
from tests.contracts.build import closure, read_sources
from tests.differential.twins import Difference
from tests.fuzz.campaign import programs
from tests.fuzz.trial import SETTINGS
from tests.reference.beside import Tally
from tests.reference.explore import OPTIONS, Build, explore, explore_generated, explore_widely

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("corpus", "linked", "lite")


def corpus() -> list[Path]:
    """The sources of the differential tests, in both dialects."""
    return sorted(
        p for folder in FOLDERS for p in (ROOT / "tests/differential" / folder).glob("*.sol")
    )


def facets() -> dict[str, dict[str, str]]:
    """Every facet of `contracts/` with what it imports, by its path."""
    sources = read_sources()
    return {
        path: closure(path, sources) for path in sources if path.startswith("contracts/facets/")
    }


class Stopped(Exception):
    """The first mismatch was found, and no more was asked for."""


class Board:
    """Runs and sums up. `tell` gets the lines."""

    def __init__(self, tell: Callable[[str], Any] = print, first: bool = False) -> None:
        self.tell = tell
        self.first = first
        self.total = Tally()
        self.sources = self.programs = self.refused = 0
        self.mismatches: list[str] = []
        self.began = time.monotonic()

    def source(
        self, label: str, sources: Mapping[str, str], main: str, examples: int,
        *, options: CompileOptions = OPTIONS, drawn: bool = True,
    ) -> None:  # fmt: skip
        """The contracts of the file `main`, swept and, where `drawn`, with sequences as the differential tests draw them."""
        build, tally, found = Build(sources, options), Tally(), len(self.mismatches)
        self.sources += 1
        for name in build.deployable():
            if name.startswith(f"{main}:"):
                tally.contracts += 1
                self._guarded(lambda n=name: explore_widely(build, n, tally, examples))  # type: ignore[misc]
                if drawn:
                    self._guarded(lambda n=name: explore(build, n, tally, examples))  # type: ignore[misc]
        self._told(label, tally, len(self.mismatches) - found)

    def generated(self, first: int, most: int, examples: int = 2) -> None:
        """Programs of the fuzzer from the seed `first` on, with its four settings in turn."""
        tally, found = Tally(), len(self.mismatches)
        for number, text in enumerate(texts(first, most)):
            try:
                build = Build({"p.sol": text}, SETTINGS[number % len(SETTINGS)])
            except CompileError:
                self.refused += 1
                continue
            self.programs += 1
            tally.contracts += 1
            self._guarded(
                lambda b=build, n=number: explore_generated(b, "p.sol:Main", tally, n, examples),  # type: ignore[misc]
                text,
            )
        self._told(f"{self.programs} generated programs", tally, len(self.mismatches) - found)

    def _guarded(self, run: Callable[[], None], text: str = "") -> None:
        try:
            run()
        except Difference as difference:
            self.mismatches.append(f"{difference}\n{text}".strip())
            if self.first:
                raise Stopped from None

    def _told(self, label: str, tally: Tally, mismatches: int) -> None:
        self.total.add(tally)
        left_out = ", ".join(f"{n} × {why}" for why, n in sorted(tally.skipped.items()))
        self.tell(
            f"{label:<32} {tally.contracts:>4} contracts {tally.messages:>6} messages {tally.reverted:>6} reverted "
            f"{mismatches:>3} mismatches{'  left out: ' + left_out if left_out else ''}"
        )

    def summary(self) -> str:
        total, left_out = self.total, sum(self.total.skipped.values())
        return (
            f"{self.sources} sources, {self.programs} programs ({self.refused} refused), {total.contracts} contracts, "
            f"{total.sequences} sequences, {total.messages} messages ({total.reverted} reverted), {left_out} left out, "
            f"{len(self.mismatches)} mismatches, {time.monotonic() - self.began:.0f} s"
        )


def texts(first: int, most: int) -> Iterator[str]:
    """Generated programs."""
    made = 0
    for chunk in range(most):
        for program in programs(first + chunk):
            if made == most:
                return
            made += 1
            yield program.text()
