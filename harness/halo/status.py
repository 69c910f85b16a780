"""`halo status`: who this is, what is configured and spent, and the standing in the League. Works without
the indexer."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from harness.clients.errors import ServiceError
from harness.clients.indexer import IndexerClient, Points
from harness.halo.config import HaloConfig, Pricing
from harness.halo.daemons import holder
from harness.halo.home import Home
from harness.halo.journals import spent
from harness.halo.pairing import indexer_urls
from harness.store.database import Database
from harness.store.operator import OPERATOR, OperatorJournal

SECONDS = 5.0
DAY = 86_400  # days are UTC's, as in the League


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
        "consume": {
            "pid": holder(home, "consume"),
            "configured": config.consume is not None,
            "today": _spent(config, home, time.time() // DAY * DAY),
            "total": _spent(config, home, 0.0),
        },
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


def _spent(config: HaloConfig, home: Home, since: float) -> dict[str, Any]:
    """What the wallet's own books say; the League knows of a payment once it moved on chain."""
    found = spent(home, config, since)
    return {"requests": found.requests, "usdcBase": str(found.amount)}


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
