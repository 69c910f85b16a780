"""Providers that speak OpenAI's chat completions: asked through HTTP, answers checked and rebuilt.

An answer is rebuilt from the fields that clients know. Providers add others, among them what the operator
pays, which is nobody else's business.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import Any

from harness.inference import blame
from harness.inference.chunks import Assembler, counted_usage
from harness.inference.presets import Preset
from harness.inference.price_list import PriceList, read_models
from harness.inference.provider import Completion, Delta, Json, ModelInfo, Price, Usage
from harness.inference.request import limited, prompted
from harness.inference.upstream import Upstream, drained
from harness.protocol import estimate

CHAT = "/chat/completions"
PROBE_SECONDS = 8.0
LIST_SECONDS = 5.0
DONE = "[DONE]"

_CHOICE = ("index", "finish_reason", "logprobs")
_KEPT = ("id", "object", "created", "model", "system_fingerprint")


class ChatProvider:
    """One account at an OpenAI-compatible provider."""

    confidential = False

    def __init__(self, row: Preset, models: tuple[str, ...], upstream: Upstream) -> None:
        self.slug = row.slug
        self.models = models
        self._row = row
        self._upstream = upstream
        self._prices = PriceList(row.slug, self.list_models)

    async def complete(self, body: Json, headers: Mapping[str, str] | None = None) -> Completion:
        asked = self._asked(body, stream=False)
        answer = await self._upstream.post(CHAT, asked)
        found = self._completion(self._upstream.parse(answer.body), asked)
        usage = Usage.from_wire(found.get("usage")) or counted_usage(asked, found)
        return Completion({**found, "usage": usage.to_wire()}, usage)

    async def stream(
        self, body: Json, headers: Mapping[str, str] | None = None
    ) -> AsyncGenerator[Delta, None]:
        asked = self._asked(body, stream=True)
        assembler = Assembler()
        done = False
        async with aclosing(self._upstream.events(CHAT, asked)) as events:
            async for event in events:
                if event.data.strip() == DONE:
                    done = True
                    await drained(events)
                    break
                document = self._upstream.parse(event.data)
                if not isinstance(document, dict):
                    raise blame.nonsense(self.slug, "with an event that is no object")
                if document.get("error"):
                    raise blame.reported(self.slug, document["error"], _spoken(asked))
                for chunk in _chunks(document, counted=assembler.usage is not None):
                    assembler.add(chunk)
                    yield Delta(chunk, Usage.from_wire(chunk.get("usage")))
        if not done and assembler.finish is None:
            raise blame.unreachable(self.slug)  # it broke off in the middle of the answer
        if assembler.usage is None:
            usage = Usage(
                estimate.prompt_tokens(asked), assembler.completion_tokens, estimated=True
            )
            yield Delta({**assembler.head(), "choices": [], "usage": usage.to_wire()}, usage)

    async def probe(self) -> None:
        model = self.models[0] if self.models else ""
        body = {"model": model, "messages": [{"role": "user", "content": "hi"}]}
        await self._upstream.post(CHAT, {**body, self._row.limit_field: 1}, seconds=PROBE_SECONDS)

    async def list_models(self) -> list[ModelInfo]:
        if self.slug == "ollama":
            document = await self._upstream.get("/api/tags", LIST_SECONDS)
        else:
            document = await self._upstream.get("/models", LIST_SECONDS)
        return read_models(document)

    async def price(self, model: str) -> Price | None:
        return await self._prices.price(model) if self._row.priced else None

    async def signature(self, completion_id: str, model: str) -> Json | None:
        return None

    async def aclose(self) -> None:
        await self._upstream.aclose()

    def _asked(self, body: Json, stream: bool) -> Json:
        asked = limited(body, self._row.limit_field)
        asked.pop("stream_options", None)
        if "messages" not in asked:  # an old client's prompt
            asked["messages"] = prompted(asked.pop("prompt", ""))
        if stream:
            return {**asked, "stream": True, "stream_options": {"include_usage": True}}
        return {**asked, "stream": False}

    def _completion(self, document: Any, asked: Json) -> Json:
        """The answer rebuilt. Raises ProviderError."""
        if not isinstance(document, dict):
            raise blame.nonsense(self.slug, "with something that is no object")
        if document.get("error"):
            raise blame.reported(self.slug, document["error"], _spoken(asked))
        choices = document.get("choices")
        first = choices[0] if isinstance(choices, list) and choices else None
        if not isinstance(first, dict) or not isinstance(first.get("message"), dict):
            raise blame.nonsense(self.slug, "without a choice")
        if first.get("finish_reason") == "error":
            raise blame.nonsense(self.slug, "with an error in place of an end")
        kept = {name: document[name] for name in _KEPT if name in document}
        choice = {
            "index": 0,
            "message": first["message"],
            "finish_reason": first.get("finish_reason"),
        }
        if first.get("logprobs") is not None:
            choice["logprobs"] = first["logprobs"]
        return {
            **kept,
            "object": "chat.completion",
            "choices": [choice],
            "usage": document.get("usage"),
        }


def _chunks(document: Json, counted: bool) -> list[Json]:
    """A chunk rebuilt; usage in a chunk of its own, and once only."""
    kept = {name: document[name] for name in _KEPT if name in document}
    kept["object"] = "chat.completion.chunk"
    made: list[Json] = []
    choices = document.get("choices")
    rebuilt = [
        {**{k: c[k] for k in _CHOICE if k in c}, "delta": c.get("delta") or {}}
        for c in (choices if isinstance(choices, list) else ())
        if isinstance(c, dict) and isinstance(c.get("delta") or {}, dict)
    ]
    if rebuilt:
        made.append({**kept, "choices": rebuilt})
    usage = Usage.from_wire(document.get("usage"))
    if usage is not None and not counted:
        made.append({**kept, "choices": [], "usage": usage.to_wire()})
    return made


def _spoken(asked: Json) -> str:
    """The text of a request: wording found in it proves nothing about an account."""
    return str(asked)
