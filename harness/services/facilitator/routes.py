"""HTTP: requests in, the SDK's wire models out. A business failure is 200 with a reason code."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from x402.schemas import (
    PaymentPayload,
    PaymentRequirements,
    SettleResponse,
    VerifyResponse,
)

from harness.chain.errors import ChainError
from harness.http.bodies import BadBody, BodyTooLarge, read_object
from harness.http.envelope import error
from harness.protocol import reasons
from harness.services.facilitator import openapi
from harness.services.facilitator.desk import RateLimited
from harness.services.facilitator.office import Office
from harness.services.facilitator.request import Malformed, Refused, models_of, parse
from harness.services.facilitator.vault_routes import build_vault_routes
from harness.services.facilitator.vault_scheme import SCHEME
from harness.store.database import DatabaseFailure, brief
from harness.store.settlements import IdentifierTaken

VERSION = "0.1.0"

_NUMBER = re.compile(r"[0-9]{1,15}")
_DIGEST = re.compile(r"0x[0-9a-fA-F]{64}")
_log = logging.getLogger(__name__)

Handler = Callable[[Request], Awaitable[Response]]


def build_routes(office: Office) -> list[Route]:
    """All routes over one office."""
    described = openapi.document(VERSION)

    async def health(_request: Request) -> Response:
        report = await office.in_thread(office.health)
        return JSONResponse(report, 200 if report["status"] == "ok" else 503)

    async def supported(_request: Request) -> Response:
        kinds = await office.in_thread(office.desk.facilitator.get_supported)
        return JSONResponse(kinds.model_dump(by_alias=True, exclude_none=True))

    async def verify(request: Request) -> Response:
        body = await read_object(request)
        try:
            by_vault = vault_payment(office, body)
            if by_vault is not None:
                verdict = await office.in_thread(office.desk.facilitator.verify, *by_vault)
            else:
                asked = parse(body, office.terms, settling=False)
                verdict = await office.in_thread(office.desk.verify, asked)
        except Refused as refusal:
            verdict = VerifyResponse(
                is_valid=False,
                invalid_reason=refusal.reason,
                invalid_message=refusal.message,
                payer=refusal.payer,
            )
        office.metrics.verified(verdict.invalid_reason)
        return JSONResponse(verdict.model_dump(by_alias=True, exclude_none=True))

    async def settle(request: Request) -> Response:
        body = await read_object(request)
        started = time.monotonic()
        try:
            by_vault = vault_payment(office, body)
            if by_vault is not None:
                answer = await office.in_thread(office.desk.facilitator.settle, *by_vault)
            else:
                asked = parse(body, office.terms, settling=True)
                answer = await office.settle(asked)
                if answer.success and office.discovery is not None:
                    await office.in_thread(
                        office.discovery.learn, asked.payload, asked.requirements
                    )
        except Refused as refusal:
            answer = SettleResponse(
                success=False,
                error_reason=refusal.reason,
                error_message=refusal.message,
                transaction="",
                network=office.terms.network,
                payer=refusal.payer,
            )
        office.metrics.settled(answer.error_reason)
        office.metrics.settle_seconds.observe(time.monotonic() - started)
        return JSONResponse(answer.model_dump(by_alias=True, exclude_none=True))

    async def settlement(request: Request) -> Response:
        digest = request.path_params["digest"]
        if _DIGEST.fullmatch(digest) is None:
            return error(400, "invalid_request", "a digest is 0x and 64 hex digits")
        row = await office.in_thread(office.desk.ledger.by_digest, bytes.fromhex(digest[2:]))
        if row is None:
            return error(404, "not_found", "no settlement with this digest")
        return JSONResponse(
            {
                "state": row.state.value,
                "transaction": "0x" + row.transaction.hex() if row.transaction else "",
                "blockNumber": row.block_number,
                "errorReason": row.reason,
            }
        )

    async def metrics(_request: Request) -> Response:
        await office.in_thread(office.measure)
        return Response(office.metrics.text(), media_type="text/plain; version=0.0.4")

    async def resources(request: Request) -> Response:
        query = request.query_params
        limit, offset = query.get("limit", "20"), query.get("offset", "0")
        if _NUMBER.fullmatch(limit) is None or not 1 <= int(limit) <= 100:
            return error(400, "invalid_request", "limit must be from 1 to 100")
        if _NUMBER.fullmatch(offset) is None:
            return error(400, "invalid_request", "offset must be a whole number")
        assert office.discovery is not None
        page = office.discovery.page
        return JSONResponse(
            await office.in_thread(page, query.get("type"), int(limit), int(offset))
        )

    async def audited(request: Request) -> Response:
        first = request.query_params.get("from", "1")
        if _NUMBER.fullmatch(first) is None:
            return error(400, "invalid_request", "from is the number of a row")
        rows = await office.in_thread(office.audit.since, int(first))
        shown = [
            {
                "number": row.number,
                "at": row.at,
                "event": row.event,
                "subject": row.subject,
                "detail": row.detail,
                "previous": row.previous,
                "hash": row.hash,
            }
            for row in rows
        ]
        return JSONResponse({"rows": shown, "next": rows[-1].number + 1 if rows else int(first)})

    async def described_here(_request: Request) -> Response:
        return JSONResponse(described)

    return [
        *build_vault_routes(office, lambda handler: _guarded(office, handler)),
        Route("/discovery/resources", _guarded(office, resources)),
        Route("/audit", _guarded(office, audited)),
        Route("/health", health),
        Route("/ready", health),
        Route("/supported", supported),
        Route("/verify", _guarded(office, verify), methods=["POST"]),
        Route("/settle", _guarded(office, settle), methods=["POST"]),
        Route("/settlements/{digest}", settlement),
        Route("/metrics", metrics),
        Route("/openapi.json", described_here),
    ]


def vault_payment(
    office: Office, body: dict[str, Any]
) -> tuple[PaymentPayload, PaymentRequirements] | None:
    """The SDK's models of a payment by the scheme `vault`; None for every other one."""
    payload, required = body.get("paymentPayload"), body.get("paymentRequirements")
    if not isinstance(payload, dict) or not isinstance(required, dict):
        return None
    if required.get("scheme") != SCHEME or office.vault is None:
        return None
    if {body.get("x402Version", 2), payload.get("x402Version")} != {2}:
        raise Refused(reasons.INVALID_VERSION, "only version 2 is served")
    return models_of(payload, required)


def _guarded(office: Office, handler: Handler) -> Handler:
    """Limits before, and every way a request can fail after, the work of a handler."""

    async def guarded(request: Request) -> Response:
        caller = request.client.host if request.client else "unknown"
        if not office.admits(caller):
            return refuse(429, "rate_limited", "too many requests; wait a minute")
        try:
            return await handler(request)
        except BodyTooLarge:
            return refuse(413, "body_too_large", "the body exceeds 64 KiB")
        except (BadBody, Malformed) as bad:
            return refuse(400, reasons.INVALID_PAYLOAD, str(bad), **_both_ways(str(bad)))
        except RateLimited:
            return refuse(429, "rate_limited", "this payer sends too many payments a minute")
        except IdentifierTaken:
            return refuse(
                409, "payment_identifier_conflict", "the identifier names another payment"
            )
        except DatabaseFailure as failure:
            _log.error("nothing can be written", extra={"reason": brief(failure)})
            return refuse(
                503, "storage_unavailable",
                "the facilitator cannot write its records; send the identical request again later",
            )  # fmt: skip
        except ChainError as failure:
            _log.error("node failure", extra={"reason": str(failure)})
            return refuse(502, "node_unavailable", "the chain's node does not answer")

    def refuse(status: int, code: str, message: str, **more: Any) -> Response:
        office.metrics.refused(status)
        return error(status, code, message, **more)

    return guarded


def _both_ways(message: str) -> dict[str, Any]:
    """A body that clients of either endpoint can read, whatever they make of the status."""
    return {
        "isValid": False,
        "invalidReason": reasons.INVALID_PAYLOAD,
        "invalidMessage": message,
        "success": False,
        "errorReason": reasons.INVALID_PAYLOAD,
    }
