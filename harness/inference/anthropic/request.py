"""A chat-completion request -> a request to Anthropic's Messages.

What Anthropic does not have is left out (seeds, penalties, biases, log probabilities) or put in words
(`response_format`). Temperatures above 1 become 1, the most that it knows.
"""

from __future__ import annotations

import json
from typing import Any

from harness.inference.anthropic.content import block_of, identity_of, input_of, text_of
from harness.inference.provider import Json
from harness.inference.request import limited, prompted

_JSON_ONLY = "Answer with one JSON object and nothing else."


def to_messages(body: Json) -> Json:
    """`body` is what `sanitise` returned. The limit of tokens is the client's or the priced ceiling."""
    system, messages = _dialogue(body)
    if (demand := _format_in_words(body.get("response_format"))) is not None:
        system.append(demand)
    asked: Json = {
        "model": body["model"],
        "max_tokens": limited(body)["max_tokens"],
        "messages": messages,
    }
    if system:
        asked["system"] = "\n\n".join(system)
    if (stops := _stops(body)) != []:
        asked["stop_sequences"] = stops
    if (temperature := body.get("temperature")) is not None:
        asked["temperature"] = min(max(temperature, 0), 1)
    elif body.get("top_p") is not None:  # newer models refuse the two together
        asked["top_p"] = body["top_p"]
    if body.get("top_k") is not None:
        asked["top_k"] = body["top_k"]
    if (tools := _tools(body)) != []:
        asked["tools"] = tools
        if (choice := _choice(body)) is not None:
            asked["tool_choice"] = choice
    if body.get("stream"):
        asked["stream"] = True
    return asked


def _dialogue(body: Json) -> tuple[list[str], list[Json]]:
    """(texts of the system prompt, turns)."""
    system: list[str] = []
    turns: list[Json] = []
    legacy: dict[str, str] = {}  # name of a function -> identifier of its last call
    for number, message in enumerate(body.get("messages") or prompted(body.get("prompt", ""))):
        role, content = message["role"], message.get("content")
        if role in ("system", "developer"):
            if text := text_of(content):
                system.append(text)
        elif role == "tool":
            _add(turns, "user", [_result(message["tool_call_id"], content)], results=True)
        elif role == "function":
            name = str(message.get("name", ""))
            _add(turns, "user", [_result(legacy.get(name, name), content)], results=True)
        elif role == "assistant":
            _add(turns, "assistant", _said(message, number, legacy))
        else:
            _add(turns, "user", _blocks(content))
    _without_trailing_blanks(turns)
    return system, [_shortened(turn) for turn in turns]


def _add(turns: list[Json], role: str, blocks: list[Json], results: bool = False) -> None:
    """A turn of its own, but results of tools join those before them: they must come together."""
    if not blocks:
        return
    before = turns[-1] if turns else None
    if results and before is not None and before["role"] == "user":
        if before["content"][-1]["type"] == "tool_result":
            before["content"] += blocks
            return
    turns.append({"role": role, "content": blocks})


def _said(message: Json, number: int, legacy: dict[str, str]) -> list[Json]:
    blocks = _blocks(message.get("content"))
    if message.get("refusal"):
        blocks.append({"type": "text", "text": message["refusal"]})
    for call in message.get("tool_calls") or ():
        function = call["function"]
        blocks.append(_use(call["id"], function["name"], function.get("arguments", "")))
    old = message.get("function_call")
    if isinstance(old, dict):
        name = str(old.get("name", ""))
        legacy[name] = f"call_{number}"
        blocks.append(_use(legacy[name], name, str(old.get("arguments", ""))))
    return blocks


def _blocks(content: Any) -> list[Json]:
    if isinstance(content, str):
        return [{"type": "text", "text": content}] if content else []
    found = [block_of(part) for part in content or ()]
    return [block for block in found if block is not None]


def _use(identity: str, name: str, arguments: str) -> Json:
    return {
        "type": "tool_use",
        "id": identity_of(identity),
        "name": name,
        "input": input_of(arguments),
    }


def _result(identity: str, content: Any) -> Json:
    blocks = _blocks(content)
    plain = all(block["type"] == "text" for block in blocks)
    return {
        "type": "tool_result",
        "tool_use_id": identity_of(identity),
        "content": text_of(content) if plain else blocks,
    }


def _shortened(turn: Json) -> Json:
    """One text alone is written as text."""
    blocks = turn["content"]
    if len(blocks) == 1 and blocks[0]["type"] == "text":
        return {"role": turn["role"], "content": blocks[0]["text"]}
    return turn


def _without_trailing_blanks(turns: list[Json]) -> None:
    """The start of an answer that the model is to go on with must not end in blanks."""
    if turns and turns[-1]["role"] == "assistant":
        last = turns[-1]["content"][-1]
        if last["type"] == "text":
            last["text"] = last["text"].rstrip()
            if not last["text"]:
                turns[-1]["content"].pop()
            if not turns[-1]["content"]:
                turns.pop()


def _stops(body: Json) -> list[str]:
    found: list[str] = []
    for field in ("stop", "stop_sequences"):
        stops = body.get(field) or []
        found += [stops] if isinstance(stops, str) else stops
    return [stop for stop in dict.fromkeys(found) if stop.strip()]  # blanks alone are refused


def _tools(body: Json) -> list[Json]:
    functions = [tool.get("function") for tool in body.get("tools") or ()]
    tools = []
    for function in [*functions, *(body.get("functions") or ())]:
        if not isinstance(function, dict) or not function.get("name"):
            continue
        schema = function.get("parameters") or {"type": "object", "properties": {}}
        tool = {"name": function["name"], "input_schema": {"type": "object", **schema}}
        if function.get("description"):
            tool["description"] = function["description"]
        tools.append(tool)
    return tools


def _choice(body: Json) -> Json | None:
    given = body.get("tool_choice", body.get("function_call"))
    choice: Json | None = None
    if isinstance(given, str):
        kinds = {"auto": "auto", "none": "none", "required": "any"}
        choice = {"type": kinds[given]} if given in kinds else None
    elif isinstance(given, dict):
        function = given.get("function", given)
        if isinstance(function, dict) and function.get("name"):
            choice = {"type": "tool", "name": function["name"]}
    if body.get("parallel_tool_calls") is False and (choice or {}).get("type") != "none":
        choice = {**(choice or {"type": "auto"}), "disable_parallel_tool_use": True}
    return choice


def _format_in_words(wanted: Any) -> str | None:
    if not isinstance(wanted, dict):
        return None
    if wanted.get("type") == "json_object":
        return _JSON_ONLY
    if wanted.get("type") == "json_schema":
        described = wanted.get("json_schema")
        schema = described.get("schema", {}) if isinstance(described, dict) else {}
        return (
            f"{_JSON_ONLY} It must match this JSON schema: {json.dumps(schema, ensure_ascii=False)}"
        )
    return None
