"""The errors a function may answer with: the ones its interface documents, and what the ledger adds.

`As \\`other\\`` in a function's documentation brings the errors of the other one along. So an error that
the documentation forgets is found here.
"""

from __future__ import annotations

import functools
import re

from tests.contracts.build import SOURCES

_FUNCTION = re.compile(r"((?:^ *///.*\n)+) *function (\w+)\(", re.MULTILINE)
_NAME = re.compile(r"`(\w+)`")
# What an honest token brings about: a payer without funds.
LEDGER = frozenset({"TokenCallFailed"})
# What a hostile one adds. Never `BucketUnderflow`, never a panic.
HOSTILE = LEDGER | {"TokenDelta", "ZeroAmount", "BadAmount"}
# Tokens that eat their gas leave nothing for the rest of a long payout; an answer without data is out of gas.
OUT_OF_GAS = frozenset({""})


@functools.cache
def documented() -> dict[str, frozenset[str]]:
    """By function name, over all interfaces."""
    texts: dict[str, str] = {}
    for file in sorted((SOURCES / "interfaces").glob("*.sol")):
        for comment, name in _FUNCTION.findall(file.read_text()):
            texts[name] = texts.get(name, "") + comment
    return {name: frozenset(_names(name, texts, set())) for name in texts}


def _names(name: str, texts: dict[str, str], seen: set[str]) -> set[str]:
    seen.add(name)
    found = set(_NAME.findall(texts.get(name, "")))
    for other in found & texts.keys() - seen:
        found |= _names(other, texts, seen)
    return found
