"""Buffered answers: Anthropic's message <-> a chat completion; reasons to stop, usage, errors."""

from __future__ import annotations

from typing import Any

from harness.inference.anthropic.content import arguments_of, input_of, text_of
from harness.inference.chunks import first_choice, tool_call
from harness.inference.provider import Json, Usage

FINISH = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "pause_turn": "stop",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "tool_use": "tool_calls",
    "refusal": "content_filter",
}
STOP = {
    "stop": "end_turn",
    "length": "max_tokens",
    "tool_calls": "tool_use",
    "function_call": "tool_use",
    "content_filter": "refusal",
}
ERROR_STATUS = {
    "invalid_request_error": 400,
    "authentication_error": 401,
    "billing_error": 402,
    "permission_error": 403,
    "not_found_error": 404,
    "request_too_large": 413,
    "rate_limit_error": 429,
    "api_error": 500,
    "timeout_error": 504,
    "overloaded_error": 529,
}
_MAX_COUNT = 10**9


def completion_of(message: Json, created: int) -> Json:
    """Anthropic's message -> a `chat.completion`; `created` in seconds."""
    texts: list[str] = []
    thoughts: list[str] = []
    calls: list[Json] = []
    content = message.get("content")
    for block in content if isinstance(content, list) else ():
        kind = block.get("type") if isinstance(block, dict) else None
        if kind == "text":
            texts.append(text_of([block]))
        elif kind == "thinking":
            thoughts.append(str(block.get("thinking", "")))
        elif kind == "tool_use":
            arguments = arguments_of(block.get("input"))
            calls.append(tool_call(str(block.get("id", "")), str(block.get("name", "")), arguments))
    answer: Json = {"role": "assistant", "content": "".join(texts) or None}
    if any(thoughts):
        answer["reasoning_content"] = "".join(thoughts)
    if calls:
        answer["tool_calls"] = calls
    elif answer["content"] is None:
        answer["content"] = ""
    usage = usage_of(message.get("usage"))
    return {
        "id": str(message.get("id", "")),
        "object": "chat.completion",
        "created": created,
        "model": str(message.get("model", "")),
        "choices": [
            {"index": 0, "message": answer, "finish_reason": finish_of(message.get("stop_reason"))}
        ],
        **({"usage": usage.to_wire()} if usage is not None else {}),
    }


def message_of(body: Json, model: str = "") -> Json:
    """A `chat.completion` -> Anthropic's message, under the name of the model that was asked for."""
    choice = first_choice(body)
    answer = choice.get("message") or {}
    blocks: list[Json] = []
    if text := text_of(answer.get("content")) + str(answer.get("refusal") or ""):
        blocks.append({"type": "text", "text": text})
    for call in answer.get("tool_calls") or ():
        function = call.get("function") or {}
        blocks.append(
            {
                "type": "tool_use",
                "id": call.get("id", ""),
                "name": function.get("name", ""),
                "input": input_of(function.get("arguments") or ""),
            }
        )
    return {
        "id": message_id(body),
        "type": "message",
        "role": "assistant",
        "model": model or str(body.get("model", "")),
        "content": blocks,
        "stop_reason": STOP.get(choice.get("finish_reason") or "stop", "end_turn"),
        "stop_sequence": None,
        "usage": usage_block(Usage.from_wire(body.get("usage")) or Usage()),
    }


def error_of(status: int, message: str) -> Json:
    """An error as clients of Anthropic's API read it; send it with the same status."""
    kinds = {code: kind for kind, code in ERROR_STATUS.items()}
    kind = kinds.get(status, "invalid_request_error" if 400 <= status < 500 else "api_error")
    return {"type": "error", "error": {"type": kind, "message": message}}


def finish_of(reason: Any) -> str:
    """Anthropic's reason to stop -> OpenAI's."""
    return FINISH.get(reason, "stop") if isinstance(reason, str) else "stop"


def usage_of(usage: Any) -> Usage | None:
    """Anthropic's counts -> Usage. There, the prompt's count leaves out what the cache read or wrote."""
    if not isinstance(usage, dict):
        return None
    fresh, output = _count(usage, "input_tokens"), _count(usage, "output_tokens")
    if fresh is None or output is None:
        return None
    read = _count(usage, "cache_read_input_tokens") or 0
    written = _count(usage, "cache_creation_input_tokens") or 0
    return Usage(fresh + read + written, output, read)


def usage_block(usage: Usage) -> Json:
    """Usage -> Anthropic's counts."""
    return {
        "input_tokens": usage.prompt - usage.cached,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": usage.cached,
        "output_tokens": usage.completion,
    }


def message_id(body: Json) -> str:
    """An identifier in Anthropic's style."""
    identity = str(body.get("id") or "answer")
    return identity if identity.startswith("msg_") else "msg_" + identity.removeprefix("chatcmpl-")


def _count(usage: Json, name: str) -> int | None:
    value = usage.get(name)
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < _MAX_COUNT:
        return value
    return None
