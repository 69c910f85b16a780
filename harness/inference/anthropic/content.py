"""Pieces of content in both dialects: text, images, arguments of tools, identifiers."""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any

from harness.inference.provider import Json
from harness.protocol.json_text import parse_json

UNPARSED = "unparsed_arguments"  # holds arguments of a call that are no JSON object

_DATA_URL = re.compile(r"data:(image/[a-z+.-]+);base64,(.*)", re.DOTALL | re.IGNORECASE)
_IDENTITY = re.compile(r"[A-Za-z0-9_-]{1,64}")


def text_of(content: Any) -> str:
    """Text and refusals of a message's content in either dialect, joined; images are left out."""
    if isinstance(content, str):
        return content
    parts = content if isinstance(content, list) else ()
    return "".join(
        str(part.get("text") or part.get("refusal") or "")
        for part in parts
        if isinstance(part, dict)
    )


def block_of(part: Json) -> Json | None:
    """A chat part -> a block; None for an empty text, which Anthropic refuses."""
    if part.get("type") == "image_url":
        return {"type": "image", "source": source_of(part["image_url"]["url"])}
    text = text_of([part])
    return {"type": "text", "text": text} if text else None


def source_of(url: str) -> Json:
    """A data URL or address -> an image's source."""
    match = _DATA_URL.fullmatch(url)
    if match is None:
        return {"type": "url", "url": url}
    return {"type": "base64", "media_type": match.group(1).lower(), "data": match.group(2)}


def url_of(source: Any) -> str | None:
    """An image's source -> a data URL or address; None for other sources."""
    if not isinstance(source, dict):
        return None
    if source.get("type") == "base64":
        kind, data = source.get("media_type"), source.get("data")
        return (
            f"data:{kind};base64,{data}"
            if isinstance(kind, str) and isinstance(data, str)
            else None
        )
    url = source.get("url")
    return url if source.get("type") == "url" and isinstance(url, str) else None


def input_of(arguments: str) -> Json:
    """Arguments as JSON text -> as an object; broken ones, as truncated answers have, in a field of their own."""
    if not arguments.strip():
        return {}
    try:
        value = parse_json(arguments, repeats=True)
    except ValueError:
        return {UNPARSED: arguments}
    return value if isinstance(value, dict) else {UNPARSED: arguments}


def arguments_of(given: Any) -> str:
    """The way back."""
    if isinstance(given, dict) and set(given) == {UNPARSED} and isinstance(given[UNPARSED], str):
        return str(given[UNPARSED])
    return json.dumps(given if given is not None else {}, ensure_ascii=False)


def identity_of(call_id: str) -> str:
    """An identifier that Anthropic accepts; the same for the same one, and different for different ones."""
    if _IDENTITY.fullmatch(call_id):
        return call_id
    return "call_" + hashlib.sha256(call_id.encode("utf-8", "surrogatepass")).hexdigest()[:32]
