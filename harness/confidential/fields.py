"""Which parts of a chat carry words, and their way into ciphertext and back.

    encrypted    contents of messages (a list of parts as its JSON), refusals, arguments and names of calls,
                 names, descriptions and parameters of tools
    as they are  the model's name, roles, identifiers of calls, numbers and switches
    left out     who asks (`user`, `metadata`, names of speakers), what operators carry in no request
    refused      every other field with words in it: nothing here is passed because it was not thought of

The body that comes out is the one the enclave receives: an operator that checks it and sets its own order
of fields leaves it as it is, so that the enclave's signature is over bytes the client knows.

In replies every part that carries words must decrypt; a readable one is an error, not a convenience.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from harness.confidential.errors import EncryptionRefused
from harness.protocol.estimate import completion_ceiling

Change = Callable[[str], str]
Json = dict[str, Any]

_ROLES = frozenset({"system", "developer", "user", "assistant", "tool"})
_CHOICES = frozenset({"none", "auto", "required"})
_FORMATS = ({"type": "text"}, {"type": "json_object"})
_IDENTIFIER = re.compile(r"[A-Za-z0-9_.:-]{1,128}")
_REASONING = ("reasoning_content", "reasoning")

# Carried, in the order in which operators send them on; the limit of tokens comes last.
_CARRIED = (
    "temperature",
    "top_p",
    "top_k",
    "frequency_penalty",
    "presence_penalty",
    "logprobs",
    "top_logprobs",
    "response_format",
    "seed",
    "stream",
    "tools",
    "tool_choice",
    "parallel_tool_calls",
)
_LIMITS = ("max_tokens", "max_completion_tokens")
# Left out whatever they hold.
_LEFT_OUT = frozenset(
    {
        "metadata",
        "modalities",
        "prompt_cache_key",
        "reasoning_effort",
        "safety_identifier",
        "service_tier",
        "store",
        "stream_options",
        "user",
    }
)
_MESSAGE_LEFT_OUT = frozenset({"name", *_REASONING})
_MESSAGE_FIELDS = frozenset({"role", "content", "refusal", "tool_calls", "tool_call_id"})


def encrypt_request(body: Json, encrypt: Change) -> tuple[Json, bool]:
    """The body with its words encrypted, and whether the extended fields are among them.

    It asks for a buffered reply, and limits its tokens where the client did not. EncryptionRefused names
    what would have stayed readable.
    """
    model, messages = body.get("model"), body.get("messages")
    if not isinstance(model, str) or not model:
        raise EncryptionRefused("model", "must be a model's name")
    if not isinstance(messages, list) or not messages:
        raise EncryptionRefused("messages", "must be a list with a message in it")
    work = _Request(encrypt)
    changed: Json = {
        "model": model,
        "messages": [work.message(m, f"messages[{i}]") for i, m in enumerate(messages)],
    }
    work.check_others(body)
    for name in _CARRIED:
        if name == "stream":
            changed[name] = False  # the signature is over a reply as a whole
        elif body.get(name) is not None:
            changed[name] = work.parameter(name, body[name])
    return {**changed, "max_tokens": _limit(body)}, work.extended


def _limit(body: Json) -> int:
    asked = [body[name] for name in _LIMITS if body.get(name) is not None]
    if any(not isinstance(n, int) or isinstance(n, bool) for n in asked):
        raise EncryptionRefused("max_tokens", "must be a whole number")
    return max(asked) if asked else completion_ceiling(body)


class _Request:
    def __init__(self, encrypt: Change) -> None:
        self._encrypt = encrypt
        self.extended = False

    def message(self, message: Any, where: str) -> Json:
        if not isinstance(message, dict) or not _among(message.get("role"), _ROLES):
            raise EncryptionRefused(where, f"needs a role of {', '.join(sorted(_ROLES))}")
        given = {k: v for k, v in message.items() if v is not None and k not in _MESSAGE_LEFT_OUT}
        for name in given:
            if name not in _MESSAGE_FIELDS:
                raise EncryptionRefused(f"{where}.{name}")
        changed: Json = {"role": message["role"]}
        if "content" in given:
            changed["content"] = self._content(given["content"], f"{where}.content")
        if "refusal" in given:
            changed["refusal"] = self._extended(given["refusal"], f"{where}.refusal")
        if "tool_calls" in given:
            place = f"{where}.tool_calls"
            calls = _list(given["tool_calls"], place)
            changed["tool_calls"] = [self._call(c, f"{place}[{i}]") for i, c in enumerate(calls)]
        if "tool_call_id" in given:
            changed["tool_call_id"] = _identifier(given["tool_call_id"], f"{where}.tool_call_id")
        if "content" not in given and message["role"] == "assistant":
            changed["content"] = None
        return changed

    def check_others(self, body: Json) -> None:
        """What is neither carried nor left out must carry no words; it is not carried either."""
        if body.get("n") not in (None, 1):
            raise EncryptionRefused("n", "must be 1")
        known = {"model", "messages", *_CARRIED, *_LIMITS, *_LEFT_OUT}
        for name, value in body.items():
            if name not in known and not _carries_no_words(value):
                raise EncryptionRefused(name)

    def parameter(self, name: str, value: Any) -> Any:
        if name == "tools":
            return [self._tool(t, f"tools[{i}]") for i, t in enumerate(_list(value, name))]
        if name == "tool_choice":
            return self._choice(value)
        if name == "response_format" and value in _FORMATS:
            return value
        if name == "response_format" or not _carries_no_words(value):
            raise EncryptionRefused(name)
        self.extended |= name == "logprobs" and value is True  # tokens of the reply are words
        return value

    def _content(self, value: Any, where: str) -> str:
        """One ciphertext. The enclave reads a decrypted JSON list as parts, and which texts are one is for its
        parser to say: whatever begins like one goes as a part."""
        if isinstance(value, list):
            return self._encrypt(_json(value))
        if not isinstance(value, str):
            raise EncryptionRefused(where, "must be a text or a list of parts")
        if value.lstrip().startswith("["):
            return self._encrypt(_json([{"type": "text", "text": value}]))
        return self._encrypt(value) if value else value

    def _extended(self, value: Any, where: str) -> str:
        self.extended = True
        if not isinstance(value, str):
            raise EncryptionRefused(where, "must be a text")
        return self._encrypt(value) if value else value

    def _call(self, call: Any, where: str) -> Json:
        if not isinstance(call, dict) or set(call) - {"id", "type", "function", "index"}:
            raise EncryptionRefused(where)
        function = call.get("function")
        if call.get("type", "function") != "function" or not isinstance(function, dict):
            raise EncryptionRefused(where)
        if set(function) - {"name", "arguments"}:
            raise EncryptionRefused(where)
        named = {
            "name": self._extended(function.get("name"), f"{where}.function.name"),
            "arguments": self._extended(
                function.get("arguments", ""), f"{where}.function.arguments"
            ),
        }
        identifier = _identifier(call.get("id"), f"{where}.id")
        return {"id": identifier, "type": "function", "function": named}

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
    for name in ("content", *_REASONING, "refusal"):
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


def _carries_no_words(value: Any) -> bool:
    return value is None or isinstance(value, (bool, int, float))


def _json(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
