"""HTTP: what may be asked of a sidecar beside completions."""

from __future__ import annotations

import hmac
import logging
import math
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from harness.clients.errors import ServiceError
from harness.protocol.spending import Rail
from harness.services.consumer import openapi
from harness.services.consumer.answers import ChatDialect
from harness.services.consumer.budget import usd
from harness.services.consumer.completions import Completions, _body
from harness.services.consumer.directory import model_entries
from harness.services.consumer.gate import error_body
from harness.services.consumer.messages import MessagesDialect, read_messages
from harness.services.consumer.refusals import Refusal, unwritten
from harness.services.consumer.relay import CLI_VERSION
from harness.services.consumer.sidecar import Sidecar
from harness.store.consumer import PaidRequest
from harness.store.database import DatabaseFailure

HISTORY_LIMIT = 1_000
MAX_LIMIT_USD = 1_000_000_000

_log = logging.getLogger(__name__)


def build_routes(sidecar: Sidecar) -> list[BaseRoute]:
    """All routes over one sidecar."""
    described = openapi.document(CLI_VERSION)
    settings = sidecar.settings

    async def health(_request: Request) -> Response:
        return JSONResponse(
            {
                "status": "ok",
                "service": "halo-consume",
                "wallet": sidecar.signer.address,
                "network": settings.network,
                "confidential": settings.confidential,
                "rail": settings.rail,
                "version": CLI_VERSION,
            }
        )

    async def ready(_request: Request) -> Response:
        serving = sidecar.ready and not sidecar.stopping
        return JSONResponse({"ready": serving}, 200 if serving else 503)

    async def models(_request: Request) -> Response:
        return JSONResponse(model_entries(await sidecar.relay.models(), settings.allowed_models))

    async def model(request: Request) -> Response:
        listing = model_entries(await sidecar.relay.models(), settings.allowed_models)
        name = request.path_params["model"]
        for entry in listing["data"]:
            if entry.get("id") == name:
                return JSONResponse(entry)
        raise Refusal("no_route", f"No operator announces the model {name[:256]}.")

    async def account(_request: Request) -> Response:
        return JSONResponse(
            {
                "address": sidecar.signer.address,
                "network": settings.network,
                "league": await _league(sidecar),
                "sessionBudget": _budget(sidecar, short=True),
                "dashboardHint": "run `halo link` and enter the code on the dashboard to see this wallet there",
            }
        )

    async def budget(request: Request) -> Response:
        if request.method == "POST":
            _check_budget_token(sidecar, request)
            await sidecar.move_budget(await _limit(request))
        return JSONResponse(_budget(sidecar))

    async def receipts(request: Request) -> Response:
        since = _since(request.query_params.get("since"))
        rows = await sidecar.workers.journal(sidecar.journal.history, since, HISTORY_LIMIT)
        return JSONResponse({"object": "list", "data": [_row(row) for row in rows]})

    async def metrics(_request: Request) -> Response:
        return Response(sidecar.measure(), media_type="text/plain; version=0.0.4")

    async def described_here(_request: Request) -> Response:
        return JSONResponse(described)

    return [
        Route(
            "/v1/chat/completions",
            Completions(sidecar, lambda ask: ChatDialect()),
            methods=["POST"],
        ),
        Route(
            "/v1/messages",
            Completions(sidecar, MessagesDialect, read_messages),
            methods=["POST"],
        ),
        Route("/v1/models", models),
        Route("/v1/models/{model:path}", model),
        Route("/v1/account", account),
        Route("/v1/budget", budget, methods=["GET", "POST"]),
        Route("/v1/receipts", receipts),
        Route("/health", health),
        Route("/healthz", health),
        Route("/ready", ready),
        Route("/metrics", metrics),
        Route("/openapi.json", described_here),
    ]


async def on_refusal(request: Request, refusal: Exception) -> Response:
    """Refusals of the handlers above, in the envelope."""
    assert isinstance(refusal, Refusal)
    body = error_body(refusal, request.url.path)
    return Response(body, refusal.kind.status, refusal.headers, "application/json")


async def on_unknown_path(request: Request, _failure: Exception) -> Response:
    refusal = Refusal("no_route", f"There is nothing at {request.url.path[:200]}.")
    return await on_refusal(request, refusal)


async def on_wrong_method(request: Request, failure: Exception) -> Response:
    refusal = Refusal(
        "method_not_allowed", f"{request.method} is not for {request.url.path[:200]}."
    )
    refusal.headers = dict(getattr(failure, "headers", None) or {})
    return await on_refusal(request, refusal)


async def on_failure(request: Request, failure: Exception) -> Response:
    """Our own mistake, or a disk's: the log has it, the client has no part of it."""
    if isinstance(failure, DatabaseFailure):
        return await on_refusal(request, unwritten())
    _log.error("a handler failed", exc_info=failure)
    return await on_refusal(request, Refusal("internal_error", "The sidecar failed."))


async def _league(sidecar: Sidecar) -> dict[str, Any] | None:
    """None when the indexer does not answer: no standing is not a standing of zero."""
    if sidecar.indexer is None:
        return None
    try:
        points = await sidecar.indexer.points(sidecar.signer.address)
    except ServiceError as failure:
        _log.info("no League standing", extra={"reason": str(failure)})
        return None
    wire = points.to_wire()
    names = (
        "consumePoints",
        "consumeTier",
        "consumeStreakDays",
        "consumeStreakMultiplier",
        "requestsConsumed",
        "tokensConsumed",
        "season",
    )
    return {
        **{name: wire.get(name) for name in names},
        "usdcSpentTotal": usd(points.usdc_spent_base),
    }


def _budget(sidecar: Sidecar, *, short: bool = False) -> dict[str, Any]:
    view = sidecar.budget.view()
    remaining = None if view.remaining is None else float(usd(view.remaining))
    found: dict[str, Any] = {
        "capped": view.capped,
        "limitUsd": float(usd(view.limit)),
        "spentUsd": float(usd(view.spent)),
        "remainingUsd": remaining,
    }
    return found if short else {**found, "reservedUsd": float(usd(view.reserved))}


async def _limit(request: Request) -> int:
    """`{"limitUsd": N}` and nothing else, as base units. Raises Refusal(bad_budget)."""
    try:
        body = await _body(request)
    except Refusal as refusal:
        if refusal.code != "bad_json":
            raise
        raise Refusal("bad_budget", "The body is no JSON object.") from None
    limit = body.get("limitUsd")
    if not isinstance(limit, (int, float)) or isinstance(limit, bool) or len(body) != 1:
        raise Refusal("bad_budget", "The body is not exactly one number limitUsd.")
    if not 0 <= limit <= MAX_LIMIT_USD:  # false for NaN, too
        raise Refusal("bad_budget", "limitUsd is out of range.")
    base = round(limit * 1_000_000)
    if limit > 0 and base == 0:
        raise Refusal("bad_budget", "limitUsd is less than one base unit (0 would mean no cap).")
    return base


def _check_budget_token(sidecar: Sidecar, request: Request) -> None:
    """Where a person must agree, the bearer alone does not raise the ceiling."""
    token = sidecar.settings.budget_token
    if token is None:
        return
    given = request.headers.get("x-halo-budget-token", "")
    if not hmac.compare_digest(given.encode(), token.encode()):
        raise Refusal("budget_token_required", "This sidecar's budget needs a second token.")


def _since(text: str | None) -> float:
    if text is None:
        return 0.0
    try:
        since = float(text)
    except ValueError:
        since = math.nan
    if not math.isfinite(since):
        raise Refusal("bad_request", "since is not a number of seconds.", field="since")
    return since


def _row(row: PaidRequest) -> dict[str, Any]:
    return {
        "id": row.id,
        "rail": row.rail.value,
        "state": row.state.value,
        "model": row.model,
        "operator": row.operator,
        "heldBase": str(row.hold),
        "chargedBase": str(row.charged),
        "tokens": row.tokens,
        "paymentDigest": _hex(row.digest) if row.rail is Rail.EXACT else None,
        "transaction": _hex(row.transaction),
        "cycle": row.cycle,
        "reason": row.reason,
        "createdAt": row.created_at,
        "updatedAt": row.updated_at,
    }


def _hex(value: bytes | None) -> str | None:
    return None if value is None else "0x" + value.hex()
