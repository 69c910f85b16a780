"""Several gas keys, one nonce lane each: an intent's name decides which one sends it, for good."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from eth_utils.crypto import keccak

from harness.chain.outbox import Outbox
from harness.protocol.addresses import Address


class Lanes:
    """Outboxes over one chain and one journal.

    A name goes to the lane that it was sent from before, if any: keys may be added between two runs.
    """

    def __init__(self, outboxes: Sequence[Outbox]) -> None:
        if not outboxes:
            raise ValueError("no signing key")
        self._outboxes = tuple(outboxes)

    def __iter__(self) -> Iterator[Outbox]:
        return iter(self._outboxes)

    @property
    def first(self) -> Outbox:
        return self._outboxes[0]

    @property
    def addresses(self) -> list[Address]:
        return [outbox.address for outbox in self._outboxes]

    def for_key(self, key: str, sender: Address | None = None) -> Outbox:
        """The lane of an intent: that of the `sender` who alone may carry it out, else by the hash of its name."""
        if len(self._outboxes) == 1:
            return self.first
        for outbox in self._outboxes:
            if outbox.address == sender:
                return outbox
        chain_id = self.first.chain.chain_id
        for outbox in self._outboxes:
            if outbox.journal.find(chain_id, outbox.address, key) is not None:
                return outbox
        return self._outboxes[int.from_bytes(keccak(text=key)[:8], "big") % len(self._outboxes)]

    def recover(self) -> None:
        """Send again what was signed in an earlier life and is not mined."""
        for outbox in self._outboxes:
            outbox.recover()
