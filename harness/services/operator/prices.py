"""What this operator asks: rates by model, held for as long as a quote lives."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from decimal import Decimal

from harness.inference.pricing import FALLBACK, FLAT, PricingTerms, Rate, margin_warning
from harness.inference.router import Router
from harness.services.operator.settings import OperatorSettings

QUOTE_SECONDS = 300.0  # as long as an authorisation that pays it


def terms_of(settings: OperatorSettings) -> PricingTerms:
    """The pricing part of the settings. Raises ConfigError."""
    return PricingTerms(
        mode=settings.pricing_mode,
        margin_percent=settings.margin_percent,
        flat_usd_per_1k=settings.flat_usd_per_1k or Decimal(0),
        fallback_base=settings.fallback_base,
        minimum_base=settings.min_settlement_base,
    )


class Tariff:
    """The rate of each model. One that was quoted stays as it is until the quote has expired."""

    def __init__(
        self,
        terms: PricingTerms,
        router: Router,
        clock: Callable[[], float] = time.monotonic,
        by_provider: Mapping[str, PricingTerms] | None = None,
    ) -> None:
        self.terms = terms
        self._by_provider = by_provider or {}
        self._router = router
        self._clock = clock
        self._quoted: dict[str, tuple[Rate, float]] = {}

    async def rate(self, model: str) -> Rate:
        """The rate now. Never fails: an unknown price is the fallback's business."""
        provider = self._router.for_model(model)
        terms = self._by_provider.get(provider.slug, self.terms)
        if terms.mode == FLAT:
            return Rate(terms)
        return Rate(terms, await provider.price(model))

    async def quoted(self, model: str) -> Rate:
        """The rate for a challenge, or for the payment that answers one."""
        now = self._clock()
        present = self._quoted.get(model)
        if present is not None and present[1] > now:
            return present[0]
        self._quoted = {m: held for m, held in self._quoted.items() if held[1] > now}
        rate = await self.rate(model)
        self._quoted[model] = (rate, now + QUOTE_SECONDS)
        return rate

    async def warnings(self) -> list[str]:
        """What an operator should know about margins that cannot be computed, one line a provider."""
        found = []
        for provider in self._router.providers:
            terms = self._by_provider.get(provider.slug, self.terms)
            rates = [Rate(terms, await provider.price(model)) for model in provider.models]
            priced = any(rate.mode != FALLBACK for rate in rates)
            warning = margin_warning(provider.slug, terms, priced or not rates)
            found += [warning] if warning else []
        return found

    async def announced(self, models: tuple[str, ...]) -> dict[str, str]:
        """USD for a thousand tokens of each model, as decimal text."""
        return {model: f"{(await self.rate(model)).announced():f}" for model in models}
