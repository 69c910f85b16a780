"""Anthropic's messages over the same pipeline."""

from __future__ import annotations

import json
from collections.abc import Iterator

from harness.inference.anthropic import EventMaker, message_of, to_chat
from harness.inference.request import BadRequest
from harness.services.consumer.ask import Ask
from harness.services.consumer.delivery import Bill, Json
from harness.services.consumer.reemit import chunks_of
from harness.services.consumer.refusals import Refusal


def read_messages(body: Json) -> Json:
    """A Messages request as a chat request. Raises Refusal(bad_request)."""
    try:
        asked = to_chat(body)
    except BadRequest as bad:
        raise Refusal("bad_request", f"{bad}.", field=getattr(bad, "field", None)) from None
    if asked.get("stream"):
        asked["stream_options"] = {"include_usage": True}  # the last event says what was used
    return asked


class MessagesDialect:
    """Events of one stream, or one message."""

    def __init__(self, ask: Ask) -> None:
        self._model = ask.model
        self._maker = EventMaker(ask.model, ask.prompt_tokens)

    def whole(self, completion: Json) -> Json:
        return message_of(completion, self._model)

    def chunk(self, chunk: Json) -> bytes:
        return self._maker.encoded(self._maker.feed(chunk))

    def replay(self, completion: Json, include_usage: bool) -> Iterator[bytes]:
        for chunk in chunks_of(completion, include_usage=True):
            yield self.chunk(chunk)

    def end(self, bill: Bill, budget: dict[str, str]) -> bytes:
        """What is known only at the end travels in a `ping`, which every client of this API passes over."""
        meta = {"type": "ping", "halo": {**bill.final_headers(), **budget}}
        ping = f"event: ping\ndata: {json.dumps(meta)}\n\n".encode()
        return ping + self._maker.encoded(self._maker.end())

    def broken(self, refusal: Refusal) -> bytes:
        event = {"type": "error", "error": refusal.to_wire()}
        return f"event: error\ndata: {json.dumps(event, ensure_ascii=False)}\n\n".encode()
