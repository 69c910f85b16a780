"""`pragma solidity …`: npm-style version ranges, asked whether they admit any Solidity 0.8."""

from __future__ import annotations

import re
from functools import cache

VERSION = (0, 8, 37)  # the language level this compiler implements
_RANGE = re.compile(r"(?<=[\dxX*])\s*-\s*(?=[\dxX*])")
_TERM = re.compile(r"(\^|~|>=|<=|>|<|=|)\s*v?(\d+|[xX*])(?:\.(\d+|[xX*]))?(?:\.(\d+|[xX*]))?")


@cache
def admits(text: str) -> bool:
    """Whether some version 0.8.0 … 0.8.37 satisfies the constraint."""
    text = text.strip("\"' ")
    return any(_matches(text, (0, 8, patch)) for patch in range(VERSION[2] + 1))


def well_formed(text: str) -> bool:
    """Whether nothing but version terms, `||` and ` - ` is left over."""
    rest = _TERM.sub("", _RANGE.sub(" ", text.strip("\"' "))).replace("||", "")
    return not rest.replace('"', "").replace("'", "").strip()


def _matches(text: str, version: tuple[int, int, int]) -> bool:
    for alternative in text.split("||"):
        low, dash, high = _RANGE.sub(" - ", alternative).partition(" - ")
        if dash:
            if _all(f">={low.strip()}", version) and _all(f"<={high.strip()}", version):
                return True
        elif _all(alternative, version):
            return True
    return False


def _all(text: str, version: tuple[int, int, int]) -> bool:
    terms = _TERM.findall(text)
    return bool(terms) and all(_term(op, parts, version) for op, *parts in terms)


def _term(op: str, parts: list[str], version: tuple[int, int, int]) -> bool:
    given = [int(p) for p in parts if p.isdigit()]
    if not given:
        return True
    bound = tuple(given + [0] * (3 - len(given)))
    if op == "^":
        fixed = next((i for i, n in enumerate(given) if n), len(given) - 1)
        return version >= bound and version[: fixed + 1] == bound[: fixed + 1]
    if op == "~":
        fixed = min(len(given), 2)
        return version >= bound and version[:fixed] == bound[:fixed]
    shown = version[: len(given)]
    exact = tuple(given)
    return {
        ">=": version >= bound,
        ">": shown > exact,
        "<=": shown <= exact,
        "<": version < bound,
    }.get(op, shown == exact)
