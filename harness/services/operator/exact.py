"""The exact rail: one signed transfer pays one request, and moves only once the answer is there.

    lock the authorisation -> verify -> infer -> settle, if the consumer still listens -> answer

The lock is written down before the model is asked, so one authorisation buys one call however often it
comes. A signature can promise one sum once: nothing of an answer is handed out before the sum has moved,
so a streamed answer is made whole first and then sent in pieces (X-Halo-Stream: buffered). An answer
whose settlement fails for good is withheld.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

from harness import faults
from harness.clients.errors import Refused, Unreachable
from harness.clients.facilitator import Settled, Verdict
from harness.inference.provider import Completion
from harness.protocol.league import ExactEvent
from harness.services.operator.answers import Answer, Refusal, in_progress, refuse
from harness.services.operator.attestation import attestation_header
from harness.services.operator.connection import Timing
from harness.services.operator.events import EventOutbox, event_row
from harness.services.operator.job import ConsumerGone, Job
from harness.services.operator.keepsake import Keepsakes
from harness.services.operator.office import Office
from harness.services.operator.payment import ExactPayment, Terms, response_header
from harness.services.operator.releases import Releases
from harness.services.operator.replay import send, too_large
from harness.services.operator.upstream import Upstream
from harness.services.operator.wording import short, usd
from harness.store.database import DatabaseFailure
from harness.store.operator import (
    ANSWERED,
    DELIVERED,
    SETTLING,
    IdempotencyTaken,
    OperatorJournal,
    PaymentRow,
    PaymentTaken,
    RequestRow,
)

SETTLE_SECONDS = 60.0
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 5.0
_AGAIN = (408, 425, 429)

_log = logging.getLogger(__name__)


class Bank(Protocol):
    """The facilitator, as far as exact payments go."""

    async def verify(
        self, payload: Mapping[str, Any], requirements: Mapping[str, Any]
    ) -> Verdict: ...

    async def settle(
        self, payload: Mapping[str, Any], requirements: Mapping[str, Any]
    ) -> Settled: ...


@dataclass(frozen=True)
class Known:
    """An answer that is there. `event` is what will be told once the money has moved; None: it has."""

    request: str
    answer: Answer
    event: ExactEvent | None = None


class ExactRail:
    """Serves requests that carry an exact payment. `working` holds the ids of jobs under way."""

    def __init__(
        self,
        terms: Terms,
        bank: Bank,
        upstream: Upstream,
        journal: OperatorJournal,
        office: Office,
        outbox: EventOutbox,
        keepsakes: Keepsakes,
        signer: Any,
        working: Mapping[str, Job],
        releases: Releases,
        timing: Timing,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._terms = terms
        self._bank = bank
        self._upstream = upstream
        self._journal = journal
        self._office = office
        self._outbox = outbox
        self._keepsakes = keepsakes
        self._signer = signer
        self._working = working
        self._releases = releases
        self._timing = timing
        self._clock = clock

    async def serve(self, job: Job, payment: ExactPayment, amount: int) -> None:
        """Answer a paid request. Raises Refusal, ConsumerGone."""
        self._upstream.provider(job)  # a provider that is shut is no reason to lock a payment
        self._outbox.reserve(job.id)
        try:
            known = await self._lock(job, payment, amount)
            if known is None:
                await self._earn(job, payment, amount)
            elif known.event is None:
                await self._hand_over(job, known.request, known.answer)
            else:
                await self._finish(job, payment, known)
        finally:
            self._outbox.unreserve(job.id)

    async def _earn(self, job: Job, payment: ExactPayment, amount: int) -> None:
        settling = False
        try:
            await self._verify(payment)
            faults.reach("operator.verified")
            completion = await self._upstream.complete(job)
            faults.reach("operator.upstream")
            answer = Answer(200, completion.body, await self._attested(job, completion))
            answer = replace(answer, raw=completion.raw)
            if not job.fits(answer):
                raise too_large()
            if not job.listening:
                raise ConsumerGone
            settling = True
        finally:
            if not settling:
                await self._releases.release(job.id)
                faults.reach("operator.released")
        await self._settle(job, payment, amount, completion, answer)

    # -- before the model is asked ---------------------------------------------------------------

    async def _lock(self, job: Job, payment: ExactPayment, amount: int) -> Known | None:
        """Claim the authorisation; the stored answer when it has paid for this very request."""
        identity = "0x" + payment.identity.hex()
        idempotency = f"exact:{payment.payer}:{job.key}" if job.key else None
        row = RequestRow(
            id=job.id,
            idempotency=idempotency,
            fingerprint=job.fingerprint,
            rail="exact",
            consumer=payment.payer,
            model=job.model[:256],
            ceiling=amount,
            payment=identity,
        )
        locked = PaymentRow(
            id=identity,
            digest="0x" + payment.digest.hex(),
            request=job.id,
            payer=payment.payer,
            amount=amount,
            valid_before=payment.signed.authorization.valid_before,
        )
        await self._releases.settle()
        faults.reach("operator.locking")
        try:
            await self._office.in_thread(self._journal.admit, row, locked)
        except PaymentTaken:
            return await self._already_paid(job, identity, idempotency)
        except IdempotencyTaken:
            raise refuse(
                409,
                "idempotency_conflict",
                "this idempotency key belongs to another payment; use a new key",
            ) from None
        faults.reach("operator.locked")
        return None

    async def _already_paid(self, job: Job, payment: str, idempotency: str | None) -> Known:
        """The answer that this authorisation bought, for the same question asked again."""
        row = await self._office.in_thread(self._journal.of_payment, payment)
        same = row is not None and row.fingerprint == job.fingerprint
        if row is None or not same:
            raise replayed()
        keyed = idempotency is not None and row.idempotency == idempotency
        if row.id in self._working and row.id != job.id:
            raise in_progress() if keyed else replayed()
        # Whoever seals the same question anew has its words, so the answer is theirs to have again.
        asker = keyed or (job.channel is not None and not job.repeated) or row.id == job.id
        answer = self._keepsakes.open(row.id, row.answer) if row.answer else None
        paid = await self._office.in_thread(self._journal.payment, payment)
        if paid is not None and paid.state == SETTLING and paid.event and answer is not None:
            return Known(row.id, answer, kept_event(paid.event))
        if row.state == ANSWERED or (row.state == DELIVERED and asker):
            if answer is None:
                raise refuse(
                    410, "answer_expired", "the answer is not kept any more; send a new request"
                )
            return Known(row.id, answer)
        raise replayed()

    async def _verify(self, payment: ExactPayment) -> None:
        try:
            verdict = await self._bank.verify(*_wire(payment))
        except Unreachable:
            raise unreachable() from None
        except Refused as refusal:
            if refusal.status in _AGAIN:
                raise refuse(
                    429, "rate_limited", "too many payments a minute; wait and try again"
                ) from None
            raise self._refused(payment, refusal.code, refusal.message) from None
        if not verdict.valid:
            raise self._refused(payment, verdict.reason or "invalid_payload", verdict.message or "")
        if verdict.payer is not None and verdict.payer != payment.payer:
            raise self._refused(
                payment, "invalid_payload", "the facilitator read another payer; sign again"
            )

    def _refused(self, payment: ExactPayment, reason: str, message: str) -> Refusal:
        words = f"the payment is not accepted: {message or reason}; sign a new one"
        return self._terms.challenge([payment.requirements], reason[:100], words[:300])

    # -- the money -----------------------------------------------------------------------------

    async def _settle(
        self, job: Job, payment: ExactPayment, amount: int, completion: Completion, answer: Answer
    ) -> None:
        identity = "0x" + payment.identity.hex()
        event = ExactEvent(
            id=job.id,
            operator=self._signer.address,
            consumer=payment.payer,
            model=job.model or None,
            tokens=completion.usage.total,
            amount_usdc=amount,
            duration_ms=int((self._timing.monotonic() - job.started) * 1000),
            timestamp=int(self._clock() * 1000),
            tx_hash="",
        )
        try:
            await self._office.in_thread(
                lambda: self._journal.settling(
                    identity,
                    job.id,
                    amount=amount,
                    tokens=completion.usage.total,
                    answer=self._keepsakes.seal(job.id, answer),
                    event=json.dumps(event.to_wire(), ensure_ascii=False).encode(),
                )
            )
        except DatabaseFailure:
            self._releases.later(job.id)  # nobody was asked for the money
            raise
        faults.reach("operator.settling")
        await self._finish(job, payment, Known(job.id, answer, event))

    async def _finish(self, job: Job, payment: ExactPayment, known: Known) -> None:
        """Collect for an answer that is there, and hand it over."""
        assert known.event is not None
        identity, request, answer = "0x" + payment.identity.hex(), known.request, known.answer
        amount = known.event.amount_usdc
        settled = await self._collect(job, payment)
        faults.reach("operator.settle_answered")
        if settled is None:
            raise settlement_pending("")
        if not settled.success:
            await self._office.in_thread(self._journal.not_settled, identity, request)
            _log.warning(
                "settlement refused; the answer is withheld",
                extra={"request": request, "payer": payment.payer, "reason": settled.reason},
            )
            raise self._withheld(payment, settled)
        told = replace(known.event, tx_hash=settled.transaction)
        row = event_row(told.signed(self._signer), held=False)
        header = response_header(
            {
                "success": True,
                "transaction": settled.transaction,
                "network": settled.network or str(payment.requirements.network),
                "payer": payment.payer,
                "amount": str(amount),
            }
        )
        paid = replace(answer, headers={**answer.headers, **header})
        await self._office.in_thread(
            self._journal.settled,
            identity,
            request,
            settled.transaction,
            row,
            self._keepsakes.seal(request, paid),
        )
        faults.reach("operator.settled")
        self._outbox.added(row)
        _log.info(
            "verify ok, settle tx %s → earned $%s USDC",
            short(settled.transaction),
            usd(amount),
            extra={"request": request, "tx_hash": settled.transaction},
        )
        await self._hand_over(job, request, paid)

    async def _collect(self, job: Job, payment: ExactPayment) -> Settled | None:
        """Ask for the money until there is an answer that is final; None when time runs out first.

        The facilitator knows a payment by its digest, so asking again never pays twice.
        """
        waits = min(SETTLE_SECONDS, job.request.deadline_ms / 1000)
        deadline = self._timing.monotonic() + waits
        pause, doubtful = _FIRST_PAUSE, False
        while True:
            try:
                settled = await self._bank.settle(*_wire(payment))
                if not settled.pending:
                    return settled
                doubtful = True
            except Refused as refusal:
                if refusal.status not in _AGAIN and not doubtful:
                    return _failure(payment, refusal)
            except Unreachable:
                doubtful = True
            if self._timing.monotonic() + pause > deadline:
                return None
            await self._timing.sleep(pause)
            pause = min(_LONGEST_PAUSE, pause * 2)

    async def _hand_over(self, job: Job, identity: str, answer: Answer) -> None:
        """Send the answer of the request `identity`, which is this one or the one it repeats."""
        faults.reach("operator.responding")
        sent = await send(job, answer)
        faults.reach("operator.responded")
        if sent:
            await self._office.in_thread(self._journal.delivered, identity)

    async def _attested(self, job: Job, completion: Completion) -> dict[str, str]:
        return attestation_header(await self._upstream.attestation(job, completion))

    def _withheld(self, payment: ExactPayment, settled: Settled) -> Refusal:
        reason = settled.reason or "transaction_failed"
        refusal = self._terms.challenge(
            [payment.requirements],
            reason[:100],
            "the payment could not be settled, so the answer is withheld; "
            "check the wallet's balance and sign a new payment",
        )
        header = response_header(
            {
                "success": False,
                "errorReason": reason,
                "transaction": settled.transaction,
                "network": str(payment.requirements.network),
                "payer": payment.payer,
            }
        )
        answer = refusal.answer
        return Refusal(replace(answer, headers={**answer.headers, **header}))


def replayed() -> Refusal:
    return refuse(
        402,
        "replayed_payment",
        "this payment has bought another answer; sign a new one for each request",
        "payment_required",
        headers={"Cache-Control": "no-store"},
    )


def settlement_pending(transaction: str) -> Refusal:
    """The money is under way: the same request with the same payment gets the answer once it is there."""
    return refuse(
        503,
        "settlement_pending",
        "the payment is being settled and the answer is kept for it; send the identical request "
        "with the identical payment again in a few seconds",
        "payment_pending",
        headers={"Retry-After": "5", "Cache-Control": "no-store"},
        transaction=transaction,
    )


def unreachable() -> Refusal:
    return refuse(
        502,
        "facilitator_unavailable",
        "the facilitator does not answer, and nothing was charged; try again later",
        "server_error",
    )


def _wire(payment: ExactPayment) -> tuple[dict[str, Any], dict[str, Any]]:
    return (
        payment.payload.model_dump(by_alias=True, exclude_none=True),
        payment.requirements.model_dump(by_alias=True, exclude_none=True),
    )


def _failure(payment: ExactPayment, refusal: Refused) -> Settled:
    return Settled(
        False, "", str(payment.requirements.network), payment.payer, None,
        refusal.code, refusal.message, {}, {},
    )  # fmt: skip


def kept_event(raw: bytes, transaction: str = "0x" + "0" * 64) -> ExactEvent:
    """An event that was written down before its transaction was known."""
    blank = {"txHash": transaction, "signature": "0x" + "0" * 130}
    return ExactEvent.from_wire({**json.loads(raw), **blank})
