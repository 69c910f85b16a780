"""A language model that needs no weights: the same question always gets the same answer.

Text, ids and usage are a pure function of (model, messages, seed). The model's name carries behaviour,
with options as in a query string; any other name answers as `mock-echo`:

    mock-echo                          repeats the last message; calls the tools that it names
    mock-fast                          a short fixed sentence
    mock-slow?first_ms=&per_tok_ms=    waits before the first token and before each
    mock-fail?status=429|401|500       refuses; `account=1` words it as an empty account
    mock-cut?after=N                   the connection breaks after N tokens
    mock-empty                         says nothing
    mock-blocked                       stopped by a content filter
    mock-script:<name>                 plays a script, one turn for each answer already given

Options of every name: `tokens=N` (length of the reply), `skew=N` (tokens reported above those counted),
`cached=N` (prompt tokens reported as read from a cache).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from harness.inference.mock_script import Script, Turn
from harness.inference.provider import Json, Usage
from harness.protocol import estimate

CHARACTERS = estimate.CHARACTERS_PER_TOKEN
FAST = "Fast, and the same every time."
CREATED = 1_700_000_000  # seconds; a clock would make answers differ
_MAX_TOKENS = 100_000
_FILLER = "abcdefghijklmnopqrstuvwxyz"
_STOPS = ("stop", "stop_sequences")


@dataclass(frozen=True)
class ModelId:
    """A model's name taken apart."""

    name: str
    script: str
    options: Mapping[str, str]

    @classmethod
    def parse(cls, text: str) -> ModelId:
        """`mock-slow?first_ms=5` -> name and options; nothing is refused."""
        name, _, query = text.partition("?")
        name, _, script = name.partition(":")
        if not name.startswith("mock-"):
            name = "mock-echo"
        return cls(name, script, dict(parse_qsl(query)))

    def number(self, option: str, default: int = 0) -> int:
        """An option that counts something."""
        value = self.options.get(option, "")
        return int(value) if value.isascii() and value.isdigit() and len(value) < 9 else default


@dataclass(frozen=True)
class ToolCall:
    """A call the model makes; `arguments` is JSON text."""

    id: str
    name: str
    arguments: str

    def to_wire(self) -> Json:
        return {
            "id": self.id,
            "type": "function",
            "function": {"name": self.name, "arguments": self.arguments},
        }


@dataclass(frozen=True)
class Reply:
    """What the model will do, decided before anything is sent. Waits are milliseconds."""

    id: str
    model: str
    text: str
    calls: tuple[ToolCall, ...]
    finish: str
    usage: Usage
    fail_status: int = 0
    fail_account: bool = False
    cut_after: int | None = None
    first_ms: int = 0
    per_token_ms: int = 0

    def pieces(self) -> Iterator[str]:
        """The text, a token at a time."""
        for start in range(0, len(self.text), CHARACTERS):
            yield self.text[start : start + CHARACTERS]

    def body(self) -> Json:
        """The buffered `chat.completion`."""
        message: Json = {"role": "assistant", "content": self.text or None}
        if self.calls:
            message["tool_calls"] = [call.to_wire() for call in self.calls]
        elif not self.text:
            message["content"] = ""
        return {
            "id": self.id,
            "object": "chat.completion",
            "created": CREATED,
            "model": self.model,
            "choices": [
                {"index": 0, "message": message, "finish_reason": self.finish, "logprobs": None}
            ],
            "usage": self.usage.to_wire(),
        }

    def chunks(self) -> Iterator[Json]:
        """The same as `chat.completion.chunk` objects: role, text, calls in two parts each, end, usage."""
        yield self._chunk({"role": "assistant", "content": ""})
        for piece in self.pieces():
            yield self._chunk({"content": piece})
        for index, call in enumerate(self.calls):
            start = {**call.to_wire(), "index": index}
            start["function"] = {"name": call.name, "arguments": ""}
            yield self._chunk({"tool_calls": [start]})
            for at in range(0, len(call.arguments), CHARACTERS):
                part = call.arguments[at : at + CHARACTERS]
                yield self._chunk(
                    {"tool_calls": [{"index": index, "function": {"arguments": part}}]}
                )
        yield self._chunk({}, self.finish)
        yield {**self._chunk({}), "choices": [], "usage": self.usage.to_wire()}

    def _chunk(self, delta: Json, finish: str | None = None) -> Json:
        return {
            "id": self.id,
            "object": "chat.completion.chunk",
            "created": CREATED,
            "model": self.model,
            "choices": [{"index": 0, "delta": delta, "finish_reason": finish}],
        }


def reply(body: Json, scripts: Mapping[str, Script] | None = None, skew: int = 0) -> Reply:
    """The answer to a chat-completion request; `skew` tokens are added to the completion's count."""
    model = str(body.get("model", "mock-echo"))
    asked = ModelId.parse(model)
    digest = _digest(body)
    turn = _turn(asked, body, (scripts or {}).get(asked.script))
    calls = tuple(
        ToolCall(
            f"call_{digest[i * 4 : i * 4 + 16]}{i}", name, json.dumps(arguments, sort_keys=True)
        )
        for i, (name, arguments) in enumerate(turn.calls)
    )
    text, finish = _bounded(turn.text, body)
    if calls and finish == "stop":
        finish = "tool_calls"
    if asked.name == "mock-blocked":
        finish = "content_filter"
    prompt = turn.prompt if turn.prompt is not None else estimate.prompt_tokens(body)
    counted = turn.completion
    if counted is None:
        counted = estimate.text_tokens(text) + sum(
            estimate.text_tokens(call.name + call.arguments) for call in calls
        )
    usage = Usage(
        prompt, counted + skew + asked.number("skew"), min(prompt, asked.number("cached"))
    )
    failing = asked.name == "mock-fail"
    return Reply(
        id=f"chatcmpl-{digest[:24]}",
        model=model,
        text=text,
        calls=calls,
        finish=finish,
        usage=usage,
        fail_status=asked.number("status", 500) if failing else turn.error,
        fail_account="account" in asked.options or turn.error == 402,
        cut_after=asked.number("after") if asked.name == "mock-cut" else None,
        first_ms=asked.number("first_ms", 50) if asked.name == "mock-slow" else 0,
        per_token_ms=asked.number("per_tok_ms", 5) if asked.name == "mock-slow" else 0,
    )


def _digest(body: Json) -> str:
    identity = [body.get("model"), body.get("messages"), body.get("seed")]
    text = json.dumps(identity, sort_keys=True, ensure_ascii=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def _turn(asked: ModelId, body: Json, script: Script | None) -> Turn:
    messages = [m for m in body.get("messages") or () if isinstance(m, dict)]
    if script is not None:
        answered = sum(message.get("role") == "assistant" for message in messages)
        return script.turn(answered)
    if asked.name in ("mock-empty", "mock-blocked"):
        return Turn()
    last = messages[-1] if messages else {"content": body.get("prompt", "")}
    said = _text_of(last.get("content"))
    text = FAST if asked.name == "mock-fast" else said
    if (wanted := asked.number("tokens")) > 0:
        text = _lengthened(text, min(wanted, _MAX_TOKENS) * CHARACTERS)
    if last.get("role") != "tool" and (calls := _calls(body, said)):
        return Turn(calls=calls)
    return Turn(text)


def _calls(body: Json, said: str) -> tuple[tuple[str, Json], ...]:
    """The tools that the message names, or the one that `tool_choice` demands."""
    offered = [tool.get("function") for tool in body.get("tools") or () if isinstance(tool, dict)]
    tools = [function for function in offered if isinstance(function, dict)]
    choice = body.get("tool_choice", "auto")
    if choice == "none" or not tools:
        return ()
    if isinstance(choice, dict):
        wanted = choice.get("function", {}).get("name")
        chosen = [tool for tool in tools if tool.get("name") == wanted]
    else:
        chosen = [t for t in tools if re.search(rf"\b{re.escape(str(t.get('name')))}\b", said)]
        if choice == "required" and not chosen:
            chosen = tools[:1]
    if body.get("parallel_tool_calls") is False:
        chosen = chosen[:1]
    return tuple((str(t["name"]), _instance(t.get("parameters") or {}, said)) for t in chosen)


def _instance(schema: Json, said: str) -> Any:
    """A value that fits a simple JSON schema; strings repeat what was said."""
    if schema.get("enum"):
        return schema["enum"][0]
    kind = schema.get("type", "object")
    if kind == "object":
        properties = schema.get("properties") or {}
        return {name: _instance(inner, said) for name, inner in properties.items()}
    if kind == "array":
        return [_instance(schema.get("items") or {"type": "string"}, said)]
    return {"string": said[:200], "integer": 1, "number": 1.5, "boolean": True}.get(kind)


def _bounded(text: str, body: Json) -> tuple[str, str]:
    """Cut at the first stop sequence, then at the token limit."""
    for field in _STOPS:
        stops = body.get(field) or ()
        for stop in [stops] if isinstance(stops, str) else stops:
            if isinstance(stop, str) and stop:
                text = text.partition(stop)[0]
    limits = [body.get("max_tokens"), body.get("max_completion_tokens")]
    most = min((n for n in limits if isinstance(n, int) and n > 0), default=_MAX_TOKENS)
    if estimate.text_tokens(text) > most:
        return text[: most * CHARACTERS], "length"
    return text, "stop"


def _lengthened(text: str, characters: int) -> str:
    more = characters - len(text)
    return text[:characters] + (_FILLER * (more // len(_FILLER) + 1))[: max(more, 0)]


def _text_of(content: Any) -> str:
    if isinstance(content, str):
        return content
    parts = content if isinstance(content, list) else ()
    return "".join(str(p.get("text", "")) for p in parts if isinstance(p, dict))
