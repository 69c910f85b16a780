"""HTTP: what consumers ask a relay."""

from __future__ import annotations

import asyncio
import logging
import re
import time
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute

from harness.http.bodies import BadBody, BodyTooLarge, read_object
from harness.http.envelope import error
from harness.protocol.addresses import to_address
from harness.protocol.frames import ReceiptFrame
from harness.services.relay import catalogue, openapi
from harness.services.relay.attestation import Unavailable
from harness.services.relay.departure import Departure
from harness.services.relay.dispatch import Asked, ClientLeft, Unanswered, request_id
from harness.services.relay.hints import BadHeader, Hints, read_hints
from harness.services.relay.office import VERSION, Office, receipt_id
from harness.services.relay.replies import Delivery
from harness.services.relay.versions import LOWEST

MAX_MODEL = 200
MAX_RECEIPT = 16 * 1024
_NUMBER = re.compile(r"\d{1,78}")
_SIGNATURE = re.compile(r"0x[0-9a-fA-F]{130}")
_KINDS = {402: "halo_payment_required", 404: "halo_not_found", 503: "halo_no_operator"}

_log = logging.getLogger(__name__)

Handler = Callable[[Request, Hints], Awaitable[Response]]


def build_routes(office: Office) -> list[BaseRoute]:
    """All routes over one office."""
    described = openapi.document(VERSION)
    settings = office.settings

    async def health(_request: Request) -> Response:
        return JSONResponse(office.health())

    async def ready(_request: Request) -> Response:
        report = office.health()
        return JSONResponse(report, 200 if report["status"] == "ok" else 503)

    async def models(_request: Request) -> Response:
        return JSONResponse(catalogue.models(office.directory.seats()))

    async def operators(request: Request) -> Response:
        tee = request.query_params.get("tee", "").lower() in ("1", "true", "yes")
        model = request.query_params.get("model")
        seats = office.directory.seats()
        return JSONResponse(catalogue.operators(seats, model, tee, settings.node_id))

    async def chat(request: Request, hints: Hints) -> Response:
        if office.draining:
            return _again(503, "relay_restart", "the relay restarts; try again in a moment")
        if not office.enter():
            return _again(503, "overloaded", "the relay has too much to do; try again in a moment")
        passage = _Passage(office, request_id())
        try:
            asked = await _asked(office, request, hints, passage.id)
        except BaseException:
            office.leave()
            raise
        passage.model = asked.model
        departure = Departure(request.receive)
        try:
            reply = await office.dispatcher.route(asked, departure)
        except Unanswered as failure:
            departure.stop()
            passage.over(failure.status, failure.code, failure.operator or "")
            own = passage.headers(hints, failure.operator)
            return _failed(failure, own)
        except ClientLeft:
            departure.stop()
            passage.over(499, "client_disconnected")
            return Response(status_code=499)  # nobody reads it
        except BaseException:
            departure.stop()
            passage.over(500, "failed")
            raise
        own = passage.headers(hints, reply.operator)
        return Delivery(
            reply,
            departure,
            own,
            office.metrics,
            settings.stream_idle_s,
            settings.client_stall_s,
            lambda status, outcome: passage.over(status, outcome, reply.operator),
        )

    async def receipt(request: Request, _hints: Hints) -> Response:
        frame = _receipt(await _body(request, settings.body_timeout_s, MAX_RECEIPT), _hints)
        try:
            ack = await office.receipt(frame)
        except Unanswered as failure:
            return _failed(failure, {"x-halo-node": settings.node_id})
        told = {
            "receiptId": ack.receipt_id,
            "accepted": ack.accepted,
            "provisional": ack.provisional,
        }
        if ack.accepted:
            return JSONResponse(told, 202)
        reason = (ack.reason or "rejected")[:200]
        return error(
            409,
            "receipt_rejected",
            f"the operator rejected the receipt: {reason}",
            "halo_request_error",
            {"reason": reason},
            **told,
        )

    async def report(request: Request) -> Response:
        try:
            found = await office.reports.get(dict(request.query_params))
        except ValueError as bad:
            return error(400, "invalid_request", str(bad), "halo_request_error")
        except Unavailable:
            return error(
                502, "attestation_unavailable", "no enclave provider gave a report; try again",
                "halo_confidential_error",
            )  # fmt: skip
        return Response(found, media_type="application/json")

    async def metrics(_request: Request) -> Response:
        return Response(office.metrics.text(), media_type="text/plain; version=0.0.4")

    async def described_here(_request: Request) -> Response:
        return JSONResponse(described)

    door = office.doorway
    return [
        Route("/health", health),
        Route("/ready", ready),
        Route("/v1/models", models),
        Route("/v1/operators", operators),
        Route("/v1/chat/completions", _guarded(office, chat), methods=["POST"]),
        Route("/v1/receipt", _guarded(office, receipt), methods=["POST"]),
        Route("/v1/attestation/report", report),
        Route("/metrics", metrics),
        Route("/openapi.json", described_here),
        WebSocketRoute("/", door.__call__),
        WebSocketRoute("/v1/operator", door.__call__),
    ]


class _Passage:
    """A request from here to its audit row; it is counted out exactly once."""

    def __init__(self, office: Office, name: str) -> None:
        self.id, self.model = name, ""
        self._office, self._started, self._over = office, time.monotonic(), False

    def over(self, status: int, outcome: str, operator: str = "") -> None:
        if self._over:
            return
        self._over = True
        self._office.leave()
        self._office.metrics.requested(status)
        self._office.note(
            "request",
            self.id,
            operator=operator,
            model=self.model,
            status=status,
            outcome=outcome,
            seconds=time.monotonic() - self._started,
        )

    def headers(self, hints: Hints, operator: str | None) -> dict[str, str]:
        """What the relay says about every answer."""
        told = {
            "x-halo-request-id": self.id,
            "x-halo-node": self._office.settings.node_id,
            "cache-control": "no-store",
        }
        if operator is not None:
            told["x-halo-operator"] = operator
        floor = self._office.archive.floor
        if hints.version is not None and floor > LOWEST and hints.version.near(floor):
            told["x-halo-deprecation-warning"] = (
                f"{hints.version} is the oldest served; upgrade soon"
            )
        return told


def _guarded(office: Office, handler: Handler) -> Callable[[Request], Awaitable[Response]]:
    """Limits before, and every way a request can be wrong after, the work of a handler."""

    async def guarded(request: Request) -> Response:
        caller = request.client.host if request.client else "unknown"
        if not office.admits(caller):
            return refuse(_again(429, "rate_limited", "too many requests; wait a minute", 60))
        kind = "halo_request_error"
        try:
            hints = read_hints(request.scope["headers"])
            floor = office.archive.floor
            if hints.version is not None and hints.version < floor:
                message = f"version {hints.version} is too old; upgrade to {floor} or newer"
                return refuse(error(426, "upgrade_required", message, kind))
            return await handler(request, hints)
        except BadHeader as bad:
            return refuse(error(400, bad.code, str(bad), kind))
        except BadBody as bad:
            return refuse(error(400, "bad_json", str(bad), kind))
        except BodyTooLarge:
            return refuse(error(413, "request_too_large", "the body is too large; send less", kind))
        except ClientDisconnect:
            return refuse(Response(status_code=499))  # nobody reads it
        except TimeoutError:
            return refuse(
                error(408, "body_timeout", "the body came too slowly; send it again", kind)
            )

    def refuse(answer: Response) -> Response:
        office.metrics.requested(answer.status_code)
        answer.headers["x-halo-node"] = office.settings.node_id
        return answer

    return guarded


async def _body(request: Request, seconds: float, most: int) -> dict[str, Any]:
    if "content-encoding" in request.headers:  # a small body can hide a huge one
        raise BadBody("bodies must not be compressed; leave content-encoding out")
    async with asyncio.timeout(seconds):
        return await read_object(request, most)


async def _asked(office: Office, request: Request, hints: Hints, name: str) -> Asked:
    settings = office.settings
    most = min(settings.max_body, settings.max_frame)
    body = await _body(request, settings.body_timeout_s, most)
    model = body.get("model")
    if not isinstance(model, str) or not 0 < len(model) <= MAX_MODEL:
        raise BadBody("model must be the name of a model; see /v1/models")
    stream = body.get("stream")
    if stream is not None and not isinstance(stream, bool):
        raise BadBody("stream must be true or false")
    if "_enc" in body and hints.pin is None:
        raise BadHeader("pin_required", "a sealed body has one reader; name it in X-Halo-Operator")
    return Asked(name, model, bool(stream), body, hints)


def _receipt(body: dict[str, Any], hints: Hints) -> ReceiptFrame:
    """The receipt in a body. Who it is for must be said alike in body and header."""
    try:
        consumer, operator = to_address(body["consumer"]), to_address(body["operator"])
    except (KeyError, TypeError, ValueError, AttributeError):
        raise BadBody("consumer and operator must be addresses") from None
    if hints.pin is not None and hints.pin != operator:
        raise BadHeader("bad_header", "x-halo-operator names another operator than the body")
    cumulative, cycle = str(body.get("cumulative", "")), str(body.get("cycle", "0"))
    if not (_NUMBER.fullmatch(cumulative) and _NUMBER.fullmatch(cycle)):
        raise BadBody("cumulative and cycle must be whole numbers of base units, as text")
    signature = body.get("signature")
    if not isinstance(signature, str) or not _SIGNATURE.fullmatch(signature):
        raise BadBody("signature must be 0x and 130 hex digits")
    return ReceiptFrame(
        receipt_id=receipt_id(),
        consumer=consumer,
        operator=operator,
        cumulative=cumulative,
        signature=signature,
        cycle=cycle,
    )


def _failed(failure: Unanswered, headers: dict[str, str]) -> Response:
    kind = _KINDS.get(failure.status, "halo_upstream_error")
    if failure.status in (400, 413):
        kind = "halo_request_error"
    details = {} if failure.operator is None else {"operator": failure.operator}
    answer = error(failure.status, failure.code, str(failure), kind, details)
    for name, value in headers.items():
        answer.headers[name] = value
    if failure.status == 503:
        answer.headers["retry-after"] = "2"
    return answer


def _again(status: int, code: str, message: str, seconds: int = 1) -> Response:
    answer = error(status, code, message, "halo_relay_error")
    answer.headers["retry-after"] = str(seconds)
    return answer
