"""A keeper's memory that lives as long as the process: for chains that do, too."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from harness.protocol.addresses import Address
from harness.protocol.runs import Lease, Run, RunState


class MemoryRunLedger:
    """A RunLedger without a disk."""

    def __init__(self) -> None:
        self._runs: dict[tuple[int, int], Run] = {}

    def claim(self, job: int, slot: int, owner: Address) -> bool:
        if (job, slot) in self._runs:
            return False
        self._runs[job, slot] = Run(job, slot, owner, RunState.CLAIMED)
        return True

    def ran(
        self, job: int, slot: int, *, spent: int, succeeded: bool, detail: str, output: bytes = b""
    ) -> None:
        self._change(
            job, slot, state=RunState.RAN, spent=spent, succeeded=succeeded, detail=detail,
            output=output,
        )  # fmt: skip

    def recorded(self, job: int, slot: int, spent: int, transaction: bytes) -> None:
        self._change(job, slot, state=RunState.RECORDED, spent=spent, transaction=transaction)

    def lost(self, job: int, slot: int, detail: str) -> None:
        self._change(job, slot, state=RunState.LOST, detail=detail)

    def open(self) -> list[Run]:
        return [run for run in self._runs.values() if run.state.open]

    def find(self, job: int, slot: int) -> Run | None:
        return self._runs.get((job, slot))

    def of_job(self, job: int) -> list[Run]:
        return [run for run in self._runs.values() if run.job == job]

    def _change(self, job: int, slot: int, **values: Any) -> None:
        self._runs[job, slot] = replace(self._runs[job, slot], **values)


class MemoryLeases:
    """Leases without a disk."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._leases: dict[str, Lease] = {}

    def acquire(self, name: str, holder: str, seconds: float) -> Lease | None:
        now = self._clock()
        present = self._leases.get(name)
        if present is not None and present.holder != holder and present.expires_at > now:
            return None
        fence = 1 if present is None else present.fence + (present.holder != holder)
        lease = Lease(name, holder, fence, now + seconds)
        self._leases[name] = lease
        return lease

    def holds(self, lease: Lease) -> bool:
        present = self._leases.get(lease.name)
        return (
            present is not None
            and (present.holder, present.fence) == (lease.holder, lease.fence)
            and present.expires_at > self._clock()
        )

    def release(self, lease: Lease) -> None:
        present = self._leases.get(lease.name)
        if present is not None and present.fence == lease.fence:
            self._leases[lease.name] = replace(present, expires_at=0.0)
