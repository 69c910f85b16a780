"""Where a brace is probably missing: the one whose partner stands in another column."""

from __future__ import annotations

from compiler.source import Span
from compiler.syntax.tokens import Tokens


def mismatched(tokens: Tokens) -> tuple[Span, Span] | None:
    """The first `{` that is closed by a `}` which starts a line at another column than the line of the `{`."""
    file = tokens.file
    open_braces: list[int] = []
    for index, kind in enumerate(tokens.kinds):
        if kind == "{":
            open_braces.append(index)
        elif kind == "}" and open_braces:
            opened = open_braces.pop()
            start, end = tokens.starts[opened], tokens.starts[index]
            line, column = file.line_column(end)
            above = file.line_column(start)[0]
            starts_line = not file.line_text(line)[: column - 1].strip()
            if line != above and starts_line and column - 1 != _indent(file.line_text(above)):
                return (start, start + 1), (end, end + 1)
    return None


def _indent(text: str) -> int:
    return len(text) - len(text.lstrip())
