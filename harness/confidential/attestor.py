"""A model's name -> an enclave whose evidence was checked, asked for once in ten minutes."""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import Callable

import httpx

from harness.confidential import errors
from harness.confidential.claims import make_claims
from harness.confidential.collateral import CertificationService, CollateralSource
from harness.confidential.ecies import address_of
from harness.confidential.errors import AttestationError
from harness.confidential.policy import AttestationPolicy
from harness.confidential.quote import verify_quote
from harness.confidential.report import Evidence, Report, fetch_report
from harness.confidential.session import Enclave
from harness.protocol.addresses import address_bytes

_log = logging.getLogger(__name__)


class Attestor:
    """Enclaves of one provider. Of one event loop; safe for many tasks of it.

    `clock` gives unix seconds. `collateral` defaults to the service that the policy names.
    """

    def __init__(
        self,
        base_url: str,
        policy: AttestationPolicy,
        http: httpx.AsyncClient,
        clock: Callable[[], float] = time.time,
        collateral: CollateralSource | None = None,
    ) -> None:
        self.base_url = base_url
        self.policy = policy
        self._http = http
        self._clock = clock
        self._collateral = collateral or CertificationService(
            policy.collateral_url, policy.timeout_s
        )
        self._known: dict[str, Enclave] = {}
        self._running: dict[str, asyncio.Task[Enclave]] = {}

    async def enclave(self, model: str) -> Enclave:
        """The enclave that serves a model; AttestationError(reason) when its evidence does not hold.

        Tasks that ask together share one answer. Failures are not remembered.
        """
        known = self._known.get(model)
        if known is not None:
            claims = known.claims
            if (
                claims.verified_at <= self._clock() < claims.expires_at
            ):  # nor after a clock set back
                return known
        task = self._running.get(model)
        if task is None:
            task = asyncio.ensure_future(self._attest(model))
            self._running[model] = task
            task.add_done_callback(lambda done: self._finished(model, done))
        return await asyncio.shield(task)  # one listener that leaves does not end the others' work

    def forget(self, model: str) -> None:
        """Ask anew next time: a reply did not verify, or an encrypted request was refused (a new key?)."""
        self._known.pop(model, None)

    def _finished(self, model: str, task: asyncio.Task[Enclave]) -> None:
        if self._running.get(model) is task:
            del self._running[model]
        if not task.cancelled():
            task.exception()  # seen, even when every listener left

    async def _attest(self, model: str) -> Enclave:
        nonce = secrets.token_bytes(32)
        asked = int(self._clock())
        report = await fetch_report(
            self._http, self.base_url, model, nonce.hex(), self.policy.timeout_s
        )
        self._check_clock(report, asked)
        if self.policy.gpu == "require":
            raise AttestationError(errors.GPU_UNVERIFIED, "the policy requires a verified GPU")
        failure: AttestationError | None = None
        for evidence in report.evidence:
            try:
                enclave = await self._check(evidence, model, nonce)
            except AttestationError as refused:
                failure = failure or refused
                continue
            self._known[model] = enclave
            _log.info(
                "enclave attested",
                extra={
                    "model": model,
                    "signer": enclave.signing_address,
                    "root": enclave.claims.root,
                    "tcb_status": enclave.claims.status,
                    "code": enclave.claims.code,
                },
            )
            return enclave
        assert failure is not None  # a report without evidence was refused when it was read
        _log.warning("enclave refused", extra={"model": model, "reason": failure.reason})
        raise failure

    def _check_clock(self, report: Report, asked: int) -> None:
        """With a wrong clock, collateral that has expired or been replaced would look current."""
        answered = int(self._clock())
        most = self.policy.clock_skew_s
        if not asked - most <= report.date <= answered + most:
            raise AttestationError(
                errors.CLOCK_SKEW, f"our clock and the provider's differ by more than {most} s"
            )

    async def _check(self, evidence: Evidence, model: str, nonce: bytes) -> Enclave:
        """One machine's evidence: its key is its address's, the quote is genuine and vouches for both."""
        if address_of(evidence.public_key) != evidence.signing_address:
            raise AttestationError(
                errors.KEY_MISMATCH, "the reported public key is not the signing address's"
            )
        if evidence.nonce is not None and evidence.nonce.lower() != nonce.hex():
            raise AttestationError(errors.REPLAYED, "the report repeats another nonce")
        collateral = await self._collateral.fetch(evidence.quote)
        now = int(self._clock())
        verified = await asyncio.to_thread(
            verify_quote, evidence.quote, collateral, self.policy, now
        )
        check_binding(verified.report_data, evidence, nonce)
        claims = make_claims(verified, self.policy, gpu_evidence=evidence.gpu, now=now)
        return Enclave(model, evidence.signing_address, evidence.public_key, claims, evidence.model)


def check_binding(report_data: bytes, evidence: Evidence, nonce: bytes) -> None:
    """Report data are the signing address, padded to 32 bytes, and our nonce."""
    if report_data[:32] != address_bytes(evidence.signing_address).ljust(32, b"\0"):
        raise AttestationError(
            errors.NOT_BOUND, "the quote's report data do not hold the signing address"
        )
    if report_data[32:] != nonce:
        raise AttestationError(errors.REPLAYED, "the quote's report data hold another nonce")
