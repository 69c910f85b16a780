"""An ASGI application as a process: bound, drained when asked to stop."""

from __future__ import annotations

import contextlib
import signal
import sys
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.types import ASGIApp

from harness.errors import ConfigError

DRAIN_SECONDS = 30
STARTUP_FAILURE = 3


def host_and_port(listen: str) -> tuple[str, int]:
    """`127.0.0.1:8788` or `[::1]:8788` in two; ConfigError for anything else."""
    host, _, port = listen.rpartition(":")
    host = host.strip("[]")
    if not host or not port.isdigit() or not 0 <= int(port) < 65_536:
        raise ConfigError(f"listen must be HOST:PORT, got {listen!r}")
    return host, int(port)


def serve(
    app: ASGIApp,
    listen: str,
    concurrency: int | None = 512,
    drain: Callable[[], Awaitable[None]] | None = None,
    **options: Any,
) -> None:
    """Run until SIGTERM or SIGINT; requests under way are given half a minute to end.

    `drain` is awaited before connections are closed; `options` are uvicorn's. A second signal ends
    the process at once.
    """
    import uvicorn

    from harness.http.draining import DrainingServer
    from harness.http.strict import StrictHttp

    # uvicorn drains and then raises the signal again; being asked to stop is no failure.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    host, port = host_and_port(listen)
    settings: dict[str, Any] = {
        "http": StrictHttp,
        "log_config": None,
        "access_log": False,
        "server_header": False,
        "h11_max_incomplete_event_size": 32 * 1024,
        "limit_concurrency": concurrency,
        "timeout_keep_alive": 75,
        "timeout_graceful_shutdown": DRAIN_SECONDS,
    }
    server = DrainingServer(uvicorn.Config(app, host=host, port=port, **settings | options), drain)
    with contextlib.suppress(KeyboardInterrupt):
        server.run()
    if not server.started:
        sys.exit(STARTUP_FAILURE)
