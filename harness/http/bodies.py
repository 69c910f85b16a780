"""Request bodies: bounded while they are read, plain JSON objects, no duplicate names, not too deep."""

from __future__ import annotations

from typing import Any

from starlette.requests import ClientDisconnect, Request

from harness.protocol.json_text import parse_json, refuse_halves

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
    return parse_object(await read_bytes(request, most))


async def read_bytes(request: Request, most: int) -> bytes:
    """The body of a request, of at most `most` bytes. Raises BodyTooLarge, BadBody."""
    received = bytearray()
    try:
        async for part in request.stream():  # a declared length is only advice
            received += part
            if len(received) > most:
                raise BodyTooLarge
    except ClientDisconnect:  # nobody hears the answer, and nothing of ours has failed
        raise BadBody("the connection ended before the body did") from None
    return bytes(received)


def parse_object(text: bytes) -> dict[str, Any]:
    """Bytes in UTF-8 -> object whose texts can be written in UTF-8 again. Raises BadBody."""
    try:
        document = parse_json(text)
        refuse_halves(text, document)
    except ValueError as bad:
        raise BadBody(str(bad)) from None
    if not isinstance(document, dict):
        raise BadBody("not a JSON object")
    return document
