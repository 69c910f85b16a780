"""Request bodies: bounded while they are read, plain JSON objects, no duplicate names, not too deep."""

from __future__ import annotations

import json
import re
from typing import Any

from starlette.requests import ClientDisconnect, Request

from harness.protocol.json_text import parse_json

MAX_BYTES = 64 * 1024
_ESCAPED_HALF = re.compile(rb"\\u[dD][89a-fA-F]")


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
        document = parse_json(text.decode())
        if _ESCAPED_HALF.search(text):
            json.dumps(document, ensure_ascii=False).encode()
    except UnicodeDecodeError:
        raise BadBody("not JSON: the body is not in UTF-8") from None
    except UnicodeEncodeError:
        raise BadBody("a text has half of a surrogate pair, which is no character") from None
    except ValueError as bad:
        raise BadBody(str(bad)) from None
    if not isinstance(document, dict):
        raise BadBody("not a JSON object")
    return document
