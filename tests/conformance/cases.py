"""One semantic test: its sources, settings, and the calls with what they must give.

The form is described in ethereum/solidity's contributor documentation ("Writing tests", semantic tests).
"""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from typing import NamedTuple

from tests.conformance.literals import Malformed, Reader, Token, tokens

_ETHER = 10**18
BUILTINS = frozenset(
    {
        "account",
        "balance",
        "isoltest_builtin_test",
        "isoltest_side_effects_test",
        "storageEmpty",
    }
)


class Event(NamedTuple):
    """A log as an expectation names it; `emitter` is None for the contract under test."""

    signature: str
    emitter: bytes | None
    topics: tuple[bytes, ...]
    data: bytes


class Call(NamedTuple):
    """`kind` is "library", "constructor", "builtin", "raw" (calldata alone) or "function"."""

    kind: str
    signature: str
    library_file: str
    wei: int
    arguments: bytes
    fails: bool
    output: bytes
    effects: tuple[str, ...]


class Case(NamedTuple):
    sources: dict[str, str]
    main: str
    settings: dict[str, str]
    calls: tuple[Call, ...]


def read_case(path: str, text: str, others: Mapping[str, str]) -> Case:
    """The test in a file; `others` are all files, for those it takes in. Raises Malformed."""
    above, marker, below = text.partition("\n// ----")
    if not marker:
        raise Malformed("no expectations")
    above, _, settings = above.partition("\n// ====")
    sources, main = read_sources(path, above, others)
    return Case(sources, main, read_settings(settings), tuple(_calls(below)))


def read_sources(path: str, text: str, others: Mapping[str, str]) -> tuple[dict[str, str], str]:
    """Sources by name, and the name of the last."""
    sources: dict[str, list[str]] = {}
    name = ""
    for line in text.split("\n"):
        if line.startswith("==== Source:") and line.endswith("===="):
            name = line[len("==== Source:") : -4].strip()
            sources[name] = []
        elif line.startswith("==== ExternalSource:") and line.endswith("===="):
            whole = line[len("==== ExternalSource:") : -4].strip()
            given, _, target = whole.partition("=") if "=" in whole else ("", "", whole)
            target = target.strip()
            found = posixpath.normpath(posixpath.join(posixpath.dirname(path), target))
            if found not in others:
                raise Malformed(f"no file {found}")
            sources[given.strip() or target] = [others[found]]
        else:
            sources.setdefault(name, []).append(line)
    texts = {key: "\n".join(lines) + "\n" for key, lines in sources.items()}
    if name and not texts.get("", "x").strip():
        del texts[""]
    return texts, name


def read_settings(text: str) -> dict[str, str]:
    pairs = (line[3:].partition(":") for line in text.split("\n") if line.startswith("// "))
    return {key.strip(): value.strip() for key, _, value in pairs}


def _calls(text: str) -> list[Call]:
    reader = Reader(tokens(text.replace("\n", " ")))
    found: list[Call] = []
    while reader.peek().kind != "end":
        if reader.accept("//"):
            continue
        if reader.accept("gas"):
            _skip_line(reader)
            continue
        found.append(_call(reader))
    return found


def _skip_line(reader: Reader) -> None:
    while reader.peek().kind not in ("newline", "end"):
        reader.next()


def _call(reader: Reader) -> Call:
    if reader.accept("library"):
        return _library(reader)
    name = reader.next().text if reader.peek().kind == "name" else ""
    signature = name
    if name not in BUILTINS or reader.peek().text == "(":
        signature += _parameters(reader)
    wei = _wei(reader) if reader.accept(",") else 0
    arguments = _values(reader) if reader.accept(":") else []
    _trivia(reader)
    fails = False
    output: list[bytes] = []
    if reader.accept("->"):
        fails, output = _expected(reader)
    reader.accept("//")
    if reader.peek().kind == "comment":
        reader.next()
    reader.accept("//")
    effects = []
    while reader.peek().kind == "effect":
        effects.append(" ".join(reader.next().text[1:].split()))
        reader.accept("//")
    kind = "function"
    if signature == "constructor()":
        kind = "constructor"
    elif signature in BUILTINS:
        kind = "builtin"
    elif not name:
        kind = "raw"
    data, expected = b"".join(arguments), b"".join(output)
    return Call(kind, signature, "", wei, data, fails, expected, tuple(effects))


def _library(reader: Reader) -> Call:
    reader.expect(":")
    file = ""
    if reader.peek().kind == "string":
        file = reader.next().text.strip('"')
        reader.expect(":")
    else:
        reader.accept(":")
    return Call("library", reader.next().text, file, 0, b"", False, b"", ())


def _parameters(reader: Reader) -> str:
    """A parenthesised list of types, as one text."""
    reader.expect("(")
    text, depth = "(", 1
    while depth:
        token: Token = reader.next()
        if token.kind == "end":
            raise Malformed("`)` expected")
        depth += (token.text == "(") - (token.text == ")")
        text += token.text
    return text


def _wei(reader: Reader) -> int:
    amount = int(reader.next().text)
    unit = reader.next().text
    if unit not in ("ether", "wei"):
        raise Malformed(f"ether or wei expected, {unit!r} found")
    return amount * (_ETHER if unit == "ether" else 1)


def _values(reader: Reader) -> list[bytes]:
    reader.accept("//")
    found = [reader.value()]
    while reader.accept(","):
        reader.accept("//")
        found.append(reader.value())
    return found


def _expected(reader: Reader) -> tuple[bool, list[bytes]]:
    reader.accept("//")
    if reader.accept("FAILURE"):
        return True, _values(reader) if reader.accept(",") else []
    kind = reader.peek().kind
    begins_call = kind == "name" and reader.peek().text not in ("hex", "left", "right", "true", "false")  # fmt: skip
    if kind in ("end", "newline", "effect", "comment") or begins_call or reader.peek().text == "(":
        return False, []
    return False, _values(reader)


def _trivia(reader: Reader) -> None:
    while reader.peek().kind in ("newline", "comment"):
        reader.next()
