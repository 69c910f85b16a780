"""Reservations with operators: taken from memory while they are known to be good, grown when they are not.

The way of a request that finds its purse full enough reads no chain and waits for nothing. Everything else
is done one at a time per wallet, because reservations are numbered.
"""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections.abc import Callable, Coroutine
from enum import Enum
from typing import Any

from harness import faults
from harness.clients.errors import Refused, ServiceError
from harness.clients.facilitator import FacilitatorClient
from harness.diamond.vault import Pair, Vault
from harness.errors import HarnessError
from harness.protocol.addresses import Address
from harness.protocol.authorization import DigestSigner
from harness.protocol.vault import Reservation
from harness.services.consumer.deposits import Deposits
from harness.services.consumer.purse import Purse
from harness.services.consumer.refusals import Refusal
from harness.services.consumer.settings import ConsumerSettings
from harness.services.consumer.upstream import insufficient_funds
from harness.services.consumer.vault_identity import VaultIdentity, VaultTerms
from harness.services.consumer.workers import Workers
from harness.store.consumer import ConsumerJournal
from harness.store.consumer_funds import FundsJournal, FundState, KeptReservation
from harness.store.database import DatabaseFailure

TTL_SECONDS = 3_600
REFRESH_MARGIN = 120
LIQUIDITY_SLOTS = (
    8  # no operator gets more than this part of what is free, unless a request needs it
)
RELEASE_SECONDS, RELEASE_POLL = 30.0, 0.6
HURRIED_SECONDS = 120.0
AHEAD = 4  # a quarter of what was reserved last is left: time for the next, where it is spent fast
REST_SECONDS = 30.0  # after reserving ahead did not work
WINDOW_SECONDS = 60.0  # how long a request queues for an operator's credit window

_log = logging.getLogger(__name__)


class Revival(Enum):
    """What can be done with a cycle whose end is near."""

    FRESH = "fresh"  # nothing is locked: a new cycle
    LIVE = "live_or_revivable"  # more can be added, which also prolongs it
    AS_IS = "serve_as_is"  # it cannot be prolonged and is not over yet
    RECLAIMABLE = "reclaimable"  # over, and what is locked may be released
    WEDGED = "wedged"  # over, and what is locked is not free yet


def classify(pair: Pair, now: int, max_ttl: int, grace: int) -> Revival:
    """Times in seconds."""
    if pair.locked == 0:
        return Revival.FRESH
    if now > pair.expiry + grace:
        return Revival.RECLAIMABLE
    if pair.created + max_ttl > now + REFRESH_MARGIN:
        return Revival.LIVE
    if pair.expiry > now:
        return Revival.AS_IS
    return Revival.WEDGED


class Reservations:
    """The purses of one consumer."""

    def __init__(
        self,
        settings: ConsumerSettings,
        consumer: Address,
        session_key: DigestSigner,
        vault: Vault,
        facilitator: FacilitatorClient,
        identity: VaultIdentity,
        deposits: Deposits,
        journal: ConsumerJournal,
        funds: FundsJournal,
        workers: Workers,
        spawn: Callable[[Coroutine[Any, Any, None]], None],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._settings = settings
        self._consumer = consumer
        self._session_key = session_key
        self._vault = vault
        self._facilitator = facilitator
        self._identity = identity
        self._deposits = deposits
        self._journal = journal
        self._funds = funds
        self._workers = workers
        self._spawn = spawn
        self._clock = clock
        self._resting: dict[Address, float] = {}  # until when nothing is reserved ahead for them
        self._one_at_a_time = asyncio.Lock()
        self.purses: dict[Address, Purse] = {}
        self._last: dict[Address, tuple[float, int]] = {}  # when, and how much

    @property
    def operators(self) -> list[Address]:
        """With whom something is reserved now."""
        now = self._clock() + REFRESH_MARGIN
        return [purse.operator for purse in self.purses.values() if purse.expiry > now]

    async def ensure(self, operator: Address, need: int) -> Purse:
        """A purse that holds `need` base units for one more request, already counted in it.

        Raises Refusal.
        """
        purse = self.purses.get(operator)
        if (
            purse is not None
            and self._identity.verified() is not None
            and self._good(purse, need)
            and purse.has_room(need)
        ):
            purse.take(need)
            if self._runs_out(purse):
                self._resting[operator] = math.inf
                self._spawn(self._grow_ahead(operator, need))
            return purse
        return await self._ensure(operator, need)

    async def _ensure(self, operator: Address, need: int) -> Purse:
        terms = await self._identity.check()
        while True:
            async with self._one_at_a_time:
                purse = self.purses.get(operator)
                if purse is None or not self._good(purse, need):
                    purse = await self._grow(operator, need, terms)
                if purse.has_room(need):
                    purse.take(need)
                    return purse
            if not await purse.room(need, WINDOW_SECONDS):
                raise Refusal(
                    "upstream_error",
                    f"The operator {operator} gives no more credit now; it waits for receipts.",
                    operator=operator,
                )

    def _good(self, purse: Purse, need: int) -> bool:
        fresh = purse.expiry - self._clock() > REFRESH_MARGIN or self._at_its_end(purse)
        return fresh and purse.available >= need

    def _at_its_end(self, purse: Purse) -> bool:
        """It cannot be prolonged: serve from it to the last."""
        terms = self._identity.verified()
        if terms is None:
            return False
        pair = Pair(purse.locked, purse.redeemed, purse.expiry, purse.created, purse.cycle)
        now = int(self._clock())
        return classify(pair, now, terms.max_reserve_ttl, terms.redeem_grace) is Revival.AS_IS

    # -- growing -------------------------------------------------------------------------------

    def _runs_out(self, purse: Purse) -> bool:
        """Whether it is spent so fast that the next request or two would wait for the chain."""
        when, amount = self._last.get(purse.operator, (0.0, 0))
        return (
            purse.available * AHEAD < amount
            and self._clock() - when < HURRIED_SECONDS
            and time.monotonic() >= self._resting.get(purse.operator, 0.0)
        )

    async def _grow_ahead(self, operator: Address, need: int) -> None:
        """Nobody waits for this, so nobody is told that it failed: the request that needs it finds out."""
        again = time.monotonic() + REST_SECONDS
        try:
            terms = await self._identity.check()
            async with self._one_at_a_time:
                if self._runs_out_still(operator):
                    await self._grow(operator, need, terms)
            again = 0.0
        except (Refusal, HarnessError, DatabaseFailure) as failure:
            _log.info(
                "nothing reserved ahead", extra={"operator": operator, "reason": str(failure)[:200]}
            )
        finally:
            self._resting[operator] = again

    def _runs_out_still(self, operator: Address) -> bool:
        """A request may have grown it meanwhile, or its cycle may be over."""
        purse = self.purses.get(operator)
        return purse is not None and purse.available * AHEAD < self._last[operator][1]

    async def _grow(self, operator: Address, need: int, terms: VaultTerms) -> Purse:
        finished = await self._finish_open()
        pair = await self._workers.chain(self._vault.ops, self._consumer, operator)
        now = int(self._clock())
        what = classify(pair, now, terms.max_reserve_ttl, terms.redeem_grace)
        if what is Revival.RECLAIMABLE:
            pair = await self._reclaim(operator)
            what = Revival.FRESH
        if what is Revival.WEDGED:
            free_at = pair.expiry + terms.redeem_grace + 1
            when = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(free_at))
            raise Refusal(
                "reservation_wedged",
                f"The reservation with {operator} is over; what is locked in it is free at {when}.",
                operator=operator,
                freeAt=free_at,
            )
        purse = await self._known(operator, pair, terms) if what is not Revival.FRESH else None
        if finished and purse is not None and self._good(purse, need):
            return purse
        if what is Revival.AS_IS:
            if purse is not None and purse.available >= need:
                return purse
            raise Refusal(
                "reservation_wedged",
                f"The reservation with {operator} ends soon and holds too little for this request.",
                operator=operator,
                freeAt=pair.expiry + terms.redeem_grace + 1,
            )
        await self._reserve(operator, need, purse.available if purse is not None else 0, terms)
        pair = await self._workers.chain(self._vault.ops, self._consumer, operator)
        return await self._known(operator, pair, terms)

    async def _known(self, operator: Address, pair: Pair, terms: VaultTerms) -> Purse:
        """The purse of this cycle, with the newest receipt we signed in it."""
        present = self.purses.get(operator)
        if present is not None and present.cycle == pair.cycle:
            present.refresh(pair)
            return present
        if present is not None and pair.cycle < present.cycle:
            raise Refusal(
                "chain_unavailable",
                f"The node lags: it has cycle {pair.cycle} with {operator}, cycle {present.cycle} has begun.",
            )
        purse = Purse(
            operator, terms.epoch, pair.cycle, pair.locked, pair.redeemed, pair.expiry, pair.created
        )
        purse.refresh(pair)
        signed = await self._workers.journal(self._signed, operator, terms.epoch, pair.cycle)
        purse.cumulative = max(purse.cumulative, signed)
        self.purses[operator] = purse
        return purse

    def _signed(self, operator: Address, epoch: int, cycle: int) -> int:
        for kept in self._journal.receipts(self._vault.address, self._consumer):
            receipt = kept.signed.receipt
            if (receipt.operator, receipt.key_epoch, receipt.cycle) == (operator, epoch, cycle):
                return receipt.cumulative
        return 0

    async def _reserve(
        self, operator: Address, need: int, available: int, terms: VaultTerms
    ) -> None:
        """Lock more for an operator: several requests' worth, while that leaves enough for others."""
        free = await self._workers.chain(self._vault.withdrawable, self._consumer)
        missing = max(need - available, 1)
        if free < missing and self._deposits.target:
            await self._deposits.refill(missing)
            free = await self._workers.chain(self._vault.withdrawable, self._consumer)
        if free < missing:
            raise insufficient_funds(
                self._consumer,
                self._settings,
                f"has {free} unreserved base units in the vault, this request needs {missing}; the Vault "
                "can't cover this request (start with --vault-deposit, or deposit)",
            )
        wanted = need * self._settings.reserve_multiple
        last = self._last.get(operator)
        if last is not None and self._clock() - last[0] < HURRIED_SECONDS:
            wanted = max(wanted, 2 * last[1])  # who spends that fast reserves more at once
        batch = min(wanted, free // LIQUIDITY_SLOTS)
        amount = min(max(missing, batch), free)
        ttl = min(TTL_SECONDS, terms.max_reserve_ttl)
        nonce = await self._workers.chain(self._vault.reserve_nonce, self._consumer)
        reservation = Reservation(
            self._consumer, operator, amount, int(self._clock()) + ttl, nonce, terms.epoch
        )
        kept = KeptReservation(
            self._vault.address,
            reservation,
            reservation.sign(self._session_key, terms.separator),
        )
        await self._workers.journal(self._funds.intend_reservation, kept)
        self._last[operator] = (self._clock(), amount)
        faults.reach("consumer.reserve_intent")
        await self._submit(kept)

    async def _submit(self, kept: KeptReservation) -> None:
        """Have the facilitator put it on chain, and look ourselves whether it is there."""
        reservation = kept.reservation
        try:
            await self._facilitator.reserve(reservation, kept.signature, wait=True)
        except Refused as refusal:
            if await self._spent(reservation):
                await self._workers.journal(self._funds.reservation_became, kept, FundState.DONE)
                return
            await self._workers.journal(self._funds.reservation_became, kept, FundState.FAILED)
            raise self._refused(refusal) from None
        except ServiceError as failure:
            # It may be on its way. The next request looks, and sends the same signature again.
            if not await self._spent(reservation):
                raise Refusal(
                    "upstream_error", f"The facilitator did not take the reservation: {failure}."
                ) from None
        faults.reach("consumer.reserved")
        if not await self._seen(reservation):
            raise Refusal(
                "upstream_error",
                "The facilitator says it reserved, and the chain does not have it.",
            )
        await self._workers.journal(self._funds.reservation_became, kept, FundState.DONE)
        _log.info(
            "reserved",
            extra={"operator": reservation.operator, "amount": str(reservation.amount)},
        )

    async def _spent(self, reservation: Reservation) -> bool:
        """Whether this number is used: then this very reservation was made, for nobody else signs."""
        nonce = await self._workers.chain(self._vault.reserve_nonce, self._consumer)
        return nonce > reservation.nonce

    async def _seen(self, reservation: Reservation) -> bool:
        for pause in (0.0, 0.2, 0.5, 1.0, 2.0):
            await asyncio.sleep(pause)
            if await self._spent(reservation):
                return True
        return False

    async def _finish_open(self) -> int:
        """Reservations of which it is not known whether they were made: sent again, as they were signed."""
        open_ones = await self._workers.journal(
            self._funds.open_reservations, self._vault.address, self._consumer
        )
        for kept in open_ones:
            if await self._spent(kept.reservation):
                await self._workers.journal(self._funds.reservation_became, kept, FundState.DONE)
            elif kept.reservation.expiry <= self._clock():
                await self._workers.journal(self._funds.reservation_became, kept, FundState.FAILED)
            else:
                await self._submit(kept)
        return len(open_ones)

    def _refused(self, refusal: Refused) -> Refusal:
        if refusal.code in ("InsufficientFree", "PolicyExceeded", "ReservesAreFrozen"):
            return insufficient_funds(
                self._consumer, self._settings, f"cannot reserve in the vault ({refusal.code})"
            )
        return Refusal("upstream_error", f"The reservation was refused: {refusal.code}.")

    async def _reclaim(self, operator: Address) -> Pair:
        """Have what an ended cycle still locks released, and wait until the chain shows it."""
        try:
            await self._facilitator.release(self._consumer, operator)
        except ServiceError as failure:
            _log.warning("release failed", extra={"operator": operator, "reason": str(failure)})
        deadline = time.monotonic() + RELEASE_SECONDS  # a wall clock may be set back meanwhile
        while True:
            pair = await self._workers.chain(self._vault.ops, self._consumer, operator)
            if pair.locked == 0:
                return pair
            if time.monotonic() >= deadline:
                raise Refusal(
                    "reservation_wedged",
                    f"What an ended reservation with {operator} locks is not released yet.",
                    operator=operator,
                )
            await asyncio.sleep(RELEASE_POLL)

    # -- after a restart -----------------------------------------------------------------------

    async def restore(self) -> None:
        """Read again what is reserved with whom; a silent chain is asked when a request needs it."""
        terms = await self._identity.check()
        operators = await self._workers.journal(self._funds.operators, self._vault.address)
        for operator in operators:
            try:
                pair = await self._workers.chain(self._vault.ops, self._consumer, operator)
            except Refusal:
                continue
            if pair.locked:
                await self._known(operator, pair, terms)
