"""The bazaar: what can be paid for through this facilitator, learnt from payments that settled."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from x402.schemas import PaymentPayload, PaymentRequirements

from harness.store.discovery import Resources

MOST_BYTES = 16 * 1024  # of what a listing may say
MOST_URL = 2_048

_SHOWN = ("description", "mimeType", "serviceName", "tags", "iconUrl")


class Discovery:
    """Listings, written only after money moved: spam costs what it pays."""

    def __init__(self, resources: Resources) -> None:
        self._resources = resources

    def learn(self, payload: PaymentPayload, requirements: PaymentRequirements) -> None:
        """List the resource of a settled payment whose server sent the `bazaar` extension."""
        told = (payload.extensions or {}).get("bazaar")
        resource = payload.resource
        if not isinstance(told, dict) or resource is None:
            return
        kind = _kind(told)
        if kind is None or not resource.url.startswith(("https://", "http://")):
            return
        about = resource.model_dump(by_alias=True, exclude_none=True)
        item: dict[str, Any] = {
            **{name: about[name] for name in _SHOWN if name in about},
            "resource": resource.url,
            "type": kind,
            "x402Version": 2,
            "accepts": [requirements.model_dump(by_alias=True, exclude_none=True)],
            "extensions": {"bazaar": told},
        }
        if len(resource.url) <= MOST_URL and len(json.dumps(item)) <= MOST_BYTES:
            self._resources.put(resource.url, kind, item)

    def page(self, kind: str | None, limit: int, offset: int) -> dict[str, Any]:
        """The bazaar's list response."""
        total, rows = self._resources.page(kind, limit, offset)
        items = [{**content, "lastUpdated": _iso(at)} for at, content in rows]
        return {
            "x402Version": 2,
            "items": items,
            "pagination": {"limit": limit, "offset": offset, "total": total},
        }


def _kind(told: dict[str, Any]) -> str | None:
    """`http` or `mcp`, from `info.input.type`; None when it is neither."""
    info = told.get("info")
    described = info.get("input") if isinstance(info, dict) else None
    kind = described.get("type") if isinstance(described, dict) else None
    return kind if kind in ("http", "mcp") else None


def _iso(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
