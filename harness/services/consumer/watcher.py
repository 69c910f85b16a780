"""Authorisations that left this process, until the chain says what became of them.

A nonce that is used was paid; one that is unused after its time can never be, which is read at the very
block that is after it. The facilitator only adds the transaction's hash. Settlements that an operator reports are
compared with the transfer that the chain has.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass

from harness.chain.errors import ChainError
from harness.clients.errors import ServiceError
from harness.clients.facilitator import FacilitatorClient
from harness.diamond.tokens import FwUsd
from harness.errors import HarnessError
from harness.protocol.addresses import Address, address_bytes
from harness.protocol.spending import RequestState
from harness.services.consumer.budget import Hold
from harness.services.consumer.workers import Workers
from harness.store.consumer import ConsumerJournal, NewRequest, PaidRequest

GRACE_SECONDS = 120  # beyond validBefore, for blocks that a chain may take back
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 30.0

_log = logging.getLogger(__name__)


@dataclass
class _Watched:
    id: str
    nonce: bytes
    digest: bytes
    payee: Address
    amount: int
    valid_before: int
    hold: Hold
    busy: bool = False  # the request is under way: its own task books what the reply says
    ending: bool = False  # the chain has told, and it is being written down


@dataclass(frozen=True)
class _Truth:
    """What the chain has about one nonce."""

    used: bool
    expired: bool
    transaction: bytes | None = None
    moved: bool = True  # whether the transaction that was named moved what was signed


class Watcher:
    """Of one wallet and token."""

    def __init__(
        self,
        token: FwUsd,
        wallet: Address,
        journal: ConsumerJournal,
        workers: Workers,
        facilitator: FacilitatorClient,
    ) -> None:
        self._token = token
        self._wallet = wallet
        self._journal = journal
        self._workers = workers
        self._facilitator = facilitator
        self._watched: dict[str, _Watched] = {}
        self._named: dict[str, str] = {}  # transactions that operators named
        self._stir = asyncio.Event()

    # -- who is watched ------------------------------------------------------------------------

    def watch(self, new: NewRequest | PaidRequest, hold: Hold, *, busy: bool = False) -> None:
        """From the moment a signature exists."""
        assert new.nonce and new.digest and new.payee and new.valid_before is not None
        self._watched[new.id] = _Watched(
            new.id, new.nonce, new.digest, new.payee, new.hold, new.valid_before, hold, busy
        )
        self._stir.set()

    def set_busy(self, request: str, busy: bool) -> None:
        """Not looked at while its own request is under way."""
        watched = self._watched.get(request)
        if watched is not None:
            watched.busy = busy

    def take_up(self, request: str) -> bool:
        """Make it busy to send its payment again; False when there is nothing left to send it for."""
        watched = self._watched.get(request)
        if watched is None or watched.ending:
            return False
        watched.busy = True
        return True

    def named(self, request: str, transaction: str) -> None:
        """The operator says that this transaction was the payment."""
        if request in self._watched:
            self._named[request] = transaction

    def forget(self, request: str) -> None:
        self._watched.pop(request, None)
        self._named.pop(request, None)

    def hold_of(self, request: str) -> Hold | None:
        watched = self._watched.get(request)
        return None if watched is None else watched.hold

    def digest(self, request: str) -> str:
        """What the facilitator's /settlements/ is asked by."""
        watched = self._watched.get(request)
        return "" if watched is None else "0x" + watched.digest.hex()

    def __len__(self) -> int:
        return len(self._watched)

    # -- looking -------------------------------------------------------------------------------

    async def run(self) -> None:
        """Until cancelled."""
        pause = FIRST_PAUSE
        while True:
            if not self._watched:
                self._stir.clear()
                await self._stir.wait()
                pause = FIRST_PAUSE
            await asyncio.sleep(pause)
            before = len(self._watched)
            await self.look()
            pause = FIRST_PAUSE if len(self._watched) < before else min(pause * 2, LONGEST_PAUSE)

    async def look(self) -> None:
        """Ask about each once."""
        for watched in list(self._watched.values()):
            try:
                await self.resolve(watched.id)
            except HarnessError as failure:
                _log.warning("cannot resolve a payment", extra={"reason": str(failure)})
            except Exception:
                _log.exception("resolving a payment failed")

    async def resolve(self, request: str) -> bool:
        """Whether it is known now how this request's payment ended. Raises nothing for a silent chain."""
        watched = self._watched.get(request)
        if watched is None:
            return True
        if watched.busy or watched.ending:
            return False
        try:
            truth = await self._workers.chain(self._truth, watched, self._named.get(request, ""))
        except Exception as failure:  # a silent node says nothing about a payment
            _log.info("payment not resolved yet", extra={"reason": str(failure)[:200]})
            return False
        if request not in self._watched:
            return True
        if watched.busy or watched.ending or not (truth.used or truth.expired):
            return False
        watched.ending = (
            True  # a client that asks again meets this task, and must not write beside it
        )
        try:
            if truth.used:
                await self._used(watched, truth)
            else:
                await self._expired(watched)
        finally:
            watched.ending = False
        self.forget(request)
        return True

    def _truth(self, watched: _Watched, named: str) -> _Truth:
        """In a worker thread."""
        chain = self._token.chain
        block = chain.block()
        expired = block.timestamp > watched.valid_before + GRACE_SECONDS
        used = self._token.authorization_state(self._wallet, watched.nonce)
        if not used and expired:
            # Behind one address there may be several nodes, and this one may lag behind that block.
            used = self._token.authorization_state(self._wallet, watched.nonce, block.number)
        if not used:
            return _Truth(False, expired)
        if len(named) != 66:
            return _Truth(True, False)
        transaction = bytes.fromhex(named[2:])
        if self._moved(watched, transaction):
            return _Truth(True, False, transaction)
        # Between the two reads the block may have left the chain, and come back since.
        if not self._token.authorization_state(self._wallet, watched.nonce):
            return _Truth(False, False)
        return _Truth(True, False, transaction, self._moved(watched, transaction))

    def _moved(self, watched: _Watched, transaction: bytes) -> bool:
        """Whether this transaction holds the very transfer that was signed."""
        try:
            receipt = self._token.chain.receipt(transaction)
        except ChainError:
            return True  # not asked, not accused
        if receipt is None or not receipt.succeeded:
            return False
        used = self._token.INTERFACE.event("AuthorizationUsed")
        topics = (
            used.topic,
            address_bytes(self._wallet).rjust(32, b"\0"),
            watched.nonce,
        )
        signed = any(
            log.address == self._token.address and log.topics == topics for log in receipt.logs
        )
        transfers = self._token.INTERFACE.event("Transfer").find(receipt.logs, self._token.address)
        return signed and any(
            (t["from"], t["to"], t["value"]) == (self._wallet, watched.payee, watched.amount)
            for t in transfers
        )

    async def _used(self, watched: _Watched, truth: _Truth) -> None:
        row = await self._workers.journal(self._journal.find, watched.id)
        transaction = truth.transaction or await self._asked(watched)
        if row is not None and row.state in (
            RequestState.UNKNOWN,
            RequestState.SENT,
            RequestState.ABANDONED,
        ):
            await self._workers.journal(
                self._journal.advance,
                watched.id,
                RequestState.SETTLED,
                "seen on chain",
                charged=watched.amount,
                **({"transaction": transaction} if transaction else {}),
            )
            watched.hold.charge(watched.amount)
        elif row is not None and row.state is RequestState.SETTLED and not truth.moved:
            await self._workers.journal(
                self._journal.advance,
                watched.id,
                RequestState.DISPUTED,
                "settlement_mismatch: the named transaction is not this payment",
            )
            _log.warning(
                "settlement mismatch", extra={"request": watched.id, "payee": watched.payee}
            )

    async def _asked(self, watched: _Watched) -> bytes | None:
        try:
            known = await self._facilitator.settlement(watched.digest)
        except ServiceError:
            return None
        transaction = str((known or {}).get("transaction") or "")
        return bytes.fromhex(transaction[2:]) if len(transaction) == 66 else None

    async def _expired(self, watched: _Watched) -> None:
        """It can never be used any more."""
        row = await self._workers.journal(self._journal.find, watched.id)
        if row is None:
            return
        if row.state is RequestState.SETTLED:
            # The operator said it was paid, and was not. The charge stays: the budget errs upwards.
            await self._workers.journal(
                self._journal.advance,
                watched.id,
                RequestState.DISPUTED,
                "settlement_mismatch: the authorisation expired unused",
            )
        elif row.state.open:
            await self._workers.journal(
                self._journal.advance, watched.id, RequestState.EXPIRED, "never used"
            )
            watched.hold.release()
