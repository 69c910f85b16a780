"""Source text to tokens: one regular expression, one pass.

The alternatives are ordered by how often they match. Documentation comments are kept beside the
token they precede; other comments vanish. Unicode outside strings and comments, and bidirectional
control characters anywhere, are refused (the latter can make code read differently than it runs).
"""

from __future__ import annotations

import re

from compiler.diagnostics.errors import Reporter
from compiler.source import MAX_FILE_CHARACTERS, SourceFile
from compiler.syntax.comments import block_text, line_text
from compiler.syntax.tokens import (
    END,
    HEX_STRING,
    IDENT,
    KEYWORDS,
    NUMBER,
    STRING,
    UNICODE_STRING,
    UNITS,
    Tokens,
)

_TOKEN = re.compile(
    r"""[ \t\r\n\f]*(?:
      ([A-Za-z_$][A-Za-z0-9_$]*)
    | (>>>=|>>>|<<=|>>=|\*\*|==|!=|<=|>=|&&|\|\||\+\+|--|\+=|-=|\*=|/=(?!/)|%=|&=|\|=|\^=|<<|>>|=>|->|:=
       |[(){}\[\];,=+\-*%<>!&|^~?:]|\.(?![0-9]))
    | (//[^\n\r]*|/\*(?:[^*]|\*(?!/))*\*/)
    | (0x[0-9a-fA-F_]*|\.?[0-9][0-9_]*(?:\.[0-9_]+)?(?:[eE]-?[0-9_]+)?)
    | ("(?:[^"\\\n\r]|\\(?:\r\n|[\s\S]))*"|'(?:[^'\\\n\r]|\\(?:\r\n|[\s\S]))*')
    | (/)
    | ([^ \t\r\n\f])
    )""",
    re.VERBOSE,
)
_WORD, _PUNCTUATION, _COMMENT, _NUMBER, _STRING, _SLASH, _OTHER = range(1, 8)
_NEXT_LINE = re.compile(r"[ \t]*\r?\n[ \t]*")
_BIDI = re.compile("[\u202a-\u202e\u2066-\u2069]")
_SPDX = re.compile(r"SPDX-License-Identifier:\s*(.+?)(?=[\n\r]|\*/|\Z)")
_WORD_HERE = re.compile(r"[\w$]+")
_UNICODE_ESCAPE = re.compile(r"u[0-9a-fA-F]{4}")
MAX_IDENTIFIER = 1024
MAX_NUMBER = 1300  # more digits than a constant expression may have bits for


def tokenize(file: SourceFile, reporter: Reporter) -> Tokens:
    """All tokens of a file, ending with one END token. Lexical errors go to `reporter`."""
    tokens = Tokens(file)
    text, base = file.text, file.base
    if len(text) > MAX_FILE_CHARACTERS:
        reporter.report(
            "SL4002",
            (base, base + 1),
            f"source file has {len(text)} characters; the limit is {MAX_FILE_CHARACTERS}",
        )
        reporter.stop()
    if not text.isascii():
        _refuse_bidi(file, reporter)
    kinds, texts, starts, ends = tokens.kinds, tokens.texts, tokens.starts, tokens.ends
    keywords = KEYWORDS
    at, doc, doc_end = 0, None, 0
    length = len(text)
    while at < length:
        for match in _TOKEN.finditer(text, at):
            group = match.lastindex or _OTHER
            start, at = match.span(group)
            word = match[group]
            if group == _WORD:
                kind = word if word in keywords else IDENT
                if at < length and text[at] in "'\"" and word in ("hex", "unicode"):
                    literal = _TOKEN.match(text, at)
                    if literal is not None and literal.lastindex == _STRING:
                        kind = HEX_STRING if word == "hex" else UNICODE_STRING
                        at, word = literal.end(), literal[_STRING]
                        _append(tokens, kind, word, base + start, base + at, doc)
                        doc, doc_end = None, 0
                        break
                elif at - start > MAX_IDENTIFIER:
                    _too_long(reporter, base + start, base + at)
            elif group == _PUNCTUATION:
                kind = word
            elif group == _COMMENT:
                if "SPDX" in word:
                    _licences(word, base + start, tokens)
                goes_on = doc_end and _NEXT_LINE.fullmatch(text, doc_end, start) is not None
                if _documents(word):
                    line = word.startswith("///")
                    doc = line_text(word, doc if goes_on else None) if line else block_text(word)
                    doc_end = at if line else 0
                continue
            elif group == _NUMBER:
                kind = NUMBER
                commas = _THOUSANDS.match(text, start)
                if commas is not None:
                    word = _without_commas(commas.group(), base + start, reporter)
                    at = commas.end()
                    _append(tokens, kind, word, base + start, base + at, doc)
                    doc, doc_end = None, 0
                    break
                read, end = _checked_number(word, base + start, text, at, reporter)
                if read is not word or end > at:
                    at = end
                    _append(tokens, kind, read, base + start, base + at, doc)
                    doc, doc_end = None, 0
                    break
            elif group == _STRING:
                kind = STRING
            elif group == _SLASH and text[at : at + 1] != "*":
                kind = word
            else:
                at, kind = _unexpected(file, start, reporter)
                if kind is not None:
                    _append(
                        tokens,
                        kind,
                        text[start:at] if kind == STRING else kind,
                        base + start,
                        base + at,
                        doc,
                    )
                    doc, doc_end = None, 0
                break
            if doc is not None:
                tokens.docs[len(kinds)] = doc
                doc, doc_end = None, 0
            kinds.append(kind)
            texts.append(word)
            starts.append(base + start)
            ends.append(base + at)
        else:
            break
    _append(tokens, END, "", base + length, base + length, doc)
    return tokens


def _append(tokens: Tokens, kind: str, word: str, start: int, end: int, doc: str | None) -> None:
    if doc is not None:
        tokens.docs[len(tokens.kinds)] = doc
    tokens.kinds.append(kind)
    tokens.texts.append(word)
    tokens.starts.append(start)
    tokens.ends.append(end)


def _licences(word: str, start: int, tokens: Tokens) -> None:
    for found in _SPDX.finditer(word):
        text = found[1].strip()
        if text:
            tokens.licences.append((start + found.start(1), text))


def _documents(word: str) -> bool:
    """Whether a comment is documentation. `///` goes on on the next line; all else takes the place of what was there."""
    if word.startswith("///"):
        return not word.startswith("////")
    return word.startswith("/**") and len(word) > 4 and not word.startswith("/***")


def _refuse_bidi(file: SourceFile, reporter: Reporter) -> None:
    for found in _BIDI.finditer(file.text):
        start = file.base + found.start()
        reporter.report(
            "SL0009",
            (start, start + 1),
            f"bidirectional control character U+{ord(found.group()):04X} in source",
            hint="delete it: it can make code look different from what is compiled",
        )


# What word processors and web pages make of plain characters.
_QUOTES = {"“": "”", "”": "”", "„": "“", "«": "»", "‘": "’", "’": "’", "`": "`"}
_LOOKALIKES = {
    "–": "-",
    "—": "-",
    "−": "-",
    "×": "*",
    "÷": "/",
    "≤": "<=",
    "≥": ">=",
    "≠": "!=",
    "；": ";",
    "，": ",",
}
_NAMED = {
    "\u00a0": "no-break space", "\u200b": "zero width space", "\ufeff": "byte order mark", "\u3000": "wide space",
}  # fmt: skip


def _unexpected(file: SourceFile, at: int, reporter: Reporter) -> tuple[int, str | None]:
    """Report the character no token starts with. Gives where to go on, and the kind of token that was meant
    where that is plain: the parser then has nothing to complain about."""
    character = file.text[at]
    start = file.base + at
    line_end = file.text.find("\n", at)
    stop = len(file.text) if line_end < 0 else line_end
    if character in "\"'":
        reporter.report(
            "SL0004",
            (start, file.base + stop),
            "string is not closed on its line",
            hint=f"close it with `{character}`",
        )
        reporter.incomplete = True
        return stop, STRING
    if character == "/":
        reporter.report(
            "SL0005", (start, start + 2), "comment is never closed", hint="close it with `*/`"
        )
        reporter.incomplete = True
        return len(file.text), None
    if character in _QUOTES:
        close = file.text.find(_QUOTES[character], at + 1, stop)
        end = at + 1 if close < 0 else close + 1
        reporter.report(
            "SL0001", (start, file.base + end),
            "back quotes do not make a string" if character == "`" else f"typographic quotes `{character}` do not make a string",
            hint="write plain ones: `\"…\"`; parts are joined with `string.concat(…)`" if character == "`" else "write plain ones: `\"…\"`",
        )  # fmt: skip
        reporter.incomplete |= close < 0
        return end, STRING if close >= 0 else None
    if character in _LOOKALIKES:
        meant = _LOOKALIKES[character]
        reporter.report(
            "SL0001", (start, start + 1), f"unexpected character `{character}`, which looks like `{meant}`",
            hint=f"write `{meant}`",
        )  # fmt: skip
        return at + 1, meant
    code = ord(character)
    shown = f"`{character}`" if character.isprintable() else f"U+{code:04X}"
    if character in _NAMED:
        shown = f"U+{code:04X} ({_NAMED[character]})"
    hint = None
    if character in _NAMED or (not character.isprintable() and not character.isspace()):
        hint = "delete it: it cannot be seen in an editor"
    elif not character.isascii() and character.isalpha():
        hint = 'identifiers are ASCII letters, digits, `_` and `$`; text goes into unicode"..."'
    reporter.report("SL0001", (start, start + 1), f"unexpected character {shown}", hint=hint)
    reporter.incomplete = True
    return at + 1, None


def _too_long(reporter: Reporter, start: int, end: int) -> None:
    reporter.report(
        "SL4003",
        (start, end),
        f"identifier has {end - start} characters; the limit is {MAX_IDENTIFIER}",
    )


# Three digits after each comma, and a group with leading zeros, which is wrong in any case: `f(1,200)` is fine.
_THOUSANDS = re.compile(r"\d{1,3}(?=(?:,\d{3})*,0\d\d)(?:,\d{3})+(?!\w)")


def _without_commas(word: str, start: int, reporter: Reporter) -> str:
    reporter.report(
        "SL0006", (start, start + len(word)), "numbers have no commas",
        hint=f"write `{word.replace(',', '_')}`",
    )  # fmt: skip
    return word.replace(",", "")


_MISPLACED = re.compile(r"__|_$|^0x_|^(?!0x).*(?:_[.eE]|[.eE-]_)")


def _checked_number(
    word: str, start: int, text: str, at: int, reporter: Reporter
) -> tuple[str, int]:
    """The number to go on with, the same one where nothing is wrong with it, and where: past what was written into it."""
    span = (start, start + len(word))
    if len(word) > MAX_NUMBER:
        reporter.report(
            "SL4008", span, f"number has {len(word)} characters; the limit is {MAX_NUMBER}"
        )
        reporter.stop()
    follows = _WORD_HERE.match(text, at)
    if word.startswith("0x") and not word[2:].strip("_"):
        end = follows.end() if follows else at
        reporter.report(
            "SL0006", (start, start + len(word) + end - at), "hexadecimal number without digits",
            hint="the digits are 0 to 9 and a to f: `0x1f`",
        )  # fmt: skip
        return "1", end
    if follows is not None:
        unit = follows.group() in UNITS
        reporter.report(
            "SL0006", (start, start + len(word) + 1), f"`{text[at]}` cannot follow a number directly",
            hint=f"write `{word} {follows.group()}`" if unit else None,
        )  # fmt: skip
        at = at if unit else follows.end()
    if "_" in word and _MISPLACED.search(word):
        digits = word.replace("_", "")
        complete = digits[-1] not in "xeE-" or (digits.startswith("0x") and len(digits) > 2)
        if follows is None:
            reporter.report(
                "SL0007", span, "`_` may only stand between two digits of a number",
                hint=f"write `{digits}`" if complete else None,
            )  # fmt: skip
        return digits if complete else "1", at
    if len(word) > 1 and word[0] == "0" and word[1].isdigit() and follows is None:
        reporter.report(
            "SL0008", span, "numbers do not start with 0", hint=f"write `{word.lstrip('0') or '0'}`"
        )
    return word, at


_HEX_STRING = re.compile(r"(?:[0-9a-fA-F]{2}(?:_?[0-9a-fA-F]{2})*)?")


def hex_string_value(raw: str) -> bytes | None:
    """The bytes of a hex literal (quotes included in `raw`), or None if it is malformed."""
    digits = raw[1:-1]
    if _HEX_STRING.fullmatch(digits) is None:
        return None
    return bytes.fromhex(digits.replace("_", ""))


_ESCAPES = {"n": 10, "r": 13, "t": 9, "\\": 92, "'": 39, '"': 34}


def string_value(raw: str, span: tuple[int, int], reporter: Reporter) -> bytes:
    """The bytes of a quoted literal (quotes included in `raw`), escapes resolved."""
    body = raw[1:-1]
    if "\\" not in body:
        return body.encode()
    out = bytearray()
    at = 0
    while at < len(body):
        character = body[at]
        if character != "\\":
            out += character.encode()
            at += 1
            continue
        escape = body[at + 1 : at + 2]
        if escape in _ESCAPES:
            out.append(_ESCAPES[escape])
            at += 2
        elif escape == "x" and re.fullmatch(r"[0-9a-fA-F]{2}", body[at + 2 : at + 4]):
            out.append(int(body[at + 2 : at + 4], 16))
            at += 4
        elif _UNICODE_ESCAPE.match(body, at + 1):
            out += chr(int(body[at + 2 : at + 6], 16)).encode("utf-8", "surrogatepass")
            at += 6
        elif escape in ("\n", "\r"):
            at += 3 if body[at + 1 : at + 3] == "\r\n" else 2
        else:
            reporter.report(
                "SL0003",
                span,
                f"unknown escape `\\{escape}`",
                hint=r"known: \n \r \t \\ \' \" \xNN \uNNNN",
            )
            at += 2
    return bytes(out)
