"""Words of an expectation: tokens, and the bytes their literals stand for."""

from __future__ import annotations

import re
from typing import NamedTuple

_TOKEN = re.compile(
    r"""(?P<newline>//)|(?P<arrow>->)|(?P<effect>~[^/]*)|(?P<comment>\#[^#]*\#)
      |(?P<string>"(?:\\.|[^"\\])*")|(?P<hex>0x[0-9a-fA-F]*)|(?P<number>\d[\d.]*)
      |(?P<name>[A-Za-z_$][A-Za-z0-9_$]*)|(?P<mark>[-:,()\[\]])""",
    re.VERBOSE,
)
_ESCAPE = re.compile(r"\\(x[0-9a-fA-F]{1,2}|.)")
_PLAIN = {"n": "\n", "r": "\r", "t": "\t", "0": "\0", "\\": "\\"}
WORD = 32


class Malformed(Exception):
    """An expectation that is not written as these files are."""


class Token(NamedTuple):
    kind: str
    text: str


def tokens(text: str) -> list[Token]:
    """The tokens of a line or of many; white space only separates."""
    found = []
    at = 0
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        match = _TOKEN.match(text, at)
        if match is None:
            raise Malformed(f"unexpected {text[at : at + 12]!r}")
        found.append(Token(str(match.lastgroup), match.group()))
        at = match.end()
    return found


class Reader:
    """Goes through tokens once."""

    def __init__(self, found: list[Token]) -> None:
        self.tokens = found
        self.at = 0

    def peek(self) -> Token:
        return self.tokens[self.at] if self.at < len(self.tokens) else Token("end", "")

    def next(self) -> Token:
        token = self.peek()
        self.at += 1
        return token

    def accept(self, *texts: str) -> bool:
        """Step over a token that is one of these."""
        if self.peek().kind not in ("string", "comment") and self.peek().text in texts:
            self.at += 1
            return True
        return False

    def expect(self, text: str) -> None:
        if not self.accept(text):
            raise Malformed(f"{text!r} expected, {self.peek().text!r} found")

    def value(self) -> bytes:
        """One literal: a word of 32 bytes, or as many as a `hex"…"` has."""
        if self.accept("left", "right"):
            left = self.tokens[self.at - 1].text == "left"
            self.expect("(")
            inner = self._unaligned()
            self.expect(")")
            return _padded(inner, left)
        if self.accept("hex"):
            return _hex(self.next().text.strip('"'))
        is_string = self.peek().kind == "string"
        return _padded(self._unaligned(), left=is_string)

    def _unaligned(self) -> bytes:
        negative = self.accept("-")
        token = self.next()
        if token.kind == "string":
            return text_bytes(token.text)
        if token.text in ("true", "false"):
            return bytes([token.text == "true"])
        if token.kind == "hex":
            return _hex(token.text[2:])
        if token.kind == "number":
            number = int(token.text.replace(".", ""))
            value = (-number if negative else number) % 2**256
            return value.to_bytes(max(1, (value.bit_length() + 7) // 8), "big")
        raise Malformed(f"a value expected, {token.text!r} found")


def _hex(digits: str) -> bytes:
    return bytes.fromhex(digits if len(digits) % 2 == 0 else "0" + digits)


def text_bytes(quoted: str) -> bytes:
    """The bytes of a quoted text; `\\xNN` is one byte."""
    raw = quoted[1:-1].encode("utf-8", "surrogateescape").decode("latin-1")
    return _ESCAPE.sub(_unescape, raw).encode("latin-1")


def _unescape(match: re.Match[str]) -> str:
    body = match[1]
    if body.startswith("x"):
        return chr(int(body[1:], 16))
    if body not in _PLAIN:
        raise Malformed(f"unknown escape \\{body}")
    return _PLAIN[body]


def _padded(value: bytes, left: bool) -> bytes:
    if len(value) > WORD:
        raise Malformed(f"a value of {len(value)} bytes; a word has {WORD}")
    return value.ljust(WORD, b"\0") if left else value.rjust(WORD, b"\0")
