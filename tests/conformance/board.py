"""A table of verdicts per directory."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Mapping, Sequence


def board(kinds: Mapping[str, str], columns: Sequence[str], good: Sequence[str], aside: str) -> str:
    """Counts of `kinds` (path to word) per first directory and in all, one column per word.

    The share is that of the `good` words among all that are not the word `aside`."""
    rows: dict[str, Counter[str]] = {}
    for name, kind in kinds.items():
        directory, slash, _ = name.partition("/")
        rows.setdefault(directory if slash else "(top)", Counter())[kind] += 1
    total: Counter[str] = Counter()
    for counts in rows.values():
        total.update(counts)
    width = max(11, *map(len, columns)) + 1
    lines = [f"{'directory':28}" + "".join(f"{word:>{width}}" for word in columns) + "    share"]
    for name, counts in [*sorted(rows.items()), ("all", total)]:
        run = sum(counts.values()) - counts[aside]
        share = f"{sum(counts[word] for word in good) / run:8.1%}" if run else "       -"
        lines.append(
            f"{name:28}" + "".join(f"{counts[word]:{width}}" for word in columns) + " " + share
        )
    return "\n".join(lines)


def progress(done: int, total: int) -> None:
    """A counter on a terminal."""
    if sys.stderr.isatty():
        print(f"\r{done} of {total}", end="\n" if done == total else "", file=sys.stderr)
