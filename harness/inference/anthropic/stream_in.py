"""Anthropic's stream of events -> chunks of a chat completion.

message_start              the chunk with the role
content_block_start/delta  text, thoughts, calls in pieces
message_delta              the reason to stop
message_stop               usage
"""

from __future__ import annotations

from typing import Any

from harness.inference.anthropic.content import arguments_of
from harness.inference.anthropic.response import ERROR_STATUS, finish_of, usage_of
from harness.inference.provider import Json, Usage


class StreamFault(Exception):
    """The provider reported an error inside the stream; `status` is the HTTP status of its kind."""

    def __init__(self, status: int, error: Json) -> None:
        super().__init__(str(status))
        self.status = status
        self.error = error


class ChunkMaker:
    """Feed it the data of each event, in order. `done` after message_stop; `usage` when it was reported."""

    def __init__(self, created: int) -> None:
        self._head: Json = {
            "id": "",
            "object": "chat.completion.chunk",
            "created": created,
            "model": "",
        }
        self._counts: Json = {}
        self._calls = 0
        self._open: dict[
            int, tuple[int, Any, bool]
        ] = {}  # block -> (call, input given, pieces seen)
        self.done = False

    @property
    def usage(self) -> Usage | None:
        return usage_of(self._counts)

    def feed(self, event: Json) -> list[Json]:
        """Chunks of this event, often none. Raises StreamFault for an error event."""
        kind = event.get("type")
        if kind == "message_start":
            return self._start(_object(event, "message"))
        if kind == "content_block_start":
            return self._block(_index(event), _object(event, "content_block"))
        if kind == "content_block_delta":
            return self._delta(_index(event), _object(event, "delta"))
        if kind == "content_block_stop":
            return self._block_end(_index(event))
        if kind == "message_delta":
            self._counts |= _object(event, "usage")
            reason = _object(event, "delta").get("stop_reason")
            return [self._chunk({}, finish_of(reason))] if reason is not None else []
        if kind == "message_stop":
            self.done = True
            usage = self.usage
            return (
                [] if usage is None else [{**self._head, "choices": [], "usage": usage.to_wire()}]
            )
        if kind == "error":
            error = _object(event, "error")
            raise StreamFault(ERROR_STATUS.get(str(error.get("type")), 502), error)
        return []  # pings, and what is not invented yet

    def _start(self, message: Json) -> list[Json]:
        self._head["id"] = str(message.get("id", ""))
        self._head["model"] = str(message.get("model", ""))
        self._counts |= _object(message, "usage")
        return [self._chunk({"role": "assistant", "content": ""})]

    def _block(self, index: int, block: Json) -> list[Json]:
        kind = block.get("type")
        if kind == "text" and block.get("text"):
            return [self._chunk({"content": str(block["text"])})]
        if kind == "thinking" and block.get("thinking"):
            return [self._chunk({"reasoning_content": str(block["thinking"])})]
        if kind != "tool_use":
            return []
        call = self._calls
        self._calls += 1
        self._open[index] = (call, block.get("input"), False)
        function = {"name": str(block.get("name", "")), "arguments": ""}
        start = {
            "index": call,
            "id": str(block.get("id", "")),
            "type": "function",
            "function": function,
        }
        return [self._chunk({"tool_calls": [start]})]

    def _delta(self, index: int, delta: Json) -> list[Json]:
        kind = delta.get("type")
        if kind == "text_delta":
            return [self._chunk({"content": str(delta.get("text", ""))})]
        if kind == "thinking_delta":
            return [self._chunk({"reasoning_content": str(delta.get("thinking", ""))})]
        if kind == "input_json_delta" and index in self._open:
            piece = str(delta.get("partial_json", ""))
            if not piece:
                return []
            call, given, _ = self._open[index]
            self._open[index] = (call, given, True)
            return [self._arguments(call, piece)]
        return []

    def _block_end(self, index: int) -> list[Json]:
        call, given, pieces = self._open.pop(index, (0, None, True))
        return [] if pieces else [self._arguments(call, arguments_of(given))]

    def _arguments(self, call: int, piece: str) -> Json:
        return self._chunk({"tool_calls": [{"index": call, "function": {"arguments": piece}}]})

    def _chunk(self, delta: Json, finish: str | None = None) -> Json:
        return {**self._head, "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}


def _object(event: Json, name: str) -> Json:
    value = event.get(name)
    return value if isinstance(value, dict) else {}


def _index(event: Json) -> int:
    index = event.get("index")
    return index if isinstance(index, int) else 0
