"""What is sold: models as OpenAI's clients list them, and the operators that sell them."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any

from harness.protocol.frames import Announcement
from harness.services.relay.directory import FarSeat
from harness.services.relay.links import Link
from harness.services.relay.selection import offered, price_of, private


def models(seats: Iterable[Link | FarSeat]) -> dict[str, Any]:
    """`{"object": "list", "data": [...]}`, ordered by name. Prices are the lowest announced."""
    sellers: dict[str, list[Announcement]] = {}
    for seat in seats:
        announcement = seat.announcement
        for model in {*announcement.models, *announcement.tee_models}:
            sellers.setdefault(model, []).append(announcement)
    return {
        "object": "list",
        "data": [_model(name, sellers[name]) for name in sorted(sellers)],
    }


def _model(name: str, sellers: list[Announcement]) -> dict[str, Any]:
    prices = [p for p in (price_of(seller, name) for seller in sellers) if p is not None]
    lengths = [seller.context_length[name] for seller in sellers if name in seller.context_length]
    return {
        "id": name,
        "object": "model",
        "created": 0,
        "owned_by": "halo",
        "operators": len(sellers),
        "price_usd_per_mtok": float(min(prices) * 1000) if prices else None,
        "context_length": min(lengths) if lengths else None,
        "confidential": any(name in seller.tee_models for seller in sellers),
        "streaming": any(seller.streaming for seller in sellers),
        "vault": any(seller.vault_payments for seller in sellers),
        "privacy": any(private(seller) for seller in sellers),
    }


def operators(
    seats: Iterable[Link | FarSeat], model: str | None, tee: bool, node: str
) -> dict[str, Any]:
    """Announcements as they were signed for, with seconds of uptime and the load here."""
    listed = []
    for seat in sorted(seats, key=lambda s: s.address):
        announcement = seat.announcement
        names = announcement.tee_models if tee else announcement.models + announcement.tee_models
        if (model is None and names) or (model is not None and offered(model, names)):
            listed.append(_operator(seat, node))
    return {"object": "list", "operators": listed}


def _operator(seat: Link | FarSeat, node: str) -> dict[str, Any]:
    told = seat.announcement.model_dump(by_alias=True, exclude={"peer_id", "signature"})
    return told | {
        "uptime": max(0, int(time.time() - seat.connected_at)),
        "inflight": seat.inflight,
        "draining": seat.draining,
        "node": seat.node if isinstance(seat, FarSeat) else node,
    }
