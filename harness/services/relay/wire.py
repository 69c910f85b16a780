"""What relay nodes say to each other: a line of JSON, and below it the text of a frame, in pieces.

A NATS server limits the size of a message, so a frame may take several; all but the last say `more`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

ROOM = 4 * 1024  # bytes kept for the line above


def pieces(line: dict[str, Any], text: bytes, limit: int) -> Iterator[tuple[dict[str, Any], bytes]]:
    """A text in pieces that fit a message of `limit` bytes, each with its line."""
    step = max(limit - ROOM, 1)
    for start in range(0, len(text) or 1, step):
        part = text[start : start + step]
        yield (line | {"more": True} if start + step < len(text) else line), part


def message(line: dict[str, Any], part: bytes = b"") -> bytes:
    return json.dumps(line, separators=(",", ":")).encode() + b"\n" + part


def read(data: bytes) -> tuple[dict[str, Any], bytes]:
    """The line and the piece. Raises ValueError."""
    line, _, part = data.partition(b"\n")
    found = json.loads(line)
    if not isinstance(found, dict):
        raise ValueError("not an object")
    return found, part


@dataclass
class Joiner:
    """Pieces -> texts. `most` bytes at once, else ValueError."""

    most: int
    _parts: list[bytes] = field(default_factory=list)
    _size: int = 0

    def add(self, line: dict[str, Any], part: bytes) -> bytes | None:
        """The whole text when this was the last piece."""
        self._parts.append(part)
        self._size += len(part)
        if self._size > self.most:
            raise ValueError("a frame is too large")
        if line.get("more"):
            return None
        whole = b"".join(self._parts)
        self._parts, self._size = [], 0
        return whole
