"""A table of numbers on a terminal."""

from __future__ import annotations

from collections.abc import Sequence


def render(title: str, headings: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Right-aligned columns under a title; the first column is left-aligned."""
    cells = [list(headings), *([str(cell) for cell in row] for row in rows)]
    widths = [max(len(row[i]) for row in cells) for i in range(len(headings))]
    lines = [title]
    for row in cells:
        first, *rest = row
        padded = [cell.rjust(width) for cell, width in zip(rest, widths[1:], strict=True)]
        lines.append("  ".join([first.ljust(widths[0]), *padded]).rstrip())
    lines.insert(2, "-" * len(lines[1]))
    return "\n".join(lines)
