"""What a provider's enclave does with encrypted chats: words out of requests, words into replies.

The counterpart of `fields`, for the simulated enclave: it follows the provider's rules as they are, lenient
where the provider is lenient.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

Json = dict[str, Any]
Change = Callable[[str], str]

_MESSAGE = ("reasoning_content", "reasoning")


def open_request(body: Json, decrypt: Change, extended: bool) -> Json:
    """A request as the model reads it; ValueError when a message is not encrypted to the enclave."""
    opened: Json = json.loads(json.dumps(body))
    for message in _dicts(opened.get("messages")):
        if isinstance(message.get("content"), str) and message["content"]:
            message["content"] = _parts_or_text(decrypt(message["content"]))
        for name in _MESSAGE:
            _change(message, name, decrypt)
        if extended:
            _open_extended(message, decrypt)
    if extended:
        for tool in _dicts(opened.get("tools")):
            for function in _dicts([tool.get("function")]):
                _try(function, ("name", "description"), decrypt)
                _open_parameters(function, decrypt)
        for choice in _dicts([opened.get("tool_choice")]):
            for function in _dicts([choice.get("function")]):
                _try(function, ("name",), decrypt)
    return opened


def seal_reply(completion: Json, encrypt: Change, extended: bool, part: str = "message") -> Json:
    """A completion, or with `part="delta"` a chunk of one, with its words encrypted to the client."""
    sealed: Json = json.loads(json.dumps(completion))
    for choice in _dicts(sealed.get("choices")):
        for message in _dicts([choice.get(part)]):
            for name in ("content", *_MESSAGE):
                _change(message, name, encrypt)
            if extended:
                _change(message, "refusal", encrypt)
                for call in _dicts(message.get("tool_calls")):
                    for function in _dicts([call.get("function")]):
                        _change(function, "name", encrypt)
                        _change(function, "arguments", encrypt)
        for logprobs in _dicts([choice.get("logprobs")] if extended else []):
            for entry in _dicts(logprobs.get("content")):
                for token in (entry, *_dicts(entry.get("top_logprobs"))):
                    _change(token, "token", encrypt)
                    if isinstance(token.get("bytes"), list):
                        token["bytes"] = encrypt(json.dumps(token["bytes"]))
    return sealed


def _open_extended(message: Json, decrypt: Change) -> None:
    _try(message, ("refusal", "name"), decrypt)
    for call in _dicts(message.get("tool_calls")):
        for function in _dicts([call.get("function")]):
            _try(function, ("name", "arguments"), decrypt)


def _open_parameters(function: Json, decrypt: Change) -> None:
    value = function.get("parameters")
    if isinstance(value, str) and value:
        function["parameters"] = json.loads(decrypt(value))


def _parts_or_text(text: str) -> Any:
    try:
        document = json.loads(text)
    except ValueError:
        return text
    return document if isinstance(document, list) else text


def _try(holder: Json, names: tuple[str, ...], decrypt: Change) -> None:
    for name in names:
        try:
            _change(holder, name, decrypt)
        except ValueError:
            continue  # taken for readable, as providers do for older clients


def _change(holder: Json, name: str, change: Change) -> None:
    value = holder.get(name)
    if isinstance(value, str) and value:
        holder[name] = change(value)


def _dicts(value: Any) -> Iterator[Json]:
    yield from (item for item in value if isinstance(item, dict)) if isinstance(value, list) else ()
