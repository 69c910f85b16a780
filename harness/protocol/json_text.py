"""JSON from strangers: not too deep, no name twice, only numbers that JSON has.

The depth is counted before anything recurses: Python's own parser overruns the stack of a process whose
recursion limit was raised, as an EVM in the same process does.
"""

from __future__ import annotations

import json
import re
from typing import Any

MAX_DEPTH = 64

# Strings are matched whole, so that brackets inside them are not counted. One that does not end reaches to
# the end of the text: were it no match, each quote in it would be looked through to the end again.
_BRACKETS = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[\[\]{}]', re.DOTALL)
_ESCAPED_HALF = re.compile(rb"\\u[dD][89a-fA-F]")


class _Refused(ValueError):
    """In our words; those of Python's parser are for people who write Python."""


def parse_json(text: bytes | str, *, repeats: bool = False) -> Any:
    """Text -> value; ValueError, in words for the sender, for what is not JSON as we accept it.

    With `repeats` a name may occur twice in an object, and counts where it is last: models write so."""
    try:
        # Of bytes Python would guess the encoding, and in UTF-16 other brackets count than we counted.
        read = text if isinstance(text, str) else text.decode()
        data = text.encode() if isinstance(text, str) else text
    except UnicodeError:
        raise ValueError("not JSON: the text is not in UTF-8") from None
    if read.startswith("\ufeff"):
        raise ValueError("not JSON: it begins with a byte order mark")
    if _too_deep(data):
        raise ValueError(f"nested deeper than {MAX_DEPTH}")
    try:
        hook = None if repeats else _unique
        return json.loads(read, object_pairs_hook=hook, parse_constant=_no_constant)
    except (json.JSONDecodeError, _Refused) as bad:
        raise ValueError(f"not JSON: {bad}") from None
    except ValueError:  # what is left is Python's limit for the digits of an integer
        raise ValueError("not JSON: a number has too many digits") from None
    except RecursionError:
        raise ValueError(f"nested deeper than {MAX_DEPTH}") from None


def refuse_halves(text: bytes | str, value: Any) -> None:
    """ValueError when what was parsed from `text` has half of a surrogate pair: no UTF-8 says that on."""
    data = text.encode() if isinstance(text, str) else text
    if not _ESCAPED_HALF.search(data):
        return
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise ValueError("a text has half of a surrogate pair, which is no character") from None


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
        raise _Refused("a name occurs twice in one object")
    return found


def _no_constant(name: str) -> Any:
    raise _Refused(f"{name} is not a JSON number")
