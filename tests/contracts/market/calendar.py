"""The job schedule as its users see it."""

from __future__ import annotations

from typing import NamedTuple

from tests.contracts.calls import Bound, Receipt
from tests.contracts.economy import ETHER, SCHEDULE, Economy

ACTIVE, PAUSED, CANCELLED, EXHAUSTED = range(4)
MINUTE, HOUR, DAY = 60, 3_600, 86_400
END = 2**256 - 1


class JobState(NamedTuple):
    """What getJob answers."""

    owner: bytes
    interval: int
    status: int
    next_run: int
    budget: int
    runs_left: int
    target: int


class Calendar:
    """Bob owns jobs aimed at alice's identity; the scheduler fires them; carol is a stranger."""

    def __init__(self, economy: Economy) -> None:
        self.economy = economy
        self.facet: Bound = economy.schedule
        self.owner, self.stranger = economy.address("bob"), economy.address("carol")
        self.scheduler = economy.scheduler.address
        self.target = economy.register("alice", "target")

    def make(
        self,
        budget: int = ETHER,
        interval: int = MINUTE,
        runs: int = 100,
        *,
        owner: bytes | None = None,
        task: bytes = b"tick",
    ) -> int:
        args = (self.target, task, interval, budget, runs)
        return int(self.facet.send("scheduleJob", *args, sender=owner or self.owner).value)

    def child(self, parent: int, budget: int, interval: int = MINUTE, runs: int = 100) -> Receipt:
        args = (parent, self.target, b"child", interval, budget, runs)
        return self.facet.send("scheduleChildJob", *args, sender=self.scheduler)

    def fire(
        self, id_: int, spent: int = 1, expected: int | None = None, sender: bytes | None = None
    ) -> Receipt:
        slot = self.job(id_).next_run if expected is None else expected
        return self.facet.send("recordRun", id_, slot, spent, sender=sender or self.scheduler)

    def send(self, name: str, *args: object, sender: bytes | None = None) -> Receipt:
        return self.facet.send(name, *args, sender=sender or self.owner)

    def job(self, id_: int) -> JobState:
        return JobState(*self.facet.call("getJob", id_))

    def due(self, limit: int = 200) -> list[int]:
        """All due ids, page after page."""
        cursor, ids = 0, []
        while cursor != END:
            page, cursor = self.facet.call("jobsDue", cursor, limit)
            ids += page
        return ids

    def escrow(self) -> int:
        return self.economy.held(SCHEDULE)

    def live(self, owner: bytes | None = None) -> int:
        return int(self.facet.call("activeJobsOf", owner or self.owner))

    def aligned(self) -> None:
        """Move to the start of a minute, so that seconds can be counted."""
        self.economy.evm.timestamp = (self.economy.now // MINUTE + 1) * MINUTE
