"""How many tokens a chat request may take: the same count on both sides of a payment.

An operator refuses what a reservation does not cover, a consumer reserves before it asks. Both use these
functions, so they never disagree about a ceiling. They are estimates for gates; the charge is what was
used, at most the ceiling.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from decimal import ROUND_CEILING, Decimal
from typing import Any

CHARACTERS_PER_TOKEN = 4
TOKENS_PER_MESSAGE = 4
IMAGE_TOKENS = {"low": 85, "high": 1_105, "auto": 1_105}
DEFAULT_COMPLETION = 1_024
REASONING_COMPLETION = 8_192  # models that think before they answer bill the thought

_REASONING = re.compile(
    r"(^|[/:-])o[1-9]|gpt-5|gemini-2\.5|grok-4|deepseek-r\d|qwq|glm-4\.[5-9]|minimax-m|thinking|reasoning",
    re.IGNORECASE,
)


def prompt_tokens(body: Mapping[str, Any]) -> int:
    """Tokens of messages, prompt, tools and functions, rounded up, each message with its envelope."""
    characters, tokens = 0, 0
    messages = body.get("messages")
    for message in messages if isinstance(messages, list) else ():
        tokens += TOKENS_PER_MESSAGE
        if isinstance(message, Mapping):
            more_characters, more_tokens = _message(message)
            characters += more_characters
            tokens += more_tokens
    prompt = body.get("prompt")
    if isinstance(prompt, str):
        characters += len(prompt)
    elif prompt is not None:
        characters += _serialized(prompt)
    for name in ("tools", "functions", "response_format"):
        if body.get(name) is not None:
            characters += _serialized(body[name])
    return tokens + -(-characters // CHARACTERS_PER_TOKEN)


def completion_ceiling(body: Mapping[str, Any]) -> int:
    """The most tokens an answer may have: what the request says, else a default by kind of model.

    A model that reasons is given room to: what it thinks counts as completion.
    """
    model = body.get("model")
    floor = REASONING_COMPLETION if isinstance(model, str) and _REASONING.search(model) else 0
    asked = [
        body[name]
        for name in ("max_tokens", "max_completion_tokens")
        if isinstance(body.get(name), int) and not isinstance(body[name], bool) and body[name] > 0
    ]
    return max(max(asked, default=max(DEFAULT_COMPLETION, floor)), floor)


def ceiling_tokens(body: Mapping[str, Any]) -> int:
    """Prompt and completion together, at most."""
    return prompt_tokens(body) + completion_ceiling(body)


def text_tokens(text: str) -> int:
    """Tokens of a text by the same measure."""
    return -(-len(text) // CHARACTERS_PER_TOKEN)


def cost_base(tokens: int, usd_per_1k: Decimal) -> int:
    """Tokens at a price in USD for a thousand -> base units of USDC (six decimals), rounded up."""
    exact = usd_per_1k * tokens * 1_000
    return int(exact.to_integral_value(rounding=ROUND_CEILING))


def _message(message: Mapping[str, Any]) -> tuple[int, int]:
    """(characters, tokens of images)."""
    characters, tokens = 0, 0
    content = message.get("content")
    if isinstance(content, str):
        characters += len(content)
    elif isinstance(content, list):
        for part in content:
            if isinstance(part, Mapping) and part.get("type") == "image_url":
                tokens += _image(part.get("image_url"))
            elif isinstance(part, Mapping) and isinstance(part.get("text"), str):
                characters += len(part["text"])
            else:
                characters += _serialized(part)
    for name in ("tool_calls", "function_call", "refusal"):
        if message.get(name) is not None:
            characters += _serialized(message[name])
    return characters, tokens


def _image(image: Any) -> int:
    detail = image.get("detail", "auto") if isinstance(image, Mapping) else "auto"
    return (
        IMAGE_TOKENS.get(detail, IMAGE_TOKENS["auto"])
        if isinstance(detail, str)
        else IMAGE_TOKENS["auto"]
    )


def _serialized(value: Any) -> int:
    return len(json.dumps(value, ensure_ascii=False, separators=(",", ":")))
