"""What a request costs: exact arithmetic from a provider's price or the operator's own to base units of USDC.

Three ways to charge, in this order: `flat` takes so much for a thousand tokens whatever the model;
`margin` takes the provider's published price and a percentage; where none is published, `fallback` takes
a fixed sum for a request. Sums are rounded up once, at the end. One USD is 1,000,000 base units.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_CEILING, Context, Decimal, localcontext
from typing import Any

from harness.errors import ConfigError
from harness.inference.provider import Price, Usage
from harness.protocol import estimate

FLAT, MARGIN, FALLBACK = "flat", "margin", "fallback"
MODES = (FLAT, MARGIN)

FALLBACK_BASE = 10_000  # base units: one cent a request
MINIMUM_BASE = 1_000  # base units: less is not worth settling on the exact rail
CLAMP_USD_PER_1K = Decimal("0.001")  # what an unpriceable model is announced at
MAX_MARGIN = Decimal(100_000)  # percent

_USDC = Decimal(1_000_000)
_EXACT = Context(prec=80)


@dataclass(frozen=True)
class PricingTerms:
    """An operator's prices. ConfigError for what cannot be meant."""

    mode: str = MARGIN
    margin_percent: Decimal = Decimal(25)
    flat_usd_per_1k: Decimal = Decimal(0)
    fallback_base: int = FALLBACK_BASE
    minimum_base: int = MINIMUM_BASE

    def __post_init__(self) -> None:
        if self.mode not in MODES:
            raise ConfigError(f"pricing mode must be margin or flat, got {self.mode!r}")
        for name, value, most in (
            ("margin", self.margin_percent, MAX_MARGIN),
            ("flat price", self.flat_usd_per_1k, Decimal(1_000)),
        ):
            if not value.is_finite() or not 0 <= value <= most:
                raise ConfigError(f"{name} must be from 0 to {most}, got {value}")
        if self.fallback_base < 0 or self.minimum_base < 0:
            raise ConfigError("fallback and minimum are base units of USDC, not below zero")


@dataclass(frozen=True)
class Charge:
    """What to take, in base units; `lost` is what the work was worth above the ceiling."""

    base: int
    lost: int = 0


@dataclass(frozen=True)
class Rate:
    """The price of one model at one operator, fixed for the life of a request."""

    terms: PricingTerms
    price: Price | None = None

    @property
    def mode(self) -> str:
        """flat, margin or fallback: what will really be charged by."""
        if self.terms.mode == FLAT:
            return FLAT
        return MARGIN if self.price is not None else FALLBACK

    @property
    def free(self) -> bool:
        """Whether nothing is ever charged."""
        return self.cost(Usage(10**6, 10**6, 10**6)) == 0 and self.cost(Usage(10**6, 10**6)) == 0

    def cost(self, usage: Usage) -> int:
        """The usage at this rate, in base units, rounded up."""
        if self.mode == FALLBACK:
            return self.terms.fallback_base
        if self.mode == FLAT:
            return estimate.cost_base(usage.total, self.terms.flat_usd_per_1k)
        assert self.price is not None
        with localcontext(_EXACT):
            usd = _upstream(self.price, usage) * (100 + self.terms.margin_percent) / 100
            return int((usd * _USDC).to_integral_value(rounding=ROUND_CEILING))

    def quote(self, body: Mapping[str, Any]) -> int:
        """Exact rail: the completion ceiling alone, for the prompt is not seen before payment; floored."""
        if self.free:
            return 0
        cost = self.cost(Usage(0, estimate.completion_ceiling(body)))
        return max(cost, self.terms.minimum_base)

    def ceiling(self, body: Mapping[str, Any]) -> int:
        """Vault rail: the most the request may cost, prompt and completion."""
        prompt, completion = estimate.prompt_tokens(body), estimate.completion_ceiling(body)
        dearest = self.cost(Usage(prompt, completion))
        return max(dearest, self.cost(Usage(prompt, completion, prompt)))

    def charge(self, usage: Usage, ceiling: int) -> Charge:
        """Vault rail: what was used, at most the ceiling."""
        cost = self.cost(usage)
        return Charge(min(cost, ceiling), max(cost - ceiling, 0))

    def announced(self) -> Decimal:
        """USD for 1,000 tokens, as told to the market: no mix of prompt and completion costs more.

        A fee per request is spread over a thousand tokens. A model without a price is announced at the
        fallback for a thousand tokens, clamped to $0.001.
        """
        if self.mode == FLAT:
            return self.terms.flat_usd_per_1k
        with localcontext(_EXACT):
            if self.price is None:
                return min(Decimal(self.terms.fallback_base) / _USDC, CLAMP_USD_PER_1K)
            dearest = max(self.price.prompt, self.price.completion, self.price.cached or Decimal(0))
            per_1k = (
                (dearest * 1_000 + self.price.request) * (100 + self.terms.margin_percent) / 100
            )
            return per_1k.normalize()


def margin_warning(slug: str, terms: PricingTerms, priced: bool) -> str | None:
    """What setup and serve say about a margin that cannot be computed; None when all is well."""
    if terms.mode != MARGIN or priced:
        return None
    cents = Decimal(terms.fallback_base) / 10_000
    dollars = Decimal(terms.fallback_base) / _USDC
    return (
        f"⚠ {slug} publishes no price per model, so --margin {terms.margin_percent:f} has nothing to add to: "
        f"every request will cost the fallback of {cents.normalize():f} cent (${dollars.normalize():f}), long or short. "
        f"Use --flat <usd-per-1k> instead, for example --flat 0.001."
    )


def _upstream(price: Price, usage: Usage) -> Decimal:
    """USD that the provider takes for this usage."""
    cached_rate = price.prompt if price.cached is None else price.cached
    fresh = usage.prompt - usage.cached
    return (
        price.prompt * fresh
        + cached_rate * usage.cached
        + price.completion * usage.completion
        + price.request
    )
