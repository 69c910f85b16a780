"""Which names a service on loopback answers to.

A page in a browser can make its own name point at 127.0.0.1 and then talk to services there as if they
were its own. Such requests carry the page's name in Host, and are answered with 421.
"""

from __future__ import annotations

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

LOOPBACK = ("127.0.0.1", "localhost", "::1")


def allowed_hosts(bound: str, named: tuple[str, ...]) -> tuple[str, ...] | None:
    """The names to answer to: on loopback its own and those named (a proxy's); elsewhere any."""
    if bound not in LOOPBACK:
        return named or None
    return (*LOOPBACK, *named)


class HostCheck:
    """ASGI middleware: 421 for a Host that is none of ours, 403 where it opens a WebSocket."""

    def __init__(self, app: ASGIApp, hosts: tuple[str, ...]) -> None:
        self._app = app
        self._hosts = frozenset(host.lower() for host in hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and self._asked(scope) not in self._hosts:
            await PlainTextResponse("misdirected request", 421)(scope, receive, send)
            return
        if scope["type"] == "websocket" and self._asked(scope) not in self._hosts:
            await send({"type": "websocket.close", "code": 1008})  # before accepting: status 403
            return
        await self._app(scope, receive, send)

    @staticmethod
    def _asked(scope: Scope) -> str:
        found = [value for name, value in scope["headers"] if name == b"host"]
        if len(found) != 1:
            return ""
        host: str = found[0].decode("latin-1").lower()
        if host.startswith("["):
            return host[1:].partition("]")[0]
        return host.partition(":")[0]
