"""JSON from strangers: not too deep, no name twice, only numbers that JSON has.

The depth is counted before anything recurses: Python's own parser overruns the stack of a process whose
recursion limit was raised, as an EVM in the same process does.
"""

from __future__ import annotations

import json
import re
from typing import Any

MAX_DEPTH = 64

# Strings are matched whole, so that brackets inside them are not counted.
_BRACKETS = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"|[\[\]{}]', re.DOTALL)


def parse_json(text: bytes | str) -> Any:
    """Text -> value; ValueError, in words for the sender, for what is not JSON as we accept it."""
    data = text.encode() if isinstance(text, str) else text
    if _too_deep(data):
        raise ValueError(f"nested deeper than {MAX_DEPTH}")
    try:
        # Text stays text: of bytes Python would guess the encoding.
        return json.loads(text, object_pairs_hook=_unique, parse_constant=_no_constant)
    except (ValueError, RecursionError) as bad:
        raise ValueError(f"not JSON: {bad}") from None


def _too_deep(text: bytes) -> bool:
    """Counts brackets outside strings; text with few brackets needs no counting."""
    if text.count(b"[") + text.count(b"{") <= MAX_DEPTH:
        return False
    depth = 0
    for token in _BRACKETS.finditer(text):
        kind = token.group()
        if kind in (b"[", b"{"):
            depth += 1
            if depth > MAX_DEPTH:
                return True
        elif kind in (b"]", b"}"):
            depth -= 1
    return False


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name occurs twice in one object")
    return found


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not a JSON number")
