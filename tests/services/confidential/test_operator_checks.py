"""An operator's own checks leave an encrypted body as it is, or the enclave would sign other bytes."""

from __future__ import annotations

from typing import Any

import pytest

from harness.confidential import ecies
from harness.confidential.fields import encrypt_request
from harness.confidential.session import wire_bytes
from harness.inference.request import limited, sanitise

PUBLIC = ecies.public_bytes(ecies.generate_key())
CALL = {
    "index": 0,
    "function": {"arguments": "{}", "name": "weather"},
    "type": "function",
    "id": "call_1",
}
BODIES: list[dict[str, Any]] = [
    {"messages": [{"content": "hi", "role": "user"}], "model": "m"},
    {
        "stream": True,
        "seed": 7,
        "top_p": 0.5,
        "temperature": 0,
        "max_completion_tokens": 9,
        "max_tokens": 5,
        "model": "org/model:free",
        "user": "ann",
        "min_p": 0.1,
        "n": 1,
        "response_format": {"type": "json_object"},
        "messages": [{"role": "system", "content": [{"type": "text", "text": "hi"}], "name": "s"}],
    },
    {
        "model": "m",
        "tool_choice": "auto",
        "logprobs": True,
        "top_logprobs": 2,
        "parallel_tool_calls": True,
        "tools": [{"type": "function", "function": {"name": "weather", "parameters": {}}}],
        "messages": [
            {"tool_calls": [CALL], "role": "assistant", "content": None, "reasoning": "so"},
            {"content": "rain", "tool_call_id": "call_1", "role": "tool"},
            {"role": "assistant", "refusal": "no", "content": ""},
            {"role": "assistant", "tool_calls": [CALL]},
        ],
    },
]


@pytest.mark.parametrize("body", BODIES, ids=["least", "most", "tools"])
def test_what_an_operator_sends_on_are_the_bytes_the_client_knows(body: dict[str, Any]) -> None:
    sealed, _ = encrypt_request(body, lambda text: ecies.encrypt(text, PUBLIC))
    for checked in (sealed, sanitise(sealed, enclosed=True)):
        assert wire_bytes({**limited(checked), "stream": False}) == wire_bytes(sealed)
