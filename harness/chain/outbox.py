"""Sends transactions of one key, one nonce lane, and never twice for one intent.

    check (gas, funds) -> journal: nonce + signed bytes -> node -> journal: broadcast -> receipt

A crash anywhere is repaired by `recover`: identical bytes go out again. A transaction that is not
mined is offered with a higher fee under the same nonce; one that a node refuses for good is replaced
by an empty transfer to oneself, so that the lane has no gap.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from eth_utils.crypto import keccak

from harness import faults
from harness.chain.errors import (
    ContractError,
    NodeError,
    ReceiptTimeout,
    Refusal,
    TransactionDisplaced,
    TransactionRejected,
)
from harness.chain.fees import better_offer, offer
from harness.chain.interface import Chain
from harness.chain.journal import Attempt, Draft, Entry, Journal, Outcome, State
from harness.chain.keys import Signer
from harness.chain.records import Call, Receipt
from harness.chain.reverts import BUILT_IN_ERRORS
from harness.chain.transaction import Transaction
from harness.protocol.addresses import Address


@dataclass(frozen=True)
class SendPolicy:
    """How patient an outbox is. Seconds, blocks, percent."""

    confirmations: int = 1  # 1 = the block that holds the transaction is enough
    receipt_seconds: float = 60.0
    bump_after_seconds: float = 30.0
    max_bumps: int = 5
    resend_seconds: float = 10.0
    poll_seconds: float = 0.02  # doubles up to `longest_poll_seconds`
    longest_poll_seconds: float = 1.0
    gas_margin_percent: int = 125
    reorg_blocks: int = 12


class Outbox:
    """A sender with a memory. Safe to use from several threads."""

    def __init__(
        self,
        chain: Chain,
        signer: Signer,
        journal: Journal,
        policy: SendPolicy | None = None,
        *,
        clock: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.chain = chain
        self.journal = journal
        self.policy = policy or SendPolicy()
        self._signer = signer
        self._clock, self._monotonic = clock, monotonic
        self._sleep = sleep
        self._lane = threading.Lock()
        journal.open_lane(chain.chain_id, chain.block(0).hash, signer.address)

    @property
    def address(self) -> Address:
        return self._signer.address

    # -- sending -------------------------------------------------------------------------------

    def execute(self, call: Call, *, key: str | None = None) -> Receipt:
        """Send and wait. Raises ContractError when the call would revert or did revert."""
        receipt = self.wait(self.send(call, key=key))
        if not receipt.succeeded:
            raise BUILT_IN_ERRORS.decode(self._revert_data(call, receipt))
        return receipt

    def send(self, call: Call, *, key: str | None = None) -> Entry:
        """Journal and broadcast; the present entry when this key was sent before.

        Raises ContractError when the call would revert now, TransactionRejected when the node
        refuses the bytes (they stay journaled unless they can never be mined).
        """
        if (present := self._present(key, call)) is not None:
            return present
        try:
            gas = call.gas if call.gas is not None else self._gas_limit(call)
        except ContractError:
            # What would revert now may be what another process of this account has just done.
            if (present := self._present(key, call)) is None:
                raise
            return present
        draft = Draft(self.chain.chain_id, self.address, call.to, call.value, call.data, gas, key)
        max_fee, priority_fee = offer(self.chain.fees())
        self._check_funds(gas * max_fee + call.value)
        with self._lane:  # keeps the broadcast order of one process equal to the nonce order
            entry = self.journal.reserve(
                draft,
                self.chain.nonce(self.address, pending=True),
                lambda nonce: self._sign(draft, nonce, max_fee, priority_fee),
                self._clock(),
            )
            faults.reach("outbox.signed")
            return self._broadcast(entry)

    def _present(self, key: str | None, call: Call) -> Entry | None:
        """What was journaled under this key, broadcast if that is not known."""
        present = None if key is None else self._find(key)
        if present is None:
            return None
        _same_intent(present, call)
        return self._broadcast(present) if present.state is State.SIGNED else present

    def _find(self, key: str) -> Entry | None:
        return self.journal.find(self.chain.chain_id, self.address, key)

    def _gas_limit(self, call: Call) -> int:
        estimate = self.chain.estimate_gas(Call(call.to, call.data, call.value, self.address))
        room = estimate * self.policy.gas_margin_percent // 100
        return max(estimate, min(room, self.chain.block().gas_limit))

    def _check_funds(self, wei: int) -> None:
        balance = self.chain.balance(self.address)
        if balance < wei:
            raise TransactionRejected(
                Refusal.INSUFFICIENT_FUNDS,
                f"{self.address} has {balance} wei, the transaction may cost {wei}",
            )

    def _sign(self, draft: Draft, nonce: int, max_fee: int, priority_fee: int) -> Attempt:
        raw = self._signer.sign_transaction(
            Transaction(
                draft.chain_id, nonce, draft.to, draft.value, draft.data, draft.gas, max_fee,
                priority_fee,
            )
        )  # fmt: skip
        return Attempt(keccak(raw), raw, max_fee, priority_fee)

    def _broadcast(self, entry: Entry) -> Entry:
        """Hand the newest version to the node."""
        try:
            self.chain.broadcast(entry.attempts[-1].raw)
        except TransactionRejected as rejection:
            return self._refused(entry, rejection)
        faults.reach("outbox.broadcast")
        if entry.state is State.SIGNED:
            return self.journal.mark(entry.id, State.BROADCAST)
        return entry

    def _refused(self, entry: Entry, rejection: TransactionRejected) -> Entry:
        if rejection.refusal is Refusal.NONCE_TOO_LOW:
            if self._mined(entry) is None:
                self.journal.mark(entry.id, State.DISPLACED)
                raise TransactionDisplaced(self.address, entry.nonce) from rejection
            return entry
        if rejection.refusal is Refusal.UNDERPRICED and len(entry.attempts) <= 1:
            return self._bump(entry)
        if rejection.refusal is Refusal.OTHER and entry.state is State.SIGNED:
            self.cancel(entry)
        raise rejection

    def cancel(self, entry: Entry) -> Entry:
        """Give the nonce to an empty transfer to oneself; the intent's key becomes free."""
        max_fee, priority_fee = better_offer(
            self.chain.fees(), entry.attempts[-1].max_fee, entry.attempts[-1].priority_fee
        )
        empty = Draft(self.chain.chain_id, self.address, self.address, 0, b"", 21_000, None)
        attempt = self._sign(empty, entry.nonce, max_fee, priority_fee)
        self.journal.add_attempt(entry.id, attempt)
        cancelled = self.journal.mark(entry.id, State.CANCELLED)
        faults.reach("outbox.cancelled")
        self.chain.broadcast(attempt.raw)
        return cancelled

    # -- waiting -------------------------------------------------------------------------------

    def wait(self, entry: Entry, timeout: float | None = None) -> Receipt:
        """The receipt, once it has enough confirmations.

        Raises ReceiptTimeout (nothing is lost: call again), TransactionDisplaced. Waiting is measured
        by a clock that nobody sets; the age of an entry by the one of the day, because it outlives us.
        """
        patience = self.policy.receipt_seconds if timeout is None else timeout
        started, age = self._monotonic(), max(0.0, self._clock() - entry.created_at)
        pause = self.policy.poll_seconds
        resent = started
        while (receipt := self._confirmed(entry)) is None:
            now = self._monotonic()
            if now - started >= patience:
                raise ReceiptTimeout(entry.hash, patience)
            entry = self.journal.get(entry.id)
            bumps = len(entry.attempts) - 1
            due = self.policy.bump_after_seconds * (bumps + 1)
            try:
                if age + now - started >= due and bumps < self.policy.max_bumps:
                    entry = self._bump(entry)
                elif now - resent >= self.policy.resend_seconds:
                    resent = now
                    entry = self._broadcast(entry)
            except TransactionRejected:
                pass  # an earlier version may wait in the pool and be mined yet
            self._sleep(min(pause, max(patience - (now - started), 0)))
            pause = min(pause * 2, self.policy.longest_poll_seconds)
        return receipt

    def _confirmed(self, entry: Entry) -> Receipt | None:
        receipt = self._mined(entry)
        if receipt is None:
            return None
        depth = self.policy.confirmations
        if depth > 1 and self.chain.block().number - receipt.block_number + 1 < depth:
            return None
        if self.journal.get(entry.id).state is State.CANCELLED:
            state = State.CANCELLED
        else:
            state = State.CONFIRMED if receipt.succeeded else State.REVERTED
        outcome = Outcome(state, receipt.transaction, receipt.block_number, receipt.block_hash)
        self.journal.close(entry.id, outcome)
        return receipt

    def _mined(self, entry: Entry) -> Receipt | None:
        for attempt in reversed(self.journal.get(entry.id).attempts):
            receipt = self.chain.receipt(attempt.hash)
            if receipt is not None:
                return receipt
        return None

    def _bump(self, entry: Entry) -> Entry:
        """Same nonce, same call, a better fee; journaled before it is sent."""
        last = entry.attempts[-1]
        max_fee, priority_fee = better_offer(self.chain.fees(), last.max_fee, last.priority_fee)
        attempt = self._sign(entry.draft, entry.nonce, max_fee, priority_fee)
        entry = self.journal.add_attempt(entry.id, attempt)
        faults.reach("outbox.bumped")
        return self._broadcast(entry)

    def _revert_data(self, call: Call, receipt: Receipt) -> bytes:
        """A receipt does not say why; asking the node to run the call again usually does."""
        if receipt.revert_data is not None:
            return receipt.revert_data
        again = Call(call.to, call.data, call.value, self.address, receipt.gas_used * 2)
        try:
            self.chain.call(again, receipt.block_number)
        except ContractError as error:
            return error.data
        except (NodeError, KeyError, TransactionRejected):
            return b""
        return b""

    # -- after a restart -----------------------------------------------------------------------

    def recover(self) -> list[Entry]:
        """Bring the journal and the chain together; what is still waiting to be mined comes back.

        Blocks that left the chain give back their transactions, identical bytes are sent again, and
        what was mined while nobody looked is recorded.
        """
        self._reopen_reorganised()
        waiting = []
        for entry in self.journal.unfinished(self.chain.chain_id, self.address):
            if self._confirmed(entry) is not None:
                continue
            try:
                waiting.append(self._broadcast(entry))
            except TransactionDisplaced:
                continue
            except TransactionRejected:
                waiting.append(self.journal.get(entry.id))
        return [entry for entry in waiting if entry.unfinished]

    def _reopen_reorganised(self) -> None:
        oldest = self.chain.block().number - self.policy.reorg_blocks
        for entry in self.journal.mined_since(self.chain.chain_id, self.address, oldest):
            receipt = self.chain.receipt(entry.hash)
            if receipt is None:
                self.journal.reopen(entry.id)
            elif receipt.block_hash != entry.block_hash:
                self._confirmed(entry)


def _same_intent(present: Entry, call: Call) -> None:
    draft = present.draft
    if (draft.to, draft.value, draft.data) != (call.to, call.value, call.data):
        raise ValueError(f"key {draft.key!r} was used for another transaction")
