"""Settings -> a running relay."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.types import ASGIApp

from harness.http.hosts import HostCheck, allowed_hosts
from harness.http.serving import host_and_port
from harness.http.serving import serve as run
from harness.services.relay.office import Office
from harness.services.relay.routes import build_routes
from harness.services.relay.settings import RelaySettings
from harness.store.database import Database
from harness.store.files import ProcessLock, private_directory, state_root
from harness.store.relay import SCHEMA, RelayRecords


def build_office(settings: RelaySettings) -> Office:
    """Open the records; ConfigError and StateLocked say what is missing."""
    where: str | Path = settings.db_url or _state(settings) / "relay.db"
    return Office(settings, RelayRecords(Database.open(where, SCHEMA)))


def build_app(settings: RelaySettings, office: Office | None = None) -> ASGIApp:
    """The ASGI application of a relay, HTTP and WebSocket, which it starts and stops.

    Serve it with `server_options`: without them uvicorn compresses frames, takes folded headers and
    counts operators against its limit of connections.
    """
    relay = office or build_office(settings)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        await relay.start()
        try:
            yield
        finally:
            await relay.stop()

    app: ASGIApp = Starlette(routes=build_routes(relay), lifespan=lifespan)
    host, _ = host_and_port(settings.listen)
    hosts = allowed_hosts(host, settings.hosts)
    return app if hosts is None else HostCheck(app, hosts)


def server_options(settings: RelaySettings) -> dict[str, Any]:
    """Arguments of `uvicorn.Config` that a relay needs."""
    from harness.http.strict import StrictHttp

    return {
        "http": StrictHttp,
        "ws": "websockets-sansio",
        "ws_max_size": settings.max_frame,
        "ws_per_message_deflate": False,
        "ws_ping_interval": None,  # operators ping in frames of their own
        "limit_concurrency": None,  # operators would count
        "h11_max_incomplete_event_size": 32 * 1024,
        "timeout_keep_alive": 75,
        "server_header": False,
        "log_config": None,
        "access_log": False,
    }


def serve(settings: RelaySettings) -> None:
    """Run until SIGTERM or SIGINT; requests under way are given 30 seconds to end."""
    office = build_office(settings)
    app = build_app(settings, office)
    run(app, settings.listen, None, office.drain, **server_options(settings))


def _state(settings: RelaySettings) -> Path:
    """The state directory, locked for as long as the process lives."""
    directory = private_directory(settings.state or state_root() / "relay")
    ProcessLock(directory).acquire()
    return directory
