"""Which parts of a chat carry words, and their way into ciphertext and back.

Requests: whatever is a number, a boolean or null travels as it is; words are encrypted where the enclave
decrypts them, and refused everywhere else. A field that this page does not know is refused, not passed.

    always               messages[].content (a list of parts as its JSON), reasoning, audio data
    when tools are used  names, descriptions and parameters of tools, arguments of calls

Replies: every part that carries words must decrypt; a readable one is an error, not a convenience.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from harness.confidential.errors import EncryptionRefused

Change = Callable[[str], str]
Json = dict[str, Any]

_ROLES = frozenset({"system", "developer", "user", "assistant", "tool", "function"})
_CHOICES = frozenset({"none", "auto", "required"})
_EFFORTS = frozenset({"none", "minimal", "low", "medium", "high", "xhigh"})
_TIERS = frozenset({"auto", "default", "flex", "priority"})
_FORMATS = ({"type": "text"}, {"type": "json_object"})
_IDENTIFIER = re.compile(r"[A-Za-z0-9_.:-]{1,128}")
_ALWAYS = ("reasoning_content", "reasoning")
_DROPPED = frozenset(
    {"stream", "stream_options"}
)  # replies are buffered: a stream has no one signature


def encrypt_request(body: Json, encrypt: Change) -> tuple[Json, bool]:
    """The body with its words encrypted, and whether the extended fields are among them.

    The result asks for a buffered reply. EncryptionRefused names what would have stayed readable.
    """
    model, messages = body.get("model"), body.get("messages")
    if not isinstance(model, str) or not model:
        raise EncryptionRefused("model", "must be a model's name")
    if not isinstance(messages, list) or not messages:
        raise EncryptionRefused("messages", "must be a list with a message in it")
    work = _Request(encrypt)
    changed: Json = {"model": model, "messages": []}
    for index, message in enumerate(messages):
        changed["messages"].append(work.message(message, f"messages[{index}]"))
    for name, value in body.items():
        if name not in ("model", "messages") and name not in _DROPPED:
            changed[name] = work.parameter(name, value)
    changed["stream"] = False
    return changed, work.extended


class _Request:
    def __init__(self, encrypt: Change) -> None:
        self._encrypt = encrypt
        self.extended = False

    def message(self, message: Any, where: str) -> Json:
        if not isinstance(message, dict) or not _among(message.get("role"), _ROLES):
            raise EncryptionRefused(where, f"needs a role of {', '.join(sorted(_ROLES))}")
        changed: Json = {}
        for name, value in message.items():
            place = f"{where}.{name}"
            if name == "role" or value is None:
                changed[name] = value
            elif name == "content":
                changed[name] = self._content(value, place)
            elif name in _ALWAYS:
                changed[name] = self._text(value, place)
            elif name in ("name", "refusal"):
                changed[name] = self._extended(value, place)
            elif name == "tool_calls":
                changed[name] = [
                    self._call(call, f"{place}[{i}]") for i, call in enumerate(_list(value, place))
                ]
            elif name == "tool_call_id":
                changed[name] = _identifier(value, place)
            elif name == "audio":
                changed[name] = self._audio(value, place)
            else:
                raise EncryptionRefused(place)
        return changed

    def parameter(self, name: str, value: Any) -> Any:
        if _carries_no_words(value):
            self.extended |= name == "logprobs" and value is True  # tokens of the reply are words
            return value
        if name == "tools":
            return [self._tool(t, f"tools[{i}]") for i, t in enumerate(_list(value, name))]
        if name == "tool_choice":
            return self._choice(value)
        if name == "response_format" and value in _FORMATS:
            return value
        if name == "reasoning_effort" and _among(value, _EFFORTS):
            return value
        if name == "service_tier" and _among(value, _TIERS):
            return value
        if name == "modalities" and value == ["text"]:
            return value
        if name == "chat_template_kwargs" and isinstance(value, dict):
            if all(_carries_no_words(v) for v in value.values()):
                return value
        raise EncryptionRefused(name)

    def _content(self, value: Any, where: str) -> str:
        """One ciphertext. The enclave reads a decrypted JSON list as parts, so texts that are one go as a part."""
        if isinstance(value, list):
            return self._encrypt(_json(value))
        if not isinstance(value, str):
            raise EncryptionRefused(where, "must be a text or a list of parts")
        if value.lstrip().startswith("[") and _is_json(value):
            return self._encrypt(_json([{"type": "text", "text": value}]))
        return self._encrypt(value) if value else value

    def _text(self, value: Any, where: str) -> str:
        if not isinstance(value, str):
            raise EncryptionRefused(where, "must be a text")
        return self._encrypt(value) if value else value

    def _extended(self, value: Any, where: str) -> str:
        self.extended = True
        return self._text(value, where)

    def _audio(self, value: Any, where: str) -> Json:
        if not isinstance(value, dict) or set(value) - {"id", "data"}:
            raise EncryptionRefused(where)
        changed = {name: _identifier(v, where) for name, v in value.items() if name == "id"}
        if "data" in value:
            changed["data"] = self._text(value["data"], f"{where}.data")
        return changed

    def _call(self, call: Any, where: str) -> Json:
        if not isinstance(call, dict) or set(call) - {"id", "type", "function", "index"}:
            raise EncryptionRefused(where)
        function = call.get("function")
        if call.get("type", "function") != "function" or not isinstance(function, dict):
            raise EncryptionRefused(where)
        if set(function) - {"name", "arguments"} or not _whole(call.get("index")):
            raise EncryptionRefused(where)
        changed = dict(call)
        if "id" in call:
            changed["id"] = _identifier(call["id"], f"{where}.id")
        changed["function"] = {n: self._extended(v, f"{where}.{n}") for n, v in function.items()}
        return changed

    def _tool(self, tool: Any, where: str) -> Json:
        if not isinstance(tool, dict) or set(tool) - {"type", "function"}:
            raise EncryptionRefused(where)
        function = tool.get("function")
        if tool.get("type") != "function" or not isinstance(function, dict):
            raise EncryptionRefused(where)
        where = f"{where}.function"
        changed: Json = {}
        for name, value in function.items():
            if name in ("name", "description"):
                changed[name] = self._extended(value, f"{where}.{name}")
            elif name == "parameters" and isinstance(value, dict):
                changed[name] = self._extended(_json(value), f"{where}.{name}")
            elif name in ("parameters", "strict") and _carries_no_words(value):
                changed[name] = value
            else:
                raise EncryptionRefused(f"{where}.{name}")
        return {"type": "function", "function": changed}

    def _choice(self, value: Any) -> Any:
        if _among(value, _CHOICES):
            return value
        function = value.get("function") if isinstance(value, dict) else None
        if not isinstance(function, dict) or set(function) != {"name"}:
            raise EncryptionRefused("tool_choice")
        if set(value) != {"type", "function"} or value["type"] != "function":
            raise EncryptionRefused("tool_choice")
        name = self._extended(function["name"], "tool_choice.function.name")
        return {"type": "function", "function": {"name": name}}


def decrypt_reply(completion: Json, decrypt: Change) -> Json:
    """A copy of a buffered completion with its words readable again; `decrypt` raises for what is not sealed."""
    changed: Json = json.loads(json.dumps(completion))
    for choice in _dicts(changed.get("choices")):
        for message in _dicts([choice.get("message")]):
            _open_message(message, decrypt)
        for logprobs in _dicts([choice.get("logprobs")]):
            _open_logprobs(logprobs, decrypt)
    return changed


def _open_message(message: Json, decrypt: Change) -> None:
    for part in _dicts(message.get("content")):
        _open(part, "text", decrypt)
    for name in ("content", *_ALWAYS, "refusal"):
        _open(message, name, decrypt)
    for audio in _dicts([message.get("audio")]):
        _open(audio, "data", decrypt)
        _open(audio, "transcript", decrypt)
    functions = [call.get("function") for call in _dicts(message.get("tool_calls"))]
    for function in _dicts([*functions, message.get("function_call")]):
        _open(function, "name", decrypt)
        _open(function, "arguments", decrypt)


def _open_logprobs(logprobs: Json, decrypt: Change) -> None:
    for kind in ("content", "refusal"):
        for entry in _dicts(logprobs.get(kind)):
            for token in (entry, *_dicts(entry.get("top_logprobs"))):
                _open(token, "token", decrypt)
                if token.get("bytes") is not None:
                    token["bytes"] = json.loads(decrypt(_sealed_text(token["bytes"])))


def _open(holder: Json, name: str, decrypt: Change) -> None:
    value = holder.get(name)
    if isinstance(value, str) and value:
        holder[name] = decrypt(value)


def _sealed_text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _dicts(value: Any) -> Iterator[Json]:
    yield from (item for item in value if isinstance(item, dict)) if isinstance(value, list) else ()


def _list(value: Any, where: str) -> list[Any]:
    if not isinstance(value, list):
        raise EncryptionRefused(where, "must be a list")
    return value


def _identifier(value: Any, where: str) -> str:
    """Names that machines made up, such as `call_9f2c`; nothing a sentence would fit in."""
    if not isinstance(value, str) or not _IDENTIFIER.fullmatch(value):
        raise EncryptionRefused(where, "must be an identifier of letters, digits, - and _")
    return value


def _among(value: Any, words: frozenset[str]) -> bool:
    return isinstance(value, str) and value in words


def _whole(value: Any) -> bool:
    return value is None or isinstance(value, int)


def _carries_no_words(value: Any) -> bool:
    return value is None or isinstance(value, (bool, int, float))


def _json(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True
