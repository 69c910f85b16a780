"""An ASGI application as a process: bound, drained when asked to stop."""

from __future__ import annotations

import contextlib
import errno
import signal
import socket
import sys
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.types import ASGIApp

from harness.errors import ConfigError

DRAIN_SECONDS = 30
STARTUP_FAILURE = 3
_ADVICE = {
    errno.EADDRINUSE: "; stop what listens there, or take another port",
    errno.EACCES: "; ports below 1024 are for the system: take another",
    errno.EADDRNOTAVAIL: "; it is no address of this machine",
}


def host_and_port(listen: str) -> tuple[str, int]:
    """`127.0.0.1:8788` or `[::1]:8788` in two; ConfigError for anything else."""
    host, _, port = listen.rpartition(":")
    host = host.strip("[]")
    if not host or not port.isdigit() or not 0 <= int(port) < 65_536:
        raise ConfigError(f"listen must be HOST:PORT, got {listen!r}")
    return host, int(port)


def bind(host: str, port: int) -> list[socket.socket]:
    """A socket for each address of a host; ConfigError, with what to do, when there can be none."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except OSError as reason:
        raise ConfigError(f"cannot listen on {host}:{port}: {reason.strerror}") from None
    bound: list[socket.socket] = []
    for family, kind, protocol, _, address in dict.fromkeys(found):
        one = socket.socket(family, kind, protocol)
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        try:
            one.bind(address)
        except OSError as reason:
            for each in (one, *bound):
                each.close()
            advice = _ADVICE.get(reason.errno or 0, "")
            raise ConfigError(
                f"cannot listen on {host}:{port}: {reason.strerror}{advice}"
            ) from None
        bound.append(one)
    return bound


def serve(
    app: ASGIApp,
    listen: str,
    concurrency: int | None = 512,
    drain: Callable[[], Awaitable[None]] | None = None,
    **options: Any,
) -> None:
    """Run until SIGTERM or SIGINT; requests under way are given half a minute to end.

    `drain` is awaited before connections are closed; `options` are uvicorn's. A second signal ends
    the process at once. ConfigError when the address cannot be listened on.
    """
    import uvicorn

    from harness.http.draining import DrainingServer
    from harness.http.strict import StrictHttp

    # uvicorn drains and then raises the signal again; being asked to stop is no failure.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    host, port = host_and_port(listen)
    bound = bind(host, port)
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
        server.run(sockets=bound)
    if not server.started:
        sys.exit(STARTUP_FAILURE)
