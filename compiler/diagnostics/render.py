"""Draws diagnostics: a headline, the source line with a caret, notes and a hint."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from compiler.diagnostics.errors import Diagnostic
from compiler.source import SourceFile, SourceSet, Span

_COLOURS = {"error": "\x1b[1;31m", "warning": "\x1b[1;33m", "note": "\x1b[1;36m"}
_BOLD, _BLUE, _RESET = "\x1b[1m", "\x1b[1;34m", "\x1b[0m"
MAX_WIDTH = 160
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def render_text(diagnostics: Iterable[Diagnostic], sources: SourceSet, colour: bool = False) -> str:
    """All diagnostics as text for a terminal."""
    return "\n".join(_render_one(d, sources, colour) for d in diagnostics)


def _render_one(diagnostic: Diagnostic, sources: SourceSet, colour: bool) -> str:
    paint = _painter(colour)
    head = paint(f"{diagnostic.severity}[{diagnostic.code}]", _COLOURS[diagnostic.severity])
    lines = [f"{head}{paint(': ' + _harmless(diagnostic.message), _BOLD)}"]
    gutter = "  "
    if diagnostic.span is not None:
        file = sources.file_at(diagnostic.span[0])
        gutter = " " * len(str(file.line_column(diagnostic.span[0])[0]))
        lines += _snippet(file, diagnostic.span, "", paint, gutter)
    above = _place(diagnostic.span, sources)
    for span, text in diagnostic.labels:
        file = sources.file_at(span[0])
        if _place(span, sources) == above:  # on the line that is printed already
            lines.append(_caret(file, span, text, paint, gutter))
            continue
        lines += _snippet(file, span, text, paint, gutter)
        above = _place(span, sources)
    for note in diagnostic.notes:
        lines.append(f"{gutter} = note: {_harmless(note)}")
    if diagnostic.hint:
        lines.append(f"{gutter} = help: {_harmless(diagnostic.hint)}")
    return "\n".join(lines) + "\n"


def _harmless(text: str) -> str:
    """Text from a source or path without characters that move the cursor or colour a terminal."""
    return _CONTROL.sub("\ufffd", text)


def _place(span: Span | None, sources: SourceSet) -> tuple[str, int, int] | None:
    """File and line of a span, and how its line is cut for printing."""
    if span is None:
        return None
    file = sources.file_at(span[0])
    return file.path, file.line_column(span[0])[0], _shown(file, span)[1]


def _painter(colour: bool) -> Any:
    if colour:
        return lambda text, code: f"{code}{text}{_RESET}"
    return lambda text, code: text


def _snippet(file: SourceFile, span: Span, label: str, paint: Any, gutter: str) -> list[str]:
    line, column = file.line_column(span[0])
    text, _ = _shown(file, span)
    number = str(line).rjust(len(gutter))
    bar = paint("|", _BLUE)
    return [
        f"{gutter}{paint('-->', _BLUE)} {_harmless(file.path)}:{line}:{column}",
        f"{gutter} {bar}",
        f"{paint(number, _BLUE)} {bar} {text}",
        _caret(file, span, label, paint, gutter),
    ]


def _caret(file: SourceFile, span: Span, label: str, paint: Any, gutter: str) -> str:
    """The line of carets below a source line, with what they point out."""
    _, column = file.line_column(span[0])
    text, shift = _shown(file, span)
    width = max(min(span[1] - span[0], len(text) + shift - column + 1), 1)
    caret = " " * (column - 1 - shift) + "^" * min(width, MAX_WIDTH)
    bar = paint("|", _BLUE)
    return f"{gutter} {bar} {paint(caret, _COLOURS['error'])}{' ' + label if label else ''}"


def _shown(file: SourceFile, span: Span) -> tuple[str, int]:
    """The part of a source line that is printed, and how many characters are left out in front of it."""
    line, column = file.line_column(span[0])
    text = file.line_text(line)
    width = max(min(span[1] - span[0], len(text) - column + 1), 1)
    shift = max(column - MAX_WIDTH // 2, 0) if column + width > MAX_WIDTH else 0
    return _harmless(text[shift : shift + MAX_WIDTH].replace("\t", " ")), shift


def to_json(diagnostic: Diagnostic, sources: SourceSet) -> dict[str, Any]:
    """One diagnostic as plain data: offsets in UTF-8 bytes, line and column in code points."""
    return {
        "code": diagnostic.code,
        "severity": diagnostic.severity,
        "message": diagnostic.message,
        "location": _location(diagnostic.span, sources),
        "labels": [
            {"location": _location(span, sources), "text": text} for span, text in diagnostic.labels
        ],
        "notes": list(diagnostic.notes),
        "hint": diagnostic.hint,
        "rendered": _render_one(diagnostic, sources, colour=False),
    }


def _location(span: Span | None, sources: SourceSet) -> dict[str, Any] | None:
    if span is None:
        return None
    file = sources.file_at(span[0])
    line, column = file.line_column(span[0])
    return {
        "file": file.path,
        "line": line,
        "column": column,
        "start": file.byte_offset(span[0]),
        "end": file.byte_offset(min(span[1], file.end)),
    }
