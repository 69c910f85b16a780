"""Transactions that wait for a block: per sender by nonce, replaced only by a better paying one."""

from __future__ import annotations

from harness.chain.errors import Refusal, TransactionRejected
from harness.chain.signed import SignedTransaction

REPLACEMENT_PERCENT = 110  # both fees must rise by a tenth, as nodes ask


class Pool:
    """Pending and future transactions of the embedded chain."""

    def __init__(self) -> None:
        self._waiting: dict[str, dict[int, SignedTransaction]] = {}

    def add(self, transaction: SignedTransaction) -> None:
        """Take it in, or replace the one with its nonce; TransactionRejected when it pays too little."""
        lane = self._waiting.setdefault(transaction.sender, {})
        present = lane.get(transaction.nonce)
        if present is not None and present.hash != transaction.hash:
            enough = (
                transaction.max_fee * 100 >= present.max_fee * REPLACEMENT_PERCENT
                and transaction.priority_fee * 100 >= present.priority_fee * REPLACEMENT_PERCENT
            )
            if not enough:
                raise TransactionRejected(
                    Refusal.UNDERPRICED, "replacement transaction underpriced"
                )
        lane[transaction.nonce] = transaction

    def next_nonce(self, sender: str, mined: int) -> int:
        """The nonce after the last one that can be mined without a gap."""
        lane = self._waiting.get(sender, {})
        nonce = mined
        while nonce in lane:
            nonce += 1
        return nonce

    def senders(self) -> list[str]:
        """Accounts with something waiting, first come first."""
        return list(self._waiting)

    def take(self, sender: str, nonce: int) -> SignedTransaction | None:
        """Remove and return the transaction with this nonce; older ones are dropped."""
        lane = self._waiting.get(sender, {})
        for stale in [n for n in lane if n < nonce]:
            del lane[stale]
        found = lane.pop(nonce, None)
        if not lane:
            self._waiting.pop(sender, None)
        return found

    def put_back(self, transaction: SignedTransaction) -> None:
        """Return a transaction that could not be mined yet."""
        self._waiting.setdefault(transaction.sender, {})[transaction.nonce] = transaction

    def copy(self) -> Pool:
        twin = Pool()
        twin._waiting = {sender: dict(lane) for sender, lane in self._waiting.items()}
        return twin
