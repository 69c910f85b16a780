"""Chunks of a chat completion -> Anthropic's stream of events.

Blocks follow one another, while OpenAI's calls may be told in turns. A call that begins before the one
in front of it is complete waits until that one is.
"""

from __future__ import annotations

import json
from typing import Any

from harness.inference.anthropic.response import STOP, error_of, message_id, usage_block
from harness.inference.provider import Json, Usage
from harness.inference.sse import encode_event
from harness.protocol.json_text import parse_json

MAX_CALLS = 1_024


class _Call:
    def __init__(self) -> None:
        self.id = ""
        self.name = ""
        self.said: list[str] = []  # arguments, whole
        self.waiting: list[str] = []  # those not sent yet

    @property
    def complete(self) -> bool:
        try:
            return isinstance(parse_json("".join(self.said), repeats=True), dict)
        except ValueError:
            return False


class EventMaker:
    """Feed it chunks; `end` when the stream is over. Events are Anthropic's objects; `encoded` are bytes.

    `prompt_tokens` is what the first event says of the prompt, before the provider's count is known.
    """

    def __init__(self, model: str, prompt_tokens: int = 0) -> None:
        self._model = model
        self._prompt = prompt_tokens
        self._started = False
        self._blocks = 0
        self._open = ""  # kind of the open block: text, tool or none
        self._current: int | None = None  # the call whose block is open
        self._calls: dict[int, _Call] = {}
        self._sent: set[int] = set()
        self._finish = "stop"
        self._usage: Usage | None = None

    def feed(self, chunk: Json) -> list[Json]:
        """Events of this chunk. Fields of wrong types are left out, never raised about."""
        events = [] if self._started else self._start(chunk)
        self._usage = Usage.from_wire(chunk.get("usage")) or self._usage
        choices = chunk.get("choices")
        for choice in choices if isinstance(choices, list) else ():
            if not isinstance(choice, dict) or choice.get("index", 0) != 0:
                continue
            delta = choice.get("delta")
            if isinstance(delta, dict):
                events += self._delta(delta)
            if isinstance(choice.get("finish_reason"), str):
                self._finish = choice["finish_reason"]
        return events

    def end(self) -> list[Json]:
        """The last events: what waited, the reason to stop, usage."""
        events = [] if self._started else self._start({})
        events += self._close()
        for index in sorted(set(self._calls) - self._sent):
            events += [*self._open_call(index), *self._close()]
        usage = self._usage or Usage(self._prompt, 0)
        stop = {"stop_reason": STOP.get(self._finish, "end_turn"), "stop_sequence": None}
        events.append({"type": "message_delta", "delta": stop, "usage": usage_block(usage)})
        events.append({"type": "message_stop"})
        return events

    @staticmethod
    def fail(status: int, message: str) -> list[Json]:
        """The event that ends a stream which cannot go on."""
        return [error_of(status, message)]

    @staticmethod
    def encoded(events: list[Json]) -> bytes:
        """Events as server-sent events."""
        return b"".join(
            encode_event(json.dumps(event, ensure_ascii=False), event["type"]) for event in events
        )

    def _start(self, chunk: Json) -> list[Json]:
        self._started = True
        message: Json = {
            "id": message_id(chunk),
            "type": "message",
            "role": "assistant",
            "model": self._model,
            "content": [],
            "stop_reason": None,
            "stop_sequence": None,
            "usage": usage_block(Usage(self._prompt, 0)),
        }
        return [{"type": "message_start", "message": message}]

    def _delta(self, delta: Json) -> list[Json]:
        events: list[Json] = []
        for field in ("content", "refusal"):
            if isinstance(delta.get(field), str) and delta[field]:
                events += self._text(delta[field])
        calls = delta.get("tool_calls")
        for call in calls if isinstance(calls, list) else ():
            index = call.get("index", 0) if isinstance(call, dict) else None
            if isinstance(index, int) and 0 <= index < MAX_CALLS:
                events += self._call(index, call)
        return events

    def _text(self, text: str) -> list[Json]:
        events: list[Json] = []
        if self._open != "text":
            events += self._close()
            events += self._open_block("text", {"type": "text", "text": ""})
        events.append(self._piece({"type": "text_delta", "text": text}))
        return events

    def _call(self, index: int, part: Json) -> list[Json]:
        call = self._calls.setdefault(index, _Call())
        function = part.get("function")
        function = function if isinstance(function, dict) else {}
        call.id = call.id or _text_in(part, "id")
        call.name = call.name or _text_in(function, "name")
        if piece := _text_in(function, "arguments"):
            call.said.append(piece)
            call.waiting.append(piece)
        if index == self._current:
            return self._flush(call)
        if index in self._sent or not call.name:
            return []  # closed already, or nothing to open it with yet
        if self._current is not None and not self._calls[self._current].complete:
            return []
        return [*self._close(), *self._open_call(index)]

    def _open_call(self, index: int) -> list[Json]:
        call = self._calls[index]
        self._current = index
        self._sent.add(index)
        identity = call.id or f"toolu_{index}"
        block = {"type": "tool_use", "id": identity, "name": call.name, "input": {}}
        return [*self._open_block("tool", block), *self._flush(call)]

    def _flush(self, call: _Call) -> list[Json]:
        text, call.waiting = "".join(call.waiting), []
        return [self._piece({"type": "input_json_delta", "partial_json": text})] if text else []

    def _open_block(self, kind: str, block: Json) -> list[Json]:
        self._open = kind
        return [{"type": "content_block_start", "index": self._blocks, "content_block": block}]

    def _piece(self, delta: Json) -> Json:
        return {"type": "content_block_delta", "index": self._blocks, "delta": delta}

    def _close(self) -> list[Json]:
        if not self._open:
            return []
        self._open, self._current = "", None
        self._blocks += 1
        return [{"type": "content_block_stop", "index": self._blocks - 1}]


def _text_in(value: Any, name: str) -> str:
    found = value.get(name)
    return found if isinstance(found, str) else ""
