"""Server-sent events: read from a relay in whatever pieces they arrive, written for a client."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

MAX_EVENT = 2 * 1024 * 1024
DONE = b"data: [DONE]\n\n"


class EventTooLarge(Exception):
    """One event beyond what any frame can hold."""


@dataclass(frozen=True)
class Event:
    """`name` is empty for plain data."""

    name: str
    data: str


async def read_events(pieces: AsyncIterator[bytes]) -> AsyncIterator[Event]:
    """Bytes -> events. Raises EventTooLarge. A half event at the end is dropped."""
    pending = bytearray()
    name, data = "", list[str]()
    size = 0
    async for piece in pieces:
        pending += piece
        *lines, rest = pending.split(b"\n")
        pending = bytearray(rest)
        if len(pending) > MAX_EVENT:
            raise EventTooLarge
        for raw in lines:
            line = raw.removesuffix(b"\r").decode("utf-8", "replace")
            if not line:
                if data:
                    yield Event(name, "\n".join(data))
                name, data, size = "", [], 0
                continue
            member, _, value = line.partition(":")
            value = value.removeprefix(" ")
            if member == "data":
                size += len(value)
                if size > MAX_EVENT:
                    raise EventTooLarge
                data.append(value)
            elif member == "event":
                name = value


def encode_event(value: Any, name: str = "") -> bytes:
    """One event on one line of data: JSON has no line breaks, so text cannot end it early."""
    head = f"event: {name}\n" if name else ""
    return (
        f"{head}data: {json.dumps(value, ensure_ascii=False, separators=(',', ':'))}\n\n".encode()
    )
