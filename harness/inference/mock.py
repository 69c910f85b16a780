"""The mock model as a provider inside this process."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Mapping
from decimal import Decimal

from harness.inference import blame
from harness.inference.mock_model import Reply, reply
from harness.inference.mock_script import Script
from harness.inference.provider import Completion, Delta, Json, ModelInfo, Price, Usage

MOCK_MODELS = ("mock-echo", "mock-fast")
MOCK_PRICE = Price(
    Decimal("0.000001"), Decimal("0.000002"), Decimal(0), Decimal("0.0000001")
)  # USD per token
CONTEXT_LENGTH = 131_072
# What an empty account looks like: the wording decides, not the status.
EMPTY_ACCOUNT = {
    "error": {
        "message": "You exceeded your current quota",
        "type": "insufficient_quota",
        "code": "insufficient_quota",
    }
}
BROKEN = {
    "error": {"message": "the mock fails as asked", "type": "server_error", "code": "mock_failure"}
}


class MockProvider:
    """Answers from `mock_model`. `calls` counts requests that reached the model.

    `skew` tokens are reported above those counted; `prices` are published per model, for all others
    `price` (None: none published).
    """

    confidential = False

    def __init__(
        self,
        models: tuple[str, ...] = MOCK_MODELS,
        *,
        slug: str = "mock",
        scripts: Mapping[str, Script] | None = None,
        skew: int = 0,
        price: Price | None = MOCK_PRICE,
        prices: Mapping[str, Price] | None = None,
    ) -> None:
        self.slug = slug
        self.models = models
        self.calls = 0
        self._scripts = scripts or {}
        self._skew = skew
        self._price = price
        self._prices = prices or {}

    async def complete(self, body: Json, headers: Mapping[str, str] | None = None) -> Completion:
        planned = self._plan(body)
        tokens = planned.usage.completion
        await _wait(planned.first_ms + planned.per_token_ms * tokens)
        if planned.cut_after is not None:
            raise blame.unreachable(self.slug)
        return Completion(planned.body(), planned.usage)

    async def stream(
        self, body: Json, headers: Mapping[str, str] | None = None
    ) -> AsyncGenerator[Delta, None]:
        planned = self._plan(body)
        await _wait(planned.first_ms)
        for number, chunk in enumerate(planned.chunks()):
            if planned.cut_after is not None and number > planned.cut_after:
                raise blame.unreachable(self.slug)
            await _wait(planned.per_token_ms if number else 0)
            yield Delta(chunk, Usage.from_wire(chunk.get("usage")))

    async def probe(self) -> None:
        """Fails as the first model would."""
        model = self.models[0] if self.models else "mock-echo"
        await self.complete(
            {"model": model, "messages": [{"role": "user", "content": "hi"}], "max_tokens": 1}
        )

    async def list_models(self) -> list[ModelInfo]:
        return [ModelInfo(m, await self.price(m), CONTEXT_LENGTH) for m in self.models]

    async def price(self, model: str) -> Price | None:
        return self._prices.get(model, self._price)

    async def signature(self, completion_id: str, model: str) -> Json | None:
        return None

    async def aclose(self) -> None:
        return None

    def _plan(self, body: Json) -> Reply:
        self.calls += 1
        planned = reply(body, self._scripts, self._skew)
        if planned.fail_status:
            answer = json.dumps(EMPTY_ACCOUNT if planned.fail_account else BROKEN).encode()
            raise blame.refusal(self.slug, planned.fail_status, answer)
        return planned


async def _wait(milliseconds: int) -> None:
    if milliseconds:
        await asyncio.sleep(milliseconds / 1000)
