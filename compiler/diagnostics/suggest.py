"""Did-you-mean: the closest known name by edit distance (Damerau-Levenshtein, restricted)."""

from __future__ import annotations

from collections.abc import Iterable


def distance(a: str, b: str, limit: int) -> int:
    """Edits from `a` to `b` (insert, delete, replace, swap neighbours); `limit + 1` when more."""
    if abs(len(a) - len(b)) > limit:
        return limit + 1
    before: list[int] = []
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        previous, row = row, [i] + [0] * len(b)
        for j, y in enumerate(b, 1):
            cost = min(previous[j] + 1, row[j - 1] + 1, previous[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                cost = min(cost, before[j - 2] + 1)
            row[j] = cost
        if min(row) > limit:
            return limit + 1
        before = previous
    return row[-1]


def closest(word: str, candidates: Iterable[str]) -> str | None:
    """The candidate at most a third of the word's length away, ties by alphabet."""
    limit = -(-len(word) // 3)
    best: tuple[int, str] | None = None
    for candidate in sorted(set(candidates)):
        if not candidate or len(candidate) > 200:
            continue
        if candidate.lower() == word.lower():
            return candidate
        edits = distance(word, candidate, limit)
        if edits <= limit and edits < len(word) and (best is None or edits < best[0]):
            best = (edits, candidate)
    return best[1] if best else None
