"""What of a consumer's request reaches a provider: an allowlist, and only what both sides can count.

Identity (`user`, `metadata`, names of messages) is left out. So is everything the estimator does not see:
a field that costs tokens but is not counted would be work that nobody pays for.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from harness.inference.provider import Json
from harness.protocol import estimate

BAD_CONTROL = "vault_invalid_generation_control"
BAD_REQUEST = "bad_request"

MAX_LIMIT = 10_000_000  # tokens; no model writes more
MAX_MESSAGES = 10_000
MAX_MODEL = 256  # characters
MAX_CALL_ID = 256  # characters; identifiers are not counted as tokens, so they must be short
MAX_NAME = 256  # characters of a tool's name
MAX_STOPS = 16
MAX_STOP = 1_024  # characters

ROLES = ("system", "developer", "user", "assistant", "tool", "function")

_MESSAGE_FIELDS = ("role", "content", "refusal", "tool_calls", "tool_call_id", "function_call")
_IMAGE_URL = re.compile(r"https://|data:image/(?:png|jpeg|gif|webp);base64,", re.IGNORECASE)


class BadRequest(Exception):
    """`field` of the request is not as it must be. `code` is for the error envelope, the message for people."""

    def __init__(self, field: str, message: str, code: str = BAD_REQUEST) -> None:
        super().__init__(f"{field}: {message}")
        self.field = field
        self.code = code


def sanitise(body: Json, *, enclosed: bool = False) -> Json:
    """The body as it may be priced and forwarded. The argument is not changed. Raises BadRequest.

    `enclosed`: what tools say is encrypted to an enclave, so only their outermost shape can be looked at.
    """
    model = body.get("model")
    if not isinstance(model, str) or not 0 < len(model) <= MAX_MODEL or not model.isprintable():
        raise BadRequest("model", f"must be the name of a model, at most {MAX_MODEL} characters")
    clean: Json = {"model": model}
    for field, accepts in _FIELDS.items():
        value = body.get(field)
        if value is None:
            continue
        if not (_objects(value) if enclosed and field == "tools" else accepts(value)):
            code = BAD_CONTROL if field in _CONTROLS else BAD_REQUEST
            raise BadRequest(field, _WORDS.get(field, "has a wrong type or value"), code)
        clean[field] = value
    if clean.pop("n", 1) != 1:
        raise BadRequest("n", _WORDS["n"], BAD_CONTROL)
    if "messages" in clean:
        clean["messages"] = [_message(m, i) for i, m in enumerate(clean["messages"])]
    elif "prompt" not in clean:
        raise BadRequest("messages", "is missing")
    return clean


def limited(body: Json, field: str = "max_tokens") -> Json:
    """With the limit of tokens under the one name a provider knows.

    Where the client set none it is the ceiling that was priced, so that no provider overruns a reservation.
    """
    asked = [body[name] for name in ("max_tokens", "max_completion_tokens") if name in body]
    rest = {k: v for k, v in body.items() if k not in ("max_tokens", "max_completion_tokens")}
    return {**rest, field: max(asked) if asked else estimate.completion_ceiling(body)}


def prompted(prompt: str | list[str]) -> list[Json]:
    """The prompt of an old client as the one message it is."""
    return [{"role": "user", "content": prompt if isinstance(prompt, str) else "\n".join(prompt)}]


def _message(message: Any, index: int) -> Json:
    where = f"messages[{index}]"
    if not isinstance(message, dict):
        raise BadRequest(where, "must be an object")
    role = message.get("role")
    if role not in ROLES:
        raise BadRequest(f"{where}.role", f"must be one of {', '.join(ROLES)}")
    clean = {k: message[k] for k in _MESSAGE_FIELDS if message.get(k) is not None}
    if role == "function" and isinstance(message.get("name"), str):
        clean["name"] = message["name"][:64]  # here the name says which function answered
    content = clean.get("content")
    if isinstance(content, list):
        clean["content"] = [_part(p, f"{where}.content[{i}]") for i, p in enumerate(content)]
    elif content is not None and not isinstance(content, str):
        raise BadRequest(f"{where}.content", "must be text or a list of parts")
    if content is None and role == "assistant":
        clean["content"] = None
    elif content is None:
        raise BadRequest(f"{where}.content", "is missing")
    if not isinstance(clean.get("refusal", ""), str):
        raise BadRequest(f"{where}.refusal", "must be text")
    if not _call_id(clean.get("tool_call_id", "none")):
        raise BadRequest(f"{where}.tool_call_id", "must be a short identifier")
    if role == "tool" and "tool_call_id" not in clean:
        raise BadRequest(f"{where}.tool_call_id", "is missing")
    if "tool_calls" in clean:
        clean["tool_calls"] = _tool_calls(clean["tool_calls"], f"{where}.tool_calls")
    return clean


def _part(part: Any, where: str) -> Json:
    kind = part.get("type") if isinstance(part, dict) else None
    if kind == "text" and isinstance(part.get("text"), str):
        return {"type": "text", "text": part["text"]}
    if kind == "refusal" and isinstance(part.get("refusal"), str):
        return {"type": "refusal", "refusal": part["refusal"]}
    if kind == "image_url":
        image = part.get("image_url")
        url = image.get("url") if isinstance(image, dict) else None
        if not isinstance(url, str) or not _IMAGE_URL.match(url):
            raise BadRequest(
                f"{where}.image_url.url", "must be an https address or a data:image URL"
            )
        detail = image.get("detail", "auto")
        if detail not in estimate.IMAGE_TOKENS:
            raise BadRequest(f"{where}.image_url.detail", "must be low, high or auto")
        return {"type": "image_url", "image_url": {"url": url, "detail": detail}}
    raise BadRequest(where, "must be a part of type text, image_url or refusal")


def _tool_calls(calls: Any, where: str) -> list[Json]:
    if not isinstance(calls, list):
        raise BadRequest(where, "must be a list")
    clean = []
    for index, call in enumerate(calls):
        function = call.get("function") if isinstance(call, dict) else None
        if not isinstance(function, dict) or not _call_id(call.get("id")):
            raise BadRequest(f"{where}[{index}]", "needs an id and a function")
        name, arguments = function.get("name"), function.get("arguments", "")
        if not isinstance(name, str) or not name or not isinstance(arguments, str):
            raise BadRequest(
                f"{where}[{index}].function", "needs a name and arguments as JSON text"
            )
        named = {"name": name, "arguments": arguments}
        clean.append({"id": call["id"], "type": "function", "function": named})
    return clean


def _call_id(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= MAX_CALL_ID


def _limit(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value <= MAX_LIMIT


def _one(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _number(low: float, high: float) -> Callable[[Any], bool]:
    def accepts(value: Any) -> bool:
        number = isinstance(value, (int, float)) and not isinstance(value, bool)
        return number and low <= value <= high

    return accepts


def _whole(low: int, high: int) -> Callable[[Any], bool]:
    def accepts(value: Any) -> bool:
        return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high

    return accepts


def _switch(value: Any) -> bool:
    return isinstance(value, bool)


def _object(value: Any) -> bool:
    return isinstance(value, dict)


def _objects(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, dict) for item in value)


def _tools(value: Any) -> bool:
    return _objects(value) and all(_function(tool.get("function")) for tool in value)


def _functions(value: Any) -> bool:
    return isinstance(value, list) and all(map(_function, value))


def _function(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and isinstance(value.get("name"), str)
        and 0 < len(value["name"]) <= MAX_NAME
        and isinstance(value.get("parameters") or {}, dict)
        and isinstance(value.get("description") or "", str)
    )


def _stops(value: Any) -> bool:
    stops = [value] if isinstance(value, str) else value
    return (
        isinstance(stops, list)
        and len(stops) <= MAX_STOPS
        and all(isinstance(stop, str) and len(stop) <= MAX_STOP for stop in stops)
    )


def _choice(value: Any) -> bool:
    return isinstance(value, (str, dict))


def _prompt(value: Any) -> bool:
    return isinstance(value, str) or (
        isinstance(value, list) and all(isinstance(item, str) for item in value)
    )


def _biases(value: Any) -> bool:
    return isinstance(value, dict) and len(value) <= 1_024 and all(map(_number(-100, 100), value.values()))  # fmt: skip


def _dialogue(value: Any) -> bool:
    return isinstance(value, list) and 0 < len(value) <= MAX_MESSAGES


_FIELDS: dict[str, Callable[[Any], bool]] = {
    "messages": _dialogue, "prompt": _prompt,
    "max_tokens": _limit, "max_completion_tokens": _limit, "n": _one,
    "temperature": _number(0, 2), "top_p": _number(0, 1), "top_k": _whole(0, 1_000_000),
    "stop": _stops, "stop_sequences": _stops,
    "frequency_penalty": _number(-2, 2), "presence_penalty": _number(-2, 2),
    "logit_bias": _biases, "logprobs": lambda v: _switch(v) or _whole(0, 20)(v), "top_logprobs": _whole(0, 20),
    "response_format": _object, "seed": _whole(-(2**63), 2**63 - 1),
    "stream": _switch, "stream_options": _object,
    "tools": _tools, "tool_choice": _choice, "parallel_tool_calls": _switch,
    "functions": _functions, "function_call": _choice,
}  # fmt: skip
_CONTROLS = ("max_tokens", "max_completion_tokens", "n")
_WORDS = {
    "max_tokens": f"must be a whole number from 1 to {MAX_LIMIT}",
    "max_completion_tokens": f"must be a whole number from 1 to {MAX_LIMIT}",
    "n": "must be 1 or left out; ask again for another answer",
    "messages": f"must be a list of 1 to {MAX_MESSAGES} messages",
    "temperature": "must be a number from 0 to 2",
    "top_p": "must be a number from 0 to 1",
    "tools": "must be a list of functions with a name and a JSON schema",
    "functions": "must be a list of functions with a name and a JSON schema",
    "stop": f"must be text or a list of at most {MAX_STOPS} texts",
}
