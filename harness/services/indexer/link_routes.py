"""HTTP of pairing: a wallet offers a code, a dashboard's wallet claims it, either ends it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from harness.http.bodies import read_object
from harness.protocol.league import (
    PAIRING_SECONDS,
    link_claim_message,
    link_init_message,
    link_list_message,
    link_unlink_message,
)
from harness.services.indexer import request as wire
from harness.services.indexer.office import Office
from harness.services.indexer.request import Refused
from harness.store.pairing import Claim, CodeTaken

EXPIRES_HEADER, SIGNATURE_HEADER = "x-halo-expires-at", "x-halo-signature"
SLACK_SECONDS = 30  # by how much clocks may differ

Handler = Callable[[Request], Awaitable[Response]]

_REFUSALS = {
    Claim.WRONG: Refused(404, "code_not_found", "no such code is live; ask for a new one"),
    Claim.TOO_MANY: Refused(
        429, "too_many_guesses", "too many wrong codes from here; wait a quarter of an hour"
    ),
    Claim.TAKEN: Refused(
        409, "already_linked", "the operator belongs to another dashboard; unlink it there first"
    ),
}


def build_link_routes(office: Office, guard: Callable[[Handler], Handler]) -> list[Route]:
    """The routes under /link."""

    async def init(request: Request) -> Response:
        body = await read_object(request)
        operator, code = wire.address(body, "operatorAddress"), wire.code(body)
        nonce, expires_at = wire.link_nonce(body), _expiry(office, body.get("expiresAt"))
        # The text carries the nonce as the wallet wrote it.
        message = link_init_message(operator, code, str(body["nonce"]), expires_at)
        signature = wire.signature(body, "operatorSig")
        await office.in_thread(wire.signed_by, message, signature, operator)
        try:
            await office.in_thread(office.pairing.offer, operator, code, nonce, expires_at)
        except CodeTaken:
            raise Refused(409, "code_taken", "the code or nonce is in use; draw others") from None
        return JSONResponse({"status": "ok", "expiresAt": expires_at})

    async def claim(request: Request) -> Response:
        body = await read_object(request)
        dashboard, code = wire.address(body, "dashboardAddress"), wire.code(body)
        signature = wire.signature(body, "dashboardSig")
        message = link_claim_message(dashboard, code)
        await office.in_thread(wire.signed_by, message, signature, dashboard)
        caller = request.client.host if request.client else "unknown"
        outcome, operator = await office.in_thread(office.pairing.claim, dashboard, code, caller)
        if outcome in _REFUSALS:
            raise _REFUSALS[outcome]
        assert operator is not None
        await office.relinked(operator, dashboard)
        return JSONResponse(
            {"operatorAddress": operator.lower(), "dashboardAddress": dashboard.lower()}
        )

    async def listed(request: Request) -> Response:
        """Only the dashboard itself may see what it claims; to others there is nothing here."""
        dashboard = wire.path_address(request.path_params["dashboard"])
        try:
            shown = request.headers.get(EXPIRES_HEADER, "")
            expires_at = _expiry(
                office, int(shown[:12]) if shown.isascii() and shown.isdigit() else None
            )
            signature = wire.signature(dict(request.headers), SIGNATURE_HEADER)
            message = link_list_message(dashboard, expires_at)
            await office.in_thread(wire.signed_by, message, signature, dashboard)
        except Refused:
            raise Refused(
                404, "not_found", "nothing is shown without the wallet's signature; sign the list"
            ) from None
        found = await office.in_thread(office.pairing.operators_of, dashboard)
        return JSONResponse({"operators": [operator.lower() for operator in found]})

    async def unlink(request: Request) -> Response:
        body = await read_object(request)
        operator = wire.address(body, "operatorAddress")
        dashboard = wire.address(body, "dashboardAddress")
        expires_at = _expiry(office, body.get("expiresAt"))
        message = link_unlink_message(operator, dashboard, expires_at)
        signature = wire.signature(body, "signature")
        await office.in_thread(wire.signed_by, message, signature, operator, dashboard)
        if not await office.in_thread(office.pairing.unlink, operator, dashboard):
            raise Refused(404, "not_linked", "these two are not linked")
        await office.relinked(operator, dashboard)
        return JSONResponse({"status": "ok"})

    def counted(step: str, handler: Handler) -> Handler:
        async def handled(request: Request) -> Response:
            try:
                response = await handler(request)
            except Refused as refusal:
                office.metrics.link(step, refusal.status)
                raise
            office.metrics.link(step, response.status_code)
            return response

        return guard(handled)

    return [
        Route("/link/init", counted("init", init), methods=["POST"]),
        Route("/link/claim", counted("claim", claim), methods=["POST"]),
        Route("/link/unlink", counted("unlink", unlink), methods=["POST"]),
        Route("/link/{dashboard}", counted("list", listed)),
    ]


def _expiry(office: Office, value: object) -> int:
    """Seconds since the epoch; not past, and not further away than a code lives."""
    now = office.wall()
    if type(value) is not int or not now < value <= now + PAIRING_SECONDS + SLACK_SECONDS:
        raise Refused(
            400,
            "invalid_expiry",
            f"expiresAt must be within {PAIRING_SECONDS} s from now; sign anew",
        )
    return value
