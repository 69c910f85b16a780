"""Who may ask at all: the right host name, no page of a browser, the bearer, headers that say one thing.

Whatever reaches the endpoint spends the wallet, so this stands before every handler, reads no body, and
answers in the same envelope as everything else.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from harness.services.consumer.refusals import Refusal

SINGLE = (
    b"host",
    b"origin",
    b"authorization",
    b"x-api-key",
    b"content-type",
    b"content-length",
    b"idempotency-key",
)
MAX_HEADERS = 32 * 1024
MAX_HEADER = 16 * 1024
OPEN_PATHS = ("/health", "/healthz", "/ready", "/openapi.json")


class Gate:
    """ASGI middleware. `hosts` None answers to any name."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        hosts: tuple[str, ...] | None,
        origins: tuple[str, ...],
        api_key: str | None,
        budget_headers: Callable[[], dict[str, str]],
    ) -> None:
        self._app = app
        self._hosts = None if hosts is None else frozenset(host.lower() for host in hosts)
        self._origins = frozenset(origin.lower().rstrip("/") for origin in origins)
        self._key = None if api_key is None else api_key.encode()
        self._budget_headers = budget_headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            self._check(scope)
        except Refusal as refusal:
            await _answer(refusal, str(scope["path"]), send)
            return

        async def with_budget(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = list(message.get("headers", ()))
                headers += [
                    (n.lower().encode(), v.encode()) for n, v in self._budget_headers().items()
                ]
                message = {**message, "headers": headers}
            await send(message)

        open_path = scope["path"] in OPEN_PATHS
        await self._app(scope, receive, send if open_path and self._key else with_budget)

    def _check(self, scope: Scope) -> None:
        headers: dict[bytes, bytes] = {}
        size = 0
        for name, value in scope["headers"]:
            lowered = name.lower()
            size += len(name) + len(value)
            if lowered in headers and (lowered in SINGLE or lowered.startswith(b"x-halo-")):
                shown = lowered.decode("latin-1")[:60]
                raise Refusal("duplicate_header", f"The header {shown} occurs twice.")
            if len(value) > MAX_HEADER or size > MAX_HEADERS:
                raise Refusal("request_too_large", "The headers are longer than 32 KiB.")
            headers[lowered] = value
        self._check_host(headers.get(b"host", b""))
        self._check_origin(headers)
        if self._key is not None and scope["path"] not in OPEN_PATHS:
            self._check_bearer(headers)

    def _check_host(self, host: bytes) -> None:
        """A page whose name resolves to this machine still sends its own name."""
        if self._hosts is None:
            return
        text = host.decode("latin-1").lower()
        if text.startswith("["):
            name, _, rest = text[1:].partition("]")
        else:
            name, colon, port = text.partition(":")
            rest = colon + port
        if name not in self._hosts or not (rest == "" or rest[1:].isdigit()):
            raise Refusal("bad_host", "This endpoint does not answer to that host name.")

    def _check_origin(self, headers: dict[bytes, bytes]) -> None:
        origin = headers.get(b"origin")
        if origin is not None and origin.decode("latin-1").lower().rstrip("/") not in self._origins:
            raise Refusal("bad_origin", "Requests of web pages are refused.")
        site = headers.get(b"sec-fetch-site", b"none")
        if origin is None and site not in (b"none", b"same-origin"):
            raise Refusal("bad_origin", "Requests of web pages are refused.")

    def _check_bearer(self, headers: dict[bytes, bytes]) -> None:
        assert self._key is not None
        scheme, _, given = headers.get(b"authorization", b"").partition(b" ")
        if scheme.lower() != b"bearer":
            given = headers.get(b"x-api-key", b"")  # how clients of Anthropic's API say it
        # Both sides are hashed by the comparison's own terms: no length, no prefix shows in its time.
        if not hmac.compare_digest(_digest(given.strip()), _digest(self._key)):
            raise Refusal("bad_token", "The bearer token is missing or wrong.")


def _digest(secret: bytes) -> bytes:
    return hmac.digest(b"halo consume", secret, "sha256")


def error_body(refusal: Refusal, path: str) -> bytes:
    """The envelope; under /v1/messages also what clients of Anthropic's API look for."""
    body: dict[str, object] = {"error": refusal.to_wire()}
    if path == "/v1/messages":
        body = {"type": "error", **body}
    return json.dumps(body, ensure_ascii=False).encode()


async def _answer(refusal: Refusal, path: str, send: Send) -> None:
    body = error_body(refusal, path)
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),  # the request's body was not read
    ]
    if refusal.code == "bad_token":
        headers.append((b"www-authenticate", b"Bearer"))
    await send({"type": "http.response.start", "status": refusal.kind.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
