"""Tokens and trees as stable text, for `--emit tokens|ast` and for golden tests."""

from __future__ import annotations

from typing import Any

from compiler.source import SourceFile
from compiler.syntax.ast import Node
from compiler.syntax.tokens import Tokens


def dump_tokens(tokens: Tokens) -> str:
    """One token a line: `line:column kind text`."""
    locate = tokens.file.line_column
    lines = []
    for kind, text, start in zip(tokens.kinds, tokens.texts, tokens.starts, strict=True):
        line, column = locate(start)
        shown = "" if kind == text else f" {text}"
        lines.append(f"{line}:{column} {kind}{shown}")
    return "\n".join(lines) + "\n"


def dump_tree(node: Node, file: SourceFile) -> str:
    """One node a line, indented by depth, with its place and its plain fields."""
    lines: list[str] = []
    _dump(node, file, 0, "", lines)
    return "\n".join(lines) + "\n"


def _dump(node: Node, file: SourceFile, depth: int, label: str, lines: list[str]) -> None:
    line, column = file.line_column(node.pos)
    plain: list[str] = []
    nested: list[tuple[str, Any]] = []
    for name in node.__slots__:
        value = getattr(node, name)
        if isinstance(value, Node):
            nested.append((name, value))
        elif isinstance(value, (list, tuple)) and value:
            nested.append((name, value))
        elif value not in (None, [], (), False) and name not in ("doc", "path"):
            plain.append(f"{name}={value!r}" if not isinstance(value, bool) else name)
    head = f"{label}: " if label else ""
    fields = f" {' '.join(plain)}" if plain else ""
    lines.append(f"{'  ' * depth}{head}{type(node).__name__} @{line}:{column}{fields}")
    for name, value in nested:
        _dump_nested(name, value, file, depth + 1, lines)


def _dump_nested(name: str, value: Any, file: SourceFile, depth: int, lines: list[str]) -> None:
    if isinstance(value, Node):
        _dump(value, file, depth, name, lines)
        return
    if isinstance(value, (list, tuple)):
        for item in value:
            if isinstance(item, (Node, list, tuple)):
                _dump_nested(name, item, file, depth, lines)
            else:
                lines.append(f"{'  ' * depth}{name}: {item!r}")
        return
    lines.append(f"{'  ' * depth}{name}: {value!r}")
