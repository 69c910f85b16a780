"""Settings -> a running sidecar."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from starlette.applications import Starlette
from starlette.types import ASGIApp

from harness.chain.interface import Chain
from harness.chain.keys import Signer
from harness.chain.nodes import open_chain
from harness.http.hosts import allowed_hosts
from harness.http.serving import serve as run
from harness.services.consumer.enclaves import Attestor
from harness.services.consumer.gate import Gate
from harness.services.consumer.refusals import Refusal
from harness.services.consumer.routes import (
    build_routes,
    on_failure,
    on_refusal,
    on_unknown_path,
    on_wrong_method,
)
from harness.services.consumer.settings import ConsumerSettings
from harness.services.consumer.sidecar import Sidecar


def build_app(
    settings: ConsumerSettings,
    signer: Signer,
    chain: Chain,
    *,
    attestor: Attestor | None = None,
    **timing: Any,
) -> ASGIApp:
    """The ASGI application; its lifespan opens and ends a run. Raises ConfigError.

    `attestor` checks the enclaves of confidential requests, in place of the one that reads the evidence
    published at `tee_base_url`.
    """
    return application(Sidecar(settings, signer, chain, attestor=attestor, **timing))


def application(sidecar: Sidecar) -> ASGIApp:
    """The same over a sidecar that was made before."""
    settings = sidecar.settings

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        await sidecar.start()
        try:
            yield
        finally:
            await sidecar.stop()

    app = Starlette(
        routes=build_routes(sidecar),
        lifespan=lifespan,
        exception_handlers={
            Refusal: on_refusal,
            404: on_unknown_path,
            405: on_wrong_method,
            Exception: on_failure,
        },
    )
    return Gate(
        app,
        hosts=allowed_hosts(settings.host, settings.hosts),
        origins=settings.origins,
        api_key=settings.api_key,
        budget_headers=sidecar.budget.headers,
    )


def serve(settings: ConsumerSettings, signer: Signer, *, attestor: Attestor | None = None) -> None:
    """Run until SIGTERM or SIGINT. Raises ConfigError, StateLocked, NodeError."""
    settings.check()
    chain = open_chain(settings.rpc, settings.chain_id)
    sidecar = Sidecar(settings, signer, chain)
    sidecar.acquire()  # here, where the holder's name can still be told on the terminal
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    run(application(sidecar), f"{host}:{settings.port}")
