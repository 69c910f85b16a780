"""Which models a provider has, asked once while setup runs; no answer is no models, never an error."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from harness.errors import ConfigError
from harness.inference.build import ProviderConfig, build_provider
from harness.inference.presets import Preset
from harness.inference.provider import ProviderError
from harness.inference.upstream import Patience

SECONDS = 5.0


def detect(row: Preset, base_url: str, api_key: str | None) -> Sequence[str]:
    """Ids in the provider's order; empty when it cannot be asked."""
    patience = Patience(connect=SECONDS, answer=SECONDS)
    try:
        config = ProviderConfig(row.slug, base_url, api_key, patience=patience)
        return asyncio.run(_list(config))
    except (ConfigError, ProviderError, TimeoutError):
        return ()


async def _list(config: ProviderConfig) -> Sequence[str]:
    provider = build_provider(config)
    try:
        async with asyncio.timeout(SECONDS):
            return [model.id for model in await provider.list_models()]
    finally:
        await provider.aclose()
