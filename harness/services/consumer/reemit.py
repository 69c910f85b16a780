"""A whole completion as the chunks that a streaming client expects, and the last word of every stream."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from harness.services.consumer.delivery import Bill, Json


def chunks_of(completion: Json, *, include_usage: bool) -> Iterator[Json]:
    """Role, content, tool calls with their index, the real finish reason; usage last when asked for."""
    choices = completion.get("choices")
    listed = [c for c in choices if isinstance(c, dict)] if isinstance(choices, list) else []
    for position, choice in enumerate(listed):
        index = choice.get("index", position)
        message = choice.get("message")
        message = message if isinstance(message, dict) else {}
        yield _chunk(completion, index, {"role": message.get("role", "assistant"), "content": ""})
        for name in ("reasoning_content", "reasoning", "content", "refusal"):
            if isinstance(message.get(name), str) and message[name]:
                yield _chunk(completion, index, {name: message[name]})
        if isinstance(message.get("function_call"), dict):
            yield _chunk(completion, index, {"function_call": message["function_call"]})
        calls = message.get("tool_calls")
        for number, call in enumerate(calls if isinstance(calls, list) else ()):
            if isinstance(call, dict):
                yield _chunk(completion, index, {"tool_calls": [{"index": number, **call}]})
        reason = choice.get("finish_reason") or ("tool_calls" if calls else "stop")
        yield _chunk(completion, index, {}, reason)
    if include_usage and isinstance(completion.get("usage"), dict):
        yield {**_head(completion), "choices": [], "usage": completion["usage"]}


def meta_chunk(last: Json, bill: Bill, budget: dict[str, str]) -> Json:
    """What is known only at the end, in the shape of a chunk that says nothing: clients that read every
    event as a chunk find one."""
    empty = {"index": 0, "delta": {}, "finish_reason": None}
    return {**_head(last), "choices": [empty], "halo": {**bill.final_headers(), **budget}}


def _head(completion: Json) -> Json:
    return {
        "id": completion.get("id", ""),
        "object": "chat.completion.chunk",
        "created": completion.get("created", 0),
        "model": completion.get("model", ""),
    }


def _chunk(completion: Json, index: Any, delta: Json, reason: str | None = None) -> Json:
    choice = {"index": index, "delta": delta, "finish_reason": reason}
    return {**_head(completion), "choices": [choice]}
