"""An answer that is already there, sent again: as one piece, or as the chunks of a stream."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from harness.services.operator.answers import Answer, Refusal, refuse
from harness.services.operator.job import Job

STREAM_HEADER = "X-Halo-Stream"


async def send(job: Job, answer: Answer) -> bool:
    """Send a finished answer the way it was asked for; whether it was handed over whole.

    Raises ConsumerGone when nobody listens any more.
    """
    if not (job.streamed and answer.success and isinstance(answer.body, dict)):
        return await job.respond(answer)
    for chunk in chunks_of(answer.body):
        await job.chunk(chunk)
    headers = {**answer.headers, STREAM_HEADER: "buffered"}
    return await job.respond(Answer(answer.status, None, headers))


def chunks_of(completion: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A `chat.completion` as `chat.completion.chunk` objects: role, content, tool calls, end, usage."""
    shared = {
        "id": completion.get("id", ""),
        "object": "chat.completion.chunk",
        "created": completion.get("created", 0),
        "model": completion.get("model", ""),
    }
    choices = completion.get("choices")
    for choice in choices if isinstance(choices, list) else ():
        index, message = choice.get("index", 0), choice.get("message") or {}

        def chunk(
            delta: dict[str, Any], finish: str | None = None, index: int = index
        ) -> dict[str, Any]:
            return {
                **shared,
                "choices": [{"index": index, "delta": delta, "finish_reason": finish}],
            }

        yield chunk({"role": message.get("role", "assistant"), "content": ""})
        for name in ("reasoning_content", "content", "refusal", "function_call"):
            if message.get(name):
                yield chunk({name: message[name]})
        calls = message.get("tool_calls")
        if calls:
            numbered = [{"index": number, **call} for number, call in enumerate(calls)]
            yield chunk({"tool_calls": numbered})
        yield chunk({}, choice.get("finish_reason") or "stop")
    if completion.get("usage") is not None:
        yield {**shared, "choices": [], "usage": completion["usage"]}


def too_large() -> Refusal:
    """The relay would drop the connection over an answer of this size."""
    return refuse(
        502,
        "answer_too_large",
        "the answer exceeds what the relay carries, and nothing was charged; ask for fewer tokens",
        "server_error",
    )
