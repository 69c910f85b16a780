"""The OpenAPI 3.1 document of the indexer."""

from __future__ import annotations

from typing import Any

_ADDRESS = {"type": "string", "pattern": "^0x[0-9a-fA-F]{40}$"}
_SIGNATURE = {"type": "string", "pattern": "^0x[0-9a-fA-F]{130}$"}
_DECIMAL = {"type": "string", "pattern": "^(0|[1-9][0-9]*)$"}
_CODE = {"type": "string", "pattern": "^[0-9]{3}-[0-9]{3}-[0-9]{3}$"}
_TEXT = {"type": "string"}
_NATURAL = {"type": "integer", "minimum": 0}
_NUMBER = {"type": "number"}


def _object(required: dict[str, Any], optional: dict[str, Any] | None = None) -> dict[str, Any]:
    return {
        "type": "object",
        "required": list(required),
        "properties": {**required, **(optional or {})},
    }


_EVENT = {
    "id": {"type": "string", "pattern": "^[A-Za-z0-9_-]{1,128}$"},
    "operator": _ADDRESS,
    "consumer": _ADDRESS,
    "model": {"type": ["string", "null"], "maxLength": 256},
    "tokens": {"type": "integer", "minimum": 0, "maximum": 10_000_000},
    "amountUsdc": _DECIMAL,
    "durationMs": {"type": "integer", "minimum": 0, "maximum": 86_400_000},
    "signature": _SIGNATURE,
}
_SCHEMAS: dict[str, Any] = {
    "Error": _object({"error": _object({"message": _TEXT, "type": _TEXT, "code": _TEXT})}),
    "EventRefused": _object(
        {"error": _object({"message": _TEXT, "type": _TEXT, "code": _TEXT}), "errorCode": _TEXT}
    ),
    "VaultEvent": _object(
        {
            **_EVENT,
            "eventVersion": {"const": 2},
            "mode": {"const": "vault"},
            "timestamp": {"type": "string", "format": "date-time"},
            "txHash": {"type": "null"},
            "vaultCycle": {"type": "integer", "minimum": 1},
            "cumulativeCheckpoint": _DECIMAL,
        }
    ),
    "ExactEvent": _object(
        {
            **_EVENT,
            "mode": {"const": "exact"},
            "timestamp": {"type": "integer", "description": "milliseconds since the epoch"},
            "txHash": {"type": "string", "pattern": "^0x[0-9a-fA-F]{64}$"},
        }
    ),
    "Accepted": _object({"id": _TEXT, "status": {"enum": ["accepted", "duplicate"]}}),
    "EventBatch": _object(
        {
            "events": {
                "type": "array",
                "minItems": 1,
                "maxItems": 100,
                "items": {
                    "oneOf": [
                        {"$ref": "#/components/schemas/VaultEvent"},
                        {"$ref": "#/components/schemas/ExactEvent"},
                    ]
                },
            }
        }
    ),
    "EventResults": _object(
        {
            "results": {
                "type": "array",
                "description": "one for each event, in their order",
                "items": _object(
                    {
                        "id": {"type": ["string", "null"]},
                        "status": {"enum": ["accepted", "duplicate", "refused"]},
                    },
                    {"errorCode": _TEXT},
                ),
            }
        }
    ),
    "Heartbeat": _object(
        {
            "address": _ADDRESS,
            "ts": {"type": "integer", "description": "milliseconds since the epoch"},
            "nonce": {"type": "string", "pattern": "^[A-Za-z0-9_-]{8,128}$"},
            "signature": _SIGNATURE,
        },
        {"label": _TEXT, "models": {"type": "array", "items": _TEXT, "maxItems": 200}},
    ),
    "Points": _object(
        {
            "servePoints": _NUMBER,
            "serveTier": _TEXT,
            "requestsServed": _NATURAL,
            "tokensServed": _NATURAL,
            "uptimeSeconds": _NATURAL,
            "usdcEarnedBase": _DECIMAL,
            "consumePoints": _NUMBER,
            "consumeTier": _TEXT,
            "consumeStreakDays": _NATURAL,
            "consumeStreakMultiplier": _NUMBER,
            "requestsConsumed": _NATURAL,
            "tokensConsumed": _NATURAL,
            "usdcSpentBase": _DECIMAL,
            "season": _TEXT,
        }
    ),
    "Leaderboard": _object(
        {
            "side": {"enum": ["serve", "consume"]},
            "season": _TEXT,
            "rows": {
                "type": "array",
                "items": _object(
                    {
                        "rank": _NATURAL,
                        "address": _ADDRESS,
                        "label": {"type": ["string", "null"]},
                        "points": _NUMBER,
                        "tier": _TEXT,
                        "requests": _NATURAL,
                        "tokens": _NATURAL,
                        "usdcBase": _DECIMAL,
                    }
                ),
            },
        }
    ),
    "Operator": _object(
        {
            "address": _ADDRESS,
            "label": {"type": ["string", "null"]},
            "models": {"type": "array", "items": _TEXT},
            "lastHeartbeat": {"type": ["integer", "null"]},
            "online": {"type": "boolean"},
            "uptimeSeconds": _NATURAL,
            "events": {"type": "array", "items": {"type": "object"}},
        }
    ),
    "LinkInit": _object(
        {
            "code": _CODE,
            "operatorAddress": _ADDRESS,
            "operatorSig": _SIGNATURE,
            "nonce": {"type": "string", "pattern": "^0x[0-9a-fA-F]{64}$"},
            "expiresAt": {"type": "integer", "description": "seconds since the epoch"},
        }
    ),
    "LinkClaim": _object({"code": _CODE, "dashboardAddress": _ADDRESS, "dashboardSig": _SIGNATURE}),
    "LinkEnd": _object(
        {
            "operatorAddress": _ADDRESS,
            "dashboardAddress": _ADDRESS,
            "expiresAt": {"type": "integer"},
            "signature": _SIGNATURE,
        }
    ),
    "Linked": _object({"operatorAddress": _ADDRESS, "dashboardAddress": _ADDRESS}),
    "Links": _object({"operators": {"type": "array", "items": _ADDRESS}}),
    "Done": _object({"status": {"const": "ok"}}),
    "Health": _object({"status": {"enum": ["ok", "unhealthy"]}}, {"reason": _TEXT}),
}


def document(version: str) -> dict[str, Any]:
    """The whole document."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Facetworks indexer",
            "version": version,
            "description": "The League: signed events attached to value on chain; pairing of wallets.",
        },
        "paths": _paths(),
        "components": {"schemas": _SCHEMAS},
    }


def _paths() -> dict[str, Any]:
    limited = {"429": _answer("too many", "Error")}
    refused = {
        "400": _answer("not a request", "Error"),
        "413": _answer("more than 64 KiB", "Error"),
        "503": _answer("the chain was not read yet", "Error"),
        **limited,
    }
    signed = {**refused, "401": _answer("not signed by the wallet", "Error")}
    health = {"200": _answer("healthy", "Health"), "503": _answer("not healthy", "Health")}
    event = _operation(
        "Tell of a paid answer",
        {
            "200": _answer("kept", "Accepted"),
            **refused,
            "400": _answer("not an event", "EventRefused"),
            "409": _answer("the id names another event", "Error"),
        },
    )
    event["requestBody"] = {
        "required": True,
        "content": {
            "application/json": {"schema": {"oneOf": [_ref("VaultEvent"), _ref("ExactEvent")]}}
        },
    }
    return {
        "/v1/events": {"post": event},
        "/v1/events/batch": {
            "post": _operation(
                "Tell of several paid answers",
                {"200": _answer("what came of each", "EventResults"), **refused},
                "EventBatch",
            )
        },
        "/heartbeat": {
            "post": _operation(
                "Say that an operator is online",
                {
                    "204": {"description": "noted"},
                    "409": _answer("this heartbeat came before", "Error"),
                    **signed,
                },
                "Heartbeat",
            )
        },
        "/points/{address}": {
            "get": _operation(
                "An address this season", {"200": _answer("its points", "Points"), **refused},
                path="address",
            )
        },
        "/leaderboard": {
            "get": _operation(
                "The best of a season",
                {"200": _answer("by rank", "Leaderboard"), **refused},
                query=("side", "season", "limit"),
            )
        },
        "/operators/{address}": {
            "get": _operation(
                "An operator",
                {
                    "200": _answer("what is known", "Operator"),
                    "404": _answer("never seen", "Error"),
                    **refused,
                },
                path="address",
            )
        },
        "/link/init": {
            "post": _operation(
                "Offer a pairing code",
                {
                    "200": _answer("live", "Done"),
                    "409": _answer("the code is taken", "Error"),
                    **signed,
                },
                "LinkInit",
            )
        },
        "/link/claim": {
            "post": _operation(
                "Claim the operator behind a code",
                {
                    "200": _answer("linked", "Linked"),
                    "404": _answer("no such code", "Error"),
                    "409": _answer("it belongs to another dashboard", "Error"),
                    **signed,
                },
                "LinkClaim",
            )
        },
        "/link/unlink": {
            "post": _operation(
                "Part a pair",
                {"200": _answer("parted", "Done"), "404": _answer("no pair", "Error"), **signed},
                "LinkEnd",
            )
        },
        "/link/{dashboard}": {
            "get": _operation(
                "What a dashboard claims; signed in X-Halo-Expires-At and X-Halo-Signature",
                {
                    "200": _answer("operators", "Links"),
                    "404": _answer("not signed, or nothing", "Error"),
                    **refused,
                },
                path="dashboard",
            )
        },
        "/health": {"get": _operation("Liveness and the head of the chain", health)},
        "/ready": {"get": _operation("Whether traffic may be sent here", health)},
        "/metrics": {"get": _operation("Counters for Prometheus", {"200": _plain("text/plain")})},
        "/openapi.json": {
            "get": _operation("This document", {"200": _plain("application/json")})
        },
    }  # fmt: skip


def _operation(
    summary: str,
    responses: dict[str, Any],
    body: str | None = None,
    path: str | None = None,
    query: tuple[str, ...] = (),
) -> dict[str, Any]:
    operation: dict[str, Any] = {"summary": summary, "responses": responses}
    if body is not None:
        operation["requestBody"] = {
            "required": True, "content": {"application/json": {"schema": _ref(body)}},
        }  # fmt: skip
    named = [(path, "path")] if path else []
    operation["parameters"] = [
        {"name": name, "in": place, "required": place == "path", "schema": _TEXT}
        for name, place in [*named, *((name, "query") for name in query)]
    ]
    return operation


def _answer(description: str, model: str) -> dict[str, Any]:
    return {
        "description": description,
        "content": {"application/json": {"schema": _ref(model)}},
    }


def _plain(kind: str) -> dict[str, Any]:
    return {"description": "as it says", "content": {kind: {"schema": {}}}}


def _ref(model: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{model}"}
