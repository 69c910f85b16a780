"""The OpenAPI 3.1 document of the relay's HTTP side; the frames' models are those of the protocol."""

from __future__ import annotations

from typing import Any

from pydantic.json_schema import models_json_schema

from harness.protocol.frames import Announcement
from harness.services.relay.hints import FORWARDED, ROUTINGS

_REF = "#/components/schemas/{model}"
_TEXT: dict[str, Any] = {"type": "string"}
_FLAG: dict[str, Any] = {"type": "boolean"}
_NUMBER: dict[str, Any] = {"type": "integer"}
_ADDRESS: dict[str, Any] = {"type": "string", "pattern": "^0x[0-9a-fA-F]{40}$"}
_BASE_UNITS: dict[str, Any] = {"type": "string", "pattern": "^[0-9]{1,78}$"}


def _object(required: tuple[str, ...], **properties: Any) -> dict[str, Any]:
    return {"type": "object", "required": list(required), "properties": properties}


_SCHEMAS: dict[str, Any] = {
    "Error": _object(
        ("error",),
        error=_object(("message", "type", "code"), message=_TEXT, type=_TEXT, code=_TEXT),
    ),
    "Health": _object(
        ("status", "operators", "inflight", "node", "version"),
        status={"enum": ["ok", "draining"]},
        operators=_NUMBER,
        inflight=_NUMBER,
        node=_TEXT,
        version=_TEXT,
        bus={"enum": ["connected", "disconnected"]},
    ),
    "Model": _object(
        ("id", "object", "operators", "confidential"),
        id=_TEXT,
        object={"const": "model"},
        created=_NUMBER,
        owned_by=_TEXT,
        operators=_NUMBER,
        price_usd_per_mtok={"type": ["number", "null"]},
        context_length={"type": ["integer", "null"]},
        confidential=_FLAG,
        streaming=_FLAG,
        vault=_FLAG,
        privacy=_FLAG,
    ),
    "Models": _object(
        ("object", "data"),
        object={"const": "list"},
        data={"type": "array", "items": {"$ref": _REF.format(model="Model")}},
    ),
    "Operators": _object(
        ("object", "operators"),
        object={"const": "list"},
        operators={"type": "array", "items": {"$ref": _REF.format(model="Announcement")}},
    ),
    "ChatRequest": _object(
        ("model",),
        model={"type": "string", "minLength": 1, "maxLength": 200},
        stream=_FLAG,
        max_tokens=_NUMBER,
        max_completion_tokens=_NUMBER,
        _enc={"type": "object", "description": "the sealed request; then no other field is text"},
    ),
    "Receipt": _object(
        ("consumer", "operator", "cumulative", "signature"),
        consumer=_ADDRESS,
        operator=_ADDRESS,
        cumulative=_BASE_UNITS,
        cycle=_BASE_UNITS,
        signature={"type": "string", "pattern": "^0x[0-9a-fA-F]{130}$"},
    ),
    "ReceiptAnswer": _object(
        ("receiptId", "accepted", "provisional"),
        receiptId=_TEXT,
        accepted=_FLAG,
        provisional=_FLAG,
    ),
    "Any": {"type": "object"},
}


def document(version: str) -> dict[str, Any]:
    """The whole document."""
    _, definitions = models_json_schema([(Announcement, "serialization")], ref_template=_REF)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Facetworks relay",
            "version": version,
            "description": "Takes requests to operators of inference and their answers back. "
            "Operators connect by WebSocket at / or /v1/operator.",
        },
        "paths": _paths(),
        "components": {"schemas": _SCHEMAS | definitions["$defs"]},
    }


def _paths() -> dict[str, Any]:
    chat = _operation(
        "Route one request to one operator",
        {
            "200": {
                "description": "the operator's answer",
                "content": _json("Any") | {"text/event-stream": {"schema": _TEXT}},
            },
            **_errors(
                {
                    "400": "not a request, or a header that is refused",
                    "402": "the operator asks to be paid: PAYMENT-REQUIRED",
                    "404": "no operator serves the model",
                    "408": "the body came too slowly",
                    "413": "too large",
                    "426": "the client is too old",
                    "429": "too many requests from this address",
                    "502": "the operator or its provider failed",
                    "503": "no operator can take it, or the pinned one cannot",
                    "504": "the operator did not answer, or disconnected",
                }
            ),
        },
        body="ChatRequest",
    )
    chat["parameters"] = [_header(name) for name in sorted(FORWARDED)] + [
        _header("x-halo-routing", {"enum": list(ROUTINGS)}),
        _header("x-halo-max-price"),
        _header("x-halo-confidential"),
    ]
    receipt = _operation(
        "Deliver a cumulative receipt to its operator",
        {
            "202": _answer("delivered, and on the operator's disk", "ReceiptAnswer"),
            **_errors(
                {
                    "400": "not a receipt",
                    "404": "the operator is not connected",
                    "409": "the operator rejected it",
                    "426": "the client is too old",
                    "429": "too many requests from this address",
                    "504": "not acknowledged in time",
                }
            ),
        },
        body="Receipt",
    )
    operators = _get("Who is connected and sells what", "Operators")
    operators["get"]["parameters"] = [_query("model"), _query("tee", {"enum": ["0", "1"]})]
    report = _get(
        "An enclave's attestation report, as its provider gives it",
        "Any",
        {"400": "a parameter is wrong", "502": "no provider gave a report"},
    )
    report["get"]["parameters"] = [
        _query(name) for name in ("model", "signing_algo", "signing_address", "nonce")
    ]
    return {
        "/health": _get("Liveness", "Health"),
        "/ready": {
            "get": _operation(
                "Whether traffic may be sent here",
                {"200": _answer("ready", "Health"), "503": _answer("draining", "Health")},
            )
        },
        "/v1/chat/completions": {"post": chat},
        "/v1/receipt": {"post": receipt},
        "/v1/models": _get("What is sold", "Models"),
        "/v1/operators": operators,
        "/v1/attestation/report": report,
        "/metrics": {
            "get": {
                "summary": "Counters in the Prometheus text format",
                "responses": {
                    "200": {"description": "metrics", "content": {"text/plain": {"schema": _TEXT}}}
                },
            }
        },
        "/openapi.json": _get("This document", "Any"),
    }


def _get(summary: str, model: str, errors: dict[str, str] | None = None) -> dict[str, Any]:
    answers = {"200": _answer(summary.lower(), model), **_errors(errors or {})}
    return {"get": _operation(summary, answers)}


def _operation(summary: str, responses: dict[str, Any], body: str | None = None) -> dict[str, Any]:
    operation: dict[str, Any] = {"summary": summary, "responses": responses}
    if body is not None:
        operation["requestBody"] = {"required": True, "content": _json(body)}
    return operation


def _errors(told: dict[str, str]) -> dict[str, Any]:
    return {status: _answer(text, "Error") for status, text in told.items()}


def _answer(description: str, model: str) -> dict[str, Any]:
    return {"description": description, "content": _json(model)}


def _json(model: str) -> dict[str, Any]:
    return {"application/json": {"schema": {"$ref": _REF.format(model=model)}}}


def _header(name: str, schema: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"name": name, "in": "header", "schema": schema or _TEXT}


def _query(name: str, schema: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"name": name, "in": "query", "schema": schema or _TEXT}
