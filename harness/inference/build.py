"""An operator's configuration of a provider -> the provider."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from harness.errors import ConfigError
from harness.inference.api_keys import checked
from harness.inference.base_url import checked_base_url
from harness.inference.chat import ChatProvider
from harness.inference.messages import MessagesProvider
from harness.inference.mock import MOCK_MODELS, MockProvider
from harness.inference.near import EnclaveProvider
from harness.inference.presets import preset
from harness.inference.pricing import PricingTerms
from harness.inference.provider import Provider
from harness.inference.upstream import PATIENCE, Patience, Upstream

ANTHROPIC_VERSION = "2023-06-01"


@dataclass(frozen=True)
class ProviderConfig:
    """One entry of `providers` in an operator's configuration.

    An empty `base_url` is the preset's. `pricing` overrides the operator's own terms for this provider.
    `tell` is given what a failing upstream said, for the operator's terminal only.
    """

    slug: str
    base_url: str = ""
    api_key: str | None = field(default=None, repr=False)
    models: tuple[str, ...] = ()
    pricing: PricingTerms | None = None
    patience: Patience = PATIENCE
    tell: Callable[[str], None] | None = field(default=None, repr=False)


def build_provider(config: ProviderConfig) -> Provider:
    """Nothing is connected yet. ConfigError for an unknown slug, a bad URL, a missing or masked key."""
    row = preset(config.slug)
    if row.dialect == "mock":
        return MockProvider(config.models or MOCK_MODELS)
    base = config.base_url or row.base_url
    if not base:
        raise ConfigError(f"provider {row.slug} needs --base-url, for example https://HOST/v1")
    url = checked_base_url(base)
    key = checked(config.api_key or "", row.slug, row.keyed)
    upstream = Upstream(row.slug, url, _headers(row.dialect, key), config.patience, config.tell)
    if row.dialect == "messages":
        return MessagesProvider(row, config.models, upstream)
    if row.dialect == "enclave":
        return EnclaveProvider(row, config.models, upstream)
    return ChatProvider(row, config.models, upstream)


def _headers(dialect: str, key: str) -> dict[str, str]:
    if dialect == "messages":
        return {"anthropic-version": ANTHROPIC_VERSION, "x-api-key": key}
    return {"authorization": f"Bearer {key}"} if key else {}
