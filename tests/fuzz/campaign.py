"""Many programs: drawn by hypothesis in chunks, each chunk from a seed of its own, tried in batches."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from tests.fuzz.choices import Choices
from tests.fuzz.contracts import Program, program
from tests.fuzz.trial import Failure, Trial, same_for_all_hashes

CHUNK = 10  # from the eleventh on hypothesis draws variations of what it drew before
HASHES, TOLD = 16, 4  # chunks between looks at hashes, and between reports


def drawn(chunk_seed: int, phases: list[Phase], run: Callable[[Program], None]) -> None:
    """The chunk's programs, one after the other; the same seed draws the same."""

    @seed(chunk_seed)
    @settings(
        max_examples=CHUNK,
        deadline=None,
        database=None,
        phases=phases,
        suppress_health_check=list(HealthCheck),
    )
    @given(data=st.data())
    def each(data: st.DataObject) -> None:
        run(program(Choices(lambda strategy: data.draw(strategy))))

    each()


def programs(chunk_seed: int) -> list[Program]:
    """Of one chunk, without those that are nearly alike."""
    found: list[tuple[set[str], Program]] = []

    def keep(made: Program) -> None:
        lines = {line for line in made.text().splitlines() if len(line) > 12}
        if all(len(lines & other) < len(lines) // 2 for other, _ in found):
            found.append((lines, made))

    drawn(chunk_seed, [Phase.generate], keep)
    return [made for _, made in found]


class Campaign:
    """Runs until `most` programs were tried. `tell` hears what goes on."""

    def __init__(
        self, trial: Trial, first_seed: int, most: int, tell: Callable[[str], Any] = print
    ) -> None:
        self.trial = trial
        self.first_seed = first_seed
        self.most = most
        self.tell = tell
        self.began = time.monotonic()
        self.failures: list[tuple[int, Failure]] = []

    def run(self) -> Iterator[tuple[int, Failure]]:
        """Every failure with the seed of its chunk."""
        counts, chunk = self.trial.counts, 0
        while counts.programs < self.most:
            chunk_seed = self.first_seed + chunk
            made = programs(chunk_seed)[: self.most - counts.programs]
            numbered = list(enumerate(made, chunk * CHUNK))
            for failure in self.trial.batch(numbered):
                self.failures.append((chunk_seed, failure))
                yield chunk_seed, failure
            if chunk % HASHES == 0:
                self._hashes(made[:4])
            if chunk % TOLD == TOLD - 1:
                self.tell(self.summary())
            chunk += 1

    def _hashes(self, made: list[Program]) -> None:
        texts = {f"p{n}.sol": p.text() for n, p in enumerate(made)}
        try:
            same = same_for_all_hashes(texts)
        except Exception:  # one of them does not compile, which was told already
            return
        if not same:
            self.failures.append(
                (0, Failure("hashes", "\n".join(texts.values()), "other hashes, other bytes"))
            )

    def summary(self) -> str:
        counts, seconds = self.trial.counts, time.monotonic() - self.began
        return (
            f"{counts.programs} programs in {seconds:.0f} s ({counts.programs / max(seconds, 1e-9):.1f} a second), "
            f"{counts.sequences} sequences, {counts.messages} messages ({100 * counts.reverted / max(counts.messages, 1):.0f} % reverted), "
            f"{counts.refused} refused by both, {counts.large} too large, {len(self.failures)} failures"
        )
