"""Attestation reports, fetched from the configured providers and nowhere else.

A convenience for consumers that cannot reach the provider: they verify the evidence themselves, so a
relay that lies is noticed.
"""

from __future__ import annotations

import asyncio
import logging
import re
import time
from collections import OrderedDict
from urllib.parse import urlsplit

import httpx

from harness.errors import ConfigError

PARAMETERS = {
    "model": re.compile(r"[A-Za-z0-9._:/@+-]{1,200}"),
    "signing_algo": re.compile(r"ecdsa|ed25519"),
    "signing_address": re.compile(r"0x[0-9a-fA-F]{40}"),
    "nonce": re.compile(r"[0-9a-fA-F]{1,128}"),
}
MOST_BYTES = 4 * 1024 * 1024
SECONDS, FRESH_SECONDS, CACHED = 10.0, 60.0, 64

_log = logging.getLogger(__name__)


class Unavailable(Exception):
    """No provider gave a report."""


class Reports:
    """Reports by their parameters; those without a nonce are kept for a minute."""

    def __init__(self, bases: tuple[str, ...]) -> None:
        for base in bases:
            parts = urlsplit(base)
            if parts.scheme not in ("http", "https") or not parts.hostname or parts.username:
                raise ConfigError(f"tee_bases: {base!r} is not an http or https URL")
        self._bases = bases
        self._cache: OrderedDict[tuple[tuple[str, str], ...], tuple[float, bytes]] = OrderedDict()
        self._client: httpx.AsyncClient | None = None

    async def start(self) -> None:
        self._client = httpx.AsyncClient(timeout=SECONDS, follow_redirects=False)

    async def stop(self) -> None:
        if self._client is not None:
            await self._client.aclose()

    async def get(self, asked: dict[str, str]) -> bytes:
        """The report as JSON bytes. Raises ValueError for a bad parameter, Unavailable."""
        for name, value in asked.items():
            if name not in PARAMETERS or not PARAMETERS[name].fullmatch(value):
                raise ValueError(f"{name[:40]} is no parameter of a report, or not well-formed")
        if "model" not in asked:
            raise ValueError("model is missing; name the model whose enclave is asked about")
        key = tuple(sorted(asked.items()))
        kept = self._cache.get(key)
        if kept is not None and time.monotonic() - kept[0] < FRESH_SECONDS:
            return kept[1]
        for base in self._bases:
            report = await self._fetch(base, asked)
            if report is not None:
                if "nonce" not in asked:
                    self._keep(key, report)
                return report
        raise Unavailable

    async def _fetch(self, base: str, asked: dict[str, str]) -> bytes | None:
        assert self._client is not None, "started first"
        url = base.rstrip("/") + "/attestation/report"
        received = bytearray()
        try:
            async with (
                asyncio.timeout(SECONDS),
                self._client.stream("GET", url, params=asked) as answer,
            ):
                if answer.status_code != 200:
                    _log.info("no report", extra={"status": answer.status_code})
                    return None
                async for part in answer.aiter_bytes():
                    received += part
                    if len(received) > MOST_BYTES:
                        return None
        except (httpx.HTTPError, TimeoutError) as failure:
            _log.info("no report", extra={"reason": type(failure).__name__})
            return None
        return bytes(received)

    def _keep(self, key: tuple[tuple[str, str], ...], report: bytes) -> None:
        self._cache[key] = (time.monotonic(), report)
        self._cache.move_to_end(key)
        if len(self._cache) > CACHED:
            self._cache.popitem(last=False)
