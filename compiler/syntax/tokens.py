"""Token kinds, as three parallel lists; a token is an index into them.

Punctuation and keywords are their own kind (`"("`, `"mapping"`); the rest are the constants below.
"""

from __future__ import annotations

from compiler.source import SourceFile

IDENT = "identifier"
NUMBER = "number"
STRING = "string literal"
HEX_STRING = "hex string"
UNICODE_STRING = "unicode string"
END = "end of file"

ELEMENTARY = frozenset(
    ["address", "bool", "string", "bytes", "uint", "int", "fixed", "ufixed"]
    + [f"{sign}int{bits}" for sign in ("", "u") for bits in range(8, 257, 8)]
    + [f"bytes{size}" for size in range(1, 33)]
)
KEYWORDS = ELEMENTARY | frozenset(
    """abstract anonymous as assembly break calldata case catch constant
    constructor continue contract default delete do else emit enum event external fallback false
    for function hex if immutable import indexed interface internal is let library mapping memory
    modifier new override payable pragma private public pure receive return returns storage
    struct switch true try type unchecked unicode using view virtual while
    wei gwei ether seconds minutes hours days weeks""".split()
)
# Keywords only where the grammar wants them; identifiers everywhere else.
CONTEXTUAL = frozenset(("error", "from", "global", "transient", "revert", "facet", "layout", "at"))
RESERVED = frozenset(
    """after alias apply auto byte case copyof default define final implements in inline let macro
    match mutable null of partial promise reference relocatable sealed sizeof static supports
    switch typedef typeof var""".split()
)
UNITS = {
    "wei": 1,
    "gwei": 10**9,
    "ether": 10**18,
    "seconds": 1,
    "minutes": 60,
    "hours": 3600,
    "days": 86_400,
    "weeks": 604_800,
}


class Tokens:
    """The tokens of one file. `starts` and `ends` are positions; `docs` maps a token to the
    documentation comment before it."""

    __slots__ = ("docs", "ends", "file", "kinds", "licences", "starts", "texts")

    def __init__(self, file: SourceFile) -> None:
        self.file = file
        self.kinds: list[str] = []
        self.texts: list[str] = []
        self.starts: list[int] = []
        self.ends: list[int] = []
        self.docs: dict[int, str] = {}
        self.licences: list[tuple[int, str]] = []  # position and text of each SPDX identifier

    def __len__(self) -> int:
        return len(self.kinds)
