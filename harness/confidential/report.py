"""A provider's attestation report: asked for with our nonce, read with nothing taken on trust."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any

import httpx

from harness.confidential import ecies, errors
from harness.confidential.errors import AttestationError
from harness.protocol.addresses import Address, to_address
from harness.protocol.json_text import parse_json

MAX_REPORT = 4 * 1024 * 1024  # GPU certificates make reports of several hundred kilobytes
MAX_ENCLAVES = 16  # a model may be served by several machines
_ALGORITHM = "ecdsa"


@dataclass(frozen=True)
class Evidence:
    """One machine's evidence as it was sent. All of it is claimed, nothing checked."""

    signing_address: Address
    public_key: bytes
    quote: bytes
    model: str
    nonce: str | None
    gpu: bool


@dataclass(frozen=True)
class Report:
    evidence: tuple[Evidence, ...]
    date: int  # unix seconds, from the answer's Date header


async def fetch_report(
    http: httpx.AsyncClient, base_url: str, model: str, nonce: str, timeout_s: float
) -> Report:
    """The evidence of the machines that serve a model. AttestationError when there is none to read."""
    url = f"{base_url.rstrip('/')}/attestation/report"
    query = {"model": model, "signing_algo": _ALGORITHM, "nonce": nonce}
    try:
        async with (
            asyncio.timeout(timeout_s),
            http.stream("GET", url, params=query, timeout=None, follow_redirects=False) as answer,
        ):
            body = await _bounded(answer)
    except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as failure:
        why = str(failure) or type(failure).__name__
        raise AttestationError(errors.REPORT_UNAVAILABLE, f"no report from {url}: {why}") from None
    if answer.status_code == 404:
        raise AttestationError(errors.NO_ENCLAVE, f"the provider attests no model {model!r}")
    if answer.status_code != 200:
        raise AttestationError(
            errors.REPORT_UNAVAILABLE, f"no report from {url}: status {answer.status_code}"
        )
    try:
        document = parse_json(body)
    except ValueError as bad:
        raise AttestationError(errors.REPORT_MALFORMED, f"the report: {bad}") from None
    return Report(read_evidence(document, model), _date(answer))


async def _bounded(answer: httpx.Response) -> bytes:
    received = bytearray()
    async for part in answer.aiter_bytes():
        received += part
        if len(received) > MAX_REPORT:
            raise AttestationError(errors.REPORT_MALFORMED, f"a report above {MAX_REPORT} bytes")
    return bytes(received)


def _date(answer: httpx.Response) -> int:
    try:
        return int(parsedate_to_datetime(answer.headers["date"]).timestamp())
    except (KeyError, ValueError, TypeError):
        raise AttestationError(
            errors.CLOCK_SKEW, "the answer has no date to compare our clock with"
        ) from None


def read_evidence(document: Any, model: str) -> tuple[Evidence, ...]:
    """Entries of a gateway's report (`model_attestations`) or of one enclave's (`all_attestations`)."""
    if not isinstance(document, dict):
        raise AttestationError(errors.REPORT_MALFORMED, "the report is not an object")
    entries = document.get("model_attestations", document.get("all_attestations"))
    if entries is None and "intel_quote" in document:
        entries = [document]
    if not isinstance(entries, list):
        raise AttestationError(errors.REPORT_MALFORMED, "the report has no model_attestations")
    ours = [e for e in entries if isinstance(e, dict) and _is_ecdsa(e)]
    if not ours:
        raise AttestationError(errors.NO_ENCLAVE, f"no ECDSA evidence for model {model!r}")
    return tuple(_entry(entry, model) for entry in ours[:MAX_ENCLAVES])


def _is_ecdsa(entry: dict[str, Any]) -> bool:
    return bool(entry.get("signing_algo", _ALGORITHM) == _ALGORITHM)


def _entry(entry: dict[str, Any], model: str) -> Evidence:
    try:
        address = to_address(entry["signing_address"])
        public = ecies.parse_public(entry["signing_public_key"])
        quote = bytes.fromhex(entry["intel_quote"].removeprefix("0x"))
        nonce = entry.get("request_nonce")
    except (KeyError, TypeError, AttributeError, ValueError) as bad:
        raise AttestationError(
            errors.REPORT_MALFORMED, f"the report's entry cannot be read: {bad}"
        ) from None
    return Evidence(
        address,
        public,
        quote,
        str(entry.get("model_name", model)),
        nonce if isinstance(nonce, str) else None,
        bool(entry.get("nvidia_payload")),
    )
