"""A server inside somebody else's event loop: for the devnet, and wherever one process holds several."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

from starlette.types import ASGIApp

from harness.errors import ConfigError
from harness.http.serving import host_and_port


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
