"""The OpenAPI 3.1 document of the facilitator, its wire models taken from the SDK's own."""

from __future__ import annotations

from typing import Any

from pydantic.json_schema import models_json_schema
from x402.schemas import (
    PaymentPayload,
    PaymentRequirements,
    SettleResponse,
    SupportedResponse,
    VerifyResponse,
)

from harness.services.facilitator.openapi_vault import VAULT_SCHEMAS

_MODELS = (PaymentPayload, PaymentRequirements, VerifyResponse, SettleResponse, SupportedResponse)
_REF = "#/components/schemas/{model}"

_ERROR = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["message", "type", "code"],
            "properties": {name: {"type": "string"} for name in ("message", "type", "code")},
        }
    },
}
_SETTLEMENT = {
    "type": "object",
    "required": ["state", "transaction", "blockNumber", "errorReason"],
    "properties": {
        "state": {"enum": ["intent", "pending", "settled", "failed", "rejected"]},
        "transaction": {"type": "string"},
        "blockNumber": {"type": ["integer", "null"]},
        "errorReason": {"type": ["string", "null"]},
    },
}
_HEALTH = {
    "type": "object",
    "required": ["status", "chainId"],
    "properties": {
        "status": {"enum": ["ok", "unhealthy"]},
        "chainId": {"type": "integer"},
        "block": {"type": "integer"},
        "queueDepth": {"type": "integer"},
        "signer": {"type": "string"},
        "signerBalance": {"type": "string"},
        "reason": {"type": "string"},
    },
}
_REQUEST = {
    "type": "object",
    "required": ["paymentPayload", "paymentRequirements"],
    "properties": {
        "x402Version": {"const": 2},
        "paymentPayload": {"$ref": _REF.format(model="PaymentPayload")},
        "paymentRequirements": {"$ref": _REF.format(model="PaymentRequirements")},
    },
}


def document(version: str) -> dict[str, Any]:
    """The whole document."""
    _, definitions = models_json_schema(
        [(model, "serialization") for model in _MODELS], ref_template=_REF
    )
    schemas = {
        **definitions["$defs"],
        "PaymentRequest": _REQUEST,
        "Settlement": _SETTLEMENT,
        "Health": _HEALTH,
        **VAULT_SCHEMAS,
        "Error": _ERROR,
    }
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Facetworks facilitator",
            "version": version,
            "description": "Verifies x402 version 2 payments and settles them on one EVM chain.",
        },
        "paths": _paths(),
        "components": {"schemas": schemas},
    }


def _paths() -> dict[str, Any]:
    refused = {
        "400": _answer("the body is not a request", "Error"),
        "413": _answer("the body is too large", "Error"),
        "429": _answer("this caller or payer asks too often", "Error"),
        "502": _answer("the chain's node does not answer", "Error"),
    }
    return {
        "/health": {
            "get": _operation(
                "Liveness, head of the chain, gas money",
                {"200": _answer("healthy", "Health"), "503": _answer("not healthy", "Health")},
            )
        },
        "/ready": {
            "get": _operation(
                "Whether traffic may be sent here",
                {"200": _answer("ready", "Health"), "503": _answer("not ready", "Health")},
            )
        },
        "/supported": {
            "get": _operation(
                "What can be paid here", {"200": _answer("payment kinds", "SupportedResponse")}
            )
        },
        "/verify": {
            "post": _operation(
                "Would this payment settle now? Moves nothing",
                {"200": _answer("the verdict", "VerifyResponse"), **refused},
                body="PaymentRequest",
            )
        },
        "/settle": {
            "post": _operation(
                "Put the payment on chain, once",
                {
                    "200": _answer("how it went, failures included", "SettleResponse"),
                    "409": _answer("the payment identifier names another payment", "Error"),
                    **refused,
                },
                body="PaymentRequest",
            )
        },
        "/settlements/{digest}": {
            "get": {
                **_operation(
                    "The journal's view of one settlement",
                    {
                        "200": _answer("known", "Settlement"),
                        "400": _answer("not a digest", "Error"),
                        "404": _answer("unknown", "Error"),
                    },
                ),
                "parameters": [
                    {
                        "name": "digest",
                        "in": "path",
                        "required": True,
                        "description": "EIP-712 digest that the payer signed",
                        "schema": {"type": "string", "pattern": "^0x[0-9a-f]{64}$"},
                    }
                ],
            }
        },
        **_vault_paths(refused),
        "/discovery/resources": {
            "get": {
                **_operation(
                    "What was paid for here and asked to be listed",
                    {"200": _answer("the bazaar's list", "Resources"), **refused},
                ),
                "parameters": [
                    _query("type", "http or mcp", {"type": "string"}),
                    _query("limit", "1 to 100, 20 by default", {"type": "integer"}),
                    _query("offset", "how many to pass over", {"type": "integer"}),
                ],
            }
        },
        "/audit": {
            "get": {
                **_operation(
                    "The chained record of every change of state",
                    {"200": _answer("at most 500 rows", "Audit"), **refused},
                ),
                "parameters": [_query("from", "number of the first row", {"type": "integer"})],
            }
        },
        "/metrics": {
            "get": {
                "summary": "Counters in the Prometheus text format",
                "responses": {
                    "200": {
                        "description": "metrics",
                        "content": {"text/plain": {"schema": {"type": "string"}}},
                    }
                },
            }
        },
        "/openapi.json": {
            "get": {
                "summary": "This document",
                "responses": {
                    "200": {
                        "description": "the document",
                        "content": {"application/json": {"schema": {"type": "object"}}},
                    }
                },
            }
        },
    }


def _vault_paths(refused: dict[str, Any]) -> dict[str, Any]:
    limited = {**refused, "404": _answer("this facilitator serves no vault", "Error")}
    sending = {**limited, "503": _answer("the facilitator is out of gas money", "Error")}
    reserve = _operation(
        "Put a signed reservation on chain, once",
        {
            "200": _answer("sent, or confirmed", "VaultReserved"),
            "409": _answer("the nonce was used for another reservation", "Error"),
            "426": _answer("the client is too old for new reservations", "Error"),
            **sending,
        },
        body="VaultReserve",
    )
    reserve["parameters"] = [_query("wait", "1: wait for the receipt", {"enum": ["0", "1"]})]
    redeem = _answer("what became of the receipt", "VaultRedeemed")
    failed = {"400": redeem, "413": redeem, "503": redeem, "429": refused["429"]}
    return {
        "/vault/info": {
            "get": _operation(
                "Which vault this is",
                {
                    "200": _answer("its terms", "VaultInfo"),
                    "404": limited["404"],
                    "429": refused["429"],
                    "503": _answer("the chain's node does not answer", "Error"),
                },
            )
        },
        "/vault/state": {
            "post": _operation(
                "A consumer", {"200": _answer("now", "VaultState"), **limited}, body="VaultConsumer"
            )
        },
        "/vault/ops": {
            "post": _operation(
                "A consumer's reservation for an operator",
                {"200": _answer("now", "VaultOps"), **limited},
                body="VaultPair",
            )
        },
        "/vault/reserve": {"post": reserve},
        "/vault/redeem": {
            "post": _operation(
                "Pay an operator what a receipt says, once",
                {"200": redeem, "404": limited["404"], **failed},
                body="VaultRedeem",
            )
        },
        "/vault/release": {
            "post": _operation(
                "Free an expired reservation",
                {"200": _answer("sent", "VaultSent"), **sending},
                body="VaultPair",
            )
        },
    }


def _query(name: str, description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "query", "description": description, "schema": schema}


def _operation(summary: str, responses: dict[str, Any], body: str | None = None) -> dict[str, Any]:
    operation: dict[str, Any] = {"summary": summary, "responses": responses}
    if body is not None:
        operation["requestBody"] = {"required": True, "content": _json(body)}
    return operation


def _answer(description: str, model: str) -> dict[str, Any]:
    return {"description": description, "content": _json(model)}


def _json(model: str) -> dict[str, Any]:
    return {"application/json": {"schema": {"$ref": _REF.format(model=model)}}}
