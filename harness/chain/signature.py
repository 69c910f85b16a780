"""Solidity-like declarations as text -> parameters.

    function getJob(uint256 id) view returns ((address owner, uint64 interval) job)
    event JobRan(uint256 indexed id, uint32 runsLeft)
    error StaleNextRun(uint64 expected, uint64 actual)

One line per entry of a contract's interface is easier to review than its JSON. Tuples are written
in parentheses; names are optional. Mutability words and data locations are skipped.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_TOKEN = re.compile(r"\s*([A-Za-z_$][\w$]*|[(),]|(?:\[\d*\])+)")
_IGNORED = {"calldata", "memory", "storage", "external", "public", "view", "pure", "payable"}
_ALIASES = {"uint": "uint256", "int": "int256"}


@dataclass(frozen=True)
class Parameter:
    """One parameter: canonical ABI type, name ("" when unnamed), members when it is a tuple."""

    type: str
    name: str = ""
    indexed: bool = False
    components: tuple[Parameter, ...] = ()


@dataclass(frozen=True)
class Declaration:
    """A parsed line: `kind` is function, event or error."""

    kind: str
    name: str
    inputs: tuple[Parameter, ...]
    outputs: tuple[Parameter, ...] = ()

    @property
    def signature(self) -> str:
        """The text that is hashed: name and canonical types, no spaces."""
        return f"{self.name}({','.join(p.type for p in self.inputs)})"


def parse(text: str) -> Declaration:
    """Parse one declaration; ValueError names the text when it is not one."""
    return _Reader(text).declaration()


class _Reader:
    """Recursive descent over the tokens of one line."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens: list[str] = []
        position = 0
        stripped = text.rstrip().rstrip(";").rstrip()
        while position < len(stripped):
            match = _TOKEN.match(stripped, position)
            if match is None:
                raise ValueError(f"cannot read {text!r} at column {position}")
            self._tokens.append(match.group(1))
            position = match.end()
        self._at = 0

    def declaration(self) -> Declaration:
        kind = self._take()
        if kind not in ("function", "event", "error"):
            raise ValueError(f"{self._text!r} must start with function, event or error")
        name = self._take()
        inputs = self._parameters()
        outputs: tuple[Parameter, ...] = ()
        while self._at < len(self._tokens):
            word = self._take()
            if word == "returns":
                outputs = self._parameters()
            elif word not in _IGNORED:
                raise ValueError(f"unexpected {word!r} in {self._text!r}")
        return Declaration(kind, name, inputs, outputs)

    def _parameters(self) -> tuple[Parameter, ...]:
        self._expect("(")
        found: list[Parameter] = []
        while self._peek() != ")":
            found.append(self._parameter())
            if self._peek() == ",":
                self._take()
        self._expect(")")
        return tuple(found)

    def _parameter(self) -> Parameter:
        components: tuple[Parameter, ...] = ()
        if self._peek() == "(":
            components = self._parameters()
            base = f"({','.join(c.type for c in components)})"
        else:
            base = self._take()
            base = _ALIASES.get(base, base)
        if self._peek().startswith("["):
            base += self._take()
        name, indexed = "", False
        while self._peek() not in (",", ")"):
            word = self._take()
            if word == "indexed":
                indexed = True
            elif word not in _IGNORED:
                name = word
        return Parameter(base, name, indexed, components)

    def _peek(self) -> str:
        if self._at >= len(self._tokens):
            raise ValueError(f"{self._text!r} ends too early")
        return self._tokens[self._at]

    def _take(self) -> str:
        token = self._peek()
        self._at += 1
        return token

    def _expect(self, token: str) -> None:
        found = self._take()
        if found != token:
            raise ValueError(f"expected {token!r}, found {found!r} in {self._text!r}")
