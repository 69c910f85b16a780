"""Answers in a client's dialect: OpenAI's chat completions, or Anthropic's messages."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Protocol

from harness.services.consumer.delivery import Bill, Json
from harness.services.consumer.reemit import chunks_of, meta_chunk
from harness.services.consumer.refusals import Refusal
from harness.services.consumer.server_events import DONE, encode_event


class Dialect(Protocol):
    """How one kind of client is answered. One instance per request: streams have state."""

    def whole(self, completion: Json) -> Json: ...

    def chunk(self, chunk: Json) -> bytes: ...

    def replay(self, completion: Json, include_usage: bool) -> Iterator[bytes]: ...

    def end(self, bill: Bill, budget: dict[str, str]) -> bytes: ...

    def broken(self, refusal: Refusal) -> bytes: ...


class ChatDialect:
    """OpenAI's: chunks as they are, `halo-meta` before the end."""

    def __init__(self) -> None:
        self._last: Json = {}

    def whole(self, completion: Json) -> Json:
        return completion

    def chunk(self, chunk: Json) -> bytes:
        self._last = chunk
        return encode_event(chunk)

    def replay(self, completion: Json, include_usage: bool) -> Iterator[bytes]:
        for chunk in chunks_of(completion, include_usage=include_usage):
            yield self.chunk(chunk)

    def end(self, bill: Bill, budget: dict[str, str]) -> bytes:
        return encode_event(meta_chunk(self._last, bill, budget), "halo-meta") + DONE

    def broken(self, refusal: Refusal) -> bytes:
        """Clients raise the error they find; there is no end of the stream after it."""
        return encode_event({"error": refusal.to_wire()})


def json_bytes(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
