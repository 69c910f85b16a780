"""Request bodies: bounded while they are read, plain JSON objects, no duplicate names, not too deep."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request

from harness.protocol.json_text import parse_json

MAX_BYTES = 64 * 1024


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
    try:
        document = parse_json(text)
    except ValueError as bad:
        raise BadBody(str(bad)) from None
    if not isinstance(document, dict):
        raise BadBody("not a JSON object")
    return document
