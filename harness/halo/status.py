"""`halo status`: who this is, what is configured, and the standing in the League. Works without the indexer."""

from __future__ import annotations

import asyncio
from typing import Any

from harness.clients.errors import ServiceError
from harness.clients.indexer import IndexerClient, Points
from harness.halo.config import HaloConfig, Pricing
from harness.halo.daemons import holder
from harness.halo.home import Home
from harness.halo.pairing import indexer_urls
from harness.store.database import Database
from harness.store.operator import OPERATOR, OperatorJournal

SECONDS = 5.0


def collect(config: HaloConfig, home: Home, indexer: str | None = None) -> dict[str, Any]:
    """The JSON document of `halo status --json`."""
    points, problem = _points(config, indexer)
    operator = config.operator
    return {
        "address": operator.address,
        "label": operator.label,
        "network": {"name": config.chain.name, "chainId": config.chain.chain_id},
        "relayUrl": config.relay,
        "providers": [
            {
                "slug": p.slug,
                "baseUrl": p.base_url,
                "models": p.models,
                "pricing": pricing_line(p.pricing or config.pricing),
            }
            for p in config.providers
        ],
        "pricing": pricing_line(config.pricing),
        "serve": {"pid": holder(home, "serve"), "outbox": outbox(config, home)},
        "consume": {"pid": holder(home, "consume"), "configured": config.consume is not None},
        "league": None if points is None else points.to_wire(),
        "leagueProblem": problem,
    }


def pricing_line(pricing: Pricing | None) -> str | None:
    if pricing is None:
        return None
    if pricing.mode == "flat":
        return f"flat ${pricing.flat_usdc_per_1k_tokens} per 1K tokens"
    return f"margin {pricing.margin_percent}%"


def outbox(config: HaloConfig, home: Home) -> dict[str, int] | None:
    """Events that wait to be told to the indexer, and those it will never take; None before the first serve."""
    name = f"operator-{config.chain.chain_id}-{config.operator.address.lower()}.db"
    path = home.state("serve") / name
    if not path.exists():
        return None
    journal = OperatorJournal(Database.open(path, OPERATOR))
    waiting, size = journal.event_load()
    return {"pending": waiting, "bytes": size, "dead": len(journal.dead_letters())}


def _points(config: HaloConfig, indexer: str | None) -> tuple[Points | None, str | None]:
    async def ask() -> Points:
        client = IndexerClient(indexer_urls(config, indexer), seconds=SECONDS)
        try:
            return await client.points(config.operator.address)
        finally:
            await client.close()

    try:
        return asyncio.run(ask()), None
    except ServiceError as failure:
        return None, str(failure)
