"""The same Idempotency-Key again: the same answer, and never a second payment.

same key, same body, finished      the reply that was kept, for a day
same key, same body, under way     409
same key, other body               409
same key, payment not resolved     resolved first: sent again under the same signature, or a new attempt
                                   once the old signature can pay nothing any more
same key, a stream that broke off  bought anew if nothing of it was paid; a key that has cost something buys
                                   nothing more, but its operator may have finished the answer, and what
                                   was paid for a part of it counts
same key, a stream its client left bought anew: what was shown is paid, and the client wanted no more
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from harness.protocol.spending import RequestState
from harness.services.consumer.ask import Ask
from harness.services.consumer.refusals import Refusal
from harness.services.consumer.workers import Workers
from harness.store.consumer import ConsumerJournal, KeptResult, PaidRequest

KEPT_SECONDS = 86_400
LEFT = "delivered"  # the reason of a stream that its client left
MAX_KEPT = 8 * 1024 * 1024


@dataclass(frozen=True)
class Earlier:
    """What is known of a key: a kept reply, or a payment that must be resolved first. `interrupted` are the
    requests under it that its answer ends: of an earlier process, so that nobody knows what they cost, or
    paid for an answer that is not kept here."""

    result: KeptResult | None = None
    unresolved: PaidRequest | None = None
    interrupted: tuple[str, ...] = ()


class Idempotency:
    """The keys of one sidecar."""

    def __init__(
        self,
        journal: ConsumerJournal,
        workers: Workers,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._journal = journal
        self._workers = workers
        self._clock = clock
        self._running: dict[str, str] = {}

    def enter(self, ask: Ask) -> None:
        """Before the first wait of a request. Raises Refusal: idempotency_conflict, …_in_progress."""
        if ask.idempotency is None:
            return
        running = self._running.get(ask.idempotency)
        if running is not None:
            if running != ask.fingerprint:
                raise self._conflict()
            raise Refusal("idempotency_in_progress", "A request with this key is under way.")
        self._running[ask.idempotency] = ask.fingerprint

    def leave(self, ask: Ask) -> None:
        if ask.idempotency is not None:
            self._running.pop(ask.idempotency, None)

    async def earlier(self, ask: Ask) -> Earlier:
        """What an earlier request with this key left. Raises Refusal(idempotency_conflict)."""
        if ask.idempotency is None:
            return Earlier()
        kept = await self._workers.journal(self._journal.result, ask.idempotency)
        if kept is not None:
            if kept.fingerprint != ask.fingerprint:
                raise self._conflict()
            return Earlier(result=kept)
        rows = await self._workers.journal(self._journal.under_key, ask.idempotency)
        if not rows:
            return Earlier()
        if rows[0].fingerprint != ask.fingerprint:
            raise self._conflict()
        # Not the newest alone: what died under way may be owed still, although a retry of it was refused.
        unresolved = next((row for row in rows if _may_cost(row)), None)
        return Earlier(
            unresolved=unresolved, interrupted=tuple(row.id for row in rows if _unanswered(row))
        )

    async def keep(self, ask: Ask, status: int, headers: dict[str, str], body: bytes) -> None:
        """A reply that cost something. Confidential ones stay in memory only, so they are not kept."""
        if ask.idempotency is None or ask.confidential or len(body) > MAX_KEPT:
            return
        await self._workers.journal(
            self._journal.keep_result,
            ask.idempotency,
            KeptResult(ask.fingerprint, ask.id, status, headers, body),
        )

    async def tidy(self) -> None:
        await self._workers.journal(self._journal.forget_results, self._clock() - KEPT_SECONDS)

    @staticmethod
    def _conflict() -> Refusal:
        return Refusal("idempotency_conflict", "This Idempotency-Key belongs to another request.")


def _unanswered(row: PaidRequest) -> bool:
    return row.state.open or (row.charged > 0 and row.reason != LEFT)


def _may_cost(row: PaidRequest) -> bool:
    """It was paid for an answer, or may yet be."""
    paid = row.state in (RequestState.SETTLED, RequestState.RECEIPTED) or (
        row.state is RequestState.DISPUTED and row.charged > 0
    )
    return (row.state.open or paid) and row.reason != LEFT
