"""A source with one of its words changed: most are refused then, and what is left has shapes nobody thought of."""

from __future__ import annotations

import random
import re

_TOKEN = re.compile(
    r"//[^\n]*|/\*.*?\*/|pragma [^;]*;|(?:hex|unicode)?\"(?:\\.|[^\"\\])*\"|(?:hex|unicode)?'(?:\\.|[^'\\])*'"
    r"|0x[0-9a-fA-F_]+|\d[\d_]*(?:e\d+)?|[A-Za-z_$][\w$]*"
    r"|>>>=|>>=|<<=|>>>|\*\*|\+\+|--|&&|\|\||[<>=!+\-*/%&|^]=|<<|>>|=>|:=|->|\s+|.",
    re.DOTALL,
)
_ALIKE = tuple(
    tuple(group.split())
    for group in (
        "+ - * / % **", "& | ^", "<< >>", "< > <= >= == !=", "&& ||", "++ --", "true false",
        "+= -= *= /= %= |= &= ^= <<= >>= =", "memory calldata storage",
        "uint256 int256 uint8 int8 uint16 int16 uint24 uint32 int64 uint128 uint bytes32 bytes4 bytes1 bytes16 address bool",
    )
)  # fmt: skip
_HEADER = "view pure payable internal external public private virtual override".split()
_NUMBERS = "0 1 2 3 7 8 31 32 33 127 128 255 256 1000 65535 0x20 2**128 2**255 2**256-1".split()
_STRINGS = ('""', '"a"', 'hex"00ff"', '"a text of more than thirty-two bytes"')
_KEYWORDS = frozenset(
    "contract function returns return if else for while do struct enum event error modifier mapping using library "
    "interface is new delete emit revert require assert try catch import pragma solidity abicoder constructor "
    "fallback receive assembly let switch case default unchecked abstract constant immutable type".split()
) | {*_HEADER, *(word for group in _ALIKE for word in group)}  # fmt: skip
TRIES = 40
NAMES = 5  # one in so many names is changed: most are names of something that fits nowhere else


def altered(text: str, generator: random.Random) -> str:
    """The text with one word, or one statement, other than it was; itself where nothing was found to change."""
    tokens = _TOKEN.findall(text)
    still = ("//", "/*", "pragma ")
    spoken = [n for n, t in enumerate(tokens) if not t.isspace() and not t.startswith(still)]
    names = sorted({tokens[n] for n in spoken if _is_name(tokens[n])})
    for _ in range(TRIES if spoken else 0):
        at = generator.choice(spoken)
        if _change(tokens, at, names, generator):
            break
    return "".join(tokens)


def _is_name(token: str) -> bool:
    return bool(re.match(r"[A-Za-z_]", token)) and token not in _KEYWORDS and token[-1] not in "\"'"


def _change(tokens: list[str], at: int, names: list[str], generator: random.Random) -> bool:
    """Change the token, or what ends with it; False where this one stays."""
    token = tokens[at]
    for group in _ALIKE:
        if token in group:
            tokens[at] = generator.choice([word for word in group if word != token])
            return True
    if token in _HEADER:
        tokens[at] = generator.choice([*_HEADER, ""])
    elif token[0].isdigit():
        tokens[at] = generator.choice(_NUMBERS)
    elif token[0] in "\"'":
        tokens[at] = generator.choice(_STRINGS)
    elif token == ";":
        _repeat_or_drop(tokens, at, generator)
    elif token == ",":
        _swap(tokens, at)
    elif _is_name(token) and not generator.randrange(NAMES):
        wrapped = (
            f"({token})",
            f"(true ? {token} : {token})",
            f"[{token}][0]",
            f"({token}, {token})",
        )
        tokens[at] = generator.choice(wrapped if generator.randrange(3) else names)
    else:
        return False
    return True


def _repeat_or_drop(tokens: list[str], at: int, generator: random.Random) -> None:
    """The statement that ends here."""
    start = at
    while start > 0 and tokens[start - 1] not in (";", "{", "}"):
        start -= 1
    if generator.randrange(2):
        tokens[at + 1 : at + 1] = tokens[start : at + 1]
    else:
        del tokens[start : at + 1]


def _swap(tokens: list[str], at: int) -> None:
    """What stands before and behind a comma."""
    behind = at + 1
    while behind < len(tokens) - 1 and tokens[behind].isspace():
        behind += 1
    tokens[at - 1], tokens[behind] = tokens[behind], tokens[at - 1]
