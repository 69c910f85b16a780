"""What a keeper must remember about slots and leases, and the seams behind which it is kept.

    claimed -> ran -> recorded
                 `--> lost        somebody else recorded the slot, or the job ended meanwhile

A slot is claimed before its runner starts, and never claimed again: a keeper that was killed while a
runner worked records the slot as interrupted and does not run it a second time.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from harness.protocol.addresses import Address


class RunState(Enum):
    CLAIMED = "claimed"
    RAN = "ran"
    RECORDED = "recorded"
    LOST = "lost"

    @property
    def open(self) -> bool:
        return self in (RunState.CLAIMED, RunState.RAN)


@dataclass(frozen=True)
class Run:
    """One slot of one job. `spent` in wei of $LH, `slot` the job's `nextRun`."""

    job: int
    slot: int
    owner: Address
    state: RunState
    spent: int = 0
    succeeded: bool = False
    detail: str = ""
    output: bytes = b""
    transaction: bytes | None = None


class RunLedger(Protocol):
    """The slots of one Diamond's jobs that a keeper touched."""

    def claim(self, job: int, slot: int, owner: Address) -> bool:
        """Take a slot; False when it was taken before, by whomever."""

    def ran(
        self, job: int, slot: int, *, spent: int, succeeded: bool, detail: str, output: bytes = b""
    ) -> None:
        """The runner ended, or is known to have been interrupted."""

    def recorded(self, job: int, slot: int, spent: int, transaction: bytes) -> None:
        """The slot is recorded on chain, with what was really debited."""

    def lost(self, job: int, slot: int, detail: str) -> None:
        """The slot cannot be recorded any more."""

    def open(self) -> list[Run]:
        """Slots that were claimed or run and are not settled, oldest first."""

    def find(self, job: int, slot: int) -> Run | None:
        """One slot."""

    def of_job(self, job: int) -> list[Run]:
        """All slots of a job, oldest first."""


@dataclass(frozen=True)
class Lease:
    """Somebody's right to a name until a time; the fence rises with each change of holder."""

    name: str
    holder: str
    fence: int
    expires_at: float


class Leases(Protocol):
    """One holder of a name at a time. A holder that died is replaced when its time is over."""

    def acquire(self, name: str, holder: str, seconds: float) -> Lease | None:
        """Take or extend a lease; None while somebody else holds it."""

    def holds(self, lease: Lease) -> bool:
        """Whether this very lease is still in force."""

    def release(self, lease: Lease) -> None:
        """Give it back early."""
