"""A request of a client of Anthropic's Messages -> a chat-completion request.

What chat completions do not have is left out where the answer is the same without it (cache marks,
metadata, earlier thoughts) and refused where it is not (tools that Anthropic runs itself, documents
other than text).
"""

from __future__ import annotations

from typing import Any

from harness.inference.anthropic.content import arguments_of, text_of, url_of
from harness.inference.chunks import tool_call
from harness.inference.provider import Json
from harness.inference.request import BAD_CONTROL, BadRequest

_FAILED = "The tool failed: "
_SILENT = (
    "thinking",
    "redacted_thinking",
)  # an earlier model's thoughts, readable by that model alone


def to_chat(body: Json) -> Json:
    """The request as `sanitise` takes it. Raises BadRequest naming the field of the client's request."""
    limit = body.get("max_tokens")
    if not isinstance(limit, int) or isinstance(limit, bool) or limit < 1:
        raise BadRequest("max_tokens", "must be a whole number of at least 1", BAD_CONTROL)
    messages = body.get("messages")
    if not isinstance(messages, list) or not messages:
        raise BadRequest("messages", "must be a list of at least one message")
    asked: Json = {"model": body.get("model"), "max_tokens": limit, "messages": []}
    if system := _system(body.get("system")):
        asked["messages"].append({"role": "system", "content": system})
    for index, message in enumerate(messages):
        asked["messages"] += _turn(message, f"messages[{index}]")
    for name in ("temperature", "top_p", "top_k", "stream"):
        if body.get(name) is not None:
            asked[name] = body[name]
    if body.get("stop_sequences"):
        asked["stop"] = body["stop_sequences"]
    if tools := _tools(body.get("tools")):
        asked["tools"] = tools
        _choose(body.get("tool_choice"), asked)
    return asked


def _system(system: Any) -> str:
    if isinstance(system, str):
        return system
    if system is not None and not isinstance(system, list):
        raise BadRequest("system", "must be text or a list of text blocks")
    texts = [text_of([block]) for block in system or ()]
    return "\n\n".join(text for text in texts if text)


def _turn(message: Any, where: str) -> list[Json]:
    role = message.get("role") if isinstance(message, dict) else None
    if role not in ("user", "assistant", "system"):
        raise BadRequest(f"{where}.role", "must be user or assistant")
    content = message.get("content")
    if isinstance(content, str):
        return [{"role": role, "content": content}]
    if not isinstance(content, list):
        raise BadRequest(f"{where}.content", "must be text or a list of blocks")
    blocks = []
    for index, block in enumerate(content):
        if not isinstance(block, dict):
            raise BadRequest(f"{where}.content[{index}]", "must be an object")
        if block.get("type") not in _SILENT:
            blocks.append((block, f"{where}.content[{index}]"))
    return _assistant(blocks) if role == "assistant" else _user(role, blocks)


def _assistant(blocks: list[tuple[Json, str]]) -> list[Json]:
    texts, calls = [], []
    for block, where in blocks:
        if block.get("type") == "text":
            texts.append(text_of([block]))
        elif block.get("type") == "tool_use":
            identity, name = block.get("id"), block.get("name")
            if not isinstance(identity, str) or not isinstance(name, str):
                raise BadRequest(where, "needs an id and a name")
            calls.append(tool_call(identity, name, arguments_of(block.get("input"))))
        else:
            raise BadRequest(f"{where}.type", f"{_kind(block)} is not supported here")
    message: Json = {"role": "assistant", "content": "".join(texts) or None}
    if calls:
        message["tool_calls"] = calls
    elif not texts:
        return []  # nothing but thoughts
    return [message]


def _user(role: str, blocks: list[tuple[Json, str]]) -> list[Json]:
    """Results of tools first, each a message; what they show and what is said besides after them."""
    results: list[Json] = []
    parts: list[Json] = []
    for block, where in blocks:
        if block.get("type") == "tool_result":
            result, shown = _result(block, where)
            results.append(result)
            parts += shown
        else:
            parts.append(_part(block, where))
    if not parts:
        return results
    if all(part["type"] == "text" for part in parts) and len(parts) == 1:
        return [*results, {"role": role, "content": parts[0]["text"]}]
    return [*results, {"role": role, "content": parts}]


def _result(block: Json, where: str) -> tuple[Json, list[Json]]:
    """(the message, images of it: messages of tools carry text alone)."""
    identity = block.get("tool_use_id")
    if not isinstance(identity, str) or not identity:
        raise BadRequest(f"{where}.tool_use_id", "is missing")
    content = block.get("content", "")
    shown: list[Json] = []
    if isinstance(content, list):
        parts = [_part(b, f"{where}.content[{i}]") for i, b in enumerate(content)]
        shown = [part for part in parts if part["type"] == "image_url"]
        content = "\n".join(part["text"] for part in parts if part["type"] == "text")
    if not isinstance(content, str):
        raise BadRequest(f"{where}.content", "must be text or a list of blocks")
    said = _FAILED + content if block.get("is_error") is True else content
    return {"role": "tool", "tool_call_id": identity, "content": said}, shown


def _part(block: Any, where: str) -> Json:
    kind = _kind(block)
    if kind == "text" and isinstance(block.get("text"), str):
        return {"type": "text", "text": block["text"]}
    if kind == "image":
        url = url_of(block.get("source"))
        if url is None:
            raise BadRequest(f"{where}.source", "must be base64 data or an address")
        return {"type": "image_url", "image_url": {"url": url, "detail": "auto"}}
    if kind == "document":
        source = block.get("source")
        if isinstance(source, dict) and source.get("type") == "text":
            title = f"{block['title']}\n\n" if isinstance(block.get("title"), str) else ""
            return {"type": "text", "text": title + str(source.get("data", ""))}
    raise BadRequest(where, f"a block of type {kind} is not supported here; send text or images")


def _tools(tools: Any) -> list[Json]:
    if tools is None:
        return []
    if not isinstance(tools, list):
        raise BadRequest("tools", "must be a list")
    found = []
    for index, tool in enumerate(tools):
        where = f"tools[{index}]"
        if not isinstance(tool, dict) or not isinstance(tool.get("name"), str):
            raise BadRequest(where, "needs a name")
        if tool.get("type", "custom") != "custom":
            raise BadRequest(
                f"{where}.type", "tools that a provider runs itself are not available here"
            )
        schema = tool.get("input_schema")
        if not isinstance(schema, dict):
            raise BadRequest(f"{where}.input_schema", "must be a JSON schema")
        function: Json = {"name": tool["name"], "parameters": schema}
        if isinstance(tool.get("description"), str):
            function["description"] = tool["description"]
        found.append({"type": "function", "function": function})
    return found


def _choose(choice: Any, asked: Json) -> None:
    if choice is None:
        return
    kind = choice.get("type") if isinstance(choice, dict) else None
    if kind == "tool" and isinstance(choice.get("name"), str):
        asked["tool_choice"] = {"type": "function", "function": {"name": choice["name"]}}
    elif kind in ("auto", "any", "none"):
        asked["tool_choice"] = {"auto": "auto", "any": "required", "none": "none"}[kind]
    else:
        raise BadRequest("tool_choice", "must be of type auto, any, tool or none")
    if choice.get("disable_parallel_tool_use") is True:
        asked["parallel_tool_calls"] = False


def _kind(block: Any) -> str:
    kind = block.get("type") if isinstance(block, dict) else None
    return kind[:40] if isinstance(kind, str) else "unknown"
