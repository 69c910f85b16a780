"""The providers of `halo serve`, from configuration: keys opened, prices as the operator set them."""

from __future__ import annotations

import logging
from collections.abc import Callable

from harness.errors import ConfigError
from harness.halo.config import HaloConfig, Pricing
from harness.halo.config import Provider as Entry
from harness.halo.secret_box import EncryptedSecret, unseal
from harness.inference.build import ProviderConfig, build_provider
from harness.inference.presets import preset
from harness.inference.pricing import PricingTerms
from harness.inference.provider import Provider

_log = logging.getLogger(__name__)

Tell = Callable[[str], None]


def provider_configs(
    config: HaloConfig, passphrase: str, tell: Tell | None = None
) -> list[ProviderConfig]:
    """One per provider with models, in the order of routing; ConfigError when there is nothing to serve.

    `tell` is given what failing upstreams say, for the terminal alone.
    """
    serving = [entry for entry in config.providers if entry.models]
    named = config.providers[0].slug if config.providers else "<slug>"
    if not serving:
        raise ConfigError(
            f'there is nothing to serve: no models are named; run: halo setup --provider {named} --models "a,b"'
        )
    keyless = [e.slug for e in serving if preset(e.slug).keyed and not e.api_key]
    if len(keyless) == len(serving):
        raise ConfigError(
            f"{keyless[0]} needs an API key; run: halo setup --provider {keyless[0]} --api-key env:NAME"
        )
    for slug in keyless:
        _log.warning("%s has no API key and is left out", slug)
    return [
        ProviderConfig(
            slug=entry.slug,
            base_url=entry.base_url,
            api_key=_key(entry, passphrase),
            models=tuple(entry.models),
            pricing=None if entry.pricing is None else terms(entry.pricing),
            tell=tell,
        )
        for entry in serving
        if entry.slug not in keyless
    ]


def providers(config: HaloConfig, passphrase: str, tell: Tell | None = None) -> list[Provider]:
    """Ready to be asked; nothing is connected yet."""
    return [build_provider(entry) for entry in provider_configs(config, passphrase, tell)]


def terms(pricing: Pricing) -> PricingTerms:
    """The same prices as the inference room counts with."""
    plain = PricingTerms()
    margin, flat = pricing.margin_percent, pricing.flat_usdc_per_1k_tokens
    return PricingTerms(
        mode=pricing.mode,
        margin_percent=plain.margin_percent if margin is None else margin,
        flat_usd_per_1k=plain.flat_usd_per_1k if flat is None else flat,
        fallback_base=pricing.fallback_per_request_usdc,
    )


def _key(entry: Entry, passphrase: str) -> str | None:
    if isinstance(entry.api_key, EncryptedSecret):
        return unseal(entry.api_key, passphrase)
    return entry.api_key
