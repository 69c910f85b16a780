"""The text of a documentation comment, taken out of its slashes and stars exactly as solc does it.

Which blanks and line ends belong to the text shows in userdoc and devdoc, and decides what counts as a tag's line.
"""

from __future__ import annotations

_BLANK, _LINE_END = " \t", "\r\n"


def line_text(comment: str, before: str | None) -> str:
    """The text with a `///` comment, which goes on after `before` or is the first line.

    The blanks in front of the first line do not belong to it; a line with nothing in it is left out."""
    content = comment[3:].rstrip("\r")
    if before is None:
        return content.lstrip(_BLANK)
    return f"{before}\n{content}" if content else before


def block_text(comment: str) -> str:
    """The text of `/** … */`: of each further line, what follows the blanks and the star it begins with."""
    text: list[str] = []
    at, written = 3, False
    while comment[at] in _BLANK:
        at += 1
    while True:
        if comment[at] in _LINE_END:
            while comment[at] in _BLANK + _LINE_END:
                at += 1
            if comment.startswith("**", at):
                text.append("*")
                at += 1
            elif comment[at] == "*" and comment[at + 1] != "/":
                at += 1
                if comment[at] in _LINE_END:
                    continue
                text += "\n" * written
            elif comment[at] != "*":
                text += "\n" * written
        if comment.startswith("*/", at):
            return "".join(text)
        text.append(comment[at])
        written = True
        at += 1
