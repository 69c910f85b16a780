"""The OpenAPI 3.1 document of the sidecar."""

from __future__ import annotations

from typing import Any

from harness.services.consumer.refusals import TABLE

_TEXT = {"type": "string"}
_NUMBER = {"type": "number"}
_SCHEMAS: dict[str, Any] = {
    "Error": {
        "type": "object",
        "required": ["error"],
        "properties": {
            "error": {
                "type": "object",
                "required": ["message", "type", "code"],
                "properties": {
                    "message": {"type": "string", "description": "ends with the fix"},
                    "type": {"enum": sorted({kind.type for kind in TABLE.values()})},
                    "code": {"enum": sorted(TABLE)},
                },
            }
        },
    },
    "ChatRequest": {
        "type": "object",
        "required": ["messages"],
        "description": "OpenAI's chat completion request; n is 1",
        "properties": {
            "model": {"type": "string", "description": "the profile's default when absent"},
            "messages": {"type": "array", "items": {"type": "object"}, "minItems": 1},
            "max_tokens": {"type": "integer", "minimum": 1},
            "stream": {"type": "boolean"},
        },
    },
    "MessagesRequest": {
        "type": "object",
        "required": ["messages", "max_tokens"],
        "description": "Anthropic's Messages request",
    },
    "Budget": {
        "type": "object",
        "required": ["limitUsd", "spentUsd", "remainingUsd", "reservedUsd", "capped"],
        "properties": {
            "limitUsd": _NUMBER,
            "spentUsd": _NUMBER,
            "remainingUsd": {"type": ["number", "null"]},
            "reservedUsd": _NUMBER,
            "capped": {"type": "boolean"},
        },
    },
    "NewBudget": {
        "type": "object",
        "required": ["limitUsd"],
        "additionalProperties": False,
        "properties": {"limitUsd": {"type": "number", "minimum": 0}},
    },
    "Health": {
        "type": "object",
        "required": ["status", "wallet", "network", "confidential", "rail", "version"],
        "properties": {
            "status": {"const": "ok"},
            "service": {"const": "halo-consume"},
            "wallet": _TEXT,
            "network": _TEXT,
            "confidential": {"type": "boolean"},
            "rail": {"enum": ["exact", "vault"]},
            "version": _TEXT,
        },
    },
    "Object": {"type": "object"},
}


def document(version: str) -> dict[str, Any]:
    """The whole document."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Facetworks consumer sidecar",
            "version": version,
            "description": "OpenAI-compatible inference that pays for itself from a local wallet.",
        },
        "paths": {
            "/v1/chat/completions": {"post": _paid("A paid completion", "ChatRequest")},
            "/v1/messages": {"post": _paid("The same for Anthropic clients", "MessagesRequest")},
            "/v1/models": {"get": _read("Models, with `confidential` and `allowed`")},
            "/v1/models/{model}": {
                "get": {**_read("One model"), "parameters": [_parameter("model", "path", _TEXT)]}
            },
            "/v1/account": {"get": _read("League standing and budget of this wallet")},
            "/v1/budget": {
                "get": _read("The budget of this run", "Budget"),
                "post": {
                    "summary": "Move the ceiling; what is spent stays spent",
                    "requestBody": {"required": True, "content": _json("NewBudget")},
                    "parameters": [_parameter("X-Halo-Budget-Token", "header", _TEXT)],
                    "responses": {
                        "200": _answer("the budget now", "Budget"),
                        **_errors(400, 401, 403),
                    },
                },
            },
            "/v1/receipts": {
                "get": {
                    **_read("Payments of this wallet, changed after `since`"),
                    "parameters": [_parameter("since", "query", _NUMBER)],
                }
            },
            "/health": {"get": _read("Liveness; spends nothing", "Health", open_to_all=True)},
            "/healthz": {"get": _read("The same", "Health", open_to_all=True)},
            "/ready": {"get": _read("Whether requests are taken", open_to_all=True)},
            "/metrics": {"get": _plain("Counters in the Prometheus text format")},
            "/openapi.json": {"get": _read("This document", open_to_all=True)},
        },
        "components": {
            "schemas": _SCHEMAS,
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
        },
    }


def _paid(summary: str, body: str) -> dict[str, Any]:
    statuses = sorted({kind.status for kind in TABLE.values()} - {404, 405})
    content = {**_json("Object"), "text/event-stream": {"schema": _TEXT}}
    return {
        "summary": summary,
        "security": [{"bearer": []}, {}],
        "parameters": [
            _parameter("Idempotency-Key", "header", _TEXT),
            _parameter("X-Halo-Operator", "header", _TEXT),
            _parameter(
                "X-Halo-Routing",
                "header",
                {"enum": ["balanced", "cheapest", "fastest", "random"]},
            ),
            _parameter("X-Halo-Max-Price", "header", _NUMBER),
            _parameter("X-Halo-Privacy", "header", {"type": "boolean"}),
            _parameter("X-Halo-Confidential", "header", {"type": "boolean"}),
            _parameter("X-Halo-Approve", "header", _TEXT),
        ],
        "requestBody": {"required": True, "content": _json(body)},
        "responses": {
            "200": {"description": "the completion, whole or as events", "content": content},
            **_errors(*statuses),
        },
    }


def _read(summary: str, model: str = "Object", *, open_to_all: bool = False) -> dict[str, Any]:
    responses = {"200": _answer("found", model)}
    if open_to_all:
        return {"summary": summary, "responses": responses}
    return {
        "summary": summary,
        "security": [{"bearer": []}, {}],
        "responses": {**responses, **_errors(401, 502)},
    }


def _plain(summary: str) -> dict[str, Any]:
    text = {"description": "text", "content": {"text/plain": {"schema": _TEXT}}}
    return {"summary": summary, "security": [{"bearer": []}, {}], "responses": {"200": text}}


def _errors(*statuses: int) -> dict[str, Any]:
    found = {}
    for status in statuses:
        codes = [code for code, kind in TABLE.items() if kind.status == status]
        found[str(status)] = _answer(", ".join(codes), "Error")
    return found


def _answer(description: str, model: str) -> dict[str, Any]:
    return {"description": description, "content": _json(model)}


def _json(model: str) -> dict[str, Any]:
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/{model}"}}}


def _parameter(name: str, where: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": where, "required": where == "path", "schema": schema}
