"""HTTP for the vault: `/vault/*`. What the chain would refuse is 400 with the contract's error name."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from harness.chain.errors import ChainError
from harness.http.bodies import BadBody, BodyTooLarge, read_object
from harness.http.envelope import error
from harness.services.facilitator import vault_request as wire
from harness.services.facilitator.office import Office
from harness.services.facilitator.request import Malformed
from harness.services.facilitator.vault import VaultRefused
from harness.services.facilitator.vault_office import VaultOffice
from harness.services.facilitator.versions import version_of

CLIENT_VERSION_HEADER = "x-halo-client-version"

Guard = Callable[
    [Callable[[Request], Awaitable[Response]]], Callable[[Request], Awaitable[Response]]
]


def build_vault_routes(office: Office, guard: Guard) -> list[Route]:
    """The routes over an office's vault; 404 while it has none.

    The floor of client versions does not bind redeeming: work done under a signed receipt is always
    paid.
    """

    async def info(_request: Request) -> Response:
        try:
            vault = _vault(office)
            return JSONResponse(await vault.in_thread(vault.desk.info))
        except ChainError:
            return error(503, "node_unavailable", "the chain's node does not answer; ask again")

    async def state(request: Request) -> Response:
        consumer = wire.consumer_of(await read_object(request))
        vault = _vault(office)
        return JSONResponse(await vault.in_thread(vault.desk.state, consumer))

    async def ops(request: Request) -> Response:
        pair = wire.pair_of(await read_object(request))
        vault = _vault(office)
        return JSONResponse(await vault.in_thread(vault.desk.ops, *pair))

    async def reserve(request: Request) -> Response:
        vault = _vault(office)
        found, oldest = version_of(request.headers.get(CLIENT_VERSION_HEADER, "")), office.floor
        if oldest is not None and (found is None or found < oldest):
            wanted = ".".join(map(str, oldest))
            return error(
                426, "client_too_old", f"reservations need a client of {wanted} or newer; update it"
            )
        asked = wire.reserve_of(await read_object(request))
        wait = request.query_params.get("wait") == "1"
        return JSONResponse(await vault.in_thread(vault.desk.reserve, asked, wait))

    async def release(request: Request) -> Response:
        pair = wire.pair_of(await read_object(request))
        vault = _vault(office)
        return JSONResponse(await vault.in_thread(vault.desk.release, *pair))

    async def redeem(request: Request) -> Response:
        answer, status = await _redeem(_vault(office), request)
        office.metrics.redeemed(answer["status"])
        return JSONResponse(answer, status)

    async def _redeem(vault: VaultOffice, request: Request) -> tuple[dict[str, Any], int]:
        try:
            asked = wire.redeem_of(await read_object(request))
        except BodyTooLarge:
            return _rejected("invalid-request", "the body exceeds 64 KiB"), 413
        except (BadBody, Malformed) as bad:
            return _rejected("invalid-request", str(bad)), 400
        try:
            return await vault.redeem(asked), 200
        except (ChainError, VaultRefused) as failure:
            return _rejected("unavailable", str(failure)[:300]), 503

    def counted(name: str, handler: Callable[[Request], Awaitable[Response]]) -> Any:
        async def handled(request: Request) -> Response:
            try:
                response = await handler(request)
            except VaultRefused as refusal:
                response = error(refusal.status, refusal.code, refusal.message)
            office.metrics.vault(
                name, "ok" if response.status_code < 400 else str(response.status_code)
            )
            return response

        return guard(handled)

    return [
        Route("/vault/info", counted("info", info)),
        Route("/vault/state", counted("state", state), methods=["POST"]),
        Route("/vault/ops", counted("ops", ops), methods=["POST"]),
        Route("/vault/reserve", counted("reserve", reserve), methods=["POST"]),
        Route("/vault/release", counted("release", release), methods=["POST"]),
        Route("/vault/redeem", counted("redeem", redeem), methods=["POST"]),
    ]


def _vault(office: Office) -> VaultOffice:
    if office.vault is None:
        raise VaultRefused(404, "no_vault", "this facilitator serves no vault; ask another one")
    return office.vault


def _rejected(reason: str, why: str) -> dict[str, Any]:
    return {"status": "rejected", "reason": reason, "error": why}
