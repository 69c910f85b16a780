"""The official clients of OpenAI and Anthropic against the sidecar, as users point them at it."""

from __future__ import annotations

from typing import Any

import anthropic
import openai
import pytest

from .conftest import RunningSidecar, Start
from .scripted_operator import MODEL, ScriptedOperator

ASK: Any = [{"role": "user", "content": "hello"}]
TOOLS: Any = [
    {
        "type": "function",
        "function": {
            "name": "weather",
            "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
        },
    }
]
CLAUDE_TOOLS: Any = [
    {
        "name": "weather",
        "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}},
    }
]


@pytest.fixture(params=["exact", "vault"])
def sidecar(
    request: pytest.FixtureRequest, start: Start, operator: ScriptedOperator
) -> RunningSidecar:
    return start(rail=request.param, vault_deposit_base=1_000_000)


@pytest.fixture
def gpt(sidecar: RunningSidecar) -> openai.OpenAI:
    return openai.OpenAI(base_url=f"{sidecar.url}/v1", api_key="halo", max_retries=0)


@pytest.fixture
def claude(sidecar: RunningSidecar) -> anthropic.Anthropic:
    return anthropic.Anthropic(base_url=sidecar.url, api_key="halo", max_retries=0)


def test_openai_chat_stream_and_models(gpt: openai.OpenAI) -> None:
    answer = gpt.chat.completions.create(model=MODEL, messages=ASK, max_tokens=50)
    assert answer.choices[0].message.content == "echo: hello"
    assert answer.usage is not None and answer.usage.total_tokens > 0
    stream = gpt.chat.completions.create(model=MODEL, messages=ASK, max_tokens=50, stream=True)
    text = "".join(chunk.choices[0].delta.content or "" for chunk in stream)
    assert text.strip() == "echo: hello"
    with gpt.chat.completions.stream(model=MODEL, messages=ASK, max_tokens=50) as collected:
        final = collected.get_final_completion()
    assert (final.choices[0].message.content or "").strip() == "echo: hello"
    assert final.choices[0].finish_reason == "stop"
    assert MODEL in {model.id for model in gpt.models.list()}
    assert gpt.models.retrieve(MODEL).id == MODEL


def test_openai_tools(gpt: openai.OpenAI, operator: ScriptedOperator) -> None:
    operator.switches.tool_call = True
    answer = gpt.chat.completions.create(model=MODEL, messages=ASK, max_tokens=50, tools=TOOLS)
    (call,) = answer.choices[0].message.tool_calls or ()
    assert call.type == "function" and call.function.arguments == '{"city":"Berlin"}'
    asked: Any = {"model": MODEL, "messages": ASK, "max_tokens": 50, "tools": TOOLS}
    with gpt.chat.completions.stream(**asked) as collected:
        final = collected.get_final_completion()
    (streamed,) = final.choices[0].message.tool_calls or ()
    assert streamed.function.arguments == '{"city":"Berlin"}'
    assert final.choices[0].finish_reason == "tool_calls"


def test_openai_errors_have_code_and_fix(gpt: openai.OpenAI, operator: ScriptedOperator) -> None:
    with pytest.raises(openai.InternalServerError) as missing:
        gpt.chat.completions.create(model="nobody-has-this", messages=ASK, max_tokens=50)
    assert missing.value.code == "no_operator" and missing.value.status_code == 503
    with pytest.raises(openai.APIStatusError) as dear:
        gpt.chat.completions.create(model=MODEL, messages=ASK, max_tokens=20_000)
    assert (dear.value.status_code, dear.value.code) == (402, "over_cap")
    assert "--max-usdc" in dear.value.message
    with pytest.raises(openai.BadRequestError) as two:
        gpt.chat.completions.create(model=MODEL, messages=ASK, max_tokens=50, n=2)
    assert two.value.code == "bad_request"
    operator.switches.fail_status = 502
    with pytest.raises(openai.InternalServerError):
        gpt.chat.completions.create(model=MODEL, messages=ASK, max_tokens=50, stream=True)


def test_anthropic_messages_and_stream(claude: anthropic.Anthropic) -> None:
    answer = claude.messages.create(model=MODEL, messages=ASK, max_tokens=50, system="be brief")
    block = answer.content[0]
    assert block.type == "text" and block.text.startswith("echo: hello")
    assert answer.usage.output_tokens > 0 and answer.stop_reason == "end_turn"
    with claude.messages.stream(model=MODEL, messages=ASK, max_tokens=50) as stream:
        text = "".join(stream.text_stream)
        final = stream.get_final_message()
    assert text.strip() == "echo: hello"
    assert final.stop_reason == "end_turn" and final.usage.output_tokens > 0
    raw = claude.messages.create(model=MODEL, messages=ASK, max_tokens=50, stream=True)
    kinds = [event.type for event in raw]
    assert kinds[0] == "message_start" and kinds[-1] == "message_stop"
    assert "ping" not in kinds


def test_anthropic_tools(claude: anthropic.Anthropic, operator: ScriptedOperator) -> None:
    operator.switches.tool_call = True
    asked: Any = {"model": MODEL, "messages": ASK, "max_tokens": 50, "tools": CLAUDE_TOOLS}
    answer = claude.messages.create(**asked)
    block = answer.content[0]
    assert block.type == "tool_use" and block.input == {"city": "Berlin"}
    with claude.messages.stream(**asked) as stream:
        streamed = stream.get_final_message().content[0]
    assert streamed.type == "tool_use" and streamed.input == {"city": "Berlin"}


def test_anthropic_errors(claude: anthropic.Anthropic) -> None:
    with pytest.raises(anthropic.APIStatusError) as dear:
        claude.messages.create(model=MODEL, messages=ASK, max_tokens=20_000)
    assert dear.value.status_code == 402
    body: Any = dear.value.body
    assert body["type"] == "error" and body["error"]["code"] == "over_cap"
    wrong: Any = []
    with pytest.raises(anthropic.BadRequestError):
        claude.messages.create(model=MODEL, messages=wrong, max_tokens=50)


def test_anthropic_key_is_the_bearer(start: Start, operator: ScriptedOperator) -> None:
    sidecar = start(api_key="let me in")
    right = anthropic.Anthropic(base_url=sidecar.url, api_key="let me in", max_retries=0)
    assert right.messages.create(model=MODEL, messages=ASK, max_tokens=50).content
    wrong = anthropic.Anthropic(base_url=sidecar.url, api_key="let me", max_retries=0)
    with pytest.raises(anthropic.AuthenticationError):
        wrong.messages.create(model=MODEL, messages=ASK, max_tokens=50)
