"""The EBNF of `docs/authors/grammar.md`, read, and random sentences of it."""

from __future__ import annotations

import random
import re
from pathlib import Path
from typing import NamedTuple

PAGE = Path(__file__).resolve().parents[2] / "docs" / "authors" / "grammar.md"
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[A-Za-z_]\w*|[=;|\[\](){}]')
_CLOSE = {"[": "]", "{": "}", "(": ")"}


class Node(NamedTuple):
    """`kind` is choice, sequence, optional, repeat, word or rule."""

    kind: str
    text: str = ""
    parts: tuple[Node, ...] = ()


def read_rules() -> dict[str, Node]:
    blocks = re.findall(r"```ebnf\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.S)
    tokens = _TOKEN.findall("\n".join(blocks))
    rules: dict[str, Node] = {}
    at = 0
    while at < len(tokens):
        name = tokens[at]
        assert tokens[at + 1] == "=", f"{name}: {tokens[at + 1]}"
        rules[name], at = _choice(tokens, at + 2)
        assert tokens[at] == ";", f"{name} ends with {tokens[at]}"
        at += 1
    return rules


def _choice(tokens: list[str], at: int) -> tuple[Node, int]:
    options: list[Node] = []
    while True:
        node, at = _sequence(tokens, at)
        options.append(node)
        if tokens[at] != "|":
            return (options[0] if len(options) == 1 else Node("choice", "", tuple(options))), at
        at += 1


def _sequence(tokens: list[str], at: int) -> tuple[Node, int]:
    parts: list[Node] = []
    while tokens[at] not in ("|", ";", "]", "}", ")"):
        token = tokens[at]
        if token in _CLOSE:
            inner, at = _choice(tokens, at + 1)
            assert tokens[at] == _CLOSE[token]
            kind = {"[": "optional", "{": "repeat", "(": "sequence"}[token]
            parts.append(Node(kind, "", (inner,)))
        elif token[0] == '"':
            parts.append(Node("word", token[1:-1].replace('\\"', '"')))
        else:
            parts.append(Node("rule", token))
        at += 1
    return Node("sequence", "", tuple(parts)), at


def walk(node: Node):  # type: ignore[no-untyped-def]
    yield node
    for part in node.parts:
        yield from walk(part)


MAX_WORDS = 200


class Writer:
    """Random sentences; below a depth only the shortest way out is taken."""

    def __init__(self, rules: dict[str, Node], seed: int, lexical: dict[str, list[str]]) -> None:
        self.rules = rules
        self.random = random.Random(seed)
        self.lexical = lexical
        self.heights = _heights(rules, lexical)
        self.left = MAX_WORDS

    def write(self, rule: str, depth: int) -> list[str]:
        return self._node(Node("rule", rule), depth)

    def _node(self, node: Node, depth: int) -> list[str]:
        if self.left < 0:
            depth = 0
        if node.kind == "word":
            self.left -= 1
            return [node.text]
        if node.kind == "rule":
            if node.text in self.lexical:
                return [self.random.choice(self.lexical[node.text])]
            return self._node(self.rules[node.text], depth - 1)
        if node.kind == "choice":
            options = list(node.parts)
            if depth <= 0:
                options = [min(options, key=lambda n: _height(n, self.heights, self.lexical))]
            return self._node(self.random.choice(options), depth)
        if node.kind == "optional":
            return (
                self._node(node.parts[0], depth) if depth > 0 and self.random.random() < 0.4 else []
            )
        if node.kind == "repeat":
            out: list[str] = []
            while depth > 0 and self.random.random() < 0.4 and len(out) < 60:
                out += self._node(node.parts[0], depth)
            return out
        return [word for part in node.parts for word in self._node(part, depth)]


def _height(node: Node, heights: dict[str, int], lexical: dict[str, list[str]]) -> int:
    """How many rules deep the shortest sentence is."""
    if node.kind == "rule":
        return 0 if node.text in lexical else heights.get(node.text, 1_000) + 1
    if node.kind in ("optional", "repeat", "word"):
        return 0
    inner = [_height(part, heights, lexical) for part in node.parts]
    return min(inner) if node.kind == "choice" else max(inner, default=0)


def _heights(rules: dict[str, Node], lexical: dict[str, list[str]]) -> dict[str, int]:
    heights: dict[str, int] = {}
    for _ in rules:
        for name, node in rules.items():
            heights[name] = _height(node, heights, lexical)
    return heights
