"""Paid routes for any ASGI application: 402, verify, run, settle, answer.

app = PaymentMiddleware(app, {"GET /weather": Offer((price,), "today's weather")}, FacilitatorClient(url))

A whole answer is held back until its payment has settled, so nobody gets it for nothing. An answer that
streams (text/event-stream) is settled before its first byte: one signature pays once, and what follows can
only be trusted to come. A handler that fails is not paid, in either case. Where it is not known whether a
payment settled its answer is withheld, and whoever sends the same payment to this process again has it once
it has settled. Source: x402 version 2, HTTP.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from x402.http.constants import (
    PAYMENT_REQUIRED_HEADER,
    PAYMENT_RESPONSE_HEADER,
    PAYMENT_SIGNATURE_HEADER,
)
from x402.schemas import PaymentRequired, PaymentRequirements, ResourceInfo

from harness.clients.errors import ServiceError
from harness.clients.facilitator import FacilitatorClient, Settled
from harness.http.envelope import error
from harness.protocol.json_text import parse_json

MAX_HEADER = 16 * 1024
MAX_HELD = 16 * 1024 * 1024  # bytes of an answer that waits for its settlement
MAX_DOUBTFUL = 10_000  # payments of which it is not known whether they settled
EXPOSED = f"{PAYMENT_REQUIRED_HEADER}, {PAYMENT_RESPONSE_HEADER}"

Json = dict[str, Any]


@dataclass(frozen=True)
class Offer:
    """What a route costs, in each way it may be paid. Amounts in base units of the asset."""

    accepts: tuple[PaymentRequirements, ...]
    description: str = ""
    mime_type: str = "application/json"
    _wire: tuple[Json, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not self.accepts:
            raise ValueError("an offer needs at least one way to pay")
        wire = tuple(a.model_dump(by_alias=True, exclude_none=True) for a in self.accepts)
        object.__setattr__(self, "_wire", wire)

    def chosen(self, accepted: Any) -> Json | None:
        """Ours that the payer accepted: every member we stated must be there as we stated it."""
        if not isinstance(accepted, dict):
            return None
        return next(
            (ours for ours in self._wire if all(accepted.get(k) == v for k, v in ours.items())),
            None,
        )


class _Refused(Exception):
    """Answered instead of the application."""

    def __init__(
        self, status: int, code: str, message: str, receipt: Mapping[str, Any] | None = None
    ) -> None:
        self.status, self.code, self.message, self.receipt = status, code, message, receipt


class PaymentMiddleware:
    """`offers` by "METHOD /path". Every other request passes unpaid."""

    def __init__(
        self, app: ASGIApp, offers: Mapping[str, Offer], facilitator: FacilitatorClient
    ) -> None:
        self._app = app
        self._offers = dict(offers)
        self._facilitator = facilitator
        self._running: set[bytes] = set()
        self._doubtful: dict[bytes, None] = {}  # oldest first

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        offer = None
        if scope["type"] == "http":
            offer = self._offer(scope["method"], scope["path"])
        if offer is None:
            await self._free(scope, receive, send)
            return
        try:
            await self._paid(offer, scope, receive, send)
        except _Refused as refusal:
            await self._refuse(offer, refusal, scope, receive, send)

    def _offer(self, method: str, path: str) -> Offer | None:
        found = self._offers.get(f"{method} {path}")
        if found is None and method == "HEAD":  # whoever routes GET runs the same handler for it
            found = self._offers.get(f"GET {path}")
        return found

    async def _free(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self._app(scope, receive, send)
        finally:
            if (
                scope["type"] == "lifespan"
            ):  # the application ends, and asks the facilitator no more
                await self._facilitator.close()

    async def _paid(self, offer: Offer, scope: Scope, receive: Receive, send: Send) -> None:
        payment, identity = read_payment(Headers(scope=scope))
        required = offer.chosen(payment.get("accepted"))
        if required is None:
            raise _Refused(402, "no_matching_requirements", "the payment is for something else")
        # One payment buys one run: the second of two that come together is refused before any work.
        if identity in self._running:
            raise _Refused(402, "replayed_payment", "this payment is being used by another request")
        self._running.add(identity)
        try:
            before: Settled | None = None
            if identity in self._doubtful:
                # It may have been settled when its answer was withheld, and would not be valid any more.
                before = await self._settle(payment, required, identity)
            else:
                await self._verify(payment, required)

            async def settle() -> Settled:
                settled = before or await self._settle(payment, required, identity)
                self._doubtful.pop(identity, None)
                return settled

            held = _Held(send, settle)
            await self._app(scope, receive, held)
            await held.finish()
        finally:
            self._running.discard(identity)

    async def _verify(self, payment: Json, required: Json) -> None:
        try:
            verdict = await self._facilitator.verify(payment, required)
        except ServiceError as failure:
            raise _Refused(502, "facilitator_unavailable", f"{failure}; try again") from None
        if not verdict.valid:
            raise _Refused(
                402,
                verdict.reason or "invalid_payload",
                verdict.message or "the payment is not valid",
            )

    async def _settle(self, payment: Json, required: Json, identity: bytes) -> Settled:
        try:
            settled = await self._facilitator.settle(payment, required)
            if settled.pending:
                settled = await self._facilitator.settle(payment, required)
        except ServiceError as failure:
            self._doubt(identity)
            raise _Refused(
                502, "facilitator_unavailable", f"{failure}; ask again with this payment"
            ) from None
        if settled.pending:
            self._doubt(identity)
        elif not settled.success:
            self._doubtful.pop(identity, None)
        if not settled.success:
            reason = settled.reason or "unexpected_settle_error"
            raise _Refused(
                402, reason, settled.message or "the payment did not settle", settled.wire
            )
        return settled

    def _doubt(self, identity: bytes) -> None:
        self._doubtful[identity] = None
        if len(self._doubtful) > MAX_DOUBTFUL:
            del self._doubtful[next(iter(self._doubtful))]

    async def _refuse(
        self, offer: Offer, refusal: _Refused, scope: Scope, receive: Receive, send: Send
    ) -> None:
        response = error(refusal.status, refusal.code, refusal.message, "payment_error")
        if refusal.status == 402:
            asked = PaymentRequired(
                error=refusal.code,
                resource=ResourceInfo(
                    url=_url(scope), description=offer.description, mime_type=offer.mime_type
                ),
                accepts=list(offer.accepts),
            )
            text = asked.model_dump_json(by_alias=True, exclude_none=True)
            response.headers[PAYMENT_REQUIRED_HEADER] = base64.b64encode(text.encode()).decode()
            response.headers["cache-control"] = "no-store"
        if refusal.receipt is not None:
            response.headers[PAYMENT_RESPONSE_HEADER] = encoded(refusal.receipt)
        response.headers["access-control-expose-headers"] = EXPOSED
        await response(scope, receive, send)


class _Held:
    """The application's `send`: lets failures through, everything else only when it is paid."""

    def __init__(self, send: Send, settle: Any) -> None:
        self._send = send
        self._settle = settle
        self._start: Message | None = None
        self._body: list[bytes] = []
        self._size = 0
        self._open = False  # from now on everything passes

    async def __call__(self, message: Message) -> None:
        if self._open:
            await self._send(message)
        elif message["type"] == "http.response.start":
            self._start = message
            kind = Headers(raw=message["headers"]).get("content-type", "")
            if message["status"] >= 400:
                self._open = True
                await self._send(message)
            elif kind.startswith("text/event-stream"):
                await self._release()
        elif message["type"] == "http.response.body":
            self._body.append(message.get("body", b""))
            self._size += len(self._body[-1])
            if self._size > MAX_HELD:
                raise _Refused(
                    500, "answer_too_large", "the answer is too large to wait for its payment"
                )
        else:
            await self._send(message)

    async def finish(self) -> None:
        """The application returned: settle what was held, and let it go."""
        if self._open or self._start is None:
            return
        await self._release()
        await self._send({"type": "http.response.body", "body": b"".join(self._body)})

    async def _release(self) -> None:
        assert self._start is not None
        settled: Settled = await self._settle()
        headers = MutableHeaders(raw=list(self._start["headers"]))
        headers[PAYMENT_RESPONSE_HEADER] = encoded(settled.wire)
        headers["access-control-expose-headers"] = EXPOSED
        headers.setdefault("cache-control", "private")
        self._open = True
        await self._send({**self._start, "headers": headers.raw})


def read_payment(headers: Headers) -> tuple[Json, bytes]:
    """The payment of a request and what tells it from others. Raises _Refused."""
    found = headers.getlist(PAYMENT_SIGNATURE_HEADER)
    if not found:
        raise _Refused(
            402, "payment_required", "this route is paid; sign one of the offers and ask again"
        )
    if len(found) > 1 or "x-payment" in headers:
        raise _Refused(400, "ambiguous_payment", "send one payment header")
    text = found[0]
    if len(text) > MAX_HEADER:
        raise _Refused(400, "invalid_payload", "the payment header is too long")
    try:
        raw = base64.b64decode(text, validate=True)
        payment = parse_json(raw)
    except (binascii.Error, ValueError):
        raise _Refused(400, "invalid_payload", "the payment header is not base64 of JSON") from None
    if (
        not isinstance(payment, dict)
        or payment.get("x402Version") != 2
        or not isinstance(payment.get("payload"), dict)
    ):
        raise _Refused(
            400, "invalid_payload", "the payment header is not an x402 version 2 payment"
        )
    signed = json.dumps(payment["payload"], sort_keys=True, separators=(",", ":"))
    return payment, hashlib.sha256(signed.encode()).digest()


def encoded(document: Mapping[str, Any]) -> str:
    """An object as the text of a payment header."""
    return base64.b64encode(json.dumps(document, separators=(",", ":")).encode()).decode()


def _url(scope: Scope) -> str:
    host = Headers(scope=scope).get("host", "localhost")
    return f"{scope.get('scheme', 'http')}://{host}{scope['path']}"
