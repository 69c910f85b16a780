"""A failing program made small: whole contracts, functions and statements go, then parts of expressions, as long
as it fails in the same way. What is no program any more the reference refuses in milliseconds."""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Iterator
from pathlib import Path

from tests.fuzz.contracts import Program
from tests.fuzz.trial import Failure, Trial

FOUND = Path(__file__).parent / "found"
SECONDS = 150  # of shrinking one failure


class Written(Program):
    """A program that is there as text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self._text = text

    def text(self, backwards: bool = False) -> str:
        return self._text


def shrunk(failure: Failure, trial: Trial, seconds: float = SECONDS) -> Failure:
    """The smallest program found that fails alike; the failure itself where none does."""
    until = time.monotonic() + seconds
    known: set[str] = {failure.text}
    best = failure
    found = True
    while found:
        found = False
        for text in (*_fewer_lines(best.text), *_simpler_lines(best.text)):
            if time.monotonic() > until:
                return best
            if text in known or len(text) >= len(best.text):
                continue
            known.add(text)
            smaller = _alike(trial, failure, text)
            if smaller is not None:
                best, found = smaller, True
                break
    return best


def _alike(trial: Trial, failure: Failure, text: str) -> Failure | None:
    found = trial.batch([(failure.number, Written(text))])
    return found[0] if found and found[0].kind == failure.kind else None


def _fewer_lines(text: str) -> Iterator[str]:
    """Without one line, or one block with all that is in it; the largest go first. Then blocks lose their frame."""
    lines = text.splitlines()
    blocks = sorted(_blocks(lines), key=lambda b: b[0] - b[1])
    for start, end in blocks:
        yield "\n".join([*lines[:start], *lines[end:]]) + "\n"
    for start, end in blocks:
        if end - start > 2:
            frame = lines[start][: len(lines[start]) - len(lines[start].lstrip())] + "}"
            inner = [line for line in lines[start + 1 : end - 1] if not line.startswith(frame)]
            yield "\n".join([*lines[:start], *inner, *lines[end:]]) + "\n"


def _blocks(lines: list[str]) -> Iterator[tuple[int, int]]:
    for start, line in enumerate(lines):
        depth, end = line.count("{") - line.count("}"), start + 1
        while depth > 0 and end < len(lines):
            depth += lines[end].count("{") - lines[end].count("}")
            end += 1
        if depth == 0:
            yield start, end


_INNER = re.compile(r"\(([^()]*)\)")
_OPERANDS = re.compile(r" (?:[-+*/%&|^<>]|\*\*|<<|>>|&&|\|\||[=!<>]=|\? |:) ")


def _simpler_lines(text: str) -> Iterator[str]:
    """An innermost expression in parentheses becomes one of its operands."""
    for match in _INNER.finditer(text):
        for operand in _OPERANDS.split(match[1]):
            if operand.strip() and operand != match[1]:
                yield text[: match.start()] + operand.strip() + text[match.end() :]


def write(failure: Failure, folder: Path = FOUND) -> Path:
    """As a permanent test."""
    digest = hashlib.sha256(failure.text.encode()).hexdigest()[:8]
    word = re.sub(r"[^a-z0-9]+", "_", failure.kind.lower())[:30].strip("_")
    path = folder / f"{word}_{digest}.sol"
    folder.mkdir(exist_ok=True)
    path.write_text(failure.text)
    return path
