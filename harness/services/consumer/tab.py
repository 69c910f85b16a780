"""One request's account with a purse: what of its ceiling is owed, written down before anybody hears of it."""

from __future__ import annotations

from collections.abc import Callable

from harness import faults
from harness.protocol.addresses import Address
from harness.protocol.authorization import DigestSigner
from harness.protocol.spending import RequestState
from harness.protocol.vault import Receipt, SignedReceipt
from harness.services.consumer.budget import Hold
from harness.services.consumer.metering import Charge, Settlement
from harness.services.consumer.purse import Orphan, Purse
from harness.services.consumer.workers import Workers
from harness.store.consumer import ConsumerJournal
from harness.store.database import DatabaseFailure

BROKE_OFF = "the stream broke off"  # the reason of a request that paid for a part


class Bookkeeper:
    """Signs receipts of one consumer and vault, journals them, and hands them to the pusher."""

    def __init__(
        self,
        vault: Address,
        consumer: Address,
        session_key: DigestSigner,
        separator: Callable[[], bytes],
        journal: ConsumerJournal,
        workers: Workers,
        push: Callable[[SignedReceipt], None],
        forgive: Callable[[str], Hold | None],
    ) -> None:
        self._vault = vault
        self._consumer = consumer
        self._session_key = session_key
        self._separator = separator
        self._journal = journal
        self._workers = workers
        self._push = push
        self._forgive = forgive
        self._late: dict[str, tuple[RequestState, str, int]] = {}  # ends that could not be written

    async def receipt(
        self,
        purse: Purse,
        request: str,
        owed: int,
        state: RequestState,
        charged: int,
        tokens: int | None,
        reason: str = "",
        interrupted: tuple[str, ...] = (),
    ) -> None:
        """Owe `owed` more in this purse's cycle. One commit, then the push in the background.

        `interrupted` requests under the same key end with it, and what they were charged is added to what
        this one is: an operator serves a key once.
        """
        cumulative = purse.owe(owed)
        receipt = Receipt(self._consumer, purse.operator, cumulative, purse.epoch, purse.cycle)
        signed = receipt.sign(self._session_key, self._separator())
        try:
            await self._workers.journal(
                self._journal.receipt,
                self._vault,
                signed,
                request,
                state,
                reason,
                charged=charged,
                tokens=tokens,
                interrupted=interrupted,
            )
        except DatabaseFailure:
            purse.disown(cumulative, owed)
            raise
        faults.reach("consumer.receipted")
        if state is RequestState.SENT:  # the stream goes on, and its operator counts on it
            purse.pressing.set()
        self._push(signed)
        self._let_go(purse, interrupted)

    async def already(self, requests: tuple[str, ...]) -> int:
        """What these requests were charged."""
        return await self._workers.journal(self._journal.charged, requests) if requests else 0

    async def answered(self, purse: Purse, request: str, interrupted: tuple[str, ...]) -> None:
        """The same where nothing more was owed."""
        if interrupted:
            await self._workers.journal(self._journal.answered_again, request, interrupted)
            self._let_go(purse, interrupted)

    def _let_go(self, purse: Purse, interrupted: tuple[str, ...]) -> None:
        for request in interrupted:
            purse.orphans.pop(request, None)
            hold = self._forgive(request)
            if hold is not None:
                hold.release()

    async def became(self, request: str, state: RequestState, reason: str, charged: int) -> None:
        """Write down how a request ended. What cannot be written is written before the next one."""
        self._late[request] = state, reason, charged
        await self.catch_up()

    def unwritten(self, request: str, charged: int) -> None:
        """What was delivered could not be receipted: nothing more is charged than was before."""
        state = RequestState.RECEIPTED if charged else RequestState.RELEASED
        self._late[request] = state, "its receipt could not be written", charged

    async def catch_up(self) -> None:
        """Write the ends that wait, each once however many ask. Raises DatabaseFailure."""
        for request in list(self._late):
            end = self._late.pop(request, None)
            if end is None:
                continue
            state, reason, charged = end
            try:
                await self._workers.journal(
                    self._journal.advance, request, state, reason, charged=charged
                )
            except DatabaseFailure:
                self._late[request] = end
                raise

    async def end_orphan(self, purse: Purse, request: str, cost: int) -> None:
        """A request that a crash made us forget came to `cost` at its operator: owed up to its ceiling."""
        orphan = purse.orphans.pop(request, None)
        if orphan is None:
            return  # its key was answered meanwhile
        owed = min(cost - orphan.charged, orphan.remaining)
        try:
            if owed > 0:
                charged, state = orphan.charged + owed, RequestState.RECEIPTED
                await self.receipt(purse, request, owed, state, charged, None, "paid after a crash")
            else:
                state = RequestState.RECEIPTED if orphan.charged else RequestState.RELEASED
                await self._workers.journal(
                    self._journal.advance, request, state, "interrupted by a restart"
                )
        except DatabaseFailure:
            purse.orphans[request] = orphan
            raise
        hold = self._forgive(request)
        if hold is not None:
            hold.charge(min(max(owed, 0), hold.amount))


class Tab:
    """One request, from its admission to its end. Every way out ends the hold exactly once."""

    def __init__(
        self,
        books: Bookkeeper,
        request: str,
        purse: Purse,
        hold: Hold,
        ceiling: int,
        interrupted: tuple[str, ...] = (),
    ) -> None:
        self._books = books
        self._request = request
        self._purse = purse
        self._hold = hold
        self._interrupted = interrupted
        self._claimed: dict[str, Orphan] = {}
        self.ceiling = ceiling
        self._own = 0  # base units, under this request
        self._taken = 0  # over from interrupted requests
        self._open = True

    @property
    def charged(self) -> int:
        """What the key has cost, as far as this request knows of it."""
        return self._own + self._taken

    async def checkpoint(self, cost: int, tokens: int | None) -> None:
        """While it streams: `cost` is owed for this request so far. Counts only upwards."""
        already = await self._already()
        more = min(cost, self.ceiling) - already - self._own
        if not self._open or more <= 0:
            return
        self._own += more
        self._purse.give_back(more)
        self._hold.charge_part(more)
        try:
            await self._books.receipt(
                self._purse,
                self._request,
                more,
                RequestState.SENT,
                self.charged,
                tokens,
                interrupted=self._interrupted,
            )
        except DatabaseFailure:
            self._own -= more
            self._purse.take(more)
            raise
        self._took(already)

    async def finish(self, charge: Charge, settlement: Settlement | None = None) -> None:
        """Everything was delivered; the rest of the hold is given back."""
        if not self._open:
            return
        self._open = False
        already = await self._already()
        more = max(charge.amount - already - self._own, 0)
        if settlement is not None and settlement.replayed:
            if settlement.cycle not in (None, self._purse.cycle):
                more = 0  # served in a cycle that is over, and what it owed with it
        self._purse.give_back(self.ceiling - self._own)
        self._own += more
        self._hold.charge(more)
        reason = f"claimed {charge.claimed}, {charge.how}" if charge.disputed else ""
        if charge.how == "delivered":
            reason = charge.how
        if more:
            try:
                await self._books.receipt(
                    self._purse,
                    self._request,
                    more,
                    RequestState.RECEIPTED,
                    self.charged,
                    charge.tokens,
                    reason,
                    self._interrupted,
                )
            except DatabaseFailure:
                self._own -= more
                self._unclaim()
                self._books.unwritten(self._request, self.charged)
                raise
        else:
            state = RequestState.RECEIPTED if self.charged else RequestState.RELEASED
            await self._books.became(self._request, state, reason, self.charged)
            await self._books.answered(self._purse, self._request, self._interrupted)
        self._took(already)

    async def _already(self) -> int:
        """What interrupted requests paid for parts of this answer. From here on nobody else pays for them."""
        for request in self._interrupted:
            orphan = self._purse.orphans.pop(request, None)
            if orphan is not None:
                self._claimed[request] = orphan
        return self._taken + await self._books.already(self._interrupted)

    def _took(self, already: int) -> None:
        self._taken = already
        self._claimed.clear()

    def _unclaim(self) -> None:
        """They are not answered: whoever learns that they were served pays for them."""
        self._purse.orphans.update(self._claimed)
        self._claimed.clear()

    async def refused(self, reason: str) -> None:
        """Before any work. The purse has been given back already."""
        await self._end(RequestState.REFUSED, reason, give_back=False)

    async def release(self, reason: str) -> None:
        """Nothing more was delivered than what is receipted."""
        await self._end(RequestState.RELEASED, reason)

    async def unmetered(self) -> None:
        await self._end(RequestState.UNMETERED, "no usage and no settlement")

    async def dispute(self, reason: str) -> None:
        await self._end(RequestState.DISPUTED, reason)

    async def _end(self, state: RequestState, reason: str, *, give_back: bool = True) -> None:
        if not self._open:
            return
        self._open = False
        self._unclaim()
        if give_back:
            self._purse.give_back(self.ceiling - self._own)
        self._hold.release()
        if self.charged and state is not RequestState.DISPUTED:
            state = RequestState.RECEIPTED
        await self._books.became(self._request, state, reason, self.charged)
