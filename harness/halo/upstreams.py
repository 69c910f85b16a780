"""What setup stores about a provider: its entry, the price asked for it, and the models it can serve."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from harness.errors import ConfigError, HarnessError
from harness.halo.config import Pricing
from harness.inference.api_keys import checked
from harness.inference.base_url import checked_base_url
from harness.inference.presets import PRESETS, Preset, preset

FALLBACK_BASE = 10_000  # one cent
MAX_PROPOSED = 50
FEW = 8  # models of a keyed provider that are advertised when nobody chose


@dataclass(frozen=True)
class Priced:
    """Pricing and what to say about it."""

    pricing: Pricing
    warning: str | None = None


def margin_warning(row: Preset, fallback_base: int) -> str | None:
    """Said verbatim when a margin can never be computed: every request costs the fallback price."""
    if row.priced:
        return None
    able = ", ".join(p.slug for p in PRESETS.values() if p.priced and p.dialect != "mock")
    dollars = Decimal(fallback_base) / 1_000_000
    return (
        f"{row.slug} publishes no prices, so --margin cannot be computed: every request will cost the "
        f"fallback of ${dollars:f}, however long it is. Use --flat <usd-per-1k>; margins work with {able}."
    )


def price(
    row: Preset,
    margin: Decimal | None,
    flat: Decimal | None,
    fallback_base: int | None,
    existing: Pricing | None,
) -> Priced:
    """What was asked for; else what is configured; else the provider's proposal: a margin only where it can
    be computed."""
    fallback = fallback_base
    if fallback is None:
        fallback = existing.fallback_per_request_usdc if existing else FALLBACK_BASE
    if flat is None and margin is None and existing is not None:
        pricing = existing.model_copy(update={"fallback_per_request_usdc": fallback})
    elif flat is not None or (margin is None and not row.priced):
        pricing = Pricing(
            mode="flat",
            flat_usdc_per_1k_tokens=flat if flat is not None else row.flat,
            fallback_per_request_usdc=fallback,
        )
    else:
        pricing = Pricing(
            mode="margin",
            margin_percent=margin if margin is not None else row.margin,
            fallback_per_request_usdc=fallback,
        )
    return Priced(pricing, margin_warning(row, fallback) if pricing.mode == "margin" else None)


def stored_key(text: str, row: Preset) -> str:
    """The key as it is stored; HarnessError for one that a display has masked or shortened."""
    try:
        return checked(text, row.slug, row.keyed)
    except ConfigError as refusal:
        raise HarnessError(str(refusal)) from None


def stored_url(text: str) -> str:
    """A base URL the user typed; HarnessError says what to change."""
    try:
        return checked_base_url(text)
    except ConfigError as refusal:
        raise HarnessError(str(refusal)) from None


def row_of(slug: str) -> Preset:
    """The provider's row; ConfigError names the nearest one."""
    return preset(slug)


def unchosen(row: Preset, found: Sequence[str]) -> tuple[list[str], str | None]:
    """Which models to advertise when nobody chose, and what to say about it.

    What runs on the user's own machine costs nothing and is advertised whole. Of a paid account that
    would be dozens of models at prices nobody looked at: there, models must be named.
    """
    if not row.keyed and found:
        return list(found[:MAX_PROPOSED]), None
    if found:
        examples = ",".join(found[: min(3, len(found))])
        return [], (
            f"{row.slug} has {len(found)} models and none was chosen, so none is advertised; choose: "
            f'halo setup --provider {row.slug} --models "{examples}"'
        )
    return [], (
        f"no models of {row.slug} could be listed and none was named, so none is advertised; "
        f'name them: halo setup --provider {row.slug} --models "id1,id2"'
    )
