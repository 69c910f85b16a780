"""Published prices of a provider's models: fetched when needed, shared, and outliving a short outage.

Lists are those of OpenRouter and NEAR: `pricing` with decimal strings in USD per token. A price that is
missing, negative or not a number is no price; it is never taken for zero.
"""

from __future__ import annotations

import asyncio
import logging
import re
import time
from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any

from harness.inference.provider import ModelInfo, Price, ProviderError

TTL_SECONDS = 300.0
FETCH_SECONDS = 5.0
RETRY_SECONDS = 10.0  # between attempts while the list cannot be had
MAX_MODELS = 10_000

_DECIMAL = re.compile(r"[0-9]{1,12}(?:\.[0-9]{0,24})?(?:[eE]-?[0-9]{1,2})?|\.[0-9]{1,24}")
# USD beyond any price that is meant: what is dearer was written in another unit.
_MOST_TOKEN = Decimal("0.01")
_MOST_REQUEST = Decimal(100)
_MILLION = Decimal(1_000_000)

_log = logging.getLogger(__name__)


class PriceList:
    """`fetch` gets the models. Prices are kept five minutes, and five more while `fetch` fails."""

    def __init__(
        self,
        slug: str,
        fetch: Callable[[], Awaitable[list[ModelInfo]]],
        *,
        clock: Callable[[], float] = time.monotonic,
        ttl: float = TTL_SECONDS,
    ) -> None:
        self._slug = slug
        self._fetch = fetch
        self._clock = clock
        self._ttl = ttl
        self._prices: dict[str, Price] = {}
        self._fetched: float | None = None
        self._tried: float | None = None
        self._running: asyncio.Task[None] | None = None

    async def price(self, model: str) -> Price | None:
        """The price of a model, None when not published or not to be had. Never raises."""
        if self._due():
            if self._running is None:
                self._running = asyncio.ensure_future(self._refresh())
            await asyncio.shield(
                self._running
            )  # one caller giving up does not stop it for the others
        if self._fetched is None or self._clock() - self._fetched >= 2 * self._ttl:
            return None
        return self._prices.get(model)

    def _due(self) -> bool:
        now = self._clock()
        if self._fetched is not None and now - self._fetched < self._ttl:
            return False
        return (
            self._tried is None or now - self._tried >= RETRY_SECONDS or self._running is not None
        )

    async def _refresh(self) -> None:
        try:
            async with asyncio.timeout(FETCH_SECONDS):
                models = await self._fetch()
            self._prices = {m.id: m.price for m in models if m.price is not None}
            self._fetched = self._clock()
            self._tried = None
        except (ProviderError, TimeoutError):
            self._tried = self._clock()
            _log.warning("no price list", extra={"provider": self._slug})
        finally:
            self._running = None


def read_models(document: Any) -> list[ModelInfo]:
    """A list of models as OpenAI, OpenRouter or NEAR publish it; entries that are none are left out."""
    entries = document
    if isinstance(document, dict):
        entries = document.get("data", document.get("models"))
    models = []
    for entry in entries[:MAX_MODELS] if isinstance(entries, list) else ():
        if not isinstance(entry, dict):
            continue
        name = entry.get("id", entry.get("modelId", entry.get("name")))
        if isinstance(name, str) and 0 < len(name) <= 256 and name.isprintable():
            models.append(ModelInfo(name, _price(entry), _length(entry)))
    return models


def _price(entry: dict[str, Any]) -> Price | None:
    pricing = entry.get("pricing")
    if not isinstance(pricing, dict):
        return _scaled_price(entry)
    prompt, completion = _usd(pricing.get("prompt")), _usd(pricing.get("completion"))
    if prompt is None or completion is None:
        return _million_price(pricing)
    request = _usd(pricing.get("request", "0"), _MOST_REQUEST)
    cached = _usd(pricing.get("input_cache_read"))
    return None if request is None else Price(prompt, completion, request, cached)


def _million_price(pricing: dict[str, Any]) -> Price | None:
    """`input` and `output` are USD for a million tokens, where they are used at all."""
    rates = [
        _usd(pricing.get(name), _MOST_TOKEN * _MILLION)
        for name in ("input", "output", "cache_read")
    ]
    prompt, completion, cached = (None if r is None else r / _MILLION for r in rates)
    if prompt is None or completion is None:
        return None
    return Price(prompt, completion, cached=cached)


def _scaled_price(entry: dict[str, Any]) -> Price | None:
    """NEAR's catalogue also writes `{"amount": 150, "scale": 9, "currency": "USD"}` per token."""
    prompt, completion = (
        _scaled(entry.get(name)) for name in ("inputCostPerToken", "outputCostPerToken")
    )
    if prompt is None or completion is None:
        return None
    return Price(prompt, completion, cached=_scaled(entry.get("cacheReadCostPerToken")))


def _scaled(cost: Any) -> Decimal | None:
    if not isinstance(cost, dict) or cost.get("currency", "USD") != "USD":
        return None
    amount, scale = cost.get("amount"), cost.get("scale")
    if not isinstance(scale, int) or isinstance(scale, bool) or not 0 <= scale <= 24:
        return None
    found = _usd(amount, Decimal(10) ** 18)
    if found is None or found.scaleb(-scale) > _MOST_TOKEN:
        return None
    return found.scaleb(-scale)


def _usd(value: Any, most: Decimal = _MOST_TOKEN) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return None
    text = repr(value) if isinstance(value, float) else str(value).strip()
    if _DECIMAL.fullmatch(text) is None:
        return None
    found = Decimal(text)
    return found if found <= most else None


def _length(entry: dict[str, Any]) -> int | None:
    for name in ("context_length", "context_window", "max_model_len"):
        value = entry.get(name)
        if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 10**9:
            return value
    return None
