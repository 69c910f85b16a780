"""The vault rail: work on credit against a reservation, paid by receipts.

    read the reservation -> admit within the credit window -> infer -> write down what is owed -> answer

What is owed is on disk before the answer's last frame leaves; an answer that could not be handed over is
kept ten minutes for a retry and then taken off the tab again.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any
from weakref import WeakValueDictionary

from eth_utils.crypto import keccak

from harness import faults
from harness.inference.pricing import Rate
from harness.inference.provider import Usage
from harness.protocol.addresses import Address, address_bytes
from harness.protocol.league import VaultEvent, iso_timestamp
from harness.protocol.vault_request import UNKNOWN
from harness.services.operator.answers import Answer, Refusal, id_conflict, in_progress, refuse
from harness.services.operator.attestation import attestation_header
from harness.services.operator.bells import Bells
from harness.services.operator.connection import Timing
from harness.services.operator.credit import (
    Admission,
    CreditRefused,
    ReservationTooSmall,
    StaleCycle,
    Tab,
    Tabs,
    WindowExceeded,
)
from harness.services.operator.events import EventOutbox, event_row
from harness.services.operator.gate import ChainUnread, Gate, Reading
from harness.services.operator.job import ConsumerGone, Job
from harness.services.operator.keepsake import Keepsakes
from harness.services.operator.office import Office
from harness.services.operator.payment import response_header
from harness.services.operator.proof import ProofDesk
from harness.services.operator.receipts import (
    BadReceipt,
    OfferedReceipt,
    ReceiptDesk,
    tab_row,
)
from harness.services.operator.releases import Releases
from harness.services.operator.replay import replayed, send, too_large
from harness.services.operator.settings import OperatorSettings
from harness.services.operator.upstream import Upstream
from harness.services.operator.wording import usd
from harness.store.operator import (
    ANSWERED,
    DELIVERED,
    EventRow,
    IdempotencyTaken,
    OperatorJournal,
    RequestRow,
)

_log = logging.getLogger(__name__)


@dataclass
class Serving:
    """A request with its place on a tab."""

    job: Job
    consumer: Address
    admission: Admission
    rate: Rate
    window: int

    @property
    def tab(self) -> Tab:
        return self.admission.tab


class VaultRail:
    """Serves requests on credit. `verified` says whether the vault is the one that is configured."""

    def __init__(
        self,
        settings: OperatorSettings,
        vault: Address,
        tabs: Tabs,
        gate: Gate,
        proofs: ProofDesk,
        desk: ReceiptDesk,
        bells: Bells,
        upstream: Upstream,
        journal: OperatorJournal,
        office: Office,
        outbox: EventOutbox,
        keepsakes: Keepsakes,
        releases: Releases,
        signer: Any,
        timing: Timing,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.verified = False
        self.vault = vault
        self.bells = bells
        self._settings = settings
        self._tabs = tabs
        self._gate = gate
        self._proofs = proofs
        self._desk = desk
        self._upstream = upstream
        self._journal = journal
        self._office = office
        self._outbox = outbox
        self._keepsakes = keepsakes
        self._releases = releases
        self._signer = signer
        self._timing = timing
        self._clock = clock
        self._locks: WeakValueDictionary[Address, asyncio.Lock] = WeakValueDictionary()

    async def serve(
        self,
        job: Job,
        consumer: Address,
        rate: Rate,
        proof: str | None,
        receipt: OfferedReceipt | None = None,
    ) -> None:
        """Answer a request on this consumer's tab. Raises Refusal, ConsumerGone.

        `proof` says that the consumer asks; `receipt` is one for earlier work that came along.
        """
        from harness.services.operator.vault_stream import VaultStream

        if not self.verified:
            raise self._unverified()
        self._upstream.provider(job)
        try:
            await self._proofs.check(job, consumer, proof)
        except ChainUnread:
            raise self._unread() from None
        await self._piggyback(job, consumer, receipt)
        self._outbox.reserve(job.id)
        try:
            serving = await self._admit(job, consumer, rate)
            if serving is None:
                return
            try:
                if job.streamed:
                    await VaultStream(self, serving).run()
                else:
                    await self._buffered(serving)
            finally:
                if serving.admission.open:
                    serving.admission.release()
                    await self._releases.release(job.id)
                    faults.reach("operator.released")
                self.bells.ring(consumer)
        finally:
            self._outbox.unreserve(job.id)

    async def tell_charge(self, job: Job, consumer: Address, proof: str | None) -> None:
        """What the request under this key came to, for a consumer whose process died under it.

        Raises Refusal: vault_proof_invalid, request_unknown.
        """
        try:
            await self._proofs.check(job, consumer, proof)
        except ChainUnread:
            raise self._unread() from None
        key = self._idempotency(job, consumer)
        row = (
            None if key is None else await self._office.in_thread(self._journal.by_idempotency, key)
        )
        if row is None:
            raise refuse(404, UNKNOWN, "nothing is known of this key; whatever it was cost nothing")
        told = {"state": row.state, "amountUsdc": str(row.amount), "cycle": str(row.cycle or 0)}
        await job.respond(Answer(200, {"object": "halo.charge", **told}))

    # -- admission -----------------------------------------------------------------------------

    async def _admit(self, job: Job, consumer: Address, rate: Rate) -> Serving | None:
        """A place on the tab; None when the request was answered from what is kept."""
        if job.repeated:
            await self._again(job, consumer)
            return None
        await self._releases.settle()
        ceiling = rate.ceiling(job.counted)
        lock = self._locks.setdefault(consumer, asyncio.Lock())
        async with lock:  # readings of one pair must be taken in in their order
            window = self._tabs.window(consumer, self._settings.credit_window_base)
            admission = await self._room(consumer, ceiling, window)
        try:
            faults.reach("operator.admitting")
            await self._office.in_thread(self._journal.admit, self._row(job, consumer, admission))
            faults.reach("operator.admitted")
        except IdempotencyTaken:
            admission.release()
            await self._again(job, consumer)
            return None
        except BaseException:
            admission.release()
            raise
        return Serving(job, consumer, admission, rate, window)

    async def _room(self, consumer: Address, ceiling: int, window: int) -> Admission:
        """A place on the tab, by what was read a moment ago; where that has none, by what the chain says now.

        Raises Refusal."""
        await self._check_key(consumer)
        trusted = self._tabs.defaults(consumer) == 0
        kept = self._gate.kept(consumer)
        if kept is not None:
            with suppress(CreditRefused):
                return self._admitted(
                    kept, self._tabs.at(consumer, kept.pair), ceiling, window, trusted
                )
        reading, tab = await self._tab(consumer)
        self._check_open(reading, ceiling)
        try:
            return self._admitted(reading, tab, ceiling, window, trusted)
        except ReservationTooSmall as short:
            raise self._too_small(
                short.required, short.remaining, "raise the reservation and send it again"
            ) from None
        except WindowExceeded as over:
            raise self._window(over) from None

    @staticmethod
    def _admitted(
        reading: Reading, tab: Tab, ceiling: int, window: int, trusted: bool
    ) -> Admission:
        admission = tab.admit(ceiling, window, trusted=trusted)
        tab.used_at = float(reading.now)
        return admission

    async def _check_key(self, consumer: Address) -> None:
        try:
            key = await self._gate.session_key(consumer)
        except ChainUnread:
            raise self._unread() from None
        if not key.set:
            raise self._too_small(1, 0, "this consumer has no session key; deposit first")

    async def _tab(self, consumer: Address) -> tuple[Reading, Tab]:
        """The tab by a live reading; once more when the node answered from the past."""
        for last in (False, True):
            try:
                reading = await self._gate.read(consumer)
            except ChainUnread:
                raise self._unread() from None
            try:
                return reading, self._tabs.at(consumer, reading.pair)
            except StaleCycle:
                if last:
                    raise refuse(
                        409,
                        "vault_cycle_stale",
                        "the operator's node lags behind the reservation; try again in a moment",
                        "server_error",
                        headers={"Retry-After": "2"},
                    ) from None
        raise AssertionError("unreachable")

    def _check_open(self, reading: Reading, ceiling: int) -> None:
        if reading.pair.locked == 0:
            raise self._too_small(ceiling, 0, "no active reservation; reserve and send it again")
        if reading.expired:
            raise self._too_small(
                ceiling, 0, "the reservation has expired; reserve anew and send it again"
            )

    async def _piggyback(self, job: Job, consumer: Address, receipt: OfferedReceipt | None) -> None:
        """Earlier work first: what is receipted now counts for this request already."""
        header = job.headers.get("x-halo-receipt")
        try:
            if receipt is None and header:
                receipt = OfferedReceipt.from_header(consumer, header)
            if receipt is not None:
                await self._desk.take(receipt)
        except BadReceipt as bad:
            _log.info(
                "a receipt that came along was not taken",
                extra={"request": job.id, "consumer": consumer, "reason": bad.reason},
            )

    async def _again(self, job: Job, consumer: Address) -> None:
        """The same request once more: its answer if there is one."""
        key = self._idempotency(job, consumer)
        row = await self._office.in_thread(self._journal.request, job.id)
        if row is not None and row.fingerprint != job.fingerprint:
            raise id_conflict()
        if row is None and key is not None:
            row = await self._office.in_thread(self._journal.by_idempotency, key)
        if row is None and job.repeated:
            raise refuse(
                409,
                "replayed_envelope",
                "this envelope was answered already; seal the request anew",
            )
        if row is None or row.fingerprint != job.fingerprint:
            raise refuse(
                409, "idempotency_conflict", "this key belongs to another request; use a new key"
            )
        if row.state not in (ANSWERED, DELIVERED) or row.answer is None:
            raise in_progress()
        answer = self._keepsakes.open(row.id, row.answer)
        if answer is None or answer.body is None:
            raise refuse(
                410, "answer_expired", "the answer is not kept any more; send a new request"
            )
        if await send(job, replayed(answer)):
            await self._office.in_thread(self._journal.delivered, row.id, row.id)
            self._outbox.wake()

    # -- serving -------------------------------------------------------------------------------

    async def _buffered(self, serving: Serving) -> None:
        job = serving.job
        completion = await self._upstream.complete(job)
        faults.reach("operator.upstream")
        proof = attestation_header(await self._upstream.attestation(job, completion))
        answer = Answer(200, completion.body, proof, completion.raw)
        if not job.fits(answer):
            raise too_large()
        if not job.listening:
            raise ConsumerGone
        charge = serving.rate.charge(completion.usage, serving.admission.ceiling)
        await self.conclude(serving, completion.usage, charge.base, answer, charge.lost)

    async def conclude(
        self,
        serving: Serving,
        usage: Usage,
        amount: int,
        answer: Answer,
        lost: int = 0,
        streamed: Any = None,
    ) -> None:
        """Charge, write everything down, answer. `streamed` is the body that went out in chunks."""
        job, tab = serving.job, serving.tab
        charged = serving.admission.finish(amount)
        checkpoint, written = tab.owed, tab_row(serving.consumer, tab)
        row = self._event(serving, usage, charged)
        settlement = self.receipt(serving, usage)
        answer = replace(answer, headers={**answer.headers, **response_header(settlement)})
        kept = self._keepsakes.seal(job.id, replace(answer, body=answer.body or streamed))
        faults.reach("operator.serving")
        try:
            await self._office.in_thread(
                lambda: self._journal.answered(
                    job.id,
                    amount=charged,
                    tokens=usage.total,
                    answer=kept,
                    checkpoint=checkpoint,
                    tab=written,
                    event=row,
                )
            )
        except Exception:
            tab.void(charged)  # what is not on disk is not asked for
            self._releases.later(job.id)
            raise
        faults.reach("operator.served")
        if row is not None:
            self._outbox.added(row)
        if lost:
            _log.warning(
                "the answer was worth more than its ceiling",
                extra={"request": job.id, "lost": str(lost), "model": job.model},
            )
        faults.reach("operator.responding")
        # A stream that was finished for a retry alone is delivered by that, or comes off the tab.
        unattended = streamed is not None and job.cut
        sent = not unattended and await self._send(job, answer, settlement)
        faults.reach("operator.responded")
        if sent:
            await self._office.in_thread(
                self._journal.delivered, job.id, row.id if row is not None else None
            )
            self._outbox.wake()
            _log.info(
                "served → owed $%s USDC more, $%s in all",
                usd(charged),
                usd(tab.owed),
                extra={"request": job.id, "consumer": serving.consumer, "cycle": tab.cycle},
            )

    async def _send(self, job: Job, answer: Answer, settlement: dict[str, Any]) -> bool:
        """Whether the consumer has it. What a stream handed out counts, even if its end was lost."""
        if answer.body is not None:
            return await send(job, answer)
        if job.channel is not None and job.listening:
            # Inside the seal, where a relay cannot write: what the last frame's header repeats.
            with suppress(ConsumerGone):
                await job.chunk({"halo": "settlement", **settlement})
        return await job.respond(answer) or job.chunks > 0

    def receipt(self, serving: Serving, usage: Usage) -> dict[str, Any]:
        """The members of PAYMENT-RESPONSE; `cumulative` is what the next receipt should say."""
        tab, operator = serving.tab, self._signer.address
        charged = serving.admission.kept or 0
        commitment = keccak(
            address_bytes(self.vault)
            + address_bytes(serving.consumer)
            + address_bytes(operator)
            + tab.cycle.to_bytes(32, "big")
            + tab.owed.to_bytes(32, "big")
        )
        cumulative, cycle = str(tab.owed), str(tab.cycle)
        return {
            "success": True,
            "transaction": "",
            "network": self._settings.network,
            "payer": serving.consumer,
            "amount": str(charged),
            "mode": "vault",
            "amountUsdc": str(charged),
            "tokens": usage.total,
            "operator": operator,
            "requestId": serving.job.id,
            "cumulative": cumulative,
            "cycle": cycle,
            "extra": {
                "mode": "vault",
                "cumulative": cumulative,
                "cycle": cycle,
                "commitment": "0x" + commitment.hex(),
            },
        }

    def _event(self, serving: Serving, usage: Usage, charged: int) -> EventRow | None:
        if charged == 0:
            return None
        job = serving.job
        event = VaultEvent(
            id=job.id,
            operator=self._signer.address,
            consumer=serving.consumer,
            model=job.model or None,
            tokens=usage.total,
            amount_usdc=charged,
            duration_ms=int((self._timing.monotonic() - job.started) * 1000),
            timestamp=iso_timestamp(int(self._clock() * 1000)),
            vault_cycle=serving.tab.cycle,
            cumulative_checkpoint=serving.tab.concluded,
        )
        return event_row(event.signed(self._signer), held=True)

    # -- what a stream needs -------------------------------------------------------------------

    async def keep_accrued(self, serving: Serving, tokens: int) -> None:
        """Write down how much a stream has handed out."""
        faults.reach("operator.accruing")
        row = tab_row(serving.consumer, serving.tab)
        accrued = serving.admission.accrued
        await self._office.in_thread(self._journal.accrued, serving.job.id, accrued, tokens, row)
        faults.reach("operator.accrued")

    @property
    def upstream(self) -> Upstream:
        return self._upstream

    # -- refusals ------------------------------------------------------------------------------

    def _row(self, job: Job, consumer: Address, admission: Admission) -> RequestRow:
        return RequestRow(
            id=job.id,
            idempotency=self._idempotency(job, consumer),
            fingerprint=job.fingerprint,
            rail="vault",
            consumer=consumer,
            model=job.model[:256],
            ceiling=admission.ceiling,
            cycle=admission.tab.cycle,
        )

    @staticmethod
    def _idempotency(job: Job, consumer: Address) -> str | None:
        return f"vault:{consumer}:{job.key}" if job.key else None

    def _too_small(self, required: int, remaining: int, message: str) -> Refusal:
        code = "vault_reservation_insufficient"
        return refuse(
            402,
            code,
            message,
            code,
            headers={"Cache-Control": "no-store"},
            requiredUsdcBase=str(required),
            remainingUsdcBase=str(remaining),
            vault=self.vault,
        )

    def _window(self, over: WindowExceeded) -> Refusal:
        code = "vault_credit_window_exceeded"
        return refuse(
            402,
            code,
            "earlier answers are not receipted yet; push the receipt and send it again",
            code,
            headers={"Cache-Control": "no-store", "Retry-After": "1"},
            requiredUsdcBase=str(over.required),
            outstandingUsdcBase=str(over.outstanding),
            creditWindowUsdcBase=str(over.window),
            vault=self.vault,
        )

    @staticmethod
    def _unread() -> Refusal:
        return refuse(
            503,
            "chain_unavailable",
            "the operator cannot read the vault, and nothing was charged; try again",
            "server_error",
            headers={"Retry-After": "5"},
        )

    @staticmethod
    def _unverified() -> Refusal:
        return refuse(
            503,
            "vault_identity_unverified",
            "this operator cannot confirm its vault at the moment; pay exactly or use another one",
            "server_error",
        )
