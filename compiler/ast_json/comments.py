"""Documentation comments as solc reads them: where one stands and what it says.

Of the comments before a token the last `///` block or `/** */` counts. Lines of a `///` block are joined; the text keeps the
spaces that its later lines start with, but not those of the first.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_COMMENT = re.compile(r"//[^\n\r]*|/\*(?:[^*]|\*(?!/))*\*/")
_SPACES = " \t\f\v"


class Comment(NamedTuple):
    """Offsets into the file, in characters, and the text."""

    start: int
    end: int
    text: str


def last_comment(text: str, start: int, end: int) -> Comment | None:
    """The documentation between two tokens; nothing but spaces and comments stands there."""
    found: Comment | None = None
    at = start
    while (match := _COMMENT.search(text, at, end)) is not None:
        at, word = match.end(), match.group()
        if word.startswith("///") and not word.startswith("////"):
            found, at = _lines(text, match.start())
        elif word.startswith("/**") and len(word) > 4 and not word.startswith("/***"):
            found = Comment(match.start(), match.end(), _block(word[3:-2]))
    return found if found is not None and found.text else None


def _lines(text: str, start: int) -> tuple[Comment, int]:
    """A block of `///` lines, and where to read on."""
    at = _skip(text, start + 3)
    parts: list[str] = []
    while True:
        stop = _line_end(text, at)
        parts.append(text[at:stop])
        following = _next_line(text, stop)
        indented = _skip(text, following)
        end = stop if indented > following else following
        again = text.startswith("///", indented) and not text.startswith("////", indented)
        if following == stop or not again:
            return Comment(start, end, "".join(parts)), indented
        at = indented + 3
        if _line_end(text, at) > at:
            parts.append("\n")


def _skip(text: str, at: int) -> int:
    while at < len(text) and text[at] in _SPACES:
        at += 1
    return at


def _line_end(text: str, at: int) -> int:
    while at < len(text) and text[at] not in "\n\r":
        at += 1
    return at


def _next_line(text: str, at: int) -> int:
    """Past the line end at `at`, if there is one."""
    if text.startswith("\r\n", at):
        return at + 2
    return min(at + 1, len(text))


def _block(body: str) -> str:
    """The text between `/**` and `*/`. A star that starts a line is dropped, and so are lines without text."""
    first, *rest = re.split(r"\r\n|\n|\r", body)
    result = first.lstrip(_SPACES)
    for number, line in enumerate(rest, 1):
        line = line.lstrip(_SPACES)
        if line.startswith("**") or (line == "*" and number == len(rest)):
            result += line  # two stars are text, without the end of the line before them
            continue
        line = line.removeprefix("*")
        if line:
            result += f"\n{line}" if result else line
    return result
