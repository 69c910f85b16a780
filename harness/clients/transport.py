"""How a request to a service travels: over aiohttp, or over an httpx client that somebody else keeps.

A paid request waits for two answers of the facilitator, so what the client itself costs is paid twice.
aiohttp reads answers in C and needs about a third of httpx's time; whoever brings an httpx client, with
a proxy of its own or a transport for tests, is served with that.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Protocol

import httpx

from harness.http.connections import Connections
from harness.http.failures import words

MAX_ANSWER = 4 * 1024 * 1024  # bytes


class NoAnswer(Exception):
    """Nothing came, or too much; the message says what happened."""


class Transport(Protocol):
    """One request, one whole answer."""

    async def send(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None, seconds: float
    ) -> tuple[int, bytes]:
        """Status and body within `seconds`; redirects are not followed. Raises NoAnswer."""

    async def close(self) -> None:
        """Close what was opened here; sending opens it again."""


class Borrowed:
    """Over an httpx client that its owner closes."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http

    async def send(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None, seconds: float
    ) -> tuple[int, bytes]:
        text = bytearray()
        try:
            async with self._http.stream(
                method, url, content=body, headers=headers, timeout=seconds
            ) as response:
                async for part in response.aiter_bytes():
                    _append(text, part)
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as failure:
            raise NoAnswer(words(failure)) from None
        return response.status_code, bytes(text)

    async def close(self) -> None:
        """Not ours to close."""


class Own:
    """Over aiohttp, on connections of its own."""

    def __init__(self) -> None:
        self._connections = Connections()

    async def send(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None, seconds: float
    ) -> tuple[int, bytes]:
        try:
            async with asyncio.timeout(seconds):
                return await self._sent(method, url, headers, body)
        except TimeoutError:
            raise NoAnswer(f"no answer within {seconds:g} s") from None

    async def close(self) -> None:
        await self._connections.close()

    async def _sent(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None
    ) -> tuple[int, bytes]:
        import aiohttp

        try:
            try:
                return await self._once(method, url, headers, body)
            except aiohttp.ClientConnectorError:
                raise  # nothing was there, and nothing is there now
            except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError, ConnectionResetError):
                # The service closed a kept-open connection while the request was on its way. What is
                # sent here may be sent twice, and the second time goes over a connection that is new.
                return await self._once(method, url, headers, body)
        except (aiohttp.ClientError, OSError, ValueError) as failure:
            raise NoAnswer(words(failure)) from None

    async def _once(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None
    ) -> tuple[int, bytes]:
        import aiohttp

        text = bytearray()
        unlimited = aiohttp.ClientTimeout(total=None)  # whoever sends counts both tries together
        async with self._connections.request(method, url, headers, body, unlimited) as response:
            async for part in response.content.iter_any():
                _append(text, part)
        return response.status, bytes(text)


def _append(text: bytearray, part: bytes) -> None:
    text += part
    if len(text) > MAX_ANSWER:
        raise ValueError("the answer is too long")
