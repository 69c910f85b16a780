"""The vault rail: a reservation known to be good, one request, one receipt for what was used.

    take from the purse -> journal: sent -> request -> meter -> journal: receipt -> push

An operator may refuse before it works: because the reservation is too small (it is grown, against the same
ceiling), or because it waits for receipts (they are waited for). Sending the same request again is safe then.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field

from harness import faults
from harness.protocol.addresses import Address
from harness.protocol.authorization import DigestSigner
from harness.protocol.spending import Rail, RequestState
from harness.protocol.vault_request import LIFETIME, VaultRequest, content_of
from harness.services.consumer.ask import Ask
from harness.services.consumer.budget import Hold, OverBudget
from harness.services.consumer.delivery import Bill, Delivered, Json, Stream
from harness.services.consumer.directory import Directory, Offer
from harness.services.consumer.enclaves import Sealed
from harness.services.consumer.envelope import Letter
from harness.services.consumer.metering import (
    completion_text,
    meter,
    natural,
    read_settlement,
    read_usage,
)
from harness.services.consumer.purse import Purse
from harness.services.consumer.refusals import Refusal
from harness.services.consumer.relay import Broken, RelayClient, RelayReply, RelayStream
from harness.services.consumer.reservations import Reservations
from harness.services.consumer.settings import ConsumerSettings
from harness.services.consumer.tab import Bookkeeper, Tab
from harness.services.consumer.upstream import (
    OLD_KEY,
    ClientGone,
    deprecation,
    failure_of,
    until_gone,
)
from harness.services.consumer.vault_stream import StreamReader
from harness.services.consumer.workers import Workers
from harness.store.consumer import ConsumerJournal, NewRequest
from harness.store.database import DatabaseFailure

GROWTHS = 3
WAITS = 3
LIVES = 4  # of one idempotency key at an operator: a stream that broke off ends one
FIRST_WAIT = 1.0

TOO_SMALL = "vault_reservation_insufficient"
NO_CREDIT = "vault_credit_window_exceeded"
ANSWER_GONE = "answer_expired"


@dataclass
class _Admitted:
    """A request that an operator took on. `answer` is whole, or a stream kept open by `stack`."""

    tab: Tab
    letter: Letter
    answer: RelayReply | RelayStream
    stack: AsyncExitStack = field(default_factory=AsyncExitStack)


@dataclass(frozen=True)
class _Ready:
    """A request as it is sent."""

    letter: Letter
    headers: dict[str, str]


class VaultRail:
    """Pays from reservations by cumulative receipts."""

    def __init__(
        self,
        settings: ConsumerSettings,
        consumer: Address,
        session_key: DigestSigner,
        separator: Callable[[], bytes],
        relay: RelayClient,
        directory: Directory,
        reservations: Reservations,
        books: Bookkeeper,
        journal: ConsumerJournal,
        workers: Workers,
        first_wait: float = FIRST_WAIT,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._settings = settings
        self._consumer = consumer
        self._session_key = session_key
        self._separator = separator
        self._relay = relay
        self._directory = directory
        self.reservations = reservations
        self._books = books
        self._journal = journal
        self._workers = workers
        self._first_wait = first_wait
        self._clock = clock

    async def deliver(
        self, ask: Ask, offer: Offer, hold: Hold, run: int, enclave: Sealed | None
    ) -> Delivered:
        """One completion, metered and receipted. Raises Refusal; the hold is ended."""
        body = {**ask.body, "stream": False}
        admitted = await self._admit(ask, offer, hold, run, body, enclave)
        tab, answer = admitted.tab, admitted.answer
        async with admitted.stack:
            if not isinstance(answer, RelayReply):
                await tab.release("answered with a stream")
                raise Refusal("upstream_error", "The operator streamed what was to come whole.")
            return await self._book(ask, offer, admitted, answer)

    async def _book(
        self, ask: Ask, offer: Offer, admitted: _Admitted, reply: RelayReply
    ) -> Delivered:
        tab, letter = admitted.tab, admitted.letter
        bill = Bill(
            ask.id, Rail.VAULT, offer.operator, letter.sealed, deprecation=deprecation(reply)
        )
        try:
            completion = letter.open(reply)
        except Refusal as refusal:
            # Nothing usable was delivered, so nothing is owed; the operator may see it otherwise.
            await tab.dispute(refusal.code)
            refusal.headers = {**bill.final_headers(), **refusal.headers}
            raise
        if letter.enclave is not None:
            bill.confidential, bill.tee_verified = True, letter.enclave.verified
        settlement = read_settlement(reply.settlement, offer.operator)
        charge = meter(
            ask,
            offer,
            tab.ceiling,
            settlement=settlement,
            usage=read_usage(completion),
            output=completion_text(completion),
        )
        if charge is None:
            await tab.unmetered()
            bill.note = "the operator reported no usage; nothing was charged"
            return Delivered(completion, bill)
        faults.reach("consumer.metered")
        await tab.finish(charge, settlement)
        bill.charged, bill.tokens = tab.charged, charge.tokens
        if charge.disputed:
            bill.note = (
                f"the operator claimed {charge.claimed} base units; {charge.amount} are owed"
            )
        return Delivered(completion, bill)

    async def stream(self, ask: Ask, offer: Offer, hold: Hold, run: int) -> Stream | Delivered:
        """A completion as it arrives, once its first chunk is here. Raises Refusal until then."""
        body = {**ask.body, "stream": True, "stream_options": {"include_usage": True}}
        admitted = await self._admit(ask, offer, hold, run, body, None)
        answer = admitted.answer
        if isinstance(answer, RelayReply):
            async with admitted.stack:
                return await self._book(ask, offer, admitted, answer)
        bill = Bill(ask.id, Rail.VAULT, offer.operator, admitted.letter.sealed)
        bill.deprecation = answer.headers.get("x-halo-deprecation-warning", "")[:300]
        reader = StreamReader(ask, offer, admitted.letter, admitted.tab, bill)
        hold.kept = True  # until the stream is closed

        async def close() -> None:
            try:
                await reader.close()
            finally:
                await admitted.stack.aclose()

        try:
            chunks = await reader.start(answer.events)
        except BaseException:
            await close()
            raise
        return Stream(bill, _until_gone(ask, chunks), close)

    # -- admission -----------------------------------------------------------------------------

    async def _admit(
        self,
        ask: Ask,
        offer: Offer,
        hold: Hold,
        run: int,
        body: Json,
        enclave: Sealed | None,
    ) -> _Admitted:
        need = offer.ceiling(ask.tokens)
        try:
            hold.resize(need)
        except OverBudget:
            raise Refusal("over_budget", "The request does not fit into what is left.") from None
        growths = waits = lives = 0
        tab: Tab | None = None
        sealed_again = False
        while True:
            try:
                purse = await self.reservations.ensure(offer.operator, need)
            except Refusal as refusal:
                if tab is not None:  # refused for too little, and there is no more
                    await tab.refused(refusal.code)
                raise
            try:
                ready: _Ready | None = None
                if tab is None:
                    writing = asyncio.ensure_future(self._begin(ask, offer, need, run, purse))
                    await asyncio.sleep(0)  # it is sealed while the disk works
                    with suppress(Refusal):
                        ready = self._prepare(ask, offer, body, enclave, lives)
                    await writing
                tab = Tab(self._books, ask.id, purse, hold, need, ask.interrupted)
                ready = ready or self._prepare(ask, offer, body, enclave, lives)
                letter = ready.letter
                answer, stack = await self._attempt(ask, ready)
            except Broken as failure:
                await self._abandon(tab, purse, need, f"the relay broke off: {failure}")
                code = "upstream_timeout" if failure.slow or failure.sent else "upstream_error"
                raise Refusal(code, f"The relay broke off: {failure}.") from None
            except ClientGone:
                await self._abandon(tab, purse, need, "the client left")
                raise
            except Refusal:
                await self._abandon(tab, purse, need, "refused")
                raise
            except DatabaseFailure:
                if tab is None:
                    purse.give_back(need)
                raise
            if isinstance(answer, RelayStream) or answer.status == 200:
                return _Admitted(tab, letter, answer, stack)
            await stack.aclose()
            purse.give_back(need)
            if answer.status == 402 and answer.error_code == TOO_SMALL and growths < GROWTHS:
                growths += 1
                cap = ask.permission.cap(offer.operator, offer.model)
                grown = await self._grown(answer, purse, need, hold, tab, cap)
                if grown > need:  # what it may cost from now on, for a restart
                    sent = RequestState.SENT
                    await self._workers.journal(self._journal.advance, ask.id, sent, hold=grown)
                need = grown
                continue
            if answer.status == 402 and answer.error_code == NO_CREDIT and waits < WAITS:
                await self._wait(ask, answer, purse, need, self._first_wait * 2**waits, tab)
                waits += 1
                continue
            if answer.status == 400 and answer.error_code == OLD_KEY and not sealed_again:
                # It was restarted, and its key with it; before any work, so nothing is owed.
                sealed_again = True
                try:
                    offer = await self._directory.renewed(offer)
                except Refusal as refusal:
                    await tab.refused(refusal.code)
                    raise
                continue
            gone = answer.status == 410 and answer.error_code == ANSWER_GONE
            if gone and not ask.bought and lives + 1 < LIVES:
                # What it has under this key broke off, and our own row says that it cost nothing.
                lives += 1
                digest = bytes.fromhex(self._operators_key(ask, lives))
                sent = RequestState.SENT
                await self._workers.journal(self._journal.advance, ask.id, sent, digest=digest)
                continue
            await tab.refused(f"status {answer.status} {answer.error_code}")
            raise self._failure(answer, offer)

    async def _begin(self, ask: Ask, offer: Offer, need: int, run: int, purse: Purse) -> None:
        """The row that a restart finds: what may be owed although nobody remembers it."""
        new = NewRequest(
            id=ask.id,
            run=run,
            rail=Rail.VAULT,
            state=RequestState.SENT,
            model=ask.model,
            operator=offer.operator,
            hold=need,
            idempotency=ask.idempotency,
            fingerprint=ask.fingerprint,
            digest=bytes.fromhex(self._operators_key(ask, 0)),
            cycle=purse.cycle,
        )
        faults.reach("consumer.held")
        await self._books.catch_up()
        await self._workers.journal(self._journal.begin, new)
        faults.reach("consumer.vault_sent")

    def _prepare(
        self, ask: Ask, offer: Offer, body: Json, enclave: Sealed | None, life: int
    ) -> _Ready:
        """Raises Refusal(e2e_failed)."""
        letter = Letter(body, offer, e2e=self._settings.e2e, enclave=enclave)
        # The operator answers a retry of the client from what it kept, and counts nothing twice.
        key = self._operators_key(ask, life)
        headers = {
            **letter.headers,
            "X-Halo-Payment-Mode": "vault",
            "X-Halo-Vault-Consumer": self._consumer,
            "X-Halo-Vault-Proof": self.prove(offer.operator, letter.exchange or key),
            "X-Halo-Operator": offer.operator,
            "Idempotency-Key": key,
        }
        return _Ready(letter, headers)

    async def _attempt(
        self, ask: Ask, ready: _Ready
    ) -> tuple[RelayReply | RelayStream, AsyncExitStack]:
        stack = AsyncExitStack()
        try:
            opening = stack.enter_async_context(
                self._relay.stream(ready.letter.body, ready.headers)
            )
            answer = await until_gone(ask, opening)
        except BaseException:
            await stack.aclose()
            raise
        if isinstance(answer, RelayReply):
            faults.reach("consumer.replied")
        return answer, stack

    def prove(self, operator: Address, exchange: str) -> str:
        """That this consumer asks, and only for this request."""
        deadline = int(self._clock()) + LIFETIME
        request = VaultRequest(self._consumer, operator, content_of(exchange), deadline)
        return request.prove(self._session_key, self._separator())

    def _operators_key(self, ask: Ask, life: int) -> str:
        """The client's key as an operator and the relay see it: not the client's own words.

        Each life of a key has the same name whoever counts, so that a lost answer is found again.
        """
        words = f"{self._consumer}:{ask.idempotency or ask.id}"
        if life:
            words += f":{life}"
        return hashlib.sha256(words.encode()).hexdigest()

    async def _abandon(self, tab: Tab | None, purse: Purse, need: int, why: str) -> None:
        if tab is None:
            purse.give_back(need)
        else:
            await tab.release(why)

    async def _grown(
        self, answer: RelayReply, purse: Purse, need: int, hold: Hold, tab: Tab, cap: int
    ) -> int:
        """What to hold and reserve next, checked against the same ceiling as the first time."""
        required = natural(answer.error.get("requiredUsdcBase"))
        remaining = natural(answer.error.get("remainingUsdcBase"))
        wanted = max(required or need, need)
        if wanted > cap:
            await tab.refused("over_cap")
            raise Refusal(
                "over_cap",
                f"The operator now wants {wanted} base units reserved for this request; the ceiling is "
                f"{cap}.",
                requiredBase=str(wanted),
                maxBase=str(cap),
            )
        if wanted > need:
            try:
                hold.resize(wanted)
            except OverBudget:
                await tab.refused("over_budget")
                raise Refusal(
                    "over_budget", "The operator's price does not fit into what is left."
                ) from None
        elif remaining is not None:
            # Its books say that less is left than ours do. Reserve the difference.
            purse.unseen = max(purse.total - purse.cumulative - remaining, 0)
        return wanted

    async def _wait(
        self,
        ask: Ask,
        answer: RelayReply,
        purse: Purse,
        need: int,
        seconds: float,
        tab: Tab,
    ) -> None:
        """Until the operator has a receipt that it waits for, at most so long."""
        told = natural(answer.error.get("creditWindowUsdcBase"))
        others = purse.outstanding
        purse.window = told if told is not None else max(others, need)
        purse.pressing.set()
        changed = purse.changed
        try:
            await until_gone(ask, _either(changed, seconds))
        except ClientGone:
            await tab.refused("the client left")
            raise

    def _failure(self, answer: RelayReply, offer: Offer) -> Refusal:
        if answer.status == 410 and answer.error_code == ANSWER_GONE:
            return Refusal(
                "payment_unknown",
                "What was paid under this key is not kept any more; it is not paid again.",
                operator=offer.operator,
            )
        if answer.status == 402 and answer.error_code == NO_CREDIT:
            return Refusal(
                "upstream_error",
                f"The operator {offer.operator} gives no more credit now; it waits for receipts.",
                operator=offer.operator,
            )
        if answer.status == 402 and answer.error_code == TOO_SMALL:
            return Refusal(
                "over_cap",
                f"The operator raised what it wants reserved {GROWTHS} times and still refuses.",
                operator=offer.operator,
            )
        if answer.status == 402:
            return Refusal(
                "payment_failed",
                f"The operator refused the payment ({answer.error_code or 'no reason'}).",
                operator=offer.operator,
            )
        return failure_of(answer, offer, paid=False)


async def _either(changed: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(changed.wait(), seconds)
    except TimeoutError:
        return


async def _until_gone(ask: Ask, chunks: AsyncIterator[Json]) -> AsyncIterator[Json]:
    """The chunks, until the client leaves. Raises ClientGone then."""
    iterator = chunks.__aiter__()
    while True:
        try:
            yield await until_gone(ask, _next(iterator))
        except StopAsyncIteration:
            return


async def _next(iterator: AsyncIterator[Json]) -> Json:
    return await iterator.__anext__()
