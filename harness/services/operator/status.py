"""What an operator tells those who watch it, over HTTP on loopback and only when asked to listen.

An operator needs no open port; this one is for supervisors and for Prometheus.
"""

from __future__ import annotations

from typing import Protocol

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from harness.http.hosts import HostCheck
from harness.services.operator.metrics import Metrics

_DESCRIBED = {
    "/health": "Liveness, and what the operator depends on",
    "/ready": "Whether the relay lists the operator: 200, else 503",
    "/metrics": "Prometheus' exposition format",
    "/openapi.json": "This document",
}


class Watched(Protocol):
    """The operator, as far as watching goes."""

    metrics: Metrics

    def health(self) -> dict[str, object]: ...

    def measure(self) -> None: ...


def build_status(operator: Watched, hosts: tuple[str, ...] | None = None) -> ASGIApp:
    """/health, /ready, /metrics and /openapi.json. `hosts` are the names it may be asked by."""

    async def health(_request: Request) -> Response:
        return JSONResponse(operator.health())

    async def ready(_request: Request) -> Response:
        report = operator.health()
        return JSONResponse(report, 200 if report["status"] == "ok" else 503)

    async def metrics(_request: Request) -> Response:
        operator.measure()
        return Response(operator.metrics.text(), media_type="text/plain; version=0.0.4")

    async def described(_request: Request) -> Response:
        paths = {
            path: {"get": {"summary": words, "responses": {"200": {"description": words}}}}
            for path, words in _DESCRIBED.items()
        }
        info = {"title": "Halo operator", "version": "0.1.0"}
        return JSONResponse({"openapi": "3.1.0", "info": info, "paths": paths})

    routes = [
        Route("/health", health),
        Route("/ready", ready),
        Route("/metrics", metrics),
        Route("/openapi.json", described),
    ]
    app: ASGIApp = Starlette(routes=routes)
    return app if hosts is None else HostCheck(app, hosts)
