"""What of a request goes upstream: what is priced, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.inference.request import BAD_CONTROL, BAD_REQUEST, BadRequest, limited, sanitise
from harness.protocol import estimate
from tests.services.inference.conftest import chat, tools

KEPT = {
    "max_tokens": 5, "max_completion_tokens": 6, "temperature": 1.5, "top_p": 0.5, "top_k": 3, "stop": ["a"],
    "stop_sequences": ["b"], "frequency_penalty": -1, "presence_penalty": 1, "logit_bias": {"1": 5},
    "logprobs": True, "top_logprobs": 2, "response_format": {"type": "json_object"}, "seed": 4, "stream": True,
    "stream_options": {"include_usage": True}, "tools": tools("f"), "tool_choice": "auto", "parallel_tool_calls": False,
    "functions": [{"name": "f"}], "function_call": "auto",
}  # fmt: skip


def test_generation_fields_are_kept_and_identity_is_not() -> None:
    identity = {"user": "me", "metadata": {"a": 1}, "store": True, "x-user-id": "7", "service_tier": "flex", "safety_identifier": "s"}  # fmt: skip
    assert sanitise(chat(**KEPT, **identity)) == chat(**KEPT)
    named = chat()
    named["messages"][0] |= {
        "name": "alice",
        "cache_control": {},
        "reasoning_content": "long",
        "audio": {},
    }
    assert sanitise(named) == chat()
    assert sanitise(chat(temperature=None)) == chat()
    assert sanitise(chat(n=1)) == chat()


def test_the_argument_is_left_alone() -> None:
    body = chat(user="me", n=1)
    sanitise(body)
    assert body == chat(user="me", n=1)


@pytest.mark.parametrize("value", [0, -1, "5", 1.0, True, 10**9, [], {}])
@pytest.mark.parametrize("field", ["max_tokens", "max_completion_tokens"])
def test_m5_limits_are_positive_integers(field: str, value: Any) -> None:
    with pytest.raises(BadRequest) as bad:
        sanitise(chat(**{field: value}))
    assert (bad.value.field, bad.value.code) == (field, BAD_CONTROL)


@pytest.mark.parametrize("value", [0, 2, -1, "1", 1.0, True])
def test_one_answer_is_sold_at_a_time(value: Any) -> None:
    with pytest.raises(BadRequest) as bad:
        sanitise(chat(n=value))
    assert (bad.value.field, bad.value.code) == ("n", BAD_CONTROL)


def message(**fields: Any) -> dict[str, Any]:
    return {"model": "m", "messages": [fields]}


IMAGE = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA==", "detail": "low"}}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "model"), ({"model": ""}, "model"), ({"model": 3}, "model"), ({"model": "m" * 300}, "model"),
        ({"model": "a\nb"}, "model"), ({"model": "m"}, "messages"), ({"model": "m", "messages": []}, "messages"),
        ({"model": "m", "messages": {}}, "messages"), ({"model": "m", "messages": ["hi"]}, "messages[0]"),
        (message(role="root", content="x"), "messages[0].role"), (message(role="user"), "messages[0].content"),
        (message(role="user", content=5), "messages[0].content"), (message(role="tool", content="x"), "messages[0].tool_call_id"),
        (message(role="tool", content="x", tool_call_id="i" * 300), "messages[0].tool_call_id"),
        (message(role="user", content=["x"]), "messages[0].content[0]"),
        (message(role="user", content=[{"type": "input_audio"}]), "messages[0].content[0]"),
        (message(role="user", content=[{"type": "image_url", "image_url": "x"}]), "messages[0].content[0].image_url.url"),
        (message(role="user", content=[{"type": "image_url", "image_url": {"url": "http://10.0.0.1/"}}]), "messages[0].content[0].image_url.url"),
        (message(role="user", content=[{"type": "image_url", "image_url": {"url": "file:///etc/passwd"}}]), "messages[0].content[0].image_url.url"),
        (message(role="user", content=[{**IMAGE, "image_url": {**IMAGE["image_url"], "detail": "x"}}]), "messages[0].content[0].image_url.detail"),
        (message(role="assistant", tool_calls={}), "messages[0].tool_calls"),
        (message(role="assistant", tool_calls=[{}]), "messages[0].tool_calls[0]"),
        (message(role="assistant", tool_calls=[{"id": "a", "function": {"name": "f", "arguments": {}}}]), "messages[0].tool_calls[0].function"),
        (message(role="assistant", refusal=5), "messages[0].refusal"),
        (chat(temperature=3), "temperature"), (chat(temperature="hot"), "temperature"), (chat(top_p=-1), "top_p"),
        (chat(stop=["a"] * 20), "stop"), (chat(stop=5), "stop"), (chat(stream="yes"), "stream"), (chat(seed=1.5), "seed"),
        (chat(tools={}), "tools"), (chat(tools=["f"]), "tools"), (chat(logit_bias={"a": 500}), "logit_bias"),
        (chat(top_logprobs=50), "top_logprobs"), (chat(response_format="json"), "response_format"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(body: dict[str, Any], field: str) -> None:
    with pytest.raises(BadRequest, match=field.replace("[", r"\[")) as bad:
        sanitise(body)
    assert (bad.value.field, bad.value.code) == (field, BAD_REQUEST)


def test_messages_of_all_kinds_are_kept() -> None:
    calls = [{"id": "a", "type": "function", "function": {"name": "f", "arguments": "{}"}}]
    body = {"model": "m", "messages": [
        {"role": "system", "content": "s"}, {"role": "user", "content": [{"type": "text", "text": "t"}, IMAGE]},
        {"role": "assistant", "content": None, "tool_calls": calls}, {"role": "tool", "content": "r", "tool_call_id": "a"},
        {"role": "assistant", "content": "x", "refusal": "no"}, {"role": "function", "content": "4", "name": "f"},
    ]}  # fmt: skip
    assert sanitise(body) == body
    assert sanitise({"model": "m", "prompt": "once upon"}) == {"model": "m", "prompt": "once upon"}


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(["model", "messages", "user", *KEPT]), anything))
def test_strangers_never_break_it(body: dict[str, Any]) -> None:
    try:
        clean = sanitise(body)
    except BadRequest:
        return
    assert set(clean) <= set(body)
    assert sanitise(clean) == clean
    assert estimate.ceiling_tokens(clean) > 0


def test_what_the_provider_is_told_never_exceeds_what_was_priced() -> None:
    for model in ("gpt-4o", "o3-mini", "deepseek-r1"):
        for controls in ({}, {"max_tokens": 7}, {"max_tokens": 7, "max_completion_tokens": 9}):
            body = chat(model=model, **controls)
            sent = limited(body, "max_completion_tokens")
            assert sent["max_completion_tokens"] <= estimate.completion_ceiling(body)
            assert "max_tokens" not in sent
    assert limited(chat(max_completion_tokens=3)) == chat(max_tokens=3)
