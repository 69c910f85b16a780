"""Asks a sidecar through the official Python client: whole, streamed, with a tool, refused, over budget.

Environment: BASE_URL, MODEL. Prints one JSON line, the same as `openai_client.mjs`. Imports nothing of ours:
it runs where only `openai` is installed.
"""

import json
import os

import httpx
import openai

BASE_URL, MODEL = os.environ["BASE_URL"], os.environ["MODEL"]
TOOL = {
    "type": "function",
    "function": {
        "name": "weather",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
    },
}
client = openai.OpenAI(base_url=BASE_URL, api_key="halo", max_retries=0)
messages = [{"role": "user", "content": "count to three"}]
asked = {"model": MODEL, "messages": messages, "max_tokens": 50}
tooled = {
    **asked,
    "messages": [{"role": "user", "content": "how is the weather"}],
    "tools": [TOOL],
}


def limit(usd):
    httpx.post(f"{BASE_URL}/budget", json={"limitUsd": usd}).raise_for_status()


def refusal(**changed):
    try:
        client.chat.completions.create(**{**asked, **changed})
    except openai.APIStatusError as error:
        return {"kind": type(error).__name__, "status": error.status_code, "code": error.code}
    return None


raw = client.chat.completions.with_raw_response.create(**asked)
whole = raw.parse()

streamed, chunks, stream_usage = "", 0, None
for chunk in client.chat.completions.create(
    **asked, stream=True, stream_options={"include_usage": True}
):
    chunks += 1
    streamed += (chunk.choices[0].delta.content or "") if chunk.choices else ""
    stream_usage = chunk.usage or stream_usage

call = client.chat.completions.create(**tooled).choices[0]
parts = {"name": "", "arguments": "", "finish": None}
for chunk in client.chat.completions.create(**tooled, stream=True):
    for choice in chunk.choices:
        parts["finish"] = choice.finish_reason or parts["finish"]
        for piece in choice.delta.tool_calls or ():
            parts["name"] += piece.function.name or ""
            parts["arguments"] += piece.function.arguments or ""

limit(0.000001)
try:
    over_budget = refusal()
finally:
    limit(0)

print(
    json.dumps(
        {
            "version": openai.__version__,
            "text": whole.choices[0].message.content,
            "usage": whole.usage.model_dump(include={"prompt_tokens", "completion_tokens"}),
            "paid": raw.headers.get("x-halo-paid"),
            "rail": raw.headers.get("x-halo-rail"),
            "streamed": streamed,
            "chunks": chunks,
            "stream_usage": stream_usage.model_dump(include={"prompt_tokens", "completion_tokens"}),
            "tool": {
                "name": call.message.tool_calls[0].function.name,
                "arguments": call.message.tool_calls[0].function.arguments,
                "finish": call.finish_reason,
            },
            "streamed_tool": parts,
            "no_operator": refusal(model="nobody-serves-this-model"),
            "over_cap": refusal(max_tokens=900_000),
            "over_budget": over_budget,
            "models": [model.id for model in client.models.list()],
        }
    )
)
