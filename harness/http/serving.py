"""An ASGI application as a process: bound, drained when asked to stop."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

from starlette.types import ASGIApp

from harness.errors import ConfigError

DRAIN_SECONDS = 30


def host_and_port(listen: str) -> tuple[str, int]:
    """`127.0.0.1:8788` or `[::1]:8788` in two; ConfigError for anything else."""
    host, _, port = listen.rpartition(":")
    host = host.strip("[]")
    if not host or not port.isdigit() or not 0 <= int(port) < 65_536:
        raise ConfigError(f"listen must be HOST:PORT, got {listen!r}")
    return host, int(port)


def serve(app: ASGIApp, listen: str, concurrency: int = 512) -> None:
    """Run until SIGTERM or SIGINT; requests under way are given half a minute to end."""
    import uvicorn

    # uvicorn drains and then raises the signal again; being asked to stop is no failure.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    host, port = host_and_port(listen)
    uvicorn.run(
        app,
        host=host,
        port=port,
        log_config=None,
        access_log=False,
        server_header=False,
        h11_max_incomplete_event_size=32 * 1024,
        ws_per_message_deflate=False,
        limit_concurrency=concurrency,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=DRAIN_SECONDS,
    )


class _Embedded:
    """Mixed into uvicorn's server: signals are for the process that embeds it."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@asynccontextmanager
async def running(app: ASGIApp, listen: str, drain_seconds: float = 5) -> AsyncIterator[str]:
    """Serve inside this event loop for as long as the block lasts; gives the URL.

    Port 0 takes a free one. ConfigError when the port is taken.
    """
    import uvicorn

    host, port = host_and_port(listen)
    bound = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host, port))
    except OSError as reason:
        bound.close()
        raise ConfigError(f"cannot listen on {listen}: {reason.strerror}") from None
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        lifespan="on",
        h11_max_incomplete_event_size=32 * 1024,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=int(drain_seconds),
        ws_max_size=2 * 1024 * 1024,
        ws_per_message_deflate=False,
    )
    server = type("Server", (_Embedded, uvicorn.Server), {})(config)
    task = asyncio.create_task(server.serve(sockets=[bound]))
    try:
        while not server.started:
            if task.done():
                task.result()
                raise ConfigError(f"the service at {listen} did not start; its log says why")
            await asyncio.sleep(0.005)
        shown = f"[{host}]" if ":" in host else host
        yield f"http://{shown}:{bound.getsockname()[1]}"
    finally:
        server.should_exit = True
        await task
        bound.close()
