"""The way of every request: dedupe, open, sanitise, breaker, payment gate, then its rail.

Nothing before the gate costs anything; what is refused there was not charged. Each request ends with one
terminal frame, unless nobody is left to read it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any

from x402.schemas import PaymentPayload

from harness.inference.pricing import Rate
from harness.protocol import estimate
from harness.protocol.addresses import Address, to_address
from harness.protocol.frames import InferenceRequest
from harness.protocol.vault_request import CHARGE
from harness.services.operator.answers import (
    Answer,
    Refusal,
    broken,
    id_conflict,
    in_progress,
    refuse,
    shutting_down,
    unwritten,
)
from harness.services.operator.attestation import attestation_header
from harness.services.operator.connection import Link, Timing
from harness.services.operator.envelope import Envelopes
from harness.services.operator.exact import ExactRail
from harness.services.operator.inline import VaultPayment, read_vault_payment
from harness.services.operator.job import ConsumerGone, Job
from harness.services.operator.metrics import Metrics
from harness.services.operator.office import Office
from harness.services.operator.payment import (
    PAYMENT_HEADER,
    BadPayment,
    Terms,
    checked_key,
    identifier_of,
    read_payload,
)
from harness.services.operator.prices import Tariff
from harness.services.operator.proof import HEADER as PROOF_HEADER
from harness.services.operator.replay import send, too_large
from harness.services.operator.upstream import Upstream
from harness.services.operator.vault import VaultRail
from harness.services.operator.vault_stream import pumped
from harness.services.operator.version1 import (
    VERSION1_HEADER,
    Version1Payment,
    read_version1,
    translated,
)
from harness.services.operator.wording import short, usd
from harness.store.database import DatabaseFailure, brief
from harness.store.operator import RELEASED, VOIDED, OperatorJournal

SERVED = ("/v1/chat/completions", "/v1/completions")
_TRUE = ("1", "true", "yes")

Payment = PaymentPayload | Version1Payment  # as it was read

_log = logging.getLogger(__name__)


class Pipeline:
    """Serves what the connection hears. `working` holds what is under way, by request id."""

    def __init__(
        self,
        operator: Address,
        envelopes: Envelopes,
        upstream: Upstream,
        tariff: Tariff,
        terms: Terms,
        exact: ExactRail,
        vault: VaultRail | None,
        reserve: Callable[[VaultPayment], Any] | None,
        journal: OperatorJournal,
        office: Office,
        metrics: Metrics,
        working: dict[str, Job],
        timing: Timing,
        max_concurrency: int,
        version1: bool = False,
    ) -> None:
        self._operator = operator
        self._envelopes = envelopes
        self._upstream = upstream
        self._tariff = tariff
        self._terms = terms
        self._exact = exact
        self._vault = vault
        self._reserve = reserve
        self._journal = journal
        self._office = office
        self._metrics = metrics
        self._timing = timing
        self._max = max_concurrency
        self._version1 = version1
        self.working = working
        self.draining = False

    async def handle(self, request: InferenceRequest, link: Link) -> None:
        """Answer one request. Never raises."""
        translate = translated if self._version1 else None
        job = Job(request, link, self._timing.monotonic(), translate)
        outcome = "ok"
        try:
            self._admit(job)
        except Refusal as refusal:
            await job.respond(refusal.answer)
            self._metrics.answered(refusal.code)
            return
        self.working[job.id] = job
        try:
            await job.accept()
            await self._serve(job)
        except Refusal as refusal:
            outcome = refusal.code
            _log.info(
                "refused %s: %d %s",
                job.id,
                refusal.answer.status,
                refusal.code,
                extra={"request": job.id, "model": job.model},
            )
            await job.respond(refusal.answer)
        except ConsumerGone:
            outcome = "consumer_gone"
            _log.info("the consumer left", extra={"request": job.id})
        except asyncio.CancelledError:
            await job.respond(shutting_down().answer)
            raise
        except DatabaseFailure as failure:
            outcome = "storage_unavailable"
            _log.error(
                "nothing can be written", extra={"request": job.id, "reason": brief(failure)}
            )
            await job.respond(unwritten().answer)
        except Exception:
            outcome = "operator_error"
            _log.exception("a request failed", extra={"request": job.id})
            await job.respond(broken().answer)
        finally:
            self._envelopes.close(job)
            self._metrics.answered(outcome)
            del self.working[job.id]

    def _admit(self, job: Job) -> None:
        """Before any work at all. Raises Refusal."""
        if self.draining:
            raise shutting_down()
        if job.id in self.working:
            raise in_progress()
        if len(self.working) >= self._max:
            raise refuse(
                503,
                "operator_saturated",
                "this operator is busy; try again or use another one",
                "server_error",
                headers={"Retry-After": "1"},
            )
        if job.request.method != "POST" or job.request.path not in SERVED:
            raise refuse(404, "not_found", f"only POST {SERVED[0]} is served; correct the path")

    async def _serve(self, job: Job) -> None:
        headers = job.headers
        pinned = headers.get("x-halo-operator")
        if pinned is not None and pinned.lower() != self._operator.lower():
            raise refuse(
                409,
                "operator_mismatch",
                f"the request is meant for {pinned[:42]}, this is {self._operator}; "
                "the relay misrouted it, send it again",
            )
        probe = headers.get("x-halo-probe", "").strip().lower()
        if probe == CHARGE:
            await self._tell_charge(job)
            return
        probing = probe in _TRUE
        mode = headers.get("x-halo-payment-mode", "exact") or "exact"
        header = headers.get(PAYMENT_HEADER)
        older = headers.get(VERSION1_HEADER) if self._version1 else None
        if header is not None and older is not None:
            raise _ambiguous()
        unpaid = header is None and older is None and mode == "exact"
        self._envelopes.open(job, quoted_only=probing or unpaid)
        try:
            payload: Payment | None = None
            if header is not None:
                payload = read_payload(header)
                job.key = identifier_of(payload)
            elif older is not None:
                payload = read_version1(older)
            key = headers.get("idempotency-key")
            job.key = job.key or (None if key is None else checked_key(key))
        except BadPayment as bad:
            raise refuse(400, bad.reason, f"{bad}; correct it and send it again") from None
        if mode == "vault":
            await self._by_vault(job, payload)
        elif mode == "exact":
            await self._known(job)
            await self._by_payment(job, payload, probing=probing)
        else:
            raise refuse(
                400,
                "unsupported_payment_mode",
                f"payment mode {mode[:20]!r} is not served; use exact or vault",
            )

    async def _known(self, job: Job) -> None:
        """A request id that was seen is answered by its rail from what is kept, never served anew.

        The vault rail finds that out where it writes the request down.
        """
        row = await self._office.in_thread(self._journal.request, job.id)
        if (
            row is not None
            and row.state not in (RELEASED, VOIDED)
            and row.fingerprint != job.fingerprint
        ):
            raise id_conflict()

    # -- the gate ------------------------------------------------------------------------------

    async def _by_vault(self, job: Job, payload: Payment | None) -> None:
        """The native form: the consumer is named in a header."""
        if payload is not None:
            raise _ambiguous()
        if self._vault is None:
            raise self._no_vault()
        address = self._consumer(job)
        self._upstream.provider(job)
        rate = await self._tariff.rate(job.model)
        if rate.free:
            await self._known(job)
            await self._free(job)
            return
        self._tell(job, address, rate.ceiling(job.counted))
        await self._vault.serve(job, address, rate, job.headers.get(PROOF_HEADER))

    @staticmethod
    def _consumer(job: Job) -> Address:
        try:
            return to_address(job.headers.get("x-halo-vault-consumer", "").strip().lower())
        except ValueError:
            raise refuse(
                400,
                "bad_request",
                "X-Halo-Vault-Consumer must be the consumer's address; send it with the request",
            ) from None

    async def _tell_charge(self, job: Job) -> None:
        """No work: what a key came to."""
        if self._vault is None:
            raise self._no_vault()
        key = job.headers.get("idempotency-key")
        try:
            job.key = None if key is None else checked_key(key)
        except BadPayment as bad:
            raise refuse(400, bad.reason, f"{bad}; correct it and send it again") from None
        await self._vault.tell_charge(job, self._consumer(job), job.headers.get(PROOF_HEADER))

    async def _by_payment(self, job: Job, payload: Payment | None, *, probing: bool) -> None:
        """The standard's form: a payment header, or the price when there is none."""
        self._upstream.provider(job)
        rate = await self._tariff.quoted(job.model)
        if rate.free:
            if probing:
                await job.respond(Answer(204, None, {"X-Halo-Free": "true"}))
            elif "messages" in job.request.body or "prompt" in job.request.body or job.channel:
                await self._free(job)
            else:
                raise refuse(400, "bad_request", "messages: is missing; send the whole request")
            return
        amount = rate.quote(job.counted)
        if payload is None or probing:
            raise self._challenge(job, rate, amount, "payment_required")
        try:
            if isinstance(payload, Version1Payment):
                payload = payload.accepting(self._terms.exact(amount))
            if payload.accepted.scheme == "vault" and self._vault is not None:
                await self._by_scheme(job, payload, rate)
                return
            payment = self._terms.exact_payment(payload, amount, self._timing.wall())
        except BadPayment as bad:
            raise self._challenge(job, rate, amount, bad.reason, str(bad)) from None
        self._tell(job, payment.payer, amount)
        await self._exact.serve(job, payment, amount)

    async def _by_scheme(self, job: Job, payload: PaymentPayload, rate: Rate) -> None:
        """The vault as an x402 scheme: the same rail, with receipt and reservation in the payload."""
        assert self._vault is not None
        payment = read_vault_payment(payload, self._operator)
        self._terms.check_accepted(payload, self._terms.vault(rate.ceiling(job.counted)))
        if payment.reservation is not None and self._reserve is not None:
            await self._reserve(payment)
        self._tell(job, payment.consumer, rate.ceiling(job.counted))
        await self._vault.serve(job, payment.consumer, rate, payment.proof, payment.receipt)

    def _challenge(
        self, job: Job, rate: Rate, amount: int, reason: str, message: str = ""
    ) -> Refusal:
        accepts = [self._terms.exact(amount)]
        if self._vault is not None and self._vault.verified:
            accepts.append(self._terms.vault(rate.ceiling(job.counted)))
        return self._terms.challenge(accepts, reason, message)

    def _no_vault(self) -> Refusal:
        return refuse(
            400,
            "unsupported_payment_mode",
            "this operator serves the exact rail only; pay exactly or use another operator",
        )

    def _tell(self, job: Job, consumer: Address, ceiling: int) -> None:
        _log.info(
            "inference %s ← consumer %s (model=%s, %d tok, $%s)",
            job.id,
            short(consumer),
            job.model,
            estimate.ceiling_tokens(job.counted),
            usd(ceiling),
            extra={"request": job.id, "consumer": consumer},
        )

    # -- models that cost nothing ----------------------------------------------------------------

    async def _free(self, job: Job) -> None:
        """Serve without payment: the operator's price for this model is zero."""
        if job.streamed:
            async with pumped(self._upstream, job) as deltas:
                async for delta in deltas:
                    await job.chunk({k: v for k, v in delta.data.items() if k != "halo"})
            await job.respond(Answer(200, None, {"X-Halo-Free": "true"}))
            return
        completion = await self._upstream.complete(job)
        proof = attestation_header(await self._upstream.attestation(job, completion))
        headers = {"X-Halo-Free": "true", **proof}
        answer = Answer(200, completion.body, headers, completion.raw)
        if not job.fits(answer):
            raise too_large()
        await send(job, answer)


def _ambiguous() -> Refusal:
    return refuse(400, "ambiguous_payment", "the request pays in two ways; send one of the two")
