"""A failing program made small by hypothesis, and written where it becomes a test."""

from __future__ import annotations

import contextlib
import hashlib
import re
import time
from pathlib import Path

from hypothesis import Phase

from tests.fuzz.campaign import drawn
from tests.fuzz.contracts import Program
from tests.fuzz.trial import Failure, Trial

FOUND = Path(__file__).parent / "found"
SECONDS = 150  # of shrinking one failure


class _Late(BaseException):
    """Time is up. Hypothesis lets it through."""


class _Still(Exception):
    """The program still fails in the same way."""


def shrunk(
    chunk_seed: int, failure: Failure, trial: Trial, number: int = 0, seconds: float = SECONDS
) -> Failure:
    """The smallest program found that fails alike; the failure itself where none does."""
    best, known = failure, dict[str, Failure | None]()
    armed, began = False, time.monotonic()

    def probe(made: Program) -> None:
        nonlocal armed, best
        text = made.text()
        if not armed:
            if text != failure.text:
                return
            armed = True
            known[text] = failure
        if text not in known:
            if time.monotonic() - began > seconds:
                raise _Late
            known[text] = _alike(trial, number, made, failure.kind)
        found = known[text]
        if found is not None:
            if len(found.text) < len(best.text):
                best = found
            raise _Still(found.told)

    with contextlib.suppress(_Late, Exception):  # the last is how hypothesis ends
        drawn(chunk_seed, [Phase.generate, Phase.shrink], probe)
    return best


def _alike(trial: Trial, number: int, made: Program, kind: str) -> Failure | None:
    found = trial.batch([(number, made)])
    return found[0] if found and found[0].kind == kind else None


def write(failure: Failure, folder: Path = FOUND) -> Path:
    """As a permanent test."""
    digest = hashlib.sha256(failure.text.encode()).hexdigest()[:8]
    word = re.sub(r"[^a-z0-9]+", "_", failure.kind.lower())[:30].strip("_")
    path = folder / f"{word}_{digest}.sol"
    folder.mkdir(exist_ok=True)
    path.write_text(failure.text)
    return path
