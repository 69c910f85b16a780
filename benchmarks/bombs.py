"""Sources made to be slow, deep or huge: how long each takes, or which limit it meets.

Every one should be done in two seconds on a machine that does nothing else; the board says which are not.
"""

from __future__ import annotations

import time

from compiler import CompileError, compile_sources
from tests.compiler.bombs import COMPILES, REFUSED, Bomb
from tests.gas.table import render

BAR = 2.0


def main() -> str:
    rows, slow = [], 0
    for name, bomb in (*COMPILES.items(), *REFUSED.items()):
        files = bomb.make(bomb.size)
        seconds, answer = measure(bomb, files)
        slow += seconds > BAR
        size = sum(map(len, files.values()))
        rows.append((name, f"{size:,}", answer, f"{seconds:.2f}" + (" !" if seconds > BAR else "")))
    headings = ("source", "characters", "bytes of code, or refusal", "seconds")
    title = f"Bombs: {len(rows)} sources, {slow} above {BAR:g} s"
    return render(title, headings, rows)


def measure(bomb: Bomb, files: dict[str, str]) -> tuple[float, str]:
    """Seconds, and what came of it."""
    started = time.perf_counter()
    try:
        answer = f"{len(compile_sources(files).contract('A').runtime):,}"
    except CompileError as problem:
        codes = {d.code for d in problem.diagnostics}
        answer = bomb.answer if bomb.answer in codes else min(codes)
    return time.perf_counter() - started, answer
