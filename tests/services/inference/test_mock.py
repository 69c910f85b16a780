"""The mock model: the same answers always, in the process and over the wire, to clients that are not ours."""

from __future__ import annotations

import asyncio

import anthropic
import openai
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import ConfigError
from harness.inference.chunks import Assembler
from harness.inference.mock import MockProvider
from harness.inference.mock_model import reply
from harness.inference.mock_script import load_scripts, parse_script
from harness.inference.provider import FaultKind, Usage
from harness.protocol import estimate
from tests.services.inference.conftest import (
    KEY,
    WEATHER,
    Served,
    chat,
    collected,
    refused,
    tools,
)


@given(
    st.text(max_size=60), st.integers(0, 9), st.sampled_from(["mock-echo", "mock-fast", "gpt-4o"])
)
def test_answers_are_a_function_of_model_messages_and_seed(
    text: str, seed: int, model: str
) -> None:
    body = chat(text, model=model, seed=seed)
    assert reply(body) == reply({**body, "temperature": 1.5, "user": "someone"})
    assert reply(body).id != reply({**body, "seed": seed + 1}).id
    assert reply(body).usage.prompt == estimate.prompt_tokens(body)
    assert reply(body).usage.completion == estimate.text_tokens(reply(body).text)


@given(st.text(max_size=200), st.integers(0, 40))
def test_a_stream_says_what_the_buffered_answer_says(text: str, skew: int) -> None:
    planned = reply(chat(text), skew=skew)
    assembler = Assembler()
    for chunk in planned.chunks():
        assembler.add(chunk)
    whole = planned.body()
    assert assembler.body()["choices"][0]["message"] == {
        **whole["choices"][0]["message"],
        "content": text,
    }
    assert assembler.usage == planned.usage
    assert planned.usage.completion == estimate.text_tokens(text) + skew


def test_options_and_limits() -> None:
    assert reply(chat("hi", model="mock-echo?tokens=50")).usage.completion == 50
    cut = reply(chat("hello world again", max_tokens=2))
    assert (cut.text, cut.finish, cut.usage.completion) == ("hello wo", "length", 2)
    assert reply(chat("one END two", stop=["END"])).text == "one "
    assert reply(chat("x" * 400, model="mock-echo?cached=30")).usage.cached == 30
    assert (
        reply(chat(model="mock-echo?skew=7")).usage.completion == reply(chat()).usage.completion + 7
    )


def test_empty_and_blocked_say_nothing() -> None:
    for model, finish in (("mock-empty", "stop"), ("mock-blocked", "content_filter")):
        body = reply(chat(model=model)).body()
        assert body["choices"][0]["message"]["content"] == ""
        assert body["choices"][0]["finish_reason"] == finish
        assert body["usage"]["completion_tokens"] == 0


def test_tools_are_called_when_named_or_demanded() -> None:
    both = reply(chat("weather and time please", tools=tools("time", "weather", "news")))
    assert [call.name for call in both.calls] == ["time", "weather"]
    assert both.finish == "tool_calls" and both.text == ""
    asked = {"tools": tools("time", "weather")}
    assert [c.name for c in reply(chat("x", tool_choice="required", **asked)).calls] == ["time"]
    named = {"type": "function", "function": {"name": "weather"}}
    assert [c.name for c in reply(chat("x", tool_choice=named, **asked)).calls] == ["weather"]
    assert not reply(chat("time", tool_choice="none", **asked)).calls
    assert len(reply(chat("time weather", parallel_tool_calls=False, **asked)).calls) == 1
    after = chat("time", **asked)
    after["messages"].append({"role": "tool", "tool_call_id": "c", "content": "noon, says time"})
    assert reply(after).text == "noon, says time"


def test_scripts_play_a_turn_for_each_answer(tmp_path: object) -> None:
    provider = MockProvider(("mock-script:weather",), scripts={"weather": WEATHER})
    body = chat(model="mock-script:weather")
    first = asyncio.run(provider.complete(body)).body["choices"][0]
    assert first["message"]["content"] == "Let me look."
    assert [c["function"]["name"] for c in first["message"]["tool_calls"]] == ["weather", "time"]
    body["messages"] += [first["message"], {"role": "tool", "tool_call_id": "x", "content": "rain"}]
    second = asyncio.run(provider.complete(body))
    assert second.usage == Usage(40, 3)
    body["messages"].append({"role": "assistant", "content": "It rains."})
    error = asyncio.run(refused(provider, body, stream=False))
    assert (error.status, error.kind, error.retryable) == (429, FaultKind.PROVIDER, True)


@pytest.mark.parametrize(
    "text", ["", "turn = 3", "[[turn]]\ntxt = 'x'", "[[turn]]\ncalls = [{}]", "]"]
)
def test_bad_scripts_are_named(text: str, tmp_path) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ConfigError, match="script"):
        parse_script(text)
    (tmp_path / "good.toml").write_text("[[turn]]\ntext = 'hi'")
    assert load_scripts(tmp_path)["good"].turn(5).text == "hi"


def test_the_provider_fails_as_its_model_says() -> None:
    provider = MockProvider()
    kinds = {
        "mock-fail?status=401": FaultKind.AUTH,
        "mock-fail?status=402": FaultKind.CREDIT,
        "mock-fail?status=429": FaultKind.PROVIDER,
        "mock-fail?status=429&account=1": FaultKind.CREDIT,
        "mock-fail?status=500": FaultKind.PROVIDER,
        "mock-cut?after=2": FaultKind.PROVIDER,
    }
    for model, kind in kinds.items():
        for stream in (False, True):
            error = asyncio.run(refused(provider, chat(model=model), stream))
            assert error.kind is kind, model
    assert provider.calls == 2 * len(kinds)


def test_a_cut_stream_gives_what_came_before() -> None:
    async def run() -> list[str]:
        said = []
        with pytest.raises(Exception, match="connection broke"):
            async for delta in MockProvider().stream(
                chat("abcdefghijkl", model="mock-cut?after=2")
            ):
                said.append(delta.data["choices"][0]["delta"].get("content", ""))
        return said

    assert asyncio.run(run()) == ["", "abcd", "efgh"]


def test_each_delta_is_one_token_and_usage_comes_once() -> None:
    deltas = asyncio.run(collected(MockProvider(), chat("x" * 40)))
    texts = [d.data["choices"][0]["delta"].get("content") for d in deltas if d.data["choices"]]
    assert [t for t in texts if t] == ["xxxx"] * 10
    assert [d.usage for d in deltas if d.usage] == [
        Usage(estimate.prompt_tokens(chat("x" * 40)), 10)
    ]


# -- over the wire ---------------------------------------------------------------------------------


def test_openai_client(served: Served) -> None:
    with openai.OpenAI(base_url=served.url + "/v1", api_key=KEY, max_retries=0) as client:
        asked = {
            "model": "gpt-4o-mini",
            "messages": [{"role": "user", "content": "the weather now"}],
        }
        whole = client.chat.completions.create(**asked, tools=tools("weather"))
        assert whole.choices[0].message.tool_calls[0].function.name == "weather"
        options = {"stream": True, "stream_options": {"include_usage": True}}
        chunks = list(client.chat.completions.create(**asked, **options))
        text = "".join(c.choices[0].delta.content or "" for c in chunks if c.choices)
        assert text == "the weather now" and chunks[-1].usage.completion_tokens == 4
        assert [m.id for m in client.models.list()] == ["mock-echo", "mock-fast"]
        with pytest.raises(openai.RateLimitError):
            client.chat.completions.create(**{**asked, "model": "mock-fail?status=429"})
        with pytest.raises(openai.APIConnectionError):
            client.chat.completions.create(**{**asked, "model": "mock-cut?after=1"})
    with (
        openai.OpenAI(base_url=served.url + "/v1", api_key="wrong", max_retries=0) as stranger,
        pytest.raises(openai.AuthenticationError),
    ):
        stranger.chat.completions.create(**asked)


def test_anthropic_client(served: Served) -> None:
    with anthropic.Anthropic(base_url=served.url, api_key=KEY, max_retries=0) as client:
        schema = {"type": "object", "properties": {"city": {"type": "string"}}}
        asked = {
            "model": "claude",
            "max_tokens": 100,
            "system": [
                {"type": "text", "text": "Be brief.", "cache_control": {"type": "ephemeral"}}
            ],
            "messages": [{"role": "user", "content": [{"type": "text", "text": "time, weather"}]}],
            "tools": [{"name": name, "input_schema": schema} for name in ("time", "weather")],
        }
        whole = client.messages.create(**asked)
        assert [block.name for block in whole.content] == ["time", "weather"]
        assert whole.stop_reason == "tool_use"
        with client.messages.stream(**asked) as stream:
            final = stream.get_final_message()
        assert [b.input for b in final.content] == [b.input for b in whole.content]
        assert final.usage.output_tokens == whole.usage.output_tokens
        asked["messages"] += [
            {"role": "assistant", "content": whole.content},
            {"role": "user", "content": [
                {"type": "tool_result", "tool_use_id": whole.content[0].id, "content": "noon"},
                {"type": "tool_result", "tool_use_id": whole.content[1].id, "is_error": True,
                 "content": [{"type": "text", "text": "no answer"}]},
            ]},
        ]  # fmt: skip
        assert client.messages.create(**asked).content[0].text == "The tool failed: no answer"
        with pytest.raises(anthropic.RateLimitError):
            client.messages.create(**{**asked, "model": "mock-fail?status=429"})


@pytest.mark.parametrize("model", ["mock-echo", "mock-fast", "mock-empty", "mock-blocked"])
def test_wire_and_process_agree(served: Served, model: str) -> None:
    body = chat("twice the same", model=model)
    here = asyncio.run(MockProvider().complete(body))
    there = served.ask("openai", lambda provider: provider.complete(body))
    assert there.body["id"] == here.body["id"]
    assert there.usage == here.usage
