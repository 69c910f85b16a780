"""Our diagnostics as entries of solc's `errors`: its kinds, its numbers where the condition is the same, its layout.

`errorCode` must be a number, or tools refuse the whole answer; a diagnostic for which solc has no number goes without,
and its own code stands in the text.
"""

from __future__ import annotations

from typing import Any

from compiler.diagnostics.errors import Diagnostic
from compiler.source import SourceSet, Span

NUMBERS = {
    "SL0101": "2314", "SL0102": "2314", "SL0103": "2314", "SL0107": "9636", "SL0110": "2314", "SL0112": "7858",
    "SL0113": "6326", "SL0118": "7304", "SL0122": "4936", "SL0201": "7576", "SL0203": "2904", "SL0207": "9582",
    "SL0212": "6275", "SL0303": "9640", "SL0309": "9429", "SL0317": "5145", "SL0402": "4487", "SL0403": "9322",
    "SL0410": "8961", "SL0411": "2527", "SL0501": "8342", "SL0502": "5005", "SL0508": "4266", "SL0509": "6377",
    "SL0510": "7249", "SL0513": "3656", "SL0514": "2046", "SL0520": "7792", "SL0521": "4334", "SL0524": "6480",
    "SL0601": "9079", "SL0602": "3464", "SL0808": "4619", "SL0810": "6553", "SL2101": "5333",
    "SL6001": "3420", "SL6006": "5574", "SL6021": "9302", "SL6022": "4430",
}  # fmt: skip
_FAMILIES = {
    "SL00": "ParserError", "SL01": "ParserError", "SL02": "DeclarationError", "SL20": "UnimplementedFeatureError",
    "SL40": "UnimplementedFeatureError",
}  # fmt: skip
_KINDS = {
    **dict.fromkeys(("SL0212", "SL0801", "SL0803", "SL0805", "SL2101"), "ParserError"),
    **dict.fromkeys(("SL0501", "SL0518", "SL0519", "SL0802", "SL0808"), "DeclarationError"),
    **dict.fromkeys(("SL0105", "SL0207"), "TypeError"),
    **dict.fromkeys(
        ("SL0118", "SL0122", "SL0309", "SL0506", "SL0531", "SL0601", "SL0603", "SL0604", "SL0810"),
        "SyntaxError",
    ),
    "SL0208": "DocstringParsingError",
}


def kind_of(diagnostic: Diagnostic) -> str:
    """solc's name for this kind of problem."""
    if diagnostic.severity == "warning":
        return "Warning"
    code = diagnostic.code
    return _KINDS.get(code) or _FAMILIES.get(code[:4], "TypeError")


def plain_error(kind: str, message: str) -> dict[str, Any]:
    """A problem that has no place in a source."""
    return {
        "component": "general",
        "formattedMessage": f"{kind}: {message}\n\n",
        "message": message,
        "severity": "warning" if kind == "Warning" else "error",
        "type": kind,
    }


def error_json(diagnostic: Diagnostic, sources: SourceSet) -> dict[str, Any]:
    """One diagnostic; the offsets count UTF-8 bytes."""
    entry: dict[str, Any] = {
        "component": "general",
        "formattedMessage": formatted(diagnostic, sources),
        "message": diagnostic.message,
        "severity": diagnostic.severity,
        "type": kind_of(diagnostic),
    }
    if diagnostic.code in NUMBERS:
        entry["errorCode"] = NUMBERS[diagnostic.code]
    if diagnostic.span is not None:
        entry["sourceLocation"] = _location(diagnostic.span, sources)
    if diagnostic.labels:
        entry["secondarySourceLocations"] = [
            {**_location(span, sources), "message": text} for span, text in diagnostic.labels
        ]
    return entry


def _location(span: Span, sources: SourceSet) -> dict[str, Any]:
    file = sources.file_at(span[0])
    end = file.byte_offset(min(span[1], file.end))
    return {"end": end, "file": file.path, "start": file.byte_offset(span[0])}


def formatted(diagnostic: Diagnostic, sources: SourceSet) -> str:
    """The text tools print: kind, message, the source line, and below it what to do about it."""
    lines = [f"{kind_of(diagnostic)}: {diagnostic.message}"]
    if diagnostic.span is not None:
        lines += _snippet(diagnostic.span, sources)
    for span, text in diagnostic.labels:
        lines += [f"Note: {text}", *_snippet(span, sources)]
    lines += [f"  = note: {note}" for note in diagnostic.notes]
    if diagnostic.hint:
        lines.append(f"  = help: {diagnostic.hint}")
    lines.append(f"  = code: {diagnostic.code}")
    return "\n".join(lines) + "\n\n"


def _snippet(span: Span, sources: SourceSet) -> list[str]:
    file = sources.file_at(span[0])
    line, column = file.line_column(span[0])
    last, end_column = file.line_column(min(span[1], file.end))
    text = file.line_text(line)
    gutter = " " * len(str(line))
    if last != line:
        marks = "^ (Relevant source part starts here and spans across multiple lines)."
    else:
        marks = "^" * max(end_column - column, 1)
    return [
        f"{gutter}--> {file.path}:{line}:{column}:",
        f"{gutter} |",
        f"{line} | {text}",
        f"{gutter} | {_indent(text, column)}{marks}",
    ]


def _indent(text: str, column: int) -> str:
    """As wide as what stands before the column, tabs kept."""
    return "".join("\t" if character == "\t" else " " for character in text[: column - 1])
