"""The rate of each model at this operator, and the prices it announces."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from decimal import Decimal

from harness.inference.pricing import MARGIN, PricingTerms, Rate
from harness.inference.provider import Provider
from harness.inference.router import Router

_log = logging.getLogger(__name__)


class RateBook:
    """The operator's terms, and those that single providers have of their own."""

    def __init__(self, terms: PricingTerms, own: Mapping[str, PricingTerms] | None = None) -> None:
        self._terms = terms
        self._own = own or {}
        self._warned: set[tuple[str, str]] = set()

    def terms(self, slug: str) -> PricingTerms:
        """Those that hold at this provider."""
        return self._own.get(slug, self._terms)

    async def rate(self, provider: Provider, model: str) -> Rate:
        """Take it once for a request and keep it: quote, ceiling and charge must be by the same rate.

        A margin over an unknown price is the fallback; that is warned about once for each model.
        """
        terms = self.terms(provider.slug)
        if terms.mode != MARGIN:
            return Rate(terms)
        price = await provider.price(model)
        known = (provider.slug, model)
        if price is None and known not in self._warned and len(self._warned) < 10_000:
            self._warned.add(known)
            _log.warning(
                "no published price, charging the fallback",
                extra={"provider": provider.slug, "model": model, "base": terms.fallback_base},
            )
        return Rate(terms, price)

    async def announced(self, router: Router) -> dict[str, Decimal]:
        """USD for 1,000 tokens of each announced model, by the provider that would answer."""
        return {
            model: (await self.rate(router.for_model(model), model)).announced()
            for model in router.announced()
        }
