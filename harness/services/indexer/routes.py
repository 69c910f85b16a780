"""HTTP of the League: heartbeats in, standings out; events and pairing have files of their own."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from harness.chain.errors import ChainError
from harness.http.bodies import BadBody, BodyTooLarge, read_object
from harness.http.envelope import error
from harness.protocol.league import heartbeat_message
from harness.services.indexer import openapi
from harness.services.indexer import request as wire
from harness.services.indexer.event_routes import build_event_routes
from harness.services.indexer.link_routes import build_link_routes
from harness.services.indexer.office import GAP_MS, NotStarted, Office
from harness.services.indexer.points import season_bounds
from harness.services.indexer.request import Refused
from harness.services.indexer.scoring import Standing
from harness.store.database import DatabaseFailure, brief
from harness.store.league import NonceSeen

VERSION = "0.1.0"
SKEW_MS = 120_000
BOARD_DEFAULT, BOARD_MOST = 50, 200
SETTLED_SHOWN = 50

_log = logging.getLogger(__name__)

Handler = Callable[[Request], Awaitable[Response]]


def build_routes(office: Office) -> list[Route]:
    """All routes over one office."""
    described = openapi.document(VERSION)

    async def heartbeat(request: Request) -> Response:
        beat = wire.heartbeat(await read_object(request))
        if abs(office.wall() * 1_000 - beat.ts) > SKEW_MS:
            raise Refused(400, "clock_skew", "ts is more than 120 s off; set the clock")
        message = heartbeat_message(beat.address, beat.ts, beat.nonce)
        await office.in_thread(wire.signed_by, message, beat.signature, beat.address)
        try:
            await office.in_thread(
                office.league.beat,
                beat.address,
                beat.nonce,
                beat.ts,
                GAP_MS,
                beat.label,
                beat.models,
            )
        except NonceSeen:
            raise Refused(409, "nonce_seen", "this heartbeat came before; draw a nonce") from None
        office.metrics.beat(204)
        return Response(status_code=204)

    async def points(request: Request) -> Response:
        address = wire.path_address(request.path_params["address"])
        season, serve, consume = await office.in_thread(office.standings, address)
        return JSONResponse(_points(season, serve, consume))

    async def leaderboard(request: Request) -> Response:
        query = request.query_params
        side = query.get("side", "serve")
        if side not in ("serve", "consume"):
            raise wire.invalid("side must be serve or consume")
        shown = query.get("limit", str(BOARD_DEFAULT))
        if not (shown.isascii() and shown.isdigit() and 1 <= int(shown[:9]) <= BOARD_MOST):
            raise wire.invalid(f"limit must be from 1 to {BOARD_MOST}")
        season = query.get("season") or office.season()
        try:
            season_bounds(season)
        except ValueError as bad:
            raise wire.invalid(str(bad)) from None
        return JSONResponse(await office.in_thread(_board, office, side, season, int(shown)))

    async def operator(request: Request) -> Response:
        address = wire.path_address(request.path_params["address"])
        found = await office.in_thread(_operator, office, address)
        if found is None:
            return error(404, "not_found", "no operator of this address was ever seen")
        return JSONResponse(found)

    async def health(_request: Request) -> Response:
        report = await office.in_thread(office.health)
        return JSONResponse(report, 200 if report["status"] == "ok" else 503)

    async def metrics(_request: Request) -> Response:
        await office.in_thread(office.measure)
        return Response(office.metrics.text(), media_type="text/plain; version=0.0.4")

    async def described_here(_request: Request) -> Response:
        return JSONResponse(described)

    def guarded(handler: Handler) -> Handler:
        return _guarded(office, handler)

    return [
        *build_event_routes(office, guarded),
        Route("/heartbeat", guarded(heartbeat), methods=["POST"]),
        Route("/points/{address}", guarded(points)),
        Route("/leaderboard", guarded(leaderboard)),
        Route("/operators/{address}", guarded(operator)),
        *build_link_routes(office, guarded),
        Route("/health", health),
        Route("/ready", health),
        Route("/metrics", metrics),
        Route("/openapi.json", described_here),
    ]


def _points(season: str, serve: Standing, consume: Standing) -> dict[str, Any]:
    return {
        "servePoints": serve.milli_points / 1_000,
        "serveTier": serve.tier,
        "requestsServed": serve.requests,
        "tokensServed": serve.tokens,
        "uptimeSeconds": serve.uptime_seconds,
        "usdcEarnedBase": str(serve.base),
        "consumePoints": consume.milli_points / 1_000,
        "consumeTier": consume.tier,
        "consumeStreakDays": consume.streak_days,
        "consumeStreakMultiplier": consume.streak_percent / 100,
        "requestsConsumed": consume.requests,
        "tokensConsumed": consume.tokens,
        "usdcSpentBase": str(consume.base),
        "season": season,
    }


def _board(office: Office, side: str, season: str, limit: int) -> dict[str, Any]:
    rows = office.facts.board(side, season, limit)
    rules = office.scorer.rules(season)
    labels = office.league.labels([row.address for row in rows])
    ranked = [
        {
            "rank": rank,
            "address": row.address.lower(),
            "label": labels.get(row.address),
            "points": row.milli_points / 1_000,
            "tier": rules.tier(row.milli_points),
            "requests": row.requests,
            "tokens": row.tokens,
            "usdcBase": str(row.base),
        }
        for rank, row in enumerate(rows, 1)
    ]
    return {"side": side, "season": season, "rows": ranked}


def _operator(office: Office, address: str) -> dict[str, Any] | None:
    known = office.league.operator(address)
    settled = office.facts.settled(address, SETTLED_SHOWN)
    if known is None and not settled:
        return None
    _, serve, _ = office.standings(address)
    last_ms = known.last_ms if known is not None else None
    return {
        "address": address.lower(),
        "label": known.label if known is not None else None,
        "models": list(known.models) if known is not None else [],
        "lastHeartbeat": last_ms,
        "online": last_ms is not None and office.wall() * 1_000 - last_ms <= GAP_MS,
        "uptimeSeconds": serve.uptime_seconds,
        "events": [
            {
                "id": row.id,
                "mode": row.mode,
                "consumer": row.consumer.lower(),
                "model": row.model,
                "tokens": row.tokens,
                "amountUsdc": str(row.amount),
                "timestamp": row.at_ms,
                "txHash": row.tx,
                "flag": row.flag,
            }
            for row in settled
        ],
    }


def _guarded(office: Office, handler: Handler) -> Handler:
    """Limits before, and every way a request can fail after, the work of a handler."""

    async def guarded(request: Request) -> Response:
        caller = request.client.host if request.client else "unknown"
        if not office.admits(caller):
            return refuse(429, "rate_limited", "too many requests; wait a minute")
        try:
            return await handler(request)
        except Refused as refusal:
            return refuse(refusal.status, refusal.code, refusal.message)
        except BodyTooLarge:
            return refuse(413, "body_too_large", "the body exceeds 64 KiB; send less")
        except BadBody as bad:
            return refuse(400, "invalid_request", str(bad), errorCode="invalid_event_schema")
        except NotStarted:
            return refuse(503, "starting", "the chain was not read yet; ask again in a moment")
        except DatabaseFailure as failure:
            _log.error("nothing can be written", extra={"reason": brief(failure)})
            return refuse(
                503, "storage_unavailable",
                "the indexer cannot write its records; send the same again later",
            )  # fmt: skip
        except ChainError as failure:
            _log.error("node failure", extra={"reason": str(failure)})
            return refuse(502, "node_unavailable", "the chain's node does not answer; ask again")

    def refuse(status: int, code: str, message: str, **more: Any) -> Response:
        office.metrics.refused(status)
        return error(status, code, message, **more)

    return guarded
