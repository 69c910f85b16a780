"""Messages and chat completions, each as the other: nothing of a conversation is lost on the way."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.inference.anthropic import (
    ChunkMaker,
    EventMaker,
    completion_of,
    error_of,
    message_of,
    to_chat,
    to_messages,
)
from harness.inference.anthropic.content import UNPARSED, arguments_of, identity_of, input_of
from harness.inference.anthropic.stream_in import StreamFault
from harness.inference.chunks import Assembler, taken_apart, tool_call
from harness.inference.provider import Usage
from harness.inference.request import BadRequest, sanitise
from harness.inference.sse import SseParser
from harness.protocol import estimate

PNG = "data:image/png;base64,iVBORw0KGgo="

# -- transcripts -----------------------------------------------------------------------------------

words = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30)
spoken = words.filter(lambda text: text == text.rstrip())  # a last answer loses trailing blanks
names = st.from_regex(r"[a-z_]{1,12}", fullmatch=True)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=6,
)
arguments = st.dictionaries(names, values, max_size=3).map(
    lambda a: json.dumps(a, ensure_ascii=False)
)
images = st.just({"type": "image_url", "image_url": {"url": PNG, "detail": "auto"}})
parts = st.lists(
    st.builds(lambda t: {"type": "text", "text": t}, words) | images, min_size=2, max_size=4
)


@st.composite
def transcripts(draw: st.DrawFn) -> dict[str, Any]:
    """A request whose messages are in the form that both dialects have."""
    messages: list[dict[str, Any]] = []
    if draw(st.booleans()):
        messages.append({"role": "system", "content": draw(words)})
    for turn in range(draw(st.integers(1, 4))):
        messages.append({"role": "user", "content": draw(words | parts)})
        calls = [
            tool_call(f"call_{turn}_{i}", draw(names), draw(arguments))
            for i in range(draw(st.integers(0, 3)))
        ]
        if calls:
            said = draw(st.none() | words)
            messages.append({"role": "assistant", "content": said, "tool_calls": calls})
            for call in calls:
                messages.append(
                    {"role": "tool", "tool_call_id": call["id"], "content": draw(words)}
                )
        messages.append({"role": "assistant", "content": draw(spoken)})
    body: dict[str, Any] = {
        "model": "claude",
        "max_tokens": draw(st.integers(1, 9_000)),
        "messages": messages,
    }
    if draw(st.booleans()):
        body["tools"] = [
            {"type": "function", "function": {"name": n, "description": "d", "parameters": {"type": "object"}}}
            for n in draw(st.lists(names, min_size=1, max_size=3, unique=True))
        ]  # fmt: skip
        body["tool_choice"] = draw(st.sampled_from(["auto", "none", "required"]))
        if body["tool_choice"] != "none" and draw(st.booleans()):
            body["parallel_tool_calls"] = False
    if draw(st.booleans()):
        body["temperature"] = draw(st.floats(0, 1))
    if draw(st.booleans()):
        body["stop"] = draw(st.lists(words.filter(str.strip), min_size=1, max_size=3, unique=True))
    return body


@settings(max_examples=50)
@given(transcripts())
def test_transcripts_survive_the_way_there_and_back(body: dict[str, Any]) -> None:
    assert sanitise(body) == body  # so these are requests that an operator forwards
    back = to_chat(to_messages(body))
    assert _comparable(back) == _comparable(body)


def _comparable(body: dict[str, Any]) -> dict[str, Any]:
    """Arguments by what they mean; how JSON is spaced is no part of that."""
    copy = json.loads(json.dumps(body))
    for message in copy["messages"]:
        for call in message.get("tool_calls", ()):
            call["function"]["arguments"] = json.loads(call["function"]["arguments"])
    return copy


# -- requests, point by point ----------------------------------------------------------------------


def asked(**more: Any) -> dict[str, Any]:
    return to_messages({"model": "m", "messages": [{"role": "user", "content": "hi"}]} | more)


def test_a_limit_is_always_sent() -> None:
    assert asked()["max_tokens"] == estimate.DEFAULT_COMPLETION
    assert asked(max_tokens=5)["max_tokens"] == 5
    assert asked(max_tokens=5, max_completion_tokens=9)["max_tokens"] == 9


def test_controls_are_clamped_renamed_or_left_out() -> None:
    assert asked(temperature=1.7)["temperature"] == 1
    assert "top_p" not in asked(temperature=0.5, top_p=0.9)
    assert asked(top_p=0.9)["top_p"] == 0.9
    assert asked(stop="a", stop_sequences=["b", "a", " "])["stop_sequences"] == ["a", "b"]
    plain = asked(
        seed=3, logprobs=True, frequency_penalty=1, presence_penalty=1, logit_bias={}, n=1
    )
    assert set(plain) == {"model", "max_tokens", "messages"}


def test_system_prompts_are_joined_and_formats_put_in_words() -> None:
    messages = [
        {"role": "system", "content": "One."},
        {"role": "user", "content": "hi"},
        {"role": "developer", "content": [{"type": "text", "text": "Two."}]},
    ]
    assert asked(messages=messages)["system"] == "One.\n\nTwo."
    schema = {"type": "json_schema", "json_schema": {"schema": {"type": "object"}}}
    assert '{"type": "object"}' in asked(response_format=schema)["system"]
    assert "JSON" in asked(response_format={"type": "json_object"})["system"]
    assert "system" not in asked(response_format={"type": "text"})


@pytest.mark.parametrize(
    ("given_", "expected"),
    [
        ("auto", {"type": "auto"}),
        ("required", {"type": "any"}),
        ("none", {"type": "none"}),
        ({"type": "function", "function": {"name": "f"}}, {"type": "tool", "name": "f"}),
    ],
)
def test_tool_choice(given_: Any, expected: dict[str, Any]) -> None:
    tools = [{"type": "function", "function": {"name": "f"}}]
    assert asked(tools=tools, tool_choice=given_)["tool_choice"] == expected
    single = asked(tools=tools, tool_choice=given_, parallel_tool_calls=False)["tool_choice"]
    assert single.get("disable_parallel_tool_use") == (None if given_ == "none" else True)
    assert "tool_choice" not in asked(tool_choice=given_)  # refused without tools


def test_results_of_parallel_calls_come_in_one_turn() -> None:
    calls = [tool_call(i, "f", "{}") for i in ("functions.f:0", "functions.f:1")]
    messages = [
        {"role": "user", "content": "go"},
        {"role": "assistant", "content": None, "tool_calls": calls},
        {"role": "tool", "tool_call_id": "functions.f:0", "content": "a"},
        {"role": "tool", "tool_call_id": "functions.f:1", "content": "b"},
        {"role": "user", "content": "and?"},
    ]
    turns = asked(messages=messages)["messages"]
    assert [turn["role"] for turn in turns] == ["user", "assistant", "user", "user"]
    used = [block["id"] for block in turns[1]["content"]]
    assert used == [block["tool_use_id"] for block in turns[2]["content"]]
    assert len(set(used)) == 2 and all(identity_of(i) == i for i in used)


def test_functions_of_old_clients() -> None:
    messages = [
        {"role": "user", "content": "go"},
        {"role": "assistant", "content": None, "function_call": {"name": "f", "arguments": "{}"}},
        {"role": "function", "name": "f", "content": "4"},
    ]
    found = asked(messages=messages, functions=[{"name": "f"}], function_call={"name": "f"})
    use, result = found["messages"][1]["content"][0], found["messages"][2]["content"][0]
    assert use["id"] == result["tool_use_id"] and use["type"] == "tool_use"
    assert found["tools"][0]["name"] == "f" and found["tool_choice"] == {
        "type": "tool",
        "name": "f",
    }


def test_empty_texts_and_trailing_blanks_are_not_sent() -> None:
    messages = [
        {"role": "user", "content": "hi"},
        {"role": "assistant", "content": ""},
        {"role": "user", "content": [{"type": "text", "text": ""}, {"type": "text", "text": "x"}]},
        {"role": "assistant", "content": "So  "},
    ]
    turns = asked(messages=messages)["messages"]
    assert [turn["content"] for turn in turns] == ["hi", "x", "So"]


@given(words)
def test_arguments_that_are_no_object_come_back_as_they_were(text: str) -> None:
    assert arguments_of(input_of("{" + text)) == "{" + text or isinstance(
        json.loads("{" + text), dict
    )
    assert input_of("[1]") == {UNPARSED: "[1]"} and input_of(" ") == {}


def test_arguments_with_a_name_twice_are_what_every_other_client_reads() -> None:
    assert input_of('{"a": 1, "a": 2}') == {"a": 2}
    assert input_of('{"a": NaN}') == {UNPARSED: '{"a": NaN}'}  # no JSON says that on


def test_arguments_nested_deeper_than_any_parser_goes_are_kept_as_they_are() -> None:
    deep = '{"a":' * 200_000 + "1" + "}" * 200_000
    assert input_of(deep) == {UNPARSED: deep}


def test_images_both_ways() -> None:
    content = [
        {"type": "image_url", "image_url": {"url": PNG}},
        {"type": "image_url", "image_url": {"url": "https://x.example/a.png"}},
    ]
    turn = asked(messages=[{"role": "user", "content": content}])["messages"][0]["content"]
    assert turn[0]["source"] == {
        "type": "base64",
        "media_type": "image/png",
        "data": "iVBORw0KGgo=",
    }
    assert turn[1]["source"] == {"type": "url", "url": "https://x.example/a.png"}
    back = to_chat({"model": "m", "max_tokens": 1, "messages": [{"role": "user", "content": turn}]})
    assert [p["image_url"]["url"] for p in back["messages"][0]["content"]] == [
        PNG,
        "https://x.example/a.png",
    ]


def served(*content: Any, role: str = "user", **more: Any) -> dict[str, Any]:
    return {
        "model": "m",
        "max_tokens": 9,
        "messages": [{"role": role, "content": list(content)}],
    } | more


def test_what_claude_code_sends() -> None:
    body = served(
        {"type": "tool_result", "tool_use_id": "t1", "content": [
            {"type": "text", "text": "done"},
            {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "AA=="}},
        ]},
        {"type": "text", "text": "go on", "cache_control": {"type": "ephemeral"}},
        {"type": "document", "title": "Notes", "source": {"type": "text", "data": "abc"}},
        system=[{"type": "text", "text": "A"}, {"type": "text", "text": "B"}],
        metadata={"user_id": "u"}, thinking={"type": "enabled", "budget_tokens": 1024}, stream=True,
    )  # fmt: skip
    chat = sanitise(to_chat(body))
    assert [m["role"] for m in chat["messages"]] == ["system", "tool", "user"]
    assert chat["messages"][0]["content"] == "A\n\nB"
    assert chat["messages"][1] == {"role": "tool", "tool_call_id": "t1", "content": "done"}
    kinds = [part["type"] for part in chat["messages"][2]["content"]]
    assert kinds == ["image_url", "text", "text"] and chat["stream"] is True
    thought = served({"type": "thinking", "thinking": "hm", "signature": "x"}, role="assistant")
    assert to_chat(thought)["messages"] == []


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"model": "m", "messages": [{"role": "user", "content": "x"}]}, "max_tokens"),
        ({"model": "m", "max_tokens": True, "messages": [{}]}, "max_tokens"),
        ({"model": "m", "max_tokens": 1, "messages": []}, "messages"),
        (served("x"), "messages[0].content[0]"),
        (served({"type": "video"}), "messages[0].content[0]"),
        (served({"type": "image", "source": {"type": "file"}}), "messages[0].content[0].source"),
        (served({"type": "tool_result"}), "messages[0].content[0].tool_use_id"),
        (served({"type": "tool_use"}, role="assistant"), "messages[0].content[0]"),
        (served({"type": "server_tool_use"}, role="assistant"), "messages[0].content[0].type"),
        (served(role="tool"), "messages[0].role"),
        (served({"type": "text", "text": "x"}, tools=[{"type": "web_search_1", "name": "w"}]), "tools[0].type"),
        (served({"type": "text", "text": "x"}, tools=[{"name": "w"}]), "tools[0].input_schema"),
        (served({"type": "text", "text": "x"}, tools={}), "tools"),
        (served({"type": "text", "text": "x"}, tools=[{"name": "w", "input_schema": {}}], tool_choice="any"), "tool_choice"),
        (served({"type": "text", "text": "x"}, system=5), "system"),
    ],
)  # fmt: skip
def test_what_cannot_be_served_is_named(body: dict[str, Any], field: str) -> None:
    with pytest.raises(BadRequest) as bad:
        to_chat(body)
    assert bad.value.field == field


# -- answers ---------------------------------------------------------------------------------------


@st.composite
def completions(draw: st.DrawFn) -> dict[str, Any]:
    calls = [
        tool_call(f"call_{i}", draw(names), draw(arguments)) for i in range(draw(st.integers(0, 3)))
    ]
    text = draw(words if not calls else st.none() | words)
    message = {"role": "assistant", "content": text, **({"tool_calls": calls} if calls else {})}
    finish = "tool_calls" if calls else draw(st.sampled_from(["stop", "length", "content_filter"]))
    prompt = draw(st.integers(0, 10**6))
    usage = Usage(prompt, draw(st.integers(0, 10**6)), draw(st.integers(0, prompt)))
    return {
        "id": "msg_1", "object": "chat.completion", "created": 5, "model": "m",
        "choices": [{"index": 0, "message": message, "finish_reason": finish}], "usage": usage.to_wire(),
    }  # fmt: skip


def _meaning(body: dict[str, Any]) -> dict[str, Any]:
    copy = json.loads(json.dumps(body))
    for call in copy["choices"][0]["message"].get("tool_calls", ()):
        call["function"]["arguments"] = json.loads(call["function"]["arguments"])
    return copy


@settings(max_examples=100)
@given(completions())
def test_answers_survive_the_way_there_and_back(body: dict[str, Any]) -> None:
    assert _meaning(completion_of(message_of(body), created=5)) == _meaning(body)


def test_cached_and_written_tokens_belong_to_the_prompt() -> None:
    usage = {"input_tokens": 10, "cache_read_input_tokens": 30, "cache_creation_input_tokens": 2, "output_tokens": 4}  # fmt: skip
    body = completion_of({"content": [], "usage": usage, "stop_reason": "end_turn"}, 0)
    assert Usage.from_wire(body["usage"]) == Usage(42, 4, 30)
    assert "usage" not in completion_of({"content": [], "usage": {"input_tokens": -1}}, 0)


def test_errors_in_their_words() -> None:
    assert error_of(402, "x")["error"]["type"] == "billing_error"
    assert error_of(418, "x")["error"]["type"] == "invalid_request_error"
    assert error_of(502, "x")["error"]["type"] == "api_error"


# -- streams ---------------------------------------------------------------------------------------


def _cut(data: bytes, places: list[int]) -> list[bytes]:
    edges = [0, *sorted(p % (len(data) + 1) for p in places), len(data)]
    return [data[a:b] for a, b in pairwise(edges)]


def _pieces(body: dict[str, Any], size: int) -> list[dict[str, Any]]:
    """The chunks of an answer, texts and arguments in pieces of this many characters."""
    made = []
    for chunk in taken_apart(body):
        delta = chunk["choices"][0]["delta"] if chunk["choices"] else {}
        calls = delta.get("tool_calls")
        if delta.get("content"):
            text = delta["content"]
            made += [{**chunk, "choices": [{"index": 0, "delta": {"content": text[i : i + size]}, "finish_reason": None}]} for i in range(0, len(text), size)]  # fmt: skip
        elif calls:
            call = calls[0]
            text = call["function"]["arguments"]
            start = {**call, "function": {"name": call["function"]["name"], "arguments": ""}}
            more = [{"index": call["index"], "function": {"arguments": text[i : i + size]}} for i in range(0, len(text), size)]  # fmt: skip
            made += [{**chunk, "choices": [{"index": 0, "delta": {"tool_calls": [c]}, "finish_reason": None}]} for c in [start, *more]]  # fmt: skip
        else:
            made.append(chunk)
    return made


@settings(max_examples=100)
@given(completions(), st.integers(1, 7), st.lists(st.integers(0, 10**6), max_size=12))
def test_streams_cut_anywhere_give_the_same_answer(
    body: dict[str, Any], size: int, places: list[int]
) -> None:
    out = EventMaker("m", 1)
    sent = b"".join(out.encoded(out.feed(chunk)) for chunk in _pieces(body, size))
    sent += out.encoded(out.end())
    parser, back, assembler = SseParser(), ChunkMaker(created=5), Assembler()
    for part in _cut(sent, places):
        for event in parser.feed(part):
            for chunk in back.feed(json.loads(event.data)):
                assembler.add(chunk)
    assert back.done and not parser.end()
    assert _meaning(assembler.body()) == _meaning(body)


@settings(max_examples=60)
@given(completions(), st.randoms(use_true_random=False))
def test_calls_told_in_turns_become_blocks_in_order(body: dict[str, Any], random: Any) -> None:
    chunks = _pieces(body, 3)
    calls = [c for c in chunks if c["choices"] and c["choices"][0]["delta"].get("tool_calls")]
    by_call: dict[int, list[dict[str, Any]]] = {}
    for chunk in calls:
        by_call.setdefault(chunk["choices"][0]["delta"]["tool_calls"][0]["index"], []).append(chunk)
    mixed = []
    while any(by_call.values()):
        mixed.append(random.choice([queue for queue in by_call.values() if queue]).pop(0))
    order = iter(mixed)
    mixed_chunks = [next(order) if chunk in calls else chunk for chunk in chunks]
    maker, back, assembler = EventMaker("m"), ChunkMaker(5), Assembler()
    events = [e for chunk in mixed_chunks for e in maker.feed(chunk)] + maker.end()
    opened: set[int] = set()
    for event in events:
        if event["type"] == "content_block_start":
            assert not opened
            opened.add(event["index"])
        elif event["type"] == "content_block_stop":
            opened.remove(event["index"])
        elif event["type"] == "content_block_delta":
            assert event["index"] in opened
        for chunk in back.feed(event):
            assembler.add(chunk)
    told = _meaning(assembler.body())["choices"][0]["message"]
    meant = _meaning(body)["choices"][0]["message"]
    key = lambda call: call["id"]  # noqa: E731
    assert sorted(told.pop("tool_calls", []), key=key) == sorted(
        meant.pop("tool_calls", []), key=key
    )
    assert told == meant


def test_an_error_inside_a_stream_is_raised_with_its_status() -> None:
    with pytest.raises(StreamFault) as fault:
        ChunkMaker(0).feed({"type": "error", "error": {"type": "overloaded_error", "message": "x"}})
    assert fault.value.status == 529
    assert EventMaker.fail(503, "gone")[0]["error"] == {"type": "api_error", "message": "gone"}


def test_a_tool_whose_input_came_whole_and_thoughts() -> None:
    maker, assembler = ChunkMaker(0), Assembler()
    block = {"type": "tool_use", "id": "t", "name": "f", "input": {"a": 1}}
    for event in (
        {"type": "ping"}, {"type": "message_start", "message": {"id": "i", "usage": {"input_tokens": 2}}},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "thinking", "thinking": ""}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "thinking_delta", "thinking": "hm"}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "signature_delta", "signature": "s"}},
        {"type": "content_block_stop", "index": 0},
        {"type": "content_block_start", "index": 1, "content_block": block}, {"type": "content_block_stop", "index": 1},
        {"type": "message_delta", "delta": {"stop_reason": "tool_use"}, "usage": {"output_tokens": 3}},
        {"type": "message_stop"}, {"type": "content_block_start"}, {"type": "later"},
    ):  # fmt: skip
        for chunk in maker.feed(event):
            assembler.add(chunk)
    message = assembler.body()["choices"][0]["message"]
    assert message["tool_calls"] == [tool_call("t", "f", '{"a": 1}')]
    assert message["reasoning_content"] == "hm" and assembler.usage == Usage(2, 3)


@given(st.recursive(values, lambda v: st.dictionaries(st.sampled_from(["type", "index", "delta", "message", "usage", "choices", "tool_calls", "content_block", "finish_reason"]), v, max_size=4), max_leaves=8))  # fmt: skip
def test_nonsense_breaks_nothing(value: Any) -> None:
    event = value if isinstance(value, dict) else {"choices": value}
    Assembler().add(event)
    EventMaker("m").feed(event)
    try:
        ChunkMaker(0).feed(event)
    except StreamFault:
        assert event["type"] == "error"
