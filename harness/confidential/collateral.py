"""Intel's word about processors: TCB info, the quoting enclave's identity, revocation lists.

Collateral never comes from the provider whose quote it judges. It is signed, so a lying service can
withhold it or serve what is still valid but not the newest, and nothing else.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Protocol, TypeAlias

import dcap_qvl

from harness.confidential.errors import COLLATERAL_UNAVAILABLE, AttestationError

Collateral: TypeAlias = dcap_qvl.QuoteCollateralV3


class CollateralSource(Protocol):
    """Where collateral for a quote is had."""

    async def fetch(self, quote: bytes) -> Collateral:
        """Collateral for the processor that made the quote; AttestationError when there is none."""


class CertificationService:
    """Intel's service, or a cache of it (PCCS) with the same routes."""

    def __init__(self, url: str, timeout_s: float = 30.0) -> None:
        self._url = url
        self._timeout_s = timeout_s

    async def fetch(self, quote: bytes) -> Collateral:
        try:
            async with asyncio.timeout(self._timeout_s):
                fetched: Collateral = await dcap_qvl.get_collateral(self._url, quote)
                return fetched
        except TimeoutError:
            why = f"no answer in {self._timeout_s:g} s"
        except (ValueError, RuntimeError, OSError) as failure:
            why = first_line(failure)
        raise AttestationError(COLLATERAL_UNAVAILABLE, f"no collateral from {self._url}: {why}")


class CollateralFile:
    """Collateral that was fetched before, as JSON; for use without a network."""

    def __init__(self, path: Path) -> None:
        self._path = path

    async def fetch(self, quote: bytes) -> Collateral:
        del quote  # what does not belong to it is found out when the quote is verified
        try:
            read: Collateral = Collateral.from_json(self._path.read_text("utf-8"))
            return read
        except (OSError, ValueError) as failure:
            raise AttestationError(
                COLLATERAL_UNAVAILABLE, f"no collateral in {self._path}: {first_line(failure)}"
            ) from None


def first_line(failure: BaseException) -> str:
    """An error of the verifier on one line; its causes are kept, its line breaks are not."""
    text = " ".join(str(failure).split()).removeprefix("Verification failed: ")
    return text[:300] or type(failure).__name__
