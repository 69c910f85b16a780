"""One request to a service, or to the next of its URLs when one does not answer.

Only a failed connection, a time-out, a status of 500 and above or an answer that is no JSON object sends
a request on: a refusal is an answer. Requests here are safe to repeat, whichever URL got them first.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import httpx

from harness.clients.errors import Refused, Unreachable
from harness.protocol.json_text import parse_json

MAX_ANSWER = 4 * 1024 * 1024


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
        self._http = http or httpx.AsyncClient()
        self._owned = http is None
        self._seconds = seconds
        self._headers = dict(headers or {})

    async def close(self) -> None:
        if self._owned:
            await self._http.aclose()

    async def get(self, path: str, headers: Mapping[str, str] | None = None) -> dict[str, Any]:
        """Raises Refused, Unreachable."""
        return self.expect(await self.ask("GET", path, headers=headers))

    async def post(self, path: str, body: Mapping[str, Any], **query: str) -> dict[str, Any]:
        """Raises Refused, Unreachable."""
        return self.expect(await self.ask("POST", path, json=dict(body), params=query))

    async def ask(
        self, method: str, path: str, headers: Mapping[str, str] | None = None, **more: Any
    ) -> tuple[int, dict[str, Any]]:
        """Status and body, of the first URL that gives an answer. Raises Unreachable."""
        more["headers"] = {**self._headers, **(headers or {})}
        reasons = []
        for url in self.urls:
            try:
                return await self._once(method, url + path, more)
            except (httpx.HTTPError, httpx.InvalidURL, ValueError) as failure:
                reasons.append(f"{url}: {str(failure) or type(failure).__name__}")
        raise Unreachable(self._name, "; ".join(reasons)[:500])

    async def _once(
        self, method: str, url: str, more: dict[str, Any]
    ) -> tuple[int, dict[str, Any]]:
        async with self._http.stream(method, url, timeout=self._seconds, **more) as response:
            text = bytearray()
            async for part in response.aiter_bytes():
                text += part
                if len(text) > MAX_ANSWER:
                    raise ValueError("the answer is too long")
        if response.status_code >= 500:
            raise ValueError(f"status {response.status_code}")
        if not text:
            return response.status_code, {}
        body = parse_json(bytes(text))
        if not isinstance(body, dict):
            raise ValueError("the answer is not a JSON object")
        return response.status_code, body

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
