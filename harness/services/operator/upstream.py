"""Asking a provider, in time, for a consumer who is still there; its failures in our words."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

from harness.inference.provider import Completion, Delta, FaultKind, ProviderError
from harness.inference.router import GuardedProvider, Router
from harness.protocol import estimate
from harness.services.operator.answers import Refusal, refuse
from harness.services.operator.job import Job

UPSTREAM_SECONDS = 90.0  # less than the relay's 120, so that the operator has the last word
_RELAY_MARGIN = 5.0
_CARRIED = (
    "x-client-pub-key", "x-signing-algo", "x-encryption-version", "x-model-pub-key", "x-encrypt-all-fields",
)  # fmt: skip

_log = logging.getLogger(__name__)


class Upstream:
    """The providers behind one router. `debug` shows provider errors on the terminal's log."""

    def __init__(self, router: Router, *, debug: bool = False) -> None:
        self.router = router
        self._debug = debug

    def provider(self, job: Job) -> GuardedProvider:
        """Who will answer. Raises Refusal when its account is known not to work."""
        provider = self.router.for_model(job.model)
        if provider.fault is not None:
            raise _refused(provider.fault)
        if "x-halo-tee" in job.headers and not provider.confidential:
            raise refuse(
                400,
                "confidential_unavailable",
                f"{job.model} is not served inside an enclave here; choose a confidential model",
            )
        return provider

    async def complete(self, job: Job) -> Completion:
        """The whole answer. Raises Refusal, ConsumerGone."""
        provider = self.provider(job)
        body = {**bounded(job.body), "stream": False}
        body.pop("stream_options", None)
        try:
            async with asyncio.timeout(seconds_for(job)):
                return await job.unless_gone(provider.complete(body, carried(job)))
        except ProviderError as error:
            raise self._report(job, error) from None
        except TimeoutError:
            raise timed_out() from None

    async def stream(self, job: Job) -> AsyncIterator[Delta]:
        """The answer as it is made; close the iterator to stop the provider. Raises Refusal."""
        provider = self.provider(job)
        body = {**bounded(job.body), "stream": True}
        try:
            async with aclosing(provider.stream(body, carried(job))) as deltas:
                async for delta in deltas:
                    yield delta
        except ProviderError as error:
            raise self._report(job, error) from None

    async def attestation(self, job: Job, completion: Completion) -> dict[str, Any] | None:
        """The enclave's signature over a completion; None where there is no enclave."""
        provider = self.router.for_model(job.model)
        if not provider.confidential or "x-halo-tee" not in job.headers:
            return None
        try:
            return await provider.signature(str(completion.body.get("id", "")), job.model)
        except ProviderError as error:
            raise self._report(job, error) from None

    def _report(self, job: Job, error: ProviderError) -> Refusal:
        _log.warning(
            "upstream failed",
            extra={
                "request": job.id,
                "model": job.model,
                "status": error.status,
                "reason": str(error.kind),
            },
        )
        if self._debug:
            _log.warning("upstream said: %s", error.message)
        return _refused(error)


def bounded(body: dict[str, Any]) -> dict[str, Any]:
    """With a limit of tokens, so that a provider cannot overrun what was priced."""
    if "max_tokens" in body or "max_completion_tokens" in body:
        return body
    return {**body, "max_tokens": estimate.completion_ceiling(body)}


def carried(job: Job) -> dict[str, str]:
    """Headers that an enclave must see."""
    return {name: job.headers[name] for name in _CARRIED if name in job.headers}


def seconds_for(job: Job) -> float:
    """How long a provider may take: the relay must still be waiting when it answers."""
    return max(1.0, min(UPSTREAM_SECONDS, job.request.deadline_ms / 1000 - _RELAY_MARGIN))


def timed_out() -> Refusal:
    return refuse(
        504,
        "upstream_timeout",
        "the model took too long and nothing was charged; try again, or ask for fewer tokens",
        "upstream_provider_error",
    )


def _refused(error: ProviderError) -> Refusal:
    """A provider's failure for the consumer: nothing of what the provider said, nothing charged."""
    if error.kind is FaultKind.INVALID:
        return refuse(
            400,
            "upstream_invalid_request",
            "the model refused this request and nothing was charged; "
            "check model, messages and parameters",
        )
    if error.kind is FaultKind.TIMEOUT:
        return timed_out()
    sticky = error.kind.sticky
    return refuse(
        502,
        str(error.kind),
        "the operator's provider does not serve it at the moment and nothing was charged; "
        + ("use another operator" if sticky else "try again or use another operator"),
        "upstream_provider_error",
        retryable=error.retryable and not sticky,
    )
