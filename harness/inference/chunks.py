"""Streams of chat-completion chunks: put together into one completion, taken apart from one, counted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from harness.inference.provider import Json, Usage
from harness.protocol import estimate

MAX_CALLS = 1_024  # tool calls in one answer


class Assembler:
    """Chunks in, one `chat.completion` out: what a client that does not stream would have got."""

    def __init__(self) -> None:
        self._first: Json = {}
        self._role = "assistant"
        self._texts: dict[str, list[str]] = {"content": [], "refusal": [], "reasoning_content": []}
        self._calls: dict[int, Json] = {}
        self.finish: str | None = None
        self.usage: Usage | None = None

    def add(self, chunk: Json) -> None:
        """Take one chunk in. Fields of wrong types are left out, never raised about."""
        if not self._first:
            self._first = chunk
        self.usage = Usage.from_wire(chunk.get("usage")) or self.usage
        choices = chunk.get("choices")
        for choice in choices if isinstance(choices, list) else ():
            if not isinstance(choice, dict) or choice.get("index", 0) != 0:
                continue
            if isinstance(choice.get("finish_reason"), str):
                self.finish = choice["finish_reason"]
            delta = choice.get("delta")
            if isinstance(delta, dict):
                self._delta(delta)

    def head(self) -> Json:
        """The fields that every chunk of this stream has."""
        first = self._first
        return {
            "id": first.get("id", ""),
            "object": "chat.completion.chunk",
            "created": first.get("created", 0),
            "model": first.get("model", ""),
        }

    @property
    def completion_tokens(self) -> int:
        """Tokens of what was said so far, by the shared estimator."""
        text = sum(sum(map(len, parts)) for parts in self._texts.values())
        for call in self._calls.values():
            text += len(call["name"]) + sum(map(len, call["arguments"]))
        return -(-text // estimate.CHARACTERS_PER_TOKEN)

    def body(self, usage: Usage | None = None) -> Json:
        """The completion so far, with this usage or the one that was reported."""
        message: Json = {"role": self._role, "content": "".join(self._texts["content"]) or None}
        for field in ("refusal", "reasoning_content"):
            if self._texts[field]:
                message[field] = "".join(self._texts[field])
        if self._calls:
            message["tool_calls"] = [
                tool_call(call["id"], call["name"], "".join(call["arguments"]))
                for _, call in sorted(self._calls.items())
            ]
        elif message["content"] is None:
            message["content"] = ""
        counted = usage or self.usage
        return {
            **self.head(),
            "object": "chat.completion",
            "choices": [{"index": 0, "message": message, "finish_reason": self.finish}],
            **({"usage": counted.to_wire()} if counted else {}),
        }

    def _delta(self, delta: Json) -> None:
        for field, parts in self._texts.items():
            if isinstance(delta.get(field), str):
                parts.append(delta[field])
        calls = delta.get("tool_calls")
        for call in calls if isinstance(calls, list) else ():
            index = call.get("index", 0) if isinstance(call, dict) else None
            if isinstance(index, int) and 0 <= index < MAX_CALLS:
                self._call(index, call)

    def _call(self, index: int, call: Json) -> None:
        known = self._calls.setdefault(index, {"id": "", "name": "", "arguments": []})
        function = call.get("function")
        function = function if isinstance(function, dict) else {}
        if isinstance(call.get("id"), str) and not known["id"]:
            known["id"] = call["id"]
        if isinstance(function.get("name"), str) and not known["name"]:
            known["name"] = function["name"]
        if isinstance(function.get("arguments"), str):
            known["arguments"].append(function["arguments"])


def taken_apart(body: Json) -> Iterator[Json]:
    """A buffered completion as a stream that says the same: role, content, calls, end, usage."""
    head = {
        "id": body.get("id", ""),
        "object": "chat.completion.chunk",
        "created": body.get("created", 0),
        "model": body.get("model", ""),
    }
    choice = first_choice(body)
    message = choice.get("message") or {}
    yield {**head, "choices": [_choice({"role": "assistant", "content": ""})]}
    for field in ("reasoning_content", "content", "refusal"):
        if isinstance(message.get(field), str) and message[field]:
            yield {**head, "choices": [_choice({field: message[field]})]}
    for index, call in enumerate(message.get("tool_calls") or ()):
        yield {**head, "choices": [_choice({"tool_calls": [{"index": index, **call}]})]}
    yield {**head, "choices": [_choice({}, choice.get("finish_reason") or "stop")]}
    if isinstance(body.get("usage"), dict):
        yield {**head, "choices": [], "usage": body["usage"]}


def first_choice(body: Json) -> Json:
    """The only choice of a completion; empty when there is none."""
    choices = body.get("choices")
    if isinstance(choices, list) and choices and isinstance(choices[0], dict):
        found: Json = choices[0]
        return found
    return {}


def tool_call(identity: str, name: str, arguments: str) -> Json:
    """A call of a function as messages carry it."""
    return {"id": identity, "type": "function", "function": {"name": name, "arguments": arguments}}


def counted_usage(request: Json, body: Json) -> Usage:
    """Usage by the shared estimator, for a provider that reported none."""
    assembler = Assembler()
    for chunk in taken_apart({**body, "usage": None}):
        assembler.add(chunk)
    return Usage(estimate.prompt_tokens(request), assembler.completion_tokens, estimated=True)


def _choice(delta: Any, finish: str | None = None) -> Json:
    return {"index": 0, "delta": delta, "finish_reason": finish}
