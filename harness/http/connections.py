"""Kept-open aiohttp connections: opened when first needed, and again in another event loop.

What httpx would do by itself is done here once: the environment's proxy, and the certificates it trusts.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import httpx

if TYPE_CHECKING:
    import aiohttp

MAX_FIELD = 64 * 1024  # bytes of one header: quotes and settlements travel in them


class Connections:
    """A pool of at most `limit` connections. No cookies, no redirects, no time-outs but the caller's."""

    def __init__(self, limit: int = 100, *, proxied: bool = True, unpack: bool = True) -> None:
        """`proxied`: by the environment's proxy, where it names one for the host. `unpack` what was
        compressed; without, a bound on the bytes that are read is a bound on memory."""
        self._limit = limit
        self._unpack = unpack
        self._proxied = proxied
        self._session: aiohttp.ClientSession | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._proxies: dict[str, str | None] = {}

    def request(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: bytes | None,
        timeout: aiohttp.ClientTimeout,
    ) -> AbstractAsyncContextManager[aiohttp.ClientResponse]:
        """The answer's head; its body is read inside the block. Raises aiohttp.ClientError and TimeoutError there."""
        from yarl import URL

        return self._opened().request(
            method,
            URL(url, encoded=url.isascii()),  # whoever wrote it has quoted it
            data=body,
            headers=headers,
            proxy=self._proxy(url),
            allow_redirects=False,
            timeout=timeout,
        )

    async def close(self) -> None:
        """The next request opens anew."""
        session, self._session = self._session, None
        if session is not None and self._loop is asyncio.get_running_loop():
            await session.close()

    def _opened(self) -> aiohttp.ClientSession:
        loop = asyncio.get_running_loop()
        if self._session is None or self._loop is not loop:
            import aiohttp  # a fifth of a second, which commands that ask nobody need not wait for

            connector = aiohttp.TCPConnector(limit=self._limit, ssl=httpx.create_ssl_context())
            self._session = aiohttp.ClientSession(
                connector=connector,
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=self._unpack,
                max_line_size=MAX_FIELD,
                max_field_size=MAX_FIELD,
            )
            self._loop = loop
        return self._session

    def _proxy(self, url: str) -> str | None:
        """The environment's proxy for a host, looked up once."""
        if not self._proxied:
            return None
        parts = urlsplit(url)
        host = f"{parts.scheme}://{parts.netloc}"
        if host not in self._proxies:
            found = getproxies()
            proxy = found.get(parts.scheme) or found.get("all")
            passed = parts.hostname is None or proxy_bypass(parts.hostname)
            self._proxies[host] = None if passed else proxy
        return self._proxies[host]
