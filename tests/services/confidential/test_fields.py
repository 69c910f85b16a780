"""No word of a request stays readable, and every word of a reply was encrypted."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.confidential.enclave_side import open_request, seal_reply
from harness.confidential.errors import EncryptionRefused
from harness.confidential.fields import decrypt_reply, encrypt_request

Json = dict[str, Any]
ASK = {"model": "m", "messages": [{"role": "user", "content": "hi"}]}


def wrap(text: str) -> str:
    return "<" + text.encode().hex() + ">"


def unwrap(text: str) -> str:
    if not text.startswith("<"):
        raise ValueError("readable")
    return bytes.fromhex(text[1:-1]).decode()


def sent(body: Json) -> Json:
    return encrypt_request(body, wrap)[0]


def received(body: Json) -> Json:
    changed, extended = encrypt_request(body, wrap)
    return open_request(changed, unwrap, extended)


TOOLS = {
    "model": "m",
    "messages": [
        {"role": "system", "content": "be brief"},
        {"role": "user", "content": [{"type": "text", "text": "weather?"}], "name": "ann"},
        {
            "role": "assistant",
            "content": None,
            "reasoning_content": "let me see",
            "tool_calls": [
                {
                    "id": "call_1",
                    "type": "function",
                    "function": {"name": "weather", "arguments": '{"city":"Bern"}'},
                }
            ],
        },
        {"role": "tool", "tool_call_id": "call_1", "content": "rain"},
    ],
    "tools": [
        {
            "type": "function",
            "function": {
                "name": "weather",
                "description": "tells the weather",
                "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
                "strict": True,
            },
        }
    ],
    "tool_choice": {"type": "function", "function": {"name": "weather"}},
    "temperature": 0.5,
    "parallel_tool_calls": False,
    "stream": False,
}
WORDS = ("brief", "weather", "ann", "see", "Bern", "rain", "city")


def test_the_enclave_reads_what_was_written_and_nobody_else_a_word() -> None:
    messages = [dict(message) for message in TOOLS["messages"]]
    del messages[1]["name"], messages[2]["reasoning_content"]
    assert received(TOOLS) == {**TOOLS, "messages": messages, "max_tokens": 1024}
    wire = json.dumps(sent(TOOLS))
    assert not [word for word in WORDS if word in wire]
    assert encrypt_request(TOOLS, wrap)[1] is True
    assert encrypt_request(ASK, wrap)[1] is False
    assert encrypt_request({**ASK, "logprobs": True}, wrap)[1] is True
    assert encrypt_request({**ASK, "logprobs": False}, wrap)[1] is False


def test_replies_are_asked_for_whole() -> None:
    body = sent({**ASK, "stream": True, "stream_options": {"include_usage": True}})
    assert body["stream"] is False
    assert "stream_options" not in body


def test_who_asks_and_what_operators_do_not_carry_is_left_out() -> None:
    extra = {
        "user": "ann",
        "metadata": {"a": "ann"},
        "service_tier": "ann",
        "reasoning_effort": "high",
        "min_p": 0.5,
        "n": 1,
        "seed": None,
        "max_completion_tokens": 7,
    }
    body = sent({**ASK, **extra})
    assert list(body) == ["model", "messages", "stream", "max_tokens"]
    assert body["max_tokens"] == 7
    assert "ann" not in json.dumps(body)


@pytest.mark.parametrize(
    "text",
    ['["a", 1]', "[NaN]", '[{"text": "a", "text": "b"}]', " [" * 100 + "]" * 100, "[sic] no"],
)
def test_a_text_that_some_parser_takes_for_a_list_arrives_as_text(text: str) -> None:
    body = {"model": "m", "messages": [{"role": "user", "content": text}]}
    content = received(body)["messages"][0]["content"]
    assert content == [{"type": "text", "text": text}]


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet=st.characters(exclude_categories=("Cs",))))
def test_texts_arrive_as_they_were(text: str) -> None:
    body = {"model": "m", "messages": [{"role": "user", "content": text}]}
    content = received(body)["messages"][0]["content"]
    assert content == text or content == [{"type": "text", "text": text}]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"stop": ["END"]}, "stop"),
        ({"stop": "END"}, "stop"),
        ({"response_format": {"type": "json_schema", "json_schema": {}}}, "response_format"),
        ({"prediction": {"content": "x"}}, "prediction"),
        ({"functions": [{"name": "x"}]}, "functions"),
        ({"logit_bias": {"50256": 1}}, "logit_bias"),
        ({"guided_regex": "x"}, "guided_regex"),
        ({"chat_template_kwargs": {"a": "words"}}, "chat_template_kwargs"),
        ({"n": 2}, "n"),
        ({"max_tokens": "many"}, "max_tokens"),
        ({"max_tokens": True}, "max_tokens"),
        ({"temperature": "hot"}, "temperature"),
        ({"tool_choice": "weather"}, "tool_choice"),
        ({"tool_choice": {"type": "function", "function": {"name": "x"}, "y": 1}}, "tool_choice"),
        ({"tools": {}}, "tools"),
        ({"tools": [{"type": "web_search"}]}, "tools[0]"),
        ({"tools": [{"type": "function", "function": {"name": "x", "y": "z"}}]}, "function.y"),
        ({"messages": []}, "messages"),
        ({"messages": "hi"}, "messages"),
        ({"messages": ["hi"]}, "messages[0]"),
        ({"messages": [{"content": "hi"}]}, "messages[0]"),
        ({"messages": [{"role": {}, "content": "hi"}]}, "messages[0]"),
        ({"messages": [{"role": "poet", "content": "hi"}]}, "messages[0]"),
        ({"messages": [{"role": "function", "name": "f", "content": "hi"}]}, "messages[0]"),
        ({"messages": [{"role": "user", "content": 5}]}, "messages[0].content"),
        ({"messages": [{"role": "user", "content": {"a": "b"}}]}, "messages[0].content"),
        ({"messages": [{"role": "user", "content": "x", "note": "y"}]}, "messages[0].note"),
        ({"messages": [{"role": "tool", "tool_call_id": "two words"}]}, "tool_call_id"),
        ({"messages": [{"role": "assistant", "tool_calls": [{"x": "y"}]}]}, "tool_calls[0]"),
        ({"messages": [{"role": "assistant", "tool_calls": "x"}]}, "tool_calls"),
        ({"messages": [{"role": "assistant", "audio": {"id": "a"}}]}, "audio"),
        ({"model": 7}, "model"),
        ({"model": ""}, "model"),
    ],
)
def test_what_would_stay_readable_is_refused(change: Json, field: str) -> None:
    with pytest.raises(EncryptionRefused) as refused:
        encrypt_request({**ASK, **change}, wrap)
    assert field in str(refused.value)


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text("QZ ", min_size=1),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["role", "content", "name", "x"]), inner, max_size=3)
    ),
    max_leaves=8,
)
NAMES = [
    "messages", "tools", "tool_choice", "response_format", "stop", "user", "seed", "n", "metadata",
    "chat_template_kwargs", "reasoning_effort", "service_tier", "modalities", "logprobs", "audio",
]  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(st.sampled_from(NAMES), JSON, max_size=4), JSON)
def test_whatever_is_asked_no_word_of_it_travels(extra: Json, content: Any) -> None:
    body = {"model": "m", "messages": [{"role": "user", "content": content}]} | extra
    try:
        wire = json.dumps(encrypt_request(body, wrap)[0])
    except EncryptionRefused:
        return
    assert "Q" not in wire and "Z" not in wire


REPLY: Json = {
    "id": "chatcmpl-1",
    "object": "chat.completion",
    "model": "m",
    "choices": [
        {
            "index": 0,
            "finish_reason": "stop",
            "message": {
                "role": "assistant",
                "content": "hello",
                "reasoning_content": "thinking",
                "refusal": None,
                "tool_calls": [
                    {
                        "id": "call_1",
                        "type": "function",
                        "function": {"name": "weather", "arguments": "{}"},
                    }
                ],
            },
            "logprobs": {
                "content": [
                    {
                        "token": "hello",
                        "logprob": -0.5,
                        "bytes": [104, 105],
                        "top_logprobs": [{"token": "hi", "logprob": -1.0, "bytes": None}],
                    }
                ]
            },
        }
    ],
    "usage": {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3},
}


def test_replies_are_read_again_and_left_alone_otherwise() -> None:
    sealed = seal_reply(REPLY, wrap, True)
    assert "hello" not in json.dumps(sealed)
    before = json.dumps(sealed)
    assert decrypt_reply(sealed, unwrap) == REPLY
    assert json.dumps(sealed) == before


def readable(*path: Any) -> Json:
    """A sealed reply with one part left as it was."""
    sealed = seal_reply(REPLY, wrap, True)
    source: Any = REPLY
    target: Any = sealed
    for step in path[:-1]:
        source, target = source[step], target[step]
    target[path[-1]] = source[path[-1]]
    return sealed


CHOICE = ("choices", 0)
MESSAGE = (*CHOICE, "message")


@pytest.mark.parametrize(
    "path",
    [
        (*MESSAGE, "content"),
        (*MESSAGE, "reasoning_content"),
        (*MESSAGE, "tool_calls", 0, "function", "name"),
        (*MESSAGE, "tool_calls", 0, "function", "arguments"),
        (*CHOICE, "logprobs", "content", 0, "token"),
        (*CHOICE, "logprobs", "content", 0, "bytes"),
        (*CHOICE, "logprobs", "content", 0, "top_logprobs", 0, "token"),
    ],
    ids=lambda path: str(path[-1]),
)
def test_a_readable_part_of_a_reply_is_an_error(path: tuple[Any, ...]) -> None:
    with pytest.raises(ValueError):
        decrypt_reply(readable(*path), unwrap)


@pytest.mark.parametrize(
    "reply", [{}, {"choices": None}, {"choices": [None]}, {"choices": [{"message": None}]}]
)
def test_replies_without_words_have_nothing_to_read(reply: Json) -> None:
    assert decrypt_reply(reply, unwrap) == reply
