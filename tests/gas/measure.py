"""Four numbers for one operation: the first time, on used slots, after another in one transaction, hot.

`first` and `cold` are whole transactions (intrinsic gas and refunds included); `warm` is execution only.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from harness.chain.evm import Evm


class Call(NamedTuple):
    """One message of a user."""

    to: bytes
    data: bytes
    sender: bytes


class Gas(NamedTuple):
    """What an operation costs."""

    first: int
    """A transaction whose storage slots were never used."""
    cold: int
    """The same operation again, in a later transaction."""
    warm: int
    """Execution gas where the same transaction has just done another."""


class MeteredEvm(Evm):
    """An Evm that can put several messages into one transaction."""

    _open = False

    @contextmanager
    def one_transaction(self) -> Iterator[None]:
        """Messages inside share warm slots, as those of a bundler or a batching account do."""
        self._open = True
        try:
            yield
        finally:
            self._open = False
            self._end_transaction()

    def _end_transaction(self) -> None:
        if not self._open:
            super()._end_transaction()


def measure(evm: MeteredEvm, calls: list[Call]) -> Gas:
    """Send four calls of one operation; all must succeed."""
    first, cold, before, warm = calls
    costs = [_send(evm, call).transaction_gas for call in (first, cold)]
    with evm.one_transaction():
        _send(evm, before)
        hot = _send(evm, warm).gas_used
    return Gas(*costs, hot)


def _send(evm: MeteredEvm, call: Call):  # type: ignore[no-untyped-def]
    outcome = evm.call(call.to, call.data, sender=call.sender)
    assert outcome.success, (outcome.error, outcome.output.hex())
    return outcome
