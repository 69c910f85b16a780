"""One request to a service, or to the next of its URLs when one does not answer.

Only a failed connection, a time-out, a status of 500 and above or an answer that is no JSON object sends
a request on: a refusal is an answer. Requests here are safe to repeat, whichever URL got them first.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode

import httpx

from harness.clients.errors import NoSuchRoute, Refused, Unreachable
from harness.clients.transport import Borrowed, NoAnswer, Own, Transport
from harness.protocol.json_text import parse_json

_NO_SUCH_ROUTE = (404, 405)


class Caller:
    """`seconds` is the time each URL is given. The client is closed only when it was made here."""

    def __init__(
        self,
        name: str,
        urls: str | Sequence[str],
        http: httpx.AsyncClient | None,
        seconds: float,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        listed = (urls,) if isinstance(urls, str) else tuple(urls)
        if not listed:
            raise ValueError(f"no URL of a {name}")
        self.urls = tuple(url.rstrip("/") for url in listed)
        self._name = name
        self._transport: Transport = Own() if http is None else Borrowed(http)
        self._seconds = seconds
        self._headers = dict(headers or {})

    async def close(self) -> None:
        await self._transport.close()

    async def get(self, path: str, headers: Mapping[str, str] | None = None) -> dict[str, Any]:
        """Raises Refused, Unreachable."""
        return self.expect(await self.ask("GET", path, headers=headers))

    async def post(self, path: str, body: Mapping[str, Any], **query: str) -> dict[str, Any]:
        """Raises Refused, Unreachable."""
        asked = f"{path}?{urlencode(query)}" if query else path
        return self.expect(await self.ask("POST", asked, body))

    async def ask(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> tuple[int, dict[str, Any]]:
        """Status and body, of the first URL that gives an answer.

        Raises Unreachable; NoSuchRoute where each URL has a server that does not know the path.
        """
        sent = {**self._headers, **(headers or {})}
        text = None
        if body is not None:
            sent["content-type"] = "application/json"
            text = json.dumps(body, separators=(",", ":"), allow_nan=False).encode()
        reasons = []
        unknown = 0
        for url in self.urls:
            try:
                status, answer = await self._transport.send(
                    method, url + path, sent, text, self._seconds
                )
                unknown += status in _NO_SUCH_ROUTE
                return _read(status, answer)
            except (NoAnswer, ValueError) as failure:
                reasons.append(f"{url}: {failure}")
        kind = NoSuchRoute if unknown == len(self.urls) else Unreachable
        raise kind(self._name, "; ".join(reasons)[:500])

    def expect(self, answer: tuple[int, dict[str, Any]]) -> dict[str, Any]:
        """The body of a success; Refused with the envelope's words otherwise."""
        status, body = answer
        if 200 <= status < 300:
            return body
        envelope = body.get("error")
        told = envelope if isinstance(envelope, dict) else {}
        code = told.get("code") or body.get("errorCode") or f"status_{status}"
        message = told.get("message") or "refused"
        raise Refused(self._name, status, str(code)[:100], str(message)[:500])

    @contextmanager
    def reading(self) -> Iterator[None]:
        """While an answer is taken apart: a ValueError is nonsense of the service's."""
        try:
            yield
        except ValueError as bad:
            raise self.nonsense(str(bad)) from None

    def nonsense(self, what: str) -> Unreachable:
        """For an answer that is not what the service documents."""
        return Unreachable(self._name, f"answered nonsense: {what}"[:500])


def _read(status: int, text: bytes) -> tuple[int, dict[str, Any]]:
    """Status and JSON object of an answer; ValueError for what is none."""
    if status >= 500:
        raise ValueError(f"status {status}")
    if not text and status not in _NO_SUCH_ROUTE:
        return status, {}
    body = parse_json(text)
    if not isinstance(body, dict):
        raise ValueError("the answer is not a JSON object")
    return status, body
