"""Prices: never above the ceiling, never less for more, exact to the base unit."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import ConfigError
from harness.inference.pricing import (
    CLAMP_USD_PER_1K,
    FALLBACK,
    FALLBACK_BASE,
    MINIMUM_BASE,
    Charge,
    PricingTerms,
    Rate,
    margin_warning,
)
from harness.inference.provider import Price, Usage
from harness.protocol import estimate
from tests.services.inference.conftest import chat

usd = st.decimals(0, Decimal("0.01"), places=12)
prices = st.builds(Price, usd, usd, st.decimals(0, 1, places=6), st.none() | usd)
margins = st.decimals(0, 1000, places=2)
terms = st.builds(
    PricingTerms, st.sampled_from(["flat", "margin"]), margins, usd, st.integers(0, 10**6), st.integers(0, 10**5)
)  # fmt: skip
rates = st.builds(Rate, terms, st.none() | prices)
counts = st.integers(0, 10**7)


@st.composite
def usages(draw: st.DrawFn) -> Usage:
    prompt = draw(counts)
    return Usage(prompt, draw(counts), draw(st.integers(0, prompt)))


@given(rates, usages(), st.integers(0, 10**12))
def test_a_charge_never_exceeds_its_ceiling_and_nothing_is_lost_unseen(
    rate: Rate, used: Usage, most: int
) -> None:
    charge = rate.charge(used, most)
    assert 0 <= charge.base <= most
    assert charge.base + charge.lost == rate.cost(used)


@given(rates, usages(), usages())
def test_more_never_costs_less(rate: Rate, one: Usage, other: Usage) -> None:
    if (
        rate.price is not None
        and rate.price.cached is not None
        and rate.price.cached > rate.price.prompt
    ):
        return  # a provider that takes more for less work
    small = Usage(min(one.prompt, other.prompt), min(one.completion, other.completion))
    large = Usage(max(one.prompt, other.prompt), max(one.completion, other.completion))
    assert rate.cost(small) <= rate.cost(large)
    assert rate.cost(one) <= rate.cost(Usage(one.prompt, one.completion))  # a cache saves


@given(rates, st.integers(1, 5000), st.text(max_size=300), st.data())
def test_use_within_the_estimate_costs_at_most_the_ceiling(
    rate: Rate, limit: int, text: str, data: st.DataObject
) -> None:
    body = chat(text, max_tokens=limit)
    prompt = data.draw(st.integers(0, estimate.prompt_tokens(body)))
    used = Usage(prompt, data.draw(st.integers(0, limit)), data.draw(st.integers(0, prompt)))
    assert rate.cost(used) <= rate.ceiling(body)
    assert rate.charge(used, rate.ceiling(body)).lost == 0


@given(prices, margins, usages())
def test_a_margin_is_exact_and_rounded_up_once(price: Price, margin: Decimal, used: Usage) -> None:
    cached = price.prompt if price.cached is None else price.cached
    upstream = (
        Fraction(price.prompt) * (used.prompt - used.cached) + Fraction(cached) * used.cached
        + Fraction(price.completion) * used.completion + Fraction(price.request)
    )  # fmt: skip
    rate = Rate(PricingTerms("margin", margin), price)
    assert rate.cost(used) == ceil(upstream * (100 + Fraction(margin)) / 100 * 10**6)


@given(rates, usages())
def test_no_mix_of_tokens_costs_more_than_announced(rate: Rate, used: Usage) -> None:
    if rate.mode == FALLBACK or (rate.price is not None and rate.price.request):
        return  # per request, not per token
    assert rate.cost(used) <= estimate.cost_base(used.total, rate.announced())


@given(rates, st.integers(1, 10**6))
def test_quotes_are_blind_to_the_prompt_and_floored(rate: Rate, limit: int) -> None:
    short, long = chat("x", max_tokens=limit), chat("x" * 5000, max_tokens=limit)
    assert rate.quote(short) == rate.quote(long)
    assert rate.quote(short) >= (0 if rate.free else rate.terms.minimum_base)
    assert rate.quote(chat("x", max_tokens=limit + 1)) >= rate.quote(short)


def test_by_hand() -> None:
    flat = Rate(PricingTerms("flat", flat_usd_per_1k=Decimal("0.0005")))
    assert flat.cost(Usage(1000, 1000)) == 1000 and flat.cost(Usage(1, 0)) == 1
    assert flat.quote(chat()) == MINIMUM_BASE and flat.quote(chat(max_tokens=10_000)) == 5000
    price = Price(Decimal("0.0000025"), Decimal("0.00001"), Decimal("0.005"), Decimal("0.00000125"))
    margin = Rate(PricingTerms("margin", Decimal(25)), price)
    assert margin.cost(Usage(1000, 100, 400)) == ceil((1500 + 500 + 1000 + 5000) * 1.25)
    assert margin.announced() == Decimal("0.01875")  # (0.01 + 0.005) * 1.25
    assert margin.charge(Usage(1000, 100), 5000) == Charge(5000, ceil(8500 * 1.25) - 5000)


def test_without_a_price_a_margin_is_the_fallback() -> None:
    rate = Rate(PricingTerms("margin", Decimal(25)))
    assert rate.mode == FALLBACK
    assert rate.cost(Usage(1, 1)) == rate.cost(Usage(10**6, 10**6)) == FALLBACK_BASE
    assert rate.quote(chat()) == rate.ceiling(chat()) == FALLBACK_BASE
    assert rate.announced() == CLAMP_USD_PER_1K
    cheap = Rate(PricingTerms(fallback_base=100))
    assert cheap.announced() == Decimal("0.0001") and cheap.quote(chat()) == MINIMUM_BASE


def test_free_models_are_free() -> None:
    assert Rate(PricingTerms("margin"), Price(Decimal(0), Decimal(0))).free
    assert Rate(PricingTerms("flat")).quote(chat()) == 0
    assert not Rate(PricingTerms("margin"), Price(Decimal(0), Decimal(0), Decimal("0.01"))).free
    assert not Rate(PricingTerms("margin"), Price(Decimal(0), Decimal("1e-12"))).free


def test_reasoning_models_are_given_room() -> None:
    flat = Rate(PricingTerms("flat", flat_usd_per_1k=Decimal(1)))
    assert flat.quote(chat(model="o3-mini", max_tokens=10)) == 8_192_000


def test_the_warning_says_what_a_margin_becomes() -> None:
    warned = margin_warning("openai", PricingTerms("margin", Decimal(25)), priced=False)
    assert warned is not None and "$0.01" in warned and "--flat" in warned and "openai" in warned
    assert margin_warning("openrouter", PricingTerms("margin"), priced=True) is None
    assert margin_warning("openai", PricingTerms("flat"), priced=False) is None


@pytest.mark.parametrize(
    "wrong",
    [{"mode": "free"}, {"margin_percent": Decimal(-1)}, {"margin_percent": Decimal("NaN")}, {"flat_usd_per_1k": Decimal("Infinity")},
     {"flat_usd_per_1k": Decimal(5000)}, {"fallback_base": -1}, {"minimum_base": -1}],
)  # fmt: skip
def test_terms_that_cannot_be_meant(wrong: dict[str, object]) -> None:
    with pytest.raises(ConfigError):
        PricingTerms(**wrong)  # type: ignore[arg-type]
