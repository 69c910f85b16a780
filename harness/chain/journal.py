"""What an outbox remembers: each nonce it gave out and each byte string signed for it.

The order is the point: a row with the signed bytes is committed before any node sees them, so a
process that dies anywhere can send the identical bytes again, and never signs a second transaction
for the same intent. `MemoryJournal` keeps the rules without a disk (the embedded chain needs no
more); `harness.store.journal` keeps them in SQL.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from enum import Enum
from typing import Protocol

from harness.chain.errors import WrongChain
from harness.protocol.addresses import Address


class State(Enum):
    """Where a journaled transaction stands. The last four are final."""

    SIGNED = "signed"  # committed here; no node has confirmed taking it
    BROADCAST = "broadcast"  # a node took it
    CONFIRMED = "confirmed"  # mined, succeeded
    REVERTED = "reverted"  # mined, reverted
    DISPLACED = "displaced"  # its nonce went to bytes signed elsewhere
    CANCELLED = "cancelled"  # a node refused it for good; an empty transfer takes its nonce

    @property
    def final(self) -> bool:
        return self not in (State.SIGNED, State.BROADCAST)


@dataclass(frozen=True)
class Attempt:
    """One signed version: a fee bump adds another with the same nonce and the same call."""

    hash: bytes
    raw: bytes
    max_fee: int
    priority_fee: int


@dataclass(frozen=True)
class Draft:
    """What is to be sent. `key` names the intent: one key, one transaction."""

    chain_id: int
    sender: Address
    to: Address | None
    value: int
    data: bytes
    gas: int
    key: str | None


@dataclass(frozen=True)
class Entry:
    """A journaled transaction. `created_at` in seconds since the epoch."""

    id: int
    draft: Draft
    nonce: int
    state: State
    attempts: tuple[Attempt, ...]
    created_at: float
    mined: bytes | None = None
    block_number: int | None = None
    block_hash: bytes | None = None

    @property
    def hash(self) -> bytes:
        """The transaction hash to show: the mined one, else the newest."""
        return self.mined or self.attempts[-1].hash

    @property
    def unfinished(self) -> bool:
        """Whether its nonce is still to be used on chain, be it by an empty transfer."""
        return not self.state.final or (self.state is State.CANCELLED and self.mined is None)


@dataclass(frozen=True)
class Outcome:
    """Where and how a transaction was mined."""

    state: State
    mined: bytes
    block_number: int
    block_hash: bytes


class Journal(Protocol):
    """The store behind an outbox. All methods are safe to call from several threads."""

    def open_lane(self, chain_id: int, genesis: bytes, sender: Address) -> None:
        """Start or resume a nonce lane; WrongChain when it was opened on another genesis block."""

    def reserve(
        self, draft: Draft, at_least: int, sign: Callable[[int], Attempt], now: float
    ) -> Entry:
        """Allocate the next nonce (not below `at_least`), sign and commit, as one step.

        Returns the present entry instead when the draft's key is taken.
        """

    def find(self, chain_id: int, sender: Address, key: str) -> Entry | None:
        """The entry of an intent."""

    def get(self, entry: int) -> Entry:
        """An entry by id, as it stands now."""

    def by_hash(self, transaction: bytes) -> Entry | None:
        """The entry that one of these signed versions belongs to."""

    def add_attempt(self, entry: int, attempt: Attempt) -> Entry:
        """Remember another signed version before it is sent."""

    def mark(self, entry: int, state: State) -> Entry:
        """Change the state. DISPLACED and CANCELLED set the key free for another transaction."""

    def close(self, entry: int, outcome: Outcome) -> Entry:
        """Record how it was mined."""

    def reopen(self, entry: int) -> Entry:
        """Back to SIGNED: the block that held it is no longer part of the chain."""

    def unfinished(self, chain_id: int, sender: Address) -> list[Entry]:
        """Entries whose nonce is not used on chain yet, by nonce."""

    def mined_since(self, chain_id: int, sender: Address, block_number: int) -> list[Entry]:
        """Entries mined at or after a block, by nonce."""


class MemoryJournal:
    """A Journal that lives as long as the process: for chains that do, too."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._genesis: dict[tuple[int, Address], bytes] = {}
        self._next: dict[tuple[int, Address], int] = {}
        self._entries: list[Entry] = []

    def open_lane(self, chain_id: int, genesis: bytes, sender: Address) -> None:
        with self._lock:
            check_genesis(self._genesis.setdefault((chain_id, sender), genesis), genesis, chain_id)

    def reserve(
        self, draft: Draft, at_least: int, sign: Callable[[int], Attempt], now: float
    ) -> Entry:
        with self._lock:
            if draft.key is not None:
                present = self.find(draft.chain_id, draft.sender, draft.key)
                if present is not None:
                    return present
            lane = (draft.chain_id, draft.sender)
            nonce = max(self._next.get(lane, 0), at_least)
            entry = Entry(len(self._entries), draft, nonce, State.SIGNED, (sign(nonce),), now)
            self._entries.append(entry)
            self._next[lane] = nonce + 1
            return entry

    def find(self, chain_id: int, sender: Address, key: str) -> Entry | None:
        with self._lock:
            return next((e for e in self._of(chain_id, sender) if e.draft.key == key), None)

    def get(self, entry: int) -> Entry:
        with self._lock:
            return self._entries[entry]

    def by_hash(self, transaction: bytes) -> Entry | None:
        with self._lock:
            return next(
                (e for e in self._entries if any(a.hash == transaction for a in e.attempts)), None
            )

    def add_attempt(self, entry: int, attempt: Attempt) -> Entry:
        with self._lock:
            present = self._entries[entry]
            return self._put(replace(present, attempts=(*present.attempts, attempt)))

    def mark(self, entry: int, state: State) -> Entry:
        with self._lock:
            present = replace(self._entries[entry], state=state)
            if state in (State.DISPLACED, State.CANCELLED):
                present = replace(present, draft=replace(present.draft, key=None))
            return self._put(present)

    def close(self, entry: int, outcome: Outcome) -> Entry:
        with self._lock:
            return self._put(
                replace(
                    self._entries[entry],
                    state=outcome.state,
                    mined=outcome.mined,
                    block_number=outcome.block_number,
                    block_hash=outcome.block_hash,
                )
            )

    def reopen(self, entry: int) -> Entry:
        with self._lock:
            return self._put(
                replace(
                    self._entries[entry],
                    state=State.SIGNED,
                    mined=None,
                    block_number=None,
                    block_hash=None,
                )
            )

    def unfinished(self, chain_id: int, sender: Address) -> list[Entry]:
        with self._lock:
            return _by_nonce(e for e in self._of(chain_id, sender) if e.unfinished)

    def mined_since(self, chain_id: int, sender: Address, block_number: int) -> list[Entry]:
        with self._lock:
            return _by_nonce(
                e for e in self._of(chain_id, sender) if (e.block_number or -1) >= block_number
            )

    def _of(self, chain_id: int, sender: Address) -> list[Entry]:
        return [
            e for e in self._entries if (e.draft.chain_id, e.draft.sender) == (chain_id, sender)
        ]

    def _put(self, entry: Entry) -> Entry:
        self._entries[entry.id] = entry
        return entry


def check_genesis(recorded: bytes, found: bytes, chain_id: int) -> None:
    """WrongChain when a journal belongs to another chain with the same id."""
    if recorded != found:
        raise WrongChain(
            f"this state belongs to another chain {chain_id}: its genesis block is "
            f"0x{recorded.hex()}, the node's is 0x{found.hex()}; use another state directory"
        )


def _by_nonce(entries: Iterable[Entry]) -> list[Entry]:
    return sorted(entries, key=lambda entry: entry.nonce)
