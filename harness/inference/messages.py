"""Providers that speak Anthropic's Messages, as everything above expects it: chat completions."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing

from harness.inference import blame
from harness.inference.anthropic import ChunkMaker, completion_of, to_messages
from harness.inference.anthropic.stream_in import StreamFault
from harness.inference.chat import LIST_SECONDS, PROBE_SECONDS
from harness.inference.chunks import Assembler, counted_usage
from harness.inference.presets import Preset
from harness.inference.price_list import read_models
from harness.inference.provider import Completion, Delta, Json, ModelInfo, Price, Usage
from harness.inference.upstream import Upstream, drained
from harness.protocol import estimate

MESSAGES = "/messages"


class MessagesProvider:
    """One account at Anthropic."""

    confidential = False

    def __init__(self, row: Preset, models: tuple[str, ...], upstream: Upstream) -> None:
        self.slug = row.slug
        self.models = models
        self._upstream = upstream

    async def complete(self, body: Json, headers: Mapping[str, str] | None = None) -> Completion:
        asked = to_messages({**body, "stream": False})
        answer = await self._upstream.post(MESSAGES, asked)
        document = self._upstream.parse(answer.body)
        if not isinstance(document, dict) or not isinstance(document.get("content"), list):
            raise blame.nonsense(self.slug, "without content")
        found = completion_of(document, int(time.time()))
        usage = Usage.from_wire(found.get("usage")) or counted_usage(body, found)
        return Completion({**found, "usage": usage.to_wire()}, usage)

    async def stream(
        self, body: Json, headers: Mapping[str, str] | None = None
    ) -> AsyncGenerator[Delta, None]:
        asked = to_messages({**body, "stream": True})
        maker, assembler = ChunkMaker(int(time.time())), Assembler()
        async with aclosing(self._upstream.events(MESSAGES, asked)) as events:
            async for event in events:
                document = self._upstream.parse(event.data)
                if not isinstance(document, dict):
                    raise blame.nonsense(self.slug, "with an event that is no object")
                try:
                    chunks = maker.feed(document)
                except StreamFault as fault:
                    error = {**fault.error, "code": fault.status}
                    raise blame.reported(self.slug, error, str(asked)) from None
                for chunk in chunks:
                    assembler.add(chunk)
                    yield Delta(chunk, Usage.from_wire(chunk.get("usage")))
                if maker.done:
                    await drained(events)
                    break
        if not maker.done:
            raise blame.unreachable(self.slug)  # it broke off in the middle of the answer
        if assembler.usage is None:
            usage = Usage(estimate.prompt_tokens(body), assembler.completion_tokens, estimated=True)
            yield Delta({**assembler.head(), "choices": [], "usage": usage.to_wire()}, usage)

    async def probe(self) -> None:
        model = self.models[0] if self.models else ""
        hello = {"role": "user", "content": "hi"}
        body = {"model": model, "max_tokens": 1, "messages": [hello]}
        await self._upstream.post(MESSAGES, body, seconds=PROBE_SECONDS)

    async def list_models(self) -> list[ModelInfo]:
        return read_models(await self._upstream.get("/models?limit=1000", LIST_SECONDS))

    async def price(self, model: str) -> Price | None:
        return None  # Anthropic publishes none that a program could read

    async def signature(self, completion_id: str, model: str) -> Json | None:
        return None

    async def aclose(self) -> None:
        await self._upstream.aclose()
