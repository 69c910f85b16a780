"""`--explain SL0207`: the page of a diagnostic."""

from __future__ import annotations

from pathlib import Path

from compiler.diagnostics.codes import CODES
from compiler.diagnostics.suggest import closest

PAGES = Path(__file__).resolve().parent.parent / "docs" / "errors"


class UnknownCode(Exception):
    """There is no such diagnostic."""


def explain(code: str) -> str:
    """The page's text; raises UnknownCode with a suggestion."""
    code = code.upper()
    if code not in CODES:
        near = closest(code, CODES)
        raise UnknownCode(f"no diagnostic {code}" + (f"; did you mean {near}?" if near else ""))
    page = PAGES / f"{code}.md"
    if page.is_file():
        return page.read_text(encoding="utf-8")
    severity, title = CODES[code]
    return f"# {code}: {title}\n\n({severity})\n"
