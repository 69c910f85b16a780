"""A pairing code for the dashboard, signed by the wallet and registered with the indexer."""

from __future__ import annotations

import asyncio

from harness.chain.keys import LocalSigner
from harness.clients.indexer import IndexerClient, PairingCode
from harness.halo.config import HaloConfig


def indexer_urls(config: HaloConfig, named: str | None = None) -> list[str]:
    """The indexers to ask in turn; one that is named stands alone."""
    if named:
        return [named]
    found = config.indexer_url
    return [found] if isinstance(found, str) else found


def pairing_code(
    config: HaloConfig, signer: LocalSigner, indexer: str | None = None
) -> PairingCode:
    """Valid five minutes and once. Raises ServiceError when the indexer refuses or does not answer."""

    async def ask() -> PairingCode:
        client = IndexerClient(indexer_urls(config, indexer))
        try:
            return await client.link_init(signer)
        finally:
            await client.close()

    return asyncio.run(ask())
