"""Request bodies: bounded while they are read, plain JSON objects, no duplicate names, not too deep."""

from __future__ import annotations

import json
from typing import Any

from starlette.requests import Request

MAX_BYTES = 64 * 1024
MAX_DEPTH = 64


class BodyTooLarge(Exception):
    """More than is allowed arrived; the rest was not read."""


class BadBody(Exception):
    """Not a JSON object as we accept it; the message says why."""


async def read_object(request: Request, most: int = MAX_BYTES) -> dict[str, Any]:
    """The JSON object of a request, of at most `most` bytes. Raises BodyTooLarge, BadBody."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise BadBody("content-type must be application/json")
    received = bytearray()
    async for part in request.stream():  # a declared length is only advice
        received += part
        if len(received) > most:
            raise BodyTooLarge
    return parse_object(bytes(received))


def parse_object(text: bytes) -> dict[str, Any]:
    """Bytes -> object. Raises BadBody."""
    if _too_deep(text):
        raise BadBody(f"nested deeper than {MAX_DEPTH}")
    try:
        document = json.loads(text, object_pairs_hook=_unique, parse_constant=_no_constant)
    except (ValueError, RecursionError) as bad:
        raise BadBody(f"not JSON: {bad}") from None
    if not isinstance(document, dict):
        raise BadBody("not a JSON object")
    return document


def _too_deep(text: bytes) -> bool:
    """Counts brackets outside strings, before a parser can be made to recurse."""
    depth, inside, escaped = 0, False, False
    for byte in text:
        if inside:
            if escaped:
                escaped = False
            elif byte == 0x5C:
                escaped = True
            elif byte == 0x22:
                inside = False
        elif byte == 0x22:
            inside = True
        elif byte in b"[{":
            depth += 1
            if depth > MAX_DEPTH:
                return True
        elif byte in b"]}":
            depth -= 1
    return False


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name occurs twice in one object")
    return found


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not a JSON number")
