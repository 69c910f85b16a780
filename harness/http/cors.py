"""Which web pages may read a service's answers: those of named domains, and those served on this machine.

An origin is parsed and compared whole, name by name: `https://evil-example.org` and
`http://localhost.example.org` are neither `example.org` nor `localhost`.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.datastructures import MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_LOCAL = ("localhost", "127.0.0.1")
MAX_AGE = 600


def allowed_origin(origin: str, domains: tuple[str, ...]) -> bool:
    """`https` on a domain or below it; `http` on this machine, any port."""
    try:
        parts = urlsplit(origin)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return False
    if host is None or origin != f"{parts.scheme}://{parts.netloc}" or "@" in parts.netloc:
        return False
    if parts.scheme == "http":
        return host in _LOCAL
    if parts.scheme != "https":
        return False
    return any(host == domain or host.endswith("." + domain) for domain in domains)


class Cors:
    """ASGI middleware: headers for allowed origins and answers to their preflights; others get neither."""

    def __init__(
        self, app: ASGIApp, domains: tuple[str, ...], headers: tuple[str, ...] = ()
    ) -> None:
        self._app = app
        self._domains = tuple(domain.lower().lstrip(".") for domain in domains)
        self._headers = ", ".join(("content-type", *headers))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        origin = self._origin(scope)
        if scope["method"] == "OPTIONS" and _header(scope, b"access-control-request-method"):
            headers = {} if origin is None else self._granted(origin)
            await Response(status_code=204 if origin else 403, headers=headers)(
                scope, receive, send
            )
            return

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                answer = MutableHeaders(scope=message)
                answer.add_vary_header("Origin")
                if origin is not None:
                    answer["Access-Control-Allow-Origin"] = origin
            await send(message)

        await self._app(scope, receive, sending)

    def _origin(self, scope: Scope) -> str | None:
        origin = _header(scope, b"origin")
        return origin if origin and allowed_origin(origin, self._domains) else None

    def _granted(self, origin: str) -> dict[str, str]:
        return {
            "Access-Control-Allow-Origin": origin,
            "Access-Control-Allow-Methods": "GET, POST",
            "Access-Control-Allow-Headers": self._headers,
            "Access-Control-Max-Age": str(MAX_AGE),
            "Vary": "Origin",
        }


def _header(scope: Scope, name: bytes) -> str | None:
    found = [value for key, value in scope["headers"] if key == name]
    value: bytes | None = found[0] if len(found) == 1 else None
    return None if value is None else value.decode("latin-1")
